use core::fmt;

use crate::c_format::Exponential;
use crate::{Exchange, Filter};
use horolog_ntp::{LeapIndicator, Mode, Stratum, Version};

/// Why a filter does not use a reply.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The server's clock is not synchronised (leap indicator 3).
    Unsynchronised,
    /// The version is not 3 or 4.
    Version(Version),
    /// The mode is not that of a server.
    Mode(Mode),
    /// The stratum is 0 or above 15.
    Stratum(Stratum),
    /// The reply left before the request arrived, or in the original's eyes at the same instant;
    /// T3 - T2 in seconds.
    ReceivedAfterSent(f64),
    /// The server's clock was set after the reply left; T3 less the reference time in seconds.
    ReferenceAfterSent(f64),
    /// The server's clock was set too long ago; T3 less the reference time in seconds.
    AncientReference(f64),
}

impl Refusal {
    /// What is wrong with a reply by the original's rules, in its order.
    pub(crate) fn of(exchange: &Exchange) -> Option<Self> {
        Self::find(exchange, |processing| processing > 0.0)
    }

    /// What is wrong with a reply that may leave at the instant at which the request arrived.
    pub(crate) fn of_coarse(exchange: &Exchange) -> Option<Self> {
        Self::find(exchange, |processing| processing >= 0.0)
    }

    fn find(exchange: &Exchange, may_take: impl Fn(f64) -> bool) -> Option<Self> {
        let processing = exchange.processing();
        let age = exchange.reference_age();
        if exchange.leap == LeapIndicator::Unknown {
            Some(Self::Unsynchronised)
        } else if !matches!(exchange.version, Version::V3 | Version::V4) {
            Some(Self::Version(exchange.version))
        } else if exchange.mode != Mode::SERVER {
            Some(Self::Mode(exchange.mode))
        } else if !exchange.stratum.is_synchronised() {
            Some(Self::Stratum(exchange.stratum))
        } else if !may_take(processing) {
            Some(Self::ReceivedAfterSent(processing))
        } else if age < Filter::MIN_REFERENCE_AGE {
            Some(Self::ReferenceAfterSent(age))
        } else if age > Filter::MAX_REFERENCE_AGE {
            Some(Self::AncientReference(age))
        } else {
            None
        }
    }
}

/// What the original's trace says behind `NF `, and for leap indicator 3, of which it says nothing,
/// `Not synchronised`.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsynchronised => f.write_str("Not synchronised"),
            Self::Version(version) => write!(f, "Bad version {version}"),
            Self::Mode(mode) => write!(f, "Bad mode {}", mode.to_bits()),
            Self::Stratum(stratum) => write!(f, "Bad stratum {stratum}"),
            Self::ReceivedAfterSent(span) => write!(f, "rx after tx {}", Exponential(*span)),
            Self::ReferenceAfterSent(span) => write!(f, "ref after tx {}", Exponential(*span)),
            Self::AncientReference(span) => write!(f, "ancient ref {}", Exponential(*span)),
        }
    }
}
