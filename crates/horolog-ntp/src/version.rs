use core::fmt;

/// The version number of a packet, three bits.
///
/// # Examples
///
/// ```
/// use horolog_ntp::Version;
///
/// assert_eq!(Version::from_bits(4), Version::V4);
/// assert!(Version::V3.has_v4_header());
/// assert!(!Version::V5.has_v4_header());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Version(u8);

impl Version {
    /// Version 1, RFC 1059.
    pub const V1: Self = Self(1);
    /// Version 2, RFC 1119.
    pub const V2: Self = Self(2);
    /// Version 3, RFC 1305.
    pub const V3: Self = Self(3);
    /// Version 4, RFC 5905.
    pub const V4: Self = Self(4);
    /// Version 5, draft-ietf-ntp-ntpv5: another header behind the same first octet.
    pub const V5: Self = Self(5);

    /// Takes the lower three bits.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 7)
    }

    /// The three bits.
    #[must_use]
    pub const fn to_bits(self) -> u8 {
        self.0
    }

    /// Whether packets of this version have the header of RFC 5905: versions 1 to 4.
    #[must_use]
    pub const fn has_v4_header(self) -> bool {
        matches!(self, Self::V1 | Self::V2 | Self::V3 | Self::V4)
    }
}

/// The number.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
