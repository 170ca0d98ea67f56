mod mode;
mod update;

use horolog_time::NtpDate;

use crate::boost::Boost;
use crate::{Adjustment, Param, Params, Peak, date};

pub use mode::PllMode;
pub use update::{PllAction, PllReport, PllUpdate};

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
/// An adaptive loop leaves the clock alone for as long, in seconds: a slew takes a whole second.
const LEAST_INTERVAL: f64 = 1.0;
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
    /// a stiff loop follows. And one that steers at most once a second, however many estimates there
    /// are: where the original is asked more often, each slew cuts the one before short. And one that
    /// learns nothing of the frequency while the clock is slewed as fast as can be, and little at a
    /// time where estimates are rare.
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
        let interval = date::difference(now, self.last);
        let tracks = self.boost.is_some() && self.mode == PllMode::Tracking;
        if tracks && (0.0..LEAST_INTERVAL).contains(&interval) {
            return update;
        }
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
            let limit = params.get(Param::PllPLimit);
            if captured && self.proportional > limit {
                let rate = libm::pow(params.get(Param::PllStiffenRate), report.elapsed);
                // After a gap the original may end up far below the limit, and stays there.
                let least = self.boost.map_or(0.0, |_| limit / self.proportional);
                let rate = rate.max(least);
                self.proportional *= rate;
                self.integral *= rate;
            }
            (self.proportional, self.integral)
        };
        if let Some(boost) = &mut self.boost {
            let rate = params.get(Param::PllStiffenRate);
            let factor = boost.factor(report.offset, report.elapsed, rate);
            // Both, so that the loop's damping stays.
            let most = report.proportional.max(MAX_BOOSTED);
            report.proportional = (report.proportional * factor).min(most);
            // Gains are for estimates that come soon: the loop swings where the frequency learns more
            // from one than is slewed until the next.
            let most = report.proportional / report.elapsed;
            report.integral = (report.integral * factor).min(most);
        }
        let phase = -report.offset * report.proportional;
        let duration = libm::ceil(report.elapsed);
        let limit = duration * MAX_SLEW;
        // The original counts what the clock cannot be slewed by, with each estimate anew, and winds
        // the frequency up by it.
        if self.boost.is_none() || phase.abs() <= limit {
            self.integrator += phase * report.integral;
        }
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
mod tests;
