use core::fmt;

/// How an answer was checked besides its own format.
///
/// There is no bogus answer: one that fails validation is an error. Whatever is said here, an A
/// record had to be of class E with the right CRC.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Security {
    /// Nobody asked for signatures.
    NotValidated,
    /// There is no chain of signatures to look for, and this is known for sure.
    Insecure(Insecurity),
    /// Signatures lead from a trust anchor to the answer (RFC 4033 § 5).
    Secure,
}

/// Why an answer need not be signed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Insecurity {
    /// No trust anchor stands at the name or above it.
    NoTrustAnchor,
    /// Signatures say that a zone on the way to the name is not signed.
    UnsignedZone,
}

impl Security {
    /// Whether signatures vouch for the answer.
    #[must_use]
    pub const fn is_secure(self) -> bool {
        matches!(self, Self::Secure)
    }
}

/// `DNSSEC secure`.
impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotValidated => "not validated by DNSSEC",
            Self::Insecure(Insecurity::NoTrustAnchor) => {
                "DNSSEC insecure: no trust anchor for the name"
            }
            Self::Insecure(Insecurity::UnsignedZone) => "DNSSEC insecure: the zone is not signed",
            Self::Secure => "DNSSEC secure",
        })
    }
}
