use core::fmt;

/// Why a server sends a Kiss-o'-Death packet: four octets in place of the reference ID.
///
/// A packet of stratum 0 carries no time. A client must not act on one before the origin timestamp
/// has proved that it answers a request
/// ([RFC 8633 § 5.4](https://www.rfc-editor.org/rfc/rfc8633#section-5.4)).
///
/// Defined in [RFC 5905 § 7.4](https://www.rfc-editor.org/rfc/rfc5905#section-7.4) and
/// [RFC 8915 § 5.7](https://www.rfc-editor.org/rfc/rfc8915#section-5.7).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{KissAction, KissCode};
///
/// let code = KissCode::from_octets(*b"RATE");
/// assert_eq!(code, KissCode::RATE);
/// assert_eq!(code.action(), KissAction::SlowDown);
/// assert_eq!(code.to_string(), "RATE");
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct KissCode([u8; 4]);

/// What a client does about a kiss code.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KissAction {
    /// Stop sending to this server: DENY, RSTR.
    Stop,
    /// Poll less often: RATE. By how much is the client's own affair, not the packet's.
    SlowDown,
    /// The server could not read the NTS cookie: NTSN.
    NtsNak,
    /// Nothing: informational, private (`X…`) or unknown codes.
    Ignore,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl KissCode {
            $($(#[$doc])* pub const $name: Self = {
                let name = stringify!($name).as_bytes();
                let mut octets = [0; 4];
                octets.copy_from_slice(name);
                Self(octets)
            };)*
        }
    };
}

codes! {
    /// The association belongs to an anycast server.
    ACST
    /// Server authentication failed.
    AUTH
    /// Autokey sequence failed.
    AUTO
    /// The association belongs to a broadcast server.
    BCST
    /// Cryptographic authentication or identification failed.
    CRYP
    /// Access denied by the server.
    DENY
    /// Lost peer in symmetric mode.
    DROP
    /// The association has not yet synchronised for the first time.
    INIT
    /// The association belongs to a manycast server.
    MCST
    /// No key found.
    NKEY
    /// NTS negative acknowledgement.
    NTSN
    /// Rate exceeded.
    RATE
    /// Alteration of association from a remote host running ntpdc.
    RMOT
    /// Access denied due to local policy.
    RSTR
    /// A step change in system time has occurred.
    STEP
}

impl KissCode {
    /// Takes the octets as they stand in a packet.
    #[must_use]
    pub const fn from_octets(octets: [u8; 4]) -> Self {
        Self(octets)
    }

    /// The octets as they stand in a packet.
    #[must_use]
    pub const fn to_octets(self) -> [u8; 4] {
        self.0
    }

    /// What a client does about it.
    #[must_use]
    pub const fn action(self) -> KissAction {
        match self {
            Self::DENY | Self::RSTR => KissAction::Stop,
            Self::RATE => KissAction::SlowDown,
            Self::NTSN => KissAction::NtsNak,
            _ => KissAction::Ignore,
        }
    }

    /// Whether the octets can be a code at all: upper-case letters and digits, zeros at the end.
    #[must_use]
    pub fn is_well_formed(self) -> bool {
        let length = self
            .0
            .iter()
            .position(|&octet| octet == 0)
            .unwrap_or(self.0.len());
        let (code, padding) = self.0.split_at(length);
        !code.is_empty()
            && code
                .iter()
                .all(|octet| octet.is_ascii_uppercase() || octet.is_ascii_digit())
            && padding.iter().all(|&octet| octet == 0)
    }
}

/// The code as text; octets that are not printable ASCII as `\xNN`.
impl fmt::Display for KissCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self
            .0
            .iter()
            .rposition(|&octet| octet != 0)
            .map_or(0, |last| last + 1);
        self.0.iter().take(length).try_for_each(|&octet| {
            if octet.is_ascii_graphic() {
                fmt::Write::write_char(f, octet.into())
            } else {
                write!(f, "\\x{octet:02x}")
            }
        })
    }
}

impl fmt::Debug for KissCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KissCode({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_codes_ask_for_action() {
        assert_eq!(KissCode::DENY.action(), KissAction::Stop);
        assert_eq!(KissCode::RSTR.action(), KissAction::Stop);
        assert_eq!(KissCode::NTSN.action(), KissAction::NtsNak);
        for code in [
            KissCode::INIT,
            KissCode::STEP,
            KissCode::from_octets(*b"XFOO"),
            KissCode::from_octets([0; 4]),
        ] {
            assert_eq!(code.action(), KissAction::Ignore, "{code}");
        }
    }

    #[test]
    fn hostile_octets_are_shown_harmlessly() {
        assert_eq!(
            KissCode::from_octets([0x1b, b'[', 0, b'm']).to_string(),
            "\\x1b[\\x00m"
        );
        assert!(!KissCode::from_octets([0x1b, b'[', 0, b'm']).is_well_formed());
        assert!(!KissCode::from_octets([0; 4]).is_well_formed());
        assert!(KissCode::from_octets(*b"XY1\0").is_well_formed());
    }
}
