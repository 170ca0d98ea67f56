use horolog_time::NtpDate;

use crate::boost::Boost;
use crate::{Adjustment, Param, Params, Peak, date};

/// Turns offsets into steering: a phase-locked loop that starts lively and stiffens.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Params, Peak, Pll, PllAction};
/// use horolog_time::{NtpDate, UnixTime};
///
/// let mut pll = Pll::new();
/// let params = Params::default();
/// let peak = Peak { offset: 0.25, weight: 500.0 };
/// let at = |seconds| NtpDate::from_unix(UnixTime::from_seconds(seconds)).unwrap();
/// assert_eq!(pll.handle_estimate(peak, at(0), &params).action, PllAction::Nothing);
/// assert_eq!(pll.handle_estimate(peak, at(3), &params).action, PllAction::Step(-0.25));
/// ```
#[derive(Clone, Debug)]
pub struct Pll {
    mode: PllMode,
    since: NtpDate,
    last: NtpDate,
    proportional: f64,
    integral: f64,
    integrator: f64,
    /// Loosens the loop where the original's would lag.
    boost: Option<Boost>,
}

/// What a [`Pll`] is doing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PllMode {
    /// 0: nothing was estimated yet.
    Startup,
    /// 1: waits for a good estimate, then steps the clock if it is far off.
    Stepping,
    /// 2: waits after the step.
    Settling,
    /// 3: steers.
    Tracking,
}

impl PllMode {
    /// The number, as traces have it.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Startup => 0,
            Self::Stepping => 1,
            Self::Settling => 2,
            Self::Tracking => 3,
        }
    }

    /// The mode of this number, 0 to 3.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Startup),
            1 => Some(Self::Stepping),
            2 => Some(Self::Settling),
            3 => Some(Self::Tracking),
            _ => None,
        }
    }
}

/// What a [`Pll`] made of an estimate: the trace line `PLL`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PllReport {
    /// The mode, after the estimate.
    pub mode: PllMode,
    /// Seconds since the last estimate, 0 where the PLL does not track.
    pub elapsed: f64,
    /// The estimate's offset.
    pub offset: f64,
    /// The estimate's weight.
    pub weight: f64,
    /// What to add to the clock over the duration, and its frequency for good.
    pub adjustment: Adjustment,
    /// The proportional gain that was used.
    pub proportional: f64,
    /// The integral gain that was used.
    pub integral: f64,
}

/// What is to be done with the clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PllAction {
    /// Nothing.
    Nothing,
    /// Add these seconds at once; what was measured before is void then.
    Step(f64),
    /// Steer it so from now on.
    Adjust(Adjustment),
}

/// An answer of a [`Pll`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PllUpdate {
    /// How it came about.
    pub report: PllReport,
    /// What is to be done.
    pub action: PllAction,
}

/// Waiting before the step, in seconds.
const STEP_WAIT: f64 = 2.0;
/// Waiting after the step, in seconds.
const SETTLE_WAIT: f64 = 6.0;
/// The least weight on which the clock is stepped.
const STEP_WEIGHT: f64 = 3.0;
/// The smallest offset for which the clock is stepped, in seconds.
const STEP_OFFSET: f64 = 1e-3;
/// Below each weight these gains, proportional and integral, instead of the PLL's own.
const WEAK_GAINS: [(f64, f64, f64); 2] = [(50.0, 3e-2, 5e-4), (150.0, 6e-2, 1e-3)];
/// No gain is loosened above this.
const MAX_BOOSTED: f64 = 0.33;
/// The fastest slew, in seconds per second.
const MAX_SLEW: f64 = 500e-6;

