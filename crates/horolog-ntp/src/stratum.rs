use core::fmt;

/// Distance from a reference clock in servers.
///
/// On the wire 0 means unspecified (or a kiss code), 1 a server with a reference clock, 2 to 15 one
/// that is synchronised over the network, and 16 and more not synchronised.
///
/// Defined in [RFC 5905 § 7.3](https://www.rfc-editor.org/rfc/rfc5905#section-7.3), figure 11.
///
/// # Examples
///
/// ```
/// use horolog_ntp::Stratum;
///
/// assert!(Stratum::PRIMARY.is_synchronised());
/// assert!(!Stratum::UNSPECIFIED.is_synchronised());
/// assert!(!Stratum::new(16).is_synchronised());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Stratum(u8);

impl Stratum {
    /// 0: unspecified, or the reference ID is a kiss code.
    pub const UNSPECIFIED: Self = Self(0);
    /// 1: has a reference clock.
    pub const PRIMARY: Self = Self(1);
    /// 16: not synchronised (MAXSTRAT of RFC 5905).
    pub const UNSYNCHRONISED: Self = Self(16);

    /// Takes the octet as it stands in a packet.
    #[must_use]
    pub const fn new(stratum: u8) -> Self {
        Self(stratum)
    }

    /// The octet as it stands in a packet.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Whether this is 1 to 15.
    #[must_use]
    pub const fn is_synchronised(self) -> bool {
        0 < self.0 && self.0 < Self::UNSYNCHRONISED.0
    }
}

/// The number.
impl fmt::Display for Stratum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
