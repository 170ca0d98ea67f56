use core::fmt;

/// The type of an extension field.
///
/// Unknown types are kept as they stand. The name of a type is in lower case with hyphens.
///
/// Registry: [RFC 9748 § 4.3](https://www.rfc-editor.org/rfc/rfc9748#section-4.3). One number has
/// two meanings: 0x0204 is an NTS Cookie in a packet that has other NTS fields, and one of Autokey's
/// requests elsewhere; the name given here is the former.
///
/// # Examples
///
/// ```
/// use horolog_ntp::ExtensionType;
///
/// assert_eq!(ExtensionType::from_bits(0x0104), ExtensionType::UNIQUE_IDENTIFIER);
/// assert_eq!(ExtensionType::UNIQUE_IDENTIFIER.name(), Some("unique-identifier"));
/// assert_eq!(ExtensionType::from_bits(0xf00d).to_string(), "0xf00d");
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ExtensionType(u16);

macro_rules! types {
    ($($(#[$doc:meta])* $name:ident = $bits:literal, $text:literal;)*) => {
        impl ExtensionType {
            $($(#[$doc])* pub const $name: Self = Self($bits);)*

            /// The name, if the type has one.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($text),)*
                    _ => match super::AutokeyType::from_type(self) {
                        Some(_) => Some("autokey"),
                        None => None,
                    },
                }
            }
        }
    };
}

types! {
    /// Unique Identifier, RFC 8915 § 5.3.
    UNIQUE_IDENTIFIER = 0x0104, "unique-identifier";
    /// Network Correction, RFC 10030.
    NETWORK_CORRECTION = 0x010a, "network-correction";
    /// NTS Cookie, RFC 8915 § 5.4; one of Autokey's requests where the packet is not an NTS one.
    NTS_COOKIE = 0x0204, "nts-cookie";
    /// NTS Cookie Placeholder, RFC 8915 § 5.5.
    NTS_COOKIE_PLACEHOLDER = 0x0304, "nts-cookie-placeholder";
    /// NTS Authenticator and Encrypted Extension Fields, RFC 8915 § 5.6.
    NTS_AUTHENTICATOR = 0x0404, "nts-authenticator";
    /// UDP Checksum Complement, RFC 7821.
    CHECKSUM_COMPLEMENT = 0x2005, "checksum-complement";
    /// Our experimental list of leap seconds: `LeapListField`, behind `unstable-leap-ef`.
    LEAP_LIST = 0xf1ea, "leap-list";
    /// chrony's experimental monotonic timestamp and root values.
    CHRONY_MONO_ROOT = 0xf323, "chrony-mono-root";
    /// chrony's experimental network correction, replaced by 0x010A.
    CHRONY_NETWORK_CORRECTION = 0xf324, "chrony-network-correction";
    /// Padding, NTPv5 draft.
    V5_PADDING = 0xf501, "v5-padding";
    /// MAC, NTPv5 draft.
    V5_MAC = 0xf502, "v5-mac";
    /// Reference IDs Request, NTPv5 draft.
    V5_REFERENCE_IDS_REQUEST = 0xf503, "v5-reference-ids-request";
    /// Reference IDs Response, NTPv5 draft.
    V5_REFERENCE_IDS_RESPONSE = 0xf504, "v5-reference-ids-response";
    /// Server Information, NTPv5 draft.
    V5_SERVER_INFORMATION = 0xf505, "v5-server-information";
    /// Correction, NTPv5 draft.
    V5_CORRECTION = 0xf506, "v5-correction";
    /// Reference Timestamp, NTPv5 draft.
    V5_REFERENCE_TIMESTAMP = 0xf507, "v5-reference-timestamp";
    /// Monotonic Receive Timestamp, NTPv5 draft.
    V5_MONOTONIC_RECEIVE_TIMESTAMP = 0xf508, "v5-monotonic-receive-timestamp";
    /// Secondary Receive Timestamp, NTPv5 draft.
    V5_SECONDARY_RECEIVE_TIMESTAMP = 0xf509, "v5-secondary-receive-timestamp";
    /// Draft Identification, NTPv5 draft.
    V5_DRAFT_IDENTIFICATION = 0xf5ff, "v5-draft-identification";
}

impl ExtensionType {
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

    /// Whether the type is in the range for private and experimental use, 0xF000 to 0xFFFF.
    #[must_use]
    pub const fn is_private(self) -> bool {
        self.0 >= 0xf000
    }
}

/// The number, `0x` and four hexadecimal digits.
impl fmt::Display for ExtensionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x}", self.0)
    }
}

impl fmt::Debug for ExtensionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ExtensionType({self} {})",
            self.name().unwrap_or("unknown")
        )
    }
}
