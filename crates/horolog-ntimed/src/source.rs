use core::net::IpAddr;

use horolog_ntp::Stratum;

use crate::trust_of;

/// What an [`Evaluator`](crate::Evaluator) is told of a source when it is added.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Source, Trust};
///
/// let plain = Source { address: "192.0.2.1".parse().ok(), ..Source::default() };
/// let authenticated = Source { trust: Trust::Fixed(1.0), ..plain };
/// assert_eq!(plain.trust, Trust::ByStratum);
/// assert_ne!(plain, authenticated);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Source {
    /// Its address; of two sources with the same one only the first counts.
    pub address: Option<IpAddr>,
    /// How much it is trusted.
    pub trust: Trust,
}

/// How much a source is trusted: the area of its density, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Trust {
    /// `1 / stratum`, and nothing for stratum 15; as a stratum 1 where there is none.
    #[default]
    ByStratum,
    /// Always this; for sources that are authenticated, or whose operator is known.
    Fixed(
        /// 0 to 1; what lies outside is taken for the nearer end, and a NaN for 0.
        f64,
    ),
}

impl Trust {
    /// The trust in a source of this stratum.
    pub(crate) fn of(self, stratum: Option<Stratum>) -> f64 {
        match self {
            Self::ByStratum => stratum.map_or(1.0, trust_of),
            Self::Fixed(trust) => trust.clamp(0.0, 1.0).max(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_trust_stays_in_its_range() {
        for (fixed, trust) in [(0.7, 0.7), (-1.0, 0.0), (7.0, 1.0), (f64::NAN, 0.0)] {
            let found = Trust::Fixed(fixed).of(Some(Stratum::new(15)));
            assert!((found - trust).abs() < 1e-12, "{fixed}: {found}");
        }
        assert!((Trust::ByStratum.of(Some(Stratum::new(4))) - 0.25).abs() < 1e-12);
        assert!((Trust::ByStratum.of(None) - 1.0).abs() < 1e-12);
    }
}
