use core::fmt;

/// The timescale of a packet's timestamps.
///
/// Defined in draft-ietf-ntp-ntpv5, "Message Format".
///
/// # Examples
///
/// ```
/// use horolog_ntp::v5::Timescale;
///
/// assert_eq!(Timescale::from_bits(1), Timescale::TAI);
/// assert_eq!(Timescale::SMEARED_UTC.to_string(), "leap-smeared UTC");
/// assert_eq!(Timescale::from_bits(9).to_string(), "9");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Timescale(u8);

impl Timescale {
    /// 0: UTC.
    pub const UTC: Self = Self(0);
    /// 1: TAI. Its timestamps are those of UTC plus all leap seconds, the ten of 1972 included.
    pub const TAI: Self = Self(1);
    /// 2: UT1.
    pub const UT1: Self = Self(2);
    /// 3: UTC with its leap seconds smeared; the leap indicator is then always 0.
    pub const SMEARED_UTC: Self = Self(3);

    /// Takes the octet as it stands in a packet.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The octet as it stands in a packet.
    #[must_use]
    pub const fn to_bits(self) -> u8 {
        self.0
    }
}

/// The name, or else the number.
impl fmt::Display for Timescale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::UTC => "UTC",
            Self::TAI => "TAI",
            Self::UT1 => "UT1",
            Self::SMEARED_UTC => "leap-smeared UTC",
            Self(bits) => return fmt::Display::fmt(&bits, f),
        })
    }
}
