//! The newest samples of one source, which narrow each other's bounds.

use alloc::collections::VecDeque;

use horolog_time::NtpDate;

use crate::steering::{Mark, Steering};
use crate::{Density, Param, Params};

/// Bounds are not taken for better than this, in seconds.
const RESOLUTION: f64 = 1e-9;

#[derive(Clone, Debug, Default)]
pub(crate) struct SampleWindow {
    /// The newest first.
    samples: VecDeque<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    low: f64,
    mid: f64,
    high: f64,
    taken: Mark,
}

impl SampleWindow {
    /// Takes a sample whose bounds do not contradict each other.
    pub(crate) fn push(&mut self, [low, mid, high]: [f64; 3], taken: Mark, params: &Params) {
        let sample = Sample {
            low,
            mid,
            high,
            taken,
        };
        self.samples.push_front(sample);
        let most = crate::number::to_u64(params.get(Param::Window)).max(1);
        self.samples
            .truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }

    pub(crate) fn clear(&mut self) {
        self.samples.clear();
    }

    /// Seconds since the newest sample.
    pub(crate) fn age(&self, now: NtpDate) -> Option<f64> {
        self.samples.front().map(|sample| sample.taken.age(now))
    }

    /// What the samples say together: each one's bounds, moved with the clock and widened by age,
    /// hold. The likely offset is that of the narrowest.
    ///
    /// Where an older one contradicts the newer ones, it and those before it are void: the clock or
    /// the path is not what it was.
    pub(crate) fn density(
        &self,
        trust: f64,
        steering: &Steering,
        now: NtpDate,
        params: &Params,
    ) -> Option<Density> {
        let mut bounds: Option<[f64; 2]> = None;
        let mut narrowest = (f64::INFINITY, 0.0);
        let mark = steering.mark(now);
        for sample in &self.samples {
            let change = steering.change(sample.taken, mark);
            let spread = sample.taken.age(now) * params.get(Param::AgingRate) + RESOLUTION;
            let low = sample.low + change - spread;
            let high = sample.high + change + spread;
            let [old_low, old_high] = bounds.unwrap_or([low, high]);
            let new = [low.max(old_low), high.min(old_high)];
            if new[0] > new[1] {
                break;
            }
            bounds = Some(new);
            if high - low < narrowest.0 {
                narrowest = (high - low, sample.mid + change);
            }
        }
        let [low, high] = bounds?;
        Density::new(trust, low, narrowest.1.clamp(low, high), high).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date;
    use horolog_time::UnixTime;

    fn at(seconds: i64) -> NtpDate {
        date::from_unix(UnixTime::from_seconds(1_000_000 + seconds))
    }

    fn density(samples: &[(i64, [f64; 3])], now: i64) -> [f64; 3] {
        let params = Params::default();
        let steering = Steering::new();
        let mut window = SampleWindow::default();
        for (time, sample) in samples {
            window.push(*sample, steering.mark(at(*time)), &params);
        }
        let density = window.density(1.0, &steering, at(now), &params).unwrap();
        [density.low(), density.mid(), density.high()]
    }

    fn assert_near(found: [f64; 3], expected: [f64; 3]) {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-8, "{found} is not {expected}");
        }
    }

    #[test]
    fn age_widens_the_bounds() {
        let sample = (0, [-0.01, 0.0, 0.02]);
        assert_near(density(&[sample], 100), [-0.0115, 0.0, 0.0215]);
    }

    #[test]
    fn a_burst_is_bounded_by_what_was_before() {
        let quiet = (0, [-0.01, 0.001, 0.01]);
        let burst = (100, [-0.01, 0.1, 0.21]);
        assert_near(density(&[quiet, burst], 100), [-0.01, 0.001, 0.0115]);
    }

    #[test]
    fn what_contradicts_the_newest_is_void() {
        let old = (0, [0.5, 0.6, 0.7]);
        let new = (1, [-0.01, 0.0, 0.01]);
        assert_near(density(&[old, new], 1), [-0.01, 0.0, 0.01]);
    }

    #[test]
    fn the_window_forgets() {
        let mut window = SampleWindow::default();
        let params = Params::default();
        let steering = Steering::new();
        for time in 0..20 {
            window.push([-1.0, 0.0, 1.0], steering.mark(at(time)), &params);
        }
        assert_eq!(window.samples.len(), 8);
        assert!((window.age(at(20)).unwrap() - 1.0).abs() < 1e-9);
        window.clear();
        assert_eq!(window.age(at(20)), None);
        assert_eq!(window.density(1.0, &steering, at(20), &params), None);
    }
}
