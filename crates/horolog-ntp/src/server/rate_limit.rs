use core::net::IpAddr;

use alloc::vec::Vec;

use horolog_time::{NtpDuration, NtpTimestamp};

/// How often one client may ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RateLimit {
    /// The mean interval between requests that are answered.
    pub interval: NtpDuration,
    /// Requests that may come at once after a rest.
    pub burst: u32,
    /// Of so many requests above the limit, one gets a RATE kiss code and the others nothing; 0 for
    /// never a kiss code.
    pub kiss_every: u32,
}

/// A request every two seconds, eight at once, a kiss code for one of four.
impl Default for RateLimit {
    fn default() -> Self {
        Self {
            interval: NtpDuration::from_seconds(2),
            burst: 8,
            kiss_every: 4,
        }
    }
}

impl RateLimit {
    /// So many requests in a second; `None` unless the interval between them is above 0 and below
    /// 68 years.
    #[must_use]
    pub fn per_second(requests: f64) -> Option<Self> {
        let interval = NtpDuration::from_seconds_f64(1.0 / requests)?;
        (interval > NtpDuration::ZERO).then_some(Self {
            interval,
            ..Self::default()
        })
    }
}

/// What to do about a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RateDecision {
    /// Answer it.
    Answer,
    /// Send a RATE kiss code.
    Kiss,
    /// Send nothing.
    Drop,
}

/// Counts the requests of clients, in a table of a fixed size.
///
/// Clients are told apart by their IPv4 address or the first 64 bits of their IPv6 address. Where
/// the table is full, the client of a set that has been silent for longest is forgotten, so many
/// addresses at once weaken the limit but do not exhaust memory. Source addresses can be forged:
/// this protects the server's capacity and other hosts from reflection, it does not authenticate.
///
/// # Examples
///
/// ```
/// use core::net::IpAddr;
/// use horolog_ntp::{RateDecision, RateLimit, RateLimiter};
/// use horolog_time::NtpTimestamp;
///
/// let client: IpAddr = "192.0.2.7".parse()?;
/// let limit = RateLimit { burst: 2, kiss_every: 2, ..RateLimit::default() };
/// let mut limiter = RateLimiter::new(limit, 1024, 0x5eed);
/// let now = NtpTimestamp::from_parts(3_900_000_000, 0);
/// let decisions: Vec<_> = (0..4).map(|_| limiter.decide(client, now)).collect();
/// assert_eq!(decisions, [RateDecision::Answer, RateDecision::Answer, RateDecision::Kiss, RateDecision::Drop]);
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RateLimiter {
    limit: RateLimit,
    seed: u64,
    /// A power of two of them.
    sets: Vec<[Option<Client>; WAYS]>,
}

/// A token bucket.
#[derive(Clone, Copy, Debug)]
struct Client {
    prefix: Prefix,
    /// When it last asked.
    last: NtpTimestamp,
    /// Time saved up: each answer costs an interval.
    saved: NtpDuration,
    /// Requests above the limit since the last answer.
    excess: u32,
}

/// What tells one client from another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Prefix {
    V4(u32),
    V6(u64),
}

/// Clients of a set.
const WAYS: usize = 4;
/// The largest table.
const MAX_CLIENTS: usize = 1 << 20;

impl RateLimiter {
    /// Room for at least `clients`, at most 2^20. The seed must be random, or clients could choose
    /// addresses that crowd each other out.
    #[must_use]
    pub fn new(limit: RateLimit, clients: usize, seed: u64) -> Self {
        let sets = clients
            .clamp(WAYS, MAX_CLIENTS)
            .div_ceil(WAYS)
            .next_power_of_two();
        Self {
            limit,
            seed,
            sets: alloc::vec![[None; WAYS]; sets],
        }
    }

    /// Counts a request of a client, and says what to do about it.
    ///
    /// `now` may jump: a client's saved time neither overflows nor shrinks by it.
    pub fn decide(&mut self, client: IpAddr, now: NtpTimestamp) -> RateDecision {
        let RateLimit {
            interval,
            burst,
            kiss_every,
        } = self.limit;
        let most = times(interval, burst.max(1));
        let prefix = Prefix::of(client);
        let Some(client) = self.client(prefix, now, most) else {
            return RateDecision::Answer;
        };
        let rest = (now - client.last).max(NtpDuration::ZERO);
        client.last = now;
        client.saved = client.saved.saturating_add(rest).min(most);
        if client.saved >= interval {
            client.saved = client.saved.saturating_sub(interval);
            client.excess = 0;
            return RateDecision::Answer;
        }
        let kiss = kiss_every > 0 && client.excess % kiss_every == 0;
        client.excess = client.excess.wrapping_add(1);
        if kiss {
            RateDecision::Kiss
        } else {
            RateDecision::Drop
        }
    }

