//! The clock filter of RFC 5905, section 10 and appendix A.5.2.

use super::rfc5905::{PHI, POLL_INTERVAL, PRECISION};

/// NSTAGE, section 7.2.
const STAGES: usize = 8;
/// MAXDISP, section 7.2, in seconds.
const MAX_DISPERSION: f64 = 16.0;
/// SGATE, appendix A.1.
const SPIKE_GATE: f64 = 3.0;

/// A tuple of a stage, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) offset: f64,
    pub(crate) delay: f64,
    /// When it was measured.
    pub(crate) dispersion: f64,
    /// When it arrived.
    pub(crate) at: f64,
}

impl Sample {
    const DUMMY: Self = Self {
        offset: 0.0,
        delay: MAX_DISPERSION,
        dispersion: MAX_DISPERSION,
        at: 0.0,
    };

    /// Section 9.2: it grows at the rate PHI.
    fn dispersion(&self, now: f64) -> f64 {
        (self.dispersion + PHI * (now - self.at)).min(MAX_DISPERSION)
    }
}

/// What the filter says of a server: the peer variables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) offset: f64,
    pub(crate) delay: f64,
    pub(crate) dispersion: f64,
    pub(crate) jitter: f64,
    /// When the sample arrived.
    pub(crate) at: f64,
    /// Since when the dispersion grows.
    pub(crate) updated: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct ClockFilter {
    /// The newest first.
    stages: [Sample; STAGES],
    valid: usize,
    peer: Option<Peer>,
}

impl ClockFilter {
    pub(crate) const fn new() -> Self {
        Self {
            stages: [Sample::DUMMY; STAGES],
            valid: 0,
            peer: None,
        }
    }

    pub(crate) const fn peer(&self) -> Option<&Peer> {
        self.peer.as_ref()
    }

    /// Takes a sample and tells whether the peer variables are new.
    ///
    /// "Anything goes before first synchronized", A.5.2: until then an old sample is used again, so
    /// that the dispersion falls with each one that arrives.
    pub(crate) fn update(&mut self, sample: Sample, is_synchronized: bool) -> bool {
        let now = sample.at;
        self.stages.rotate_right(1);
        self.stages[0] = sample;
        self.valid = STAGES.min(self.valid + 1);
        let mut sorted = self.stages;
        sorted.sort_by(|a, b| a.delay.total_cmp(&b.delay));
        let first = sorted[0];
        let before = self.peer;
        if before.is_some_and(|before| first.at <= before.at) && is_synchronized {
            return false;
        }
        // The sum of epsilon_i / 2^(i + 1), by the last one first.
        let dispersion = sorted
            .iter()
            .rev()
            .fold(0.0, |sum, stage| f64::midpoint(sum, stage.dispersion(now)));
        // The root mean square of section 10 with erratum 5600: what is divided is the sum.
        let squares = sorted[..self.valid]
            .iter()
            .map(|stage| (stage.offset - first.offset).powi(2));
        let others = u32::try_from(self.valid - 1).unwrap().max(1);
        let jitter = (squares.sum::<f64>() / f64::from(others)).sqrt();
        let jitter = jitter.max(PRECISION);
        // The spike suppressor of A.5.2.
        let is_spike = before.is_some_and(|before| {
            (first.offset - before.offset).abs() > SPIKE_GATE * jitter
                && first.at - before.at < 2.0 * POLL_INTERVAL
        });
        if is_spike {
            return false;
        }
        self.peer = Some(Peer {
            offset: first.offset,
            delay: first.delay,
            dispersion,
            jitter,
            at: first.at,
            updated: now,
        });
        true
    }
}

#[test]
fn rfc_5905_section_10_dispersion_falls_by_half_with_each_sample() {
    let mut filter = ClockFilter::new();
    // "After the fourth valid packet the dispersion is usually a little less than 1 s."
    for most in [8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.125, 0.001] {
        let sample = Sample {
            offset: 0.0,
            delay: 0.01,
            dispersion: 1e-6,
            at: 0.0,
        };
        assert!(filter.update(sample, false));
        let dispersion = filter.peer().unwrap().dispersion;
        assert!(
            dispersion < most && dispersion > most * 0.4 - 0.001,
            "{dispersion}, {most}"
        );
    }
}

#[test]
fn rfc_5905_section_10_the_least_delay_is_used_once() {
    let mut filter = ClockFilter::new();
    let sample = |delay, offset, at| Sample {
        offset,
        delay,
        dispersion: 1e-6,
        at,
    };
    assert!(filter.update(sample(0.01, 0.001, 0.0), true));
    assert!(!filter.update(sample(0.02, 0.006, 64.0), true));
    assert!((filter.peer().unwrap().offset - 0.001).abs() < 1e-12);
    assert!(filter.update(sample(0.009, 0.002, 128.0), true));
    let peer = filter.peer().unwrap();
    assert!((peer.offset - 0.002).abs() < 1e-12);
    let jitter = (0.001_f64.powi(2) / 2.0 + 0.004_f64.powi(2) / 2.0).sqrt();
    assert!((peer.jitter - jitter).abs() < 1e-12);
}
