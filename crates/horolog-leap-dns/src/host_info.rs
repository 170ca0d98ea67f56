use alloc::vec::Vec;
use core::fmt;

/// The two character-strings of an HINFO record as they came (RFC 1035 § 3.3.2).
///
/// At a name with leap seconds the first is the type of the records that the second describes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct HostInfoRecord {
    pub(crate) cpu: Vec<u8>,
    pub(crate) os: Vec<u8>,
}

impl HostInfoRecord {
    /// The first: the type of the records that are described.
    #[must_use]
    pub fn cpu(&self) -> &[u8] {
        &self.cpu
    }

    /// The second: what these records say.
    #[must_use]
    pub fn os(&self) -> &[u8] {
        &self.os
    }
}

/// `A: what it says`; what is not printable ASCII is escaped.
impl fmt::Display for HostInfoRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.cpu.escape_ascii(), self.os.escape_ascii())
    }
}