    /// The bucket of a client, a full one if the client is new.
    fn client(
        &mut self,
        prefix: Prefix,
        now: NtpTimestamp,
        most: NtpDuration,
    ) -> Option<&mut Client> {
        let sets = self.sets.len();
        let index = usize::try_from(prefix.hash(self.seed) >> 32).unwrap_or_default() & (sets - 1);
        let set = self.sets.get_mut(index)?;
        let known = set
            .iter()
            .position(|slot| slot.is_some_and(|client| client.prefix == prefix));
        // Whoever asked in what is now the future did so before the clock was set back.
        let silence = |slot: &Option<Client>| {
            slot.map_or(NtpDuration::MAX, |client| {
                (now - client.last).saturating_abs()
            })
        };
        let place = known.or_else(|| (0..WAYS).max_by_key(|&place| set.get(place).map(silence)))?;
        let fresh = Client {
            prefix,
            last: now,
            saved: most,
            excess: 0,
        };
        let slot = set.get_mut(place)?;
        if known.is_none() {
            *slot = Some(fresh);
        }
        slot.as_mut()
    }
}

impl Prefix {
    fn of(client: IpAddr) -> Self {
        match client.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
        }
    }

    /// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014) over prefix and seed.
    fn hash(self, seed: u64) -> u64 {
        let bits = match self {
            Self::V4(bits) => u64::from(bits),
            Self::V6(bits) => bits.rotate_left(1),
        };
        let mut hash = bits ^ seed;
        for (shift, factor) in [
            (30, 0xbf58_476d_1ce4_e5b9),
            (27, 0x94d0_49bb_1331_11eb),
            (31, seed | 1),
        ] {
            hash = (hash ^ hash >> shift).wrapping_mul(factor);
        }
        hash
    }
}

/// `span` so many times, saturating.
fn times(span: NtpDuration, count: u32) -> NtpDuration {
    NtpDuration::from_bits(span.to_bits().saturating_mul(count.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::{Ipv4Addr, Ipv6Addr};

    fn at(seconds: i32) -> NtpTimestamp {
        NtpTimestamp::from_parts(3_900_000_000, 0) + NtpDuration::from_seconds(seconds)
    }

    fn v4(bits: u32) -> IpAddr {
        Ipv4Addr::from_bits(bits).into()
    }

    fn limiter(limit: RateLimit) -> RateLimiter {
        RateLimiter::new(limit, 64, 7)
    }

    #[test]
    fn a_client_that_keeps_the_interval_is_always_answered() {
        let mut limiter = limiter(RateLimit {
            burst: 1,
            ..RateLimit::default()
        });
        for request in 0..100 {
            assert_eq!(
                limiter.decide(v4(1), at(request * 2)),
                RateDecision::Answer,
                "{request}"
            );
        }
    }

    #[test]
    fn above_the_limit_the_mean_rate_is_kept() {
        let mut limiter = limiter(RateLimit {
            burst: 3,
            kiss_every: 0,
            ..RateLimit::default()
        });
        let answered = (0..100)
            .filter(|&second| limiter.decide(v4(1), at(second)) == RateDecision::Answer)
            .count();
        assert!((50..=53).contains(&answered), "{answered}");
    }

    #[test]
    fn clients_do_not_hinder_each_other() {
        let mut limiter = limiter(RateLimit {
            burst: 1,
            ..RateLimit::default()
        });
        for client in 0..8 {
            assert_eq!(limiter.decide(v4(client), at(0)), RateDecision::Answer);
        }
    }

    #[test]
    fn ipv6_clients_are_networks_of_64_bits() {
        let mut limiter = limiter(RateLimit {
            burst: 1,
            kiss_every: 0,
            ..RateLimit::default()
        });
        let address = |low| IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, low));
        assert_eq!(limiter.decide(address(1), at(0)), RateDecision::Answer);
        assert_eq!(limiter.decide(address(2), at(0)), RateDecision::Drop);
        let other = IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, 1));
        assert_eq!(limiter.decide(other, at(0)), RateDecision::Answer);
    }

    #[test]
    fn a_clock_that_jumps_does_no_harm() {
        let mut limiter = limiter(RateLimit {
            burst: u32::MAX,
            interval: NtpDuration::MAX,
            kiss_every: 1,
        });
        for second in [0, i32::MAX, i32::MIN, 0] {
            limiter.decide(v4(1), at(second));
        }
    }

    #[test]
    fn clients_of_before_the_clock_was_set_back_make_room() {
        let limit = RateLimit {
            burst: 1,
            kiss_every: 0,
            ..RateLimit::default()
        };
        let mut limiter = RateLimiter::new(limit, 4, 7);
        for client in 0..4 {
            limiter.decide(v4(client), at(3600));
        }
        for client in 4..8 {
            assert_eq!(limiter.decide(v4(client), at(0)), RateDecision::Answer);
        }
        for client in 4..8 {
            assert_eq!(limiter.decide(v4(client), at(1)), RateDecision::Drop);
        }
    }

    #[test]
    fn the_table_does_not_grow() {
        let mut limiter = limiter(RateLimit::default());
        for client in 0..10_000 {
            limiter.decide(v4(client), at(0));
        }
        assert_eq!(limiter.sets.len() * WAYS, 64);
        assert_eq!(
            RateLimiter::new(RateLimit::default(), usize::MAX, 0)
                .sets
                .len()
                * WAYS,
            MAX_CLIENTS
        );
    }

    #[test]
    fn rates_must_be_positive_numbers() {
        assert_eq!(
            RateLimit::per_second(0.5).unwrap().interval,
            NtpDuration::from_seconds(2)
        );
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e10] {
            assert_eq!(RateLimit::per_second(rate), None, "{rate}");
        }
    }
}