impl Pll {
    /// A PLL that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            mode: PllMode::Startup,
            since: NtpDate::PRIME_EPOCH,
            last: NtpDate::PRIME_EPOCH,
            proportional: 0.0,
            integral: 0.0,
            integrator: 0.0,
            boost: None,
        }
    }

    /// One that loosens again where the offset stays on one side: the oscillator wanders faster than
    /// a stiff loop follows.
    #[must_use]
    pub const fn adaptive() -> Self {
        Self {
            boost: Some(Boost::NONE),
            ..Self::new()
        }
    }

    /// Starts anew, as after a step of the clock; what is known of the frequency stays.
    pub const fn reset(&mut self) {
        self.mode = PllMode::Startup;
        if self.boost.is_some() {
            self.boost = Some(Boost::NONE);
        }
    }

    /// What it is doing.
    #[must_use]
    pub const fn mode(&self) -> PllMode {
        self.mode
    }

    /// The frequency that the clock is steered by, in seconds per second.
    #[must_use]
    pub const fn frequency(&self) -> f64 {
        self.integrator
    }

    /// Takes an estimate of the offset.
    ///
    /// Estimates that are not finite are ignored. Where no time has passed since the last one, or
    /// the time went back, there is nothing to steer: the original aborts there.
    #[must_use]
    pub fn handle_estimate(&mut self, peak: Peak, now: NtpDate, params: &Params) -> PllUpdate {
        let mut update = PllUpdate {
            report: PllReport {
                mode: self.mode,
                elapsed: 0.0,
                offset: peak.offset,
                weight: peak.weight,
                adjustment: Adjustment {
                    frequency: self.integrator,
                    ..Adjustment::default()
                },
                proportional: 0.0,
                integral: 0.0,
            },
            action: PllAction::Nothing,
        };
        if !peak.offset.is_finite() || !peak.weight.is_finite() {
            return update;
        }
        let waited = date::difference(now, self.since);
        match self.mode {
            PllMode::Startup => {
                self.enter(PllMode::Stepping, now);
                self.proportional = params.get(Param::PllPInit);
                self.integral = 0.0;
            }
            PllMode::Stepping if waited > STEP_WAIT && peak.weight > STEP_WEIGHT => {
                self.enter(PllMode::Settling, now);
                if peak.offset.abs() > STEP_OFFSET {
                    update.action = PllAction::Step(-peak.offset);
                }
            }
            PllMode::Settling if waited > SETTLE_WAIT => {
                self.enter(PllMode::Tracking, now);
                self.integral = self.proportional / params.get(Param::PllIInit);
            }
            PllMode::Stepping | PllMode::Settling => {}
            PllMode::Tracking => self.track(&mut update, now, params),
        }
        update.report.mode = self.mode;
        self.last = now;
        update
    }

    const fn enter(&mut self, mode: PllMode, now: NtpDate) {
        self.mode = mode;
        self.since = now;
    }

    fn track(&mut self, update: &mut PllUpdate, now: NtpDate, params: &Params) {
        let report = &mut update.report;
        report.elapsed = date::difference(now, self.last);
        if report.elapsed <= 0.0 {
            return;
        }
        let weak = WEAK_GAINS
            .into_iter()
            .find(|(weight, ..)| report.weight < *weight);
        (report.proportional, report.integral) = if let Some((_, proportional, integral)) = weak {
            (proportional, integral)
        } else {
            let captured = date::difference(now, self.since) > params.get(Param::PllCaptureTime);
            if captured && self.proportional > params.get(Param::PllPLimit) {
                let rate = libm::pow(params.get(Param::PllStiffenRate), report.elapsed);
                self.proportional *= rate;
                self.integral *= rate;
            }
            (self.proportional, self.integral)
        };
        if let Some(boost) = &mut self.boost {
            let rate = params.get(Param::PllStiffenRate);
            let factor = boost.factor(report.offset, report.elapsed, rate);
            // Both, so that the loop's damping stays.
            report.proportional = (report.proportional * factor).min(MAX_BOOSTED);
            report.integral *= factor;
        }
        let phase = -report.offset * report.proportional;
        self.integrator += phase * report.integral;
        let duration = libm::ceil(report.elapsed);
        let limit = duration * MAX_SLEW;
        report.adjustment = Adjustment {
            offset: phase.clamp(-limit, limit),
            duration,
            frequency: self.integrator,
        };
        update.action = PllAction::Adjust(report.adjustment);
    }
}

impl Default for Pll {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::UnixTime;
    use proptest::prelude::*;

    fn at(seconds: f64) -> NtpDate {
        date::add(date::from_unix(UnixTime::from_seconds(1_000_000)), seconds)
    }

    fn peak(offset: f64, weight: f64) -> Peak {
        Peak { offset, weight }
    }

    /// A PLL that tracks since the time 10 s.
    fn tracking(params: &Params) -> Pll {
        let mut pll = Pll::new();
        for (time, mode) in [
            (0.0, PllMode::Stepping),
            (2.0, PllMode::Stepping),
            (2.5, PllMode::Settling),
            (8.5, PllMode::Settling),
            (10.0, PllMode::Tracking),
        ] {
            let update = pll.handle_estimate(peak(1e-3, 500.0), at(time), params);
            assert_eq!(
                (update.report.mode, update.action),
                (mode, PllAction::Nothing)
            );
        }
        pll
    }

