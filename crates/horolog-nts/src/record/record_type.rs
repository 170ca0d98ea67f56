use core::fmt;

/// The type of an NTS-KE record, 15 bits. The critical bit is not part of it.
///
/// Unknown types are kept as they stand. The name of a type is in lower case with hyphens.
///
/// Registry: [RFC 8915 § 7.6](https://www.rfc-editor.org/rfc/rfc8915#section-7.6). Types 8 to 14
/// are temporary ones of a draft, registered until June 2027.
///
/// # Examples
///
/// ```
/// use horolog_nts::RecordType;
///
/// assert_eq!(RecordType::from_bits(4), RecordType::AEAD_ALGORITHM);
/// // The critical bit is left out.
/// assert_eq!(RecordType::from_bits(0x8004), RecordType::AEAD_ALGORITHM);
/// assert_eq!(RecordType::AEAD_ALGORITHM.name(), Some("aead-algorithm"));
/// assert_eq!(RecordType::from_bits(0x4001).to_string(), "16385");
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordType(u16);

macro_rules! types {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)*) => {
        impl RecordType {
            $($(#[$doc])* pub const $name: Self = Self($number);)*

            /// The name, if the type has one.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

types! {
    /// End of Message, RFC 8915 § 4.1.1: empty, critical, the last record.
    END_OF_MESSAGE = 0, "end-of-message";
    /// NTS Next Protocol Negotiation, RFC 8915 § 4.1.2: a list of protocol numbers.
    NEXT_PROTOCOL = 1, "next-protocol";
    /// Error, RFC 8915 § 4.1.3: a number.
    ERROR = 2, "error";
    /// Warning, RFC 8915 § 4.1.4: a number.
    WARNING = 3, "warning";
    /// AEAD Algorithm Negotiation, RFC 8915 § 4.1.5: a list of algorithm numbers.
    AEAD_ALGORITHM = 4, "aead-algorithm";
    /// New Cookie for NTPv4, RFC 8915 § 4.1.6: octets for the server alone.
    NEW_COOKIE = 5, "new-cookie";
    /// NTPv4 Server Negotiation, RFC 8915 § 4.1.7: an address or a name in ASCII.
    SERVER = 6, "server";
    /// NTPv4 Port Negotiation, RFC 8915 § 4.1.8: a number.
    PORT = 7, "port";
    /// Keep Alive, pool draft.
    KEEP_ALIVE = 8, "keep-alive";
    /// Supported Next Protocol List, pool draft.
    SUPPORTED_NEXT_PROTOCOLS = 9, "supported-next-protocols";
    /// Supported Algorithm List, pool draft.
    SUPPORTED_ALGORITHMS = 10, "supported-algorithms";
    /// List Server Names, pool draft.
    LIST_SERVER_NAMES = 11, "list-server-names";
    /// Fixed Key Request, pool draft.
    FIXED_KEY_REQUEST = 12, "fixed-key-request";
    /// NTP Server Deny, pool draft.
    SERVER_DENY = 13, "server-deny";
    /// Authentication Token, pool draft.
    AUTHENTICATION_TOKEN = 14, "authentication-token";
    /// Compliant AES-128-GCM-SIV Exporter Context, of chrony: empty.
    COMPLIANT_GCM_SIV_EXPORTER = 1024, "compliant-gcm-siv-exporter";
}

impl RecordType {
    /// The bits of the first two octets that are the type.
    const MASK: u16 = 0x7fff;

    /// Takes the lower 15 bits of the first two octets of a record.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::MASK)
    }

    /// The 15 bits; the critical bit is 0.
    #[must_use]
    pub const fn to_bits(self) -> u16 {
        self.0
    }

    /// Whether the type is in the range for private and experimental use, 16384 to 32767.
    #[must_use]
    pub const fn is_private(self) -> bool {
        self.0 >= 0x4000
    }
}

/// The number.
impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordType({self} {})", self.name().unwrap_or("unknown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_kept_and_the_critical_bit_is_not() {
        for bits in 0..=RecordType::MASK {
            let record_type = RecordType::from_bits(bits);
            assert_eq!(record_type.to_bits(), bits);
            assert_eq!(RecordType::from_bits(0x8000 | bits), record_type);
            assert_eq!(record_type.name().is_some(), bits < 15 || bits == 1024);
            assert_eq!(record_type.is_private(), bits > 16383);
        }
    }

    #[test]
    fn debug() {
        assert_eq!(format!("{:?}", RecordType::PORT), "RecordType(7 port)");
        assert_eq!(
            format!("{:?}", RecordType::from_bits(0x3fff)),
            "RecordType(16383 unknown)"
        );
    }
}
