use core::fmt;

/// The flags of a packet, 16 bits. Unknown ones are kept.
///
/// Defined in draft-ietf-ntp-ntpv5, "Message Format".
///
/// # Examples
///
/// ```
/// use horolog_ntp::v5::Flags;
///
/// let flags = Flags::SYNCHRONISED | Flags::INTERLEAVED;
/// assert_eq!(flags.to_bits(), 3);
/// assert!(flags.contains(Flags::INTERLEAVED));
/// assert_eq!(flags.to_string(), "synchronised+interleaved");
/// assert_eq!(Flags::from_bits(0x8001).to_string(), "synchronised+0x8000");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Flags(u16);

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// The server's clock is synchronised; only in answers.
    pub const SYNCHRONISED: Self = Self(1);
    /// In requests interleaved mode is wanted, in answers the transmit timestamp is that of the
    /// answer before.
    pub const INTERLEAVED: Self = Self(2);
    /// The server could not authenticate the request; only in answers.
    pub const AUTHENTICATION_NAK: Self = Self(4);

    const NAMES: [(Self, &str); 3] = [
        (Self::SYNCHRONISED, "synchronised"),
        (Self::INTERLEAVED, "interleaved"),
        (Self::AUTHENTICATION_NAK, "authentication NAK"),
    ];

    /// Takes the 16 bits as they stand in a packet.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// The 16 bits as they stand in a packet.
    #[must_use]
    pub const fn to_bits(self) -> u16 {
        self.0
    }

    /// Whether all of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl core::ops::BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The names of the flags that are set, with `+` between them, the unknown ones as a number; or
/// `none`.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut unknown = self.0;
        let mut separator = "";
        for (flag, name) in Self::NAMES {
            if self.contains(flag) {
                write!(f, "{separator}{name}")?;
                separator = "+";
            }
            unknown &= !flag.0;
        }
        match unknown {
            0 if self.0 == 0 => f.write_str("none"),
            0 => Ok(()),
            _ => write!(f, "{separator}{unknown:#x}"),
        }
    }
}
