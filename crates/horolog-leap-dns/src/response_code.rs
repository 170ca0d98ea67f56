use core::fmt;

/// The response code of a DNS message, with the bits that EDNS adds (RFC 6895 § 2.3).
///
/// # Examples
///
/// ```
/// use horolog_leap_dns::ResponseCode;
///
/// assert_eq!(ResponseCode::SERVFAIL.to_string(), "SERVFAIL");
/// assert_eq!(ResponseCode(3841).to_string(), "RCODE3841");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ResponseCode(pub u16);

impl ResponseCode {
    /// The request could not be read.
    pub const FORMERR: Self = Self(1);
    /// The server fails; so do validating resolvers where an answer is bogus.
    pub const SERVFAIL: Self = Self(2);
    /// The server does not know such requests.
    pub const NOTIMP: Self = Self(4);
    /// The server does not want to answer.
    pub const REFUSED: Self = Self(5);
}

/// `SERVFAIL`, or `RCODE3841`.
impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::FORMERR => f.write_str("FORMERR"),
            Self::SERVFAIL => f.write_str("SERVFAIL"),
            Self::NOTIMP => f.write_str("NOTIMP"),
            Self::REFUSED => f.write_str("REFUSED"),
            Self(number) => write!(f, "RCODE{number}"),
        }
    }
}