    #[test]
    fn light_estimates_do_not_step() {
        let params = Params::default();
        let mut pll = Pll::new();
        for time in [0.0, 3.0, 6.0] {
            let update = pll.handle_estimate(peak(1.0, 3.0), at(time), &params);
            assert_eq!(update.action, PllAction::Nothing);
        }
        let update = pll.handle_estimate(peak(1.0, 3.1), at(9.0), &params);
        assert_eq!(update.action, PllAction::Step(-1.0));
    }

    #[test]
    fn weights_choose_the_gains() {
        let params = Params::default();
        for (weight, proportional, integral) in [
            (49.0, 0.03, 5e-4),
            (50.0, 0.06, 1e-3),
            (150.0, 0.33, 0.0055),
        ] {
            let report = tracking(&params)
                .handle_estimate(peak(1e-4, weight), at(11.0), &params)
                .report;
            assert!(
                (report.proportional - proportional).abs() < 1e-12,
                "{weight}"
            );
            assert!((report.integral - integral).abs() < 1e-12, "{weight}");
            assert!((report.adjustment.offset + 1e-4 * proportional).abs() < 1e-12);
        }
    }

    #[test]
    fn slews_are_limited() {
        let params = Params::default();
        for sign in [-1.0, 1.0] {
            let update = tracking(&params).handle_estimate(peak(sign, 500.0), at(13.5), &params);
            let PllAction::Adjust(adjustment) = update.action else {
                panic!("{update:?}");
            };
            assert!((adjustment.offset + sign * 4.0 * 500e-6).abs() < 1e-12);
            assert!((adjustment.duration - 4.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_loop_stiffens_after_the_capture() {
        let params = Params::default();
        let mut pll = tracking(&params);
        let before = pll.handle_estimate(peak(1e-4, 500.0), at(310.0), &params);
        assert!((before.report.proportional - 0.33).abs() < 1e-12);
        let after = pll.handle_estimate(peak(1e-4, 500.0), at(311.0), &params);
        assert!((after.report.proportional - 0.33 * 0.999).abs() < 1e-12);
    }

    #[test]
    fn an_adaptive_loop_loosens_where_the_offset_stays_on_one_side() {
        let params = Params::default();
        let gain = |mut pll: Pll, sign: f64| {
            let mut gain = 0.0;
            let mut offset = 1e-4;
            for turn in 0..200 {
                offset *= sign;
                let report = pll
                    .handle_estimate(peak(offset, 30.0), at(f64::from(turn) * 13.0), &params)
                    .report;
                gain = report.proportional;
            }
            gain
        };
        assert!((gain(Pll::new(), 1.0) - 0.03).abs() < 1e-12);
        assert!((gain(Pll::adaptive(), -1.0) - 0.03).abs() < 1e-12);
        assert!(gain(Pll::adaptive(), 1.0) > 0.2);
    }

    /// Where the original aborts on an assertion.
    #[test]
    fn without_time_between_there_is_nothing_to_steer() {
        let params = Params::default();
        let mut pll = tracking(&params);
        for time in [10.0, 9.0] {
            let update = pll.handle_estimate(peak(1e-4, 500.0), at(time), &params);
            assert_eq!(update.action, PllAction::Nothing);
        }
        let update = pll.handle_estimate(peak(1e-4, 500.0), at(10.0), &params);
        assert!(matches!(update.action, PllAction::Adjust(_)));
    }

    proptest! {
        #[test]
        fn steering_is_finite(estimates in proptest::collection::vec((any::<f64>(), any::<f64>(), any::<[u8; 16]>()), 1..20)) {
            let params = Params::default();
            let mut pll = tracking(&params);
            for (offset, weight, now) in estimates {
                let update = pll.handle_estimate(peak(offset, weight), NtpDate::from_octets(now), &params);
                match update.action {
                    PllAction::Nothing => {}
                    PllAction::Step(offset) => prop_assert!(offset.is_finite()),
                    PllAction::Adjust(Adjustment { offset, duration, frequency }) => {
                        prop_assert!(offset.is_finite() && duration >= 1.0 && frequency.is_finite(), "{update:?}");
                    }
                }
            }
        }
    }
}
