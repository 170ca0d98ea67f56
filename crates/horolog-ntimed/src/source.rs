use core::net::{IpAddr, SocketAddr};

use horolog_ntp::Stratum;

use crate::trust_of;

/// What an [`Evaluator`](crate::Evaluator) is told of a source when it is added.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Source, Trust};
///
/// let plain = Source { address: "192.0.2.1:123".parse().ok(), ..Source::default() };
/// let authenticated = Source { trust: Trust::Fixed(1.0), ..plain };
/// assert_eq!(plain.trust, Trust::ByStratum);
/// assert!(plain.is_duplicate(&authenticated));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Source {
    /// Where it is asked; of two sources with the same address and port only the first counts.
    ///
    /// Two ports of one address are two sources, as they are on loopback and behind a forwarded
    /// port. A server that is asked in two protocols at two ports is one: give both sources the same
    /// address, or its error counts twice. Without an address a source is nobody's duplicate.
    pub address: Option<SocketAddr>,
    /// How much it is trusted.
    pub trust: Trust,
}

impl Source {
    /// Whether both are asked at one address and port.
    ///
    /// An IPv4 address is also that which IPv6 maps to it, and the flow label says nothing; the
    /// scope of an address does.
    #[must_use]
    pub fn is_duplicate(&self, other: &Self) -> bool {
        self.place()
            .is_some_and(|place| other.place() == Some(place))
    }

    fn place(&self) -> Option<(IpAddr, u16, u32)> {
        let address = self.address?;
        let scope = match address {
            SocketAddr::V4(_) => 0,
            SocketAddr::V6(address) => address.scope_id(),
        };
        Some((address.ip().to_canonical(), address.port(), scope))
    }
}

/// How much a source is trusted: the area of its density, 0 to 1.
///
/// Trust weighs what is likely; for the quorum each source has one vote, unless it is not trusted at
/// all.
///
/// # Examples
///
/// A server whose replies NTS authenticates, and time over HTTPS, which whoever has the certificate
/// can tell as he likes:
///
/// ```
/// use horolog_ntimed::{Evaluator, Params, Source, Trace, Trust};
/// use horolog_time::{NtpDate, NtpDuration, OffsetBounds, UnixTime};
///
/// let mut evaluator = Evaluator::new(Params::default());
/// let fixed = |trust| Source { trust: Trust::Fixed(trust), ..Source::default() };
/// let nts = evaluator.add_source(fixed(1.0));
/// let web = evaluator.add_source(fixed(0.1));
///
/// // An exchange, here from a trace; `Exchange::from_measurement` takes that of a client.
/// let line = "Poll a 192.0.2.1 [0 4 4   3   6  -20 0.000060000 0.001500000 0xc0000263 \
///     -24.547789182 1416000000.136364221 -0.001743793 0.000033379 0.002243280]";
/// let Trace::Poll { packet, .. } = Trace::decode(line, 1)? else {
///     panic!();
/// };
/// let exchange = packet.exchange(0.0).expect("a reply arrived");
/// let now = NtpDate::from_unix(UnixTime::from_seconds(1_416_000_000))?;
/// evaluator.observe_exchange(nts, &exchange, now);
///
/// // What a search of horolog-https has found: to be right, add this to the clock.
/// let at = |milliseconds: i64| NtpDuration::from_nanoseconds(milliseconds * 1_000_000).unwrap();
/// let bounds = OffsetBounds::new(at(-40), at(60))?;
/// let answer = evaluator.observe_bounds(web, bounds, now).answer;
/// assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (2, 2));
/// assert!((answer.offset.unwrap() - 0.002).abs() < 0.0001);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Trust {
    /// `1 / stratum`, and nothing for stratum 15; as a stratum 1 where there is none.
    #[default]
    ByStratum,
    /// This whatever the stratum, for sources that are authenticated, or whose operator is known; but
    /// nothing where the stratum has no weight of its own: who says that it is 15 is not to be
    /// followed, authentic or not.
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
            Self::Fixed(_) if stratum.is_some_and(|stratum| trust_of(stratum) <= 0.0) => 0.0,
            Self::Fixed(trust) => trust.clamp(0.0, 1.0).max(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use core::net::SocketAddrV6;

    use super::*;

    fn at(address: &str) -> Source {
        Source {
            address: Some(address.parse().unwrap()),
            ..Source::default()
        }
    }

    #[test]
    fn the_same_address_and_port_are_one_source() {
        for (one, other, same) in [
            ("192.0.2.1:123", "192.0.2.1:123", true),
            ("192.0.2.1:123", "192.0.2.1:124", false),
            ("192.0.2.1:123", "192.0.2.2:123", false),
            ("192.0.2.1:123", "[::ffff:192.0.2.1]:123", true),
            ("[2001:db8::1]:123", "[2001:db8::1]:123", true),
            ("[fe80::1%1]:123", "[fe80::1%2]:123", false),
        ] {
            assert_eq!(at(one).is_duplicate(&at(other)), same, "{one} {other}");
        }
        let labelled = |label| Source {
            address: Some(SocketAddrV6::new("::1".parse().unwrap(), 123, label, 0).into()),
            ..Source::default()
        };
        assert!(labelled(1).is_duplicate(&labelled(2)));
    }

    #[test]
    fn sources_without_an_address_are_different() {
        let unknown = Source::default();
        assert!(!unknown.is_duplicate(&unknown));
        assert!(!unknown.is_duplicate(&at("192.0.2.1:123")));
    }

    #[test]
    fn fixed_trust_stays_in_its_range() {
        for (fixed, trust) in [(0.7, 0.7), (-1.0, 0.0), (7.0, 1.0), (f64::NAN, 0.0)] {
            for stratum in [None, Some(Stratum::new(14))] {
                let found = Trust::Fixed(fixed).of(stratum);
                assert!((found - trust).abs() < 1e-12, "{fixed}: {found}");
            }
        }
        assert!((Trust::ByStratum.of(Some(Stratum::new(4))) - 0.25).abs() < 1e-12);
        assert!((Trust::ByStratum.of(None) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn stratum_15_has_no_weight_whoever_says_it() {
        for trust in [Trust::ByStratum, Trust::Fixed(1.0)] {
            assert!(trust.of(Some(Stratum::new(15))) <= 0.0, "{trust:?}");
        }
    }
}
