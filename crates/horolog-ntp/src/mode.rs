use core::fmt;

/// The role of a packet's sender, three bits.
///
/// Defined in [RFC 5905 § 7.3](https://www.rfc-editor.org/rfc/rfc5905#section-7.3), figure 10.
///
/// # Examples
///
/// ```
/// use horolog_ntp::Mode;
///
/// assert_eq!(Mode::from_bits(3), Mode::CLIENT);
/// assert_eq!(Mode::SERVER.to_string(), "server");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Mode(u8);

impl Mode {
    /// 0: reserved; version 1 had no modes and leaves the bits at 0.
    pub const RESERVED: Self = Self(0);
    /// 1: a peer that will also poll.
    pub const SYMMETRIC_ACTIVE: Self = Self(1);
    /// 2: a peer that answers a symmetric active one.
    pub const SYMMETRIC_PASSIVE: Self = Self(2);
    /// 3: asks for time.
    pub const CLIENT: Self = Self(3);
    /// 4: answers a client.
    pub const SERVER: Self = Self(4);
    /// 5: tells time unasked.
    pub const BROADCAST: Self = Self(5);
    /// 6: control message (RFC 9327), with a header of its own.
    pub const CONTROL: Self = Self(6);
    /// 7: private, with a header of its own.
    pub const PRIVATE: Self = Self(7);

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

    /// Whether packets of this mode have the header of RFC 5905: all but 6 and 7.
    #[must_use]
    pub const fn has_time_header(self) -> bool {
        self.0 < Self::CONTROL.0
    }
}

/// The name, in lower case.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::SYMMETRIC_ACTIVE => "symmetric active",
            Self::SYMMETRIC_PASSIVE => "symmetric passive",
            Self::CLIENT => "client",
            Self::SERVER => "server",
            Self::BROADCAST => "broadcast",
            Self::CONTROL => "control",
            Self::PRIVATE => "private",
            _ => "reserved",
        })
    }
}
