//! A network of servers, mostly five, and a clock with an oscillator that wanders.

use horolog_ntimed::{Exchange, SimulatedClock};
use horolog_ntp::{LeapIndicator, Mode, ReferenceId, Stratum, Version};
use horolog_time::{NtpDate, NtpTimestamp, Precision};

/// A small generator of random numbers (`SplitMix64`), the same on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Above 0 and below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        let high = u32::try_from(self.bits() >> 32).unwrap();
        (f64::from(high) + 0.5) / 4_294_967_296.0
    }

    /// With mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// With mean 0 and standard deviation 1.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (core::f64::consts::TAU * self.uniform()).cos()
    }
}

/// The way to a server, and what it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    /// Least time there and back, in seconds.
    pub(crate) base: [f64; 2],
    /// Mean of what queues add each way, exponentially.
    pub(crate) jitter: f64,
    /// What the server's clock is ahead.
    pub(crate) lie: f64,
    pub(crate) stratum: u8,
}

/// A network and the local clock's oscillator.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) name: &'static str,
    pub(crate) paths: Vec<Path>,
    /// Part of the time in which the common way out is full, and what its queue adds at most.
    pub(crate) bursts: Option<(f64, f64)>,
    /// Random walk of the frequency, in s/s after an hour.
    pub(crate) wander: f64,
}

const WANDER: f64 = 0.1e-6;

impl Network {
    fn new(name: &'static str, base: f64, jitter: f64, stratum: u8) -> Self {
        // Servers at somewhat different distances, whose ways there and back differ by 1 %.
        let paths = (0..5).map(|at| {
            let base = base * (1.0 + 0.25 * f64::from(at));
            let skew = 0.005 * base * if at % 2 == 0 { 1.0 } else { -1.0 };
            Path {
                base: [base + skew, base - skew],
                jitter,
                lie: 0.0,
                stratum,
            }
        });
        Self {
            name,
            paths: paths.collect(),
            bursts: None,
            wander: WANDER,
        }
    }

    fn near(name: &'static str) -> Self {
        Self::new(name, 0.005, 0.0005, 2)
    }

    /// The first servers lie by 0.1 s, and are nearer than the others.
    fn liars(name: &'static str, count: usize) -> Self {
        let mut network = Self::near(name);
        for path in network.paths.iter_mut().take(count) {
            *path = Path {
                base: [0.0005, 0.0005],
                jitter: 0.000_05,
                lie: 0.1,
                stratum: 2,
            };
        }
        network
    }

    /// That many near servers.
    pub(crate) fn crowd(servers: usize) -> Self {
        let few = Self::near("crowd");
        Self {
            paths: few.paths.iter().copied().cycle().take(servers).collect(),
            ..few
        }
    }

    pub(crate) fn all() -> Vec<Self> {
        let mut asymmetric = Self::near("asymmetric 10 %");
        for path in &mut asymmetric.paths {
            path.base = [path.base[0] * 1.05, path.base[1] * 0.95];
        }
        vec![
            Self::new("LAN", 0.000_1, 0.000_02, 1),
            Self::near("near"),
            Self::new("far", 0.06, 0.003, 2),
            Self {
                bursts: Some((0.2, 0.15)),
                ..Self::near("bufferbloat bursts")
            },
            asymmetric,
            Self::liars("one liar of five", 1),
            Self::liars("two liars of five", 2),
            Self {
                wander: 1e-6,
                ..Self::near("wander 1 ppm/h")
            },
        ]
    }
}

/// What one exchange over a path looks like when the local clock is ahead by what was added to it.
pub(crate) fn exchange(
    path: &Path,
    server: usize,
    clock: &SimulatedClock,
    now: NtpDate,
    queue: f64,
    random: &mut Random,
) -> Exchange {
    let there = path.base[0] + path.jitter * random.exponential() + queue;
    let back = path.base[1] + path.jitter * random.exponential();
    let processing = 20e-6;
    let at = |seconds: f64| later(now, seconds);
    let [high, low] = u16::try_from(server).unwrap().to_be_bytes();
    Exchange {
        leap: LeapIndicator::NoWarning,
        version: Version::V4,
        mode: Mode::SERVER,
        stratum: Stratum::new(path.stratum),
        precision: Precision::from_exponent(-20),
        reference_id: ReferenceId::from_octets([198, 18, high, low]),
        reference: at(path.lie - 16.0),
        t1: at(clock.added()),
        t2: at(there + path.lie),
        t3: at(there + path.lie + processing),
        t4: at(there + processing + back + clock.added()),
    }
}

/// A date some seconds later or earlier, to 2^-32 s.
fn later(date: NtpDate, seconds: f64) -> NtpDate {
    let span = horolog_time::NtpDuration::from_seconds_f64(seconds).unwrap();
    let timestamp: NtpTimestamp = date.timestamp() + span;
    NtpDate::from_timestamp(timestamp, date).unwrap()
}
