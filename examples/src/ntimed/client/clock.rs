use core::time::Duration;
use std::time::Instant;

use horolog_ntimed::{Adjustment, Clock};
use horolog_time::{LeapSign, NtpDate, UnixTime};

use super::SteerError;
use super::slew::Slew;
use super::system_clock::{SystemClock, UNKNOWN_ERROR};
use crate::ntimed::KernelOrder;

/// The clock that the client steers: the system's, or on paper one that would be steered so.
#[derive(Debug)]
pub(super) struct ClientClock {
    start: Instant,
    slew: Slew,
    /// The sum of all steps.
    stepped: f64,
    /// The sum of leap seconds on paper.
    leaps: f64,
    steps: u32,
    max_step: f64,
    system: Option<SystemClock>,
}

impl ClientClock {
    /// One on paper: the system's is not touched.
    pub(super) fn on_paper(max_step: f64) -> Self {
        Self::new(max_step, None)
    }

    /// The system's.
    ///
    /// # Errors
    ///
    /// Where this program may not steer it.
    pub(super) fn of_system(max_step: f64) -> Result<Self, SteerError> {
        Ok(Self::new(max_step, Some(SystemClock::take()?)))
    }

    fn new(max_step: f64, system: Option<SystemClock>) -> Self {
        Self {
            start: Instant::now(),
            slew: Slew::new(system.as_ref().map_or(0.0, SystemClock::frequency)),
            stepped: 0.0,
            leaps: 0.0,
            steps: 0,
            max_step,
            system,
        }
    }

    /// Whether the system's clock is left alone.
    pub(super) const fn is_on_paper(&self) -> bool {
        self.system.is_none()
    }

    /// Seconds that steering has added, steps and all.
    pub(super) fn added(&self) -> f64 {
        self.stepped + self.leaps + self.slew.added(self.elapsed())
    }

    /// Seconds that a clock on paper is ahead of the system's; none for the system's itself.
    pub(super) fn ahead_on_paper(&self) -> f64 {
        if self.is_on_paper() {
            self.added()
        } else {
            0.0
        }
    }

    /// Does on paper what the kernel would do.
    pub(super) fn leap_on_paper(&mut self, sign: LeapSign) {
        self.leaps -= f64::from(sign.as_i32());
    }

    /// How often it was stepped, and by how much in all.
    pub(super) const fn steps(&self) -> (u32, f64) {
        (self.steps, self.stepped)
    }

    /// What is added each second, beyond what the clock ran at before.
    pub(super) const fn frequency(&self) -> f64 {
        self.slew.frequency()
    }

    /// When a slew ends. Changes with every call that steers.
    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        let end = self.slew.poll_timeout()?;
        Some(end.saturating_sub(self.elapsed()))
    }

    /// Ends a slew whose time is over.
    pub(super) fn handle_timeout(&mut self) -> Result<(), SteerError> {
        if self.slew.handle_timeout(self.elapsed()) {
            self.apply()?;
        }
        Ok(())
    }

    /// Ends a slew that is under way; the frequency stays.
    pub(super) fn settle(&mut self) -> Result<(), SteerError> {
        self.slew.settle(self.elapsed());
        self.apply()
    }

    /// Says how far off it may be, in seconds.
    pub(super) fn set_synchronised(
        &mut self,
        estimated: f64,
        maximum: f64,
    ) -> Result<(), SteerError> {
        let Some(system) = &mut self.system else {
            return Ok(());
        };
        let length = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or(UNKNOWN_ERROR);
        let [estimated, maximum] = [estimated, maximum].map(length);
        system.set_synchronised(estimated.min(UNKNOWN_ERROR), maximum.min(UNKNOWN_ERROR))
    }

    /// Tells the kernel of a leap second or of TAI-UTC, unless it is left alone.
    pub(super) fn tell(&mut self, order: KernelOrder) -> Result<(), SteerError> {
        self.system
            .as_mut()
            .map_or(Ok(()), |system| system.tell(order))
    }

    /// Says that it is not synchronised.
    pub(super) fn set_unsynchronised(&mut self) -> Result<(), SteerError> {
        self.system
            .as_mut()
            .map_or(Ok(()), SystemClock::set_unsynchronised)
    }

    /// Somebody else stepped it: the kernel has forgotten the leap second that it was told of.
    pub(super) fn forget_leap(&mut self) -> Result<(), SteerError> {
        self.system
            .as_mut()
            .map_or(Ok(()), SystemClock::forget_leap)
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn apply(&mut self) -> Result<(), SteerError> {
        let rate = self.slew.rate(self.elapsed());
        self.system
            .as_mut()
            .map_or(Ok(()), |system| system.set_frequency(rate))
    }
}

impl Clock for ClientClock {
    type Error = SteerError;

    /// By the monotonic clock, from the epoch of Unix on.
    fn now(&self) -> NtpDate {
        let elapsed = self.elapsed();
        let seconds = elapsed.as_secs().try_into().unwrap_or(i64::MAX);
        let time = UnixTime::new(seconds, elapsed.subsec_nanos());
        let date = time.and_then(NtpDate::from_unix);
        date.unwrap_or(NtpDate::PRIME_EPOCH)
    }

    fn step(&mut self, offset: f64) -> Result<(), SteerError> {
        let max = self.max_step;
        if offset.is_nan() || offset.abs() > max {
            return Err(SteerError::TooFar { step: offset, max });
        }
        self.settle()?;
        if let Some(system) = &mut self.system {
            system.step(offset)?;
        }
        self.stepped += offset;
        self.steps += 1;
        Ok(())
    }

    fn adjust(&mut self, adjustment: Adjustment) -> Result<(), SteerError> {
        self.slew.adjust(adjustment, self.elapsed());
        self.apply()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_up_to_the_largest_are_made() {
        let mut clock = ClientClock::on_paper(1.0);
        assert_eq!(clock.step(-1.0), Ok(()));
        assert_eq!(clock.step(0.25), Ok(()));
        for step in [1.001, f64::INFINITY] {
            assert_eq!(clock.step(step), Err(SteerError::TooFar { step, max: 1.0 }));
        }
        assert!(clock.step(f64::NAN).is_err());
        assert_eq!(clock.steps(), (2, -0.75));
        assert!((clock.added() + 0.75).abs() < 1e-12);
        let error = clock.step(-4000.0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the clock would have to be stepped by -4000.000 s: --max-step is 1 s"
        );
    }

    #[test]
    fn a_leap_second_on_paper_is_no_step() {
        let mut clock = ClientClock::on_paper(1.0);
        clock.step(0.25).unwrap();
        clock.leap_on_paper(LeapSign::Positive);
        assert_eq!(clock.steps(), (1, 0.25));
        assert!((clock.ahead_on_paper() + 0.75).abs() < 1e-12);
        clock.leap_on_paper(LeapSign::Negative);
        assert!((clock.ahead_on_paper() - 0.25).abs() < 1e-12);
    }

    #[test]
    fn a_step_ends_a_slew() {
        let mut clock = ClientClock::on_paper(1.0);
        let adjustment = Adjustment {
            offset: 1e-3,
            duration: 1000.0,
            frequency: 2e-6,
        };
        clock.adjust(adjustment).unwrap();
        assert!(clock.poll_timeout().is_some());
        clock.step(0.5).unwrap();
        assert_eq!(clock.poll_timeout(), None);
        assert!((clock.frequency() - 2e-6).abs() < 1e-12);
        assert!(clock.is_on_paper());
    }
}
