use core::fmt;

/// The number of a DNS record type (RFC 1035 § 3.2.2).
///
/// # Examples
///
/// ```
/// use horolog_leap_dns::RecordType;
///
/// assert_eq!(RecordType::AAAA.to_string(), "AAAA");
/// // A type without a name of its own (RFC 3597 § 5).
/// assert_eq!(RecordType::LEAP_BINARY.to_string(), "TYPE65432");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordType(pub u16);

impl RecordType {
    /// An address of IPv4.
    pub const A: Self = Self(1);
    /// Another name of the name.
    pub const CNAME: Self = Self(5);
    /// The start of a zone.
    pub const SOA: Self = Self(6);
    /// Two character-strings that describe a host.
    pub const HINFO: Self = Self(13);
    /// Character-strings.
    pub const TXT: Self = Self(16);
    /// An address of IPv6.
    pub const AAAA: Self = Self(28);
    /// The digest of a key of a zone below (RFC 4034 § 5).
    pub const DS: Self = Self(43);
    /// What a zone has not (RFC 4034 § 4).
    pub const NSEC: Self = Self(47);
    /// A key of a zone (RFC 4034 § 2).
    pub const DNSKEY: Self = Self(48);
    /// What a zone has not, by hashed names (RFC 5155 § 3).
    pub const NSEC3: Self = Self(50);
    /// The binary list of leap seconds, a type for private use.
    pub const LEAP_BINARY: Self = Self(65_432);
}

/// `A`, or `TYPE65432`.
impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::A => f.write_str("A"),
            Self::CNAME => f.write_str("CNAME"),
            Self::SOA => f.write_str("SOA"),
            Self::HINFO => f.write_str("HINFO"),
            Self::TXT => f.write_str("TXT"),
            Self::AAAA => f.write_str("AAAA"),
            Self::DS => f.write_str("DS"),
            Self::NSEC => f.write_str("NSEC"),
            Self::DNSKEY => f.write_str("DNSKEY"),
            Self::NSEC3 => f.write_str("NSEC3"),
            Self(number) => write!(f, "TYPE{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3597_section_5_types_without_a_name_have_their_number() {
        for (record_type, text) in [
            (RecordType::A, "A"),
            (RecordType::HINFO, "HINFO"),
            (RecordType::TXT, "TXT"),
            (RecordType::AAAA, "AAAA"),
            (RecordType::DNSKEY, "DNSKEY"),
            (RecordType(43), "DS"),
            (RecordType::LEAP_BINARY, "TYPE65432"),
            (RecordType(0), "TYPE0"),
        ] {
            assert_eq!(record_type.to_string(), text);
        }
    }
}
