use core::fmt;

/// The number of a protocol that NTS-KE makes keys for.
///
/// Unknown numbers are kept as they stand.
///
/// Registry: [RFC 8915 § 7.7](https://www.rfc-editor.org/rfc/rfc8915#section-7.7).
///
/// # Examples
///
/// ```
/// use horolog_nts::NextProtocol;
///
/// assert_eq!(NextProtocol::from_number(0), NextProtocol::NTP_V4);
/// assert_eq!(NextProtocol::from_number(0x8001).number(), 0x8001);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NextProtocol(u16);

impl NextProtocol {
    /// NTPv4.
    pub const NTP_V4: Self = Self(0);

    /// Takes the number as it stands on the wire.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// The number as it stands on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// The number.
impl fmt::Display for NextProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
