use core::convert::Infallible;

use horolog_time::{NtpDate, UnixTime};

use crate::{Adjustment, Clock, date};

/// A clock that goes only when told to, with a kernel that steers it once a second.
///
/// It keeps apart what time it is ([`now`](Clock::now)) and what steering and bumps have added to
/// the clock ([`added`](Self::added)).
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Adjustment, Clock, SimulatedClock};
///
/// let mut clock = SimulatedClock::new();
/// clock.adjust(Adjustment { offset: 0.002, duration: 2.0, frequency: 1e-6 })?;
/// for _ in 0..3 {
///     clock.tick();
///     clock.sleep(1.0);
/// }
/// assert!((clock.added() - 0.002003).abs() < 1e-9);
/// # Ok::<(), core::convert::Infallible>(())
/// ```
#[derive(Clone, Debug)]
pub struct SimulatedClock {
    now: NtpDate,
    added: f64,
    own_frequency: f64,
    frequency: f64,
    adjustment: Adjustment,
}

impl SimulatedClock {
    /// What time it is at first, in Unix seconds.
    pub const START: i64 = 1_000_000;

    /// A clock that nobody steers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            now: date::from_unix(UnixTime::from_seconds(Self::START)),
            added: 0.0,
            own_frequency: 0.0,
            frequency: 0.0,
            adjustment: Adjustment::default(),
        }
    }

    /// Seconds that steering, steps and bumps have added so far.
    #[must_use]
    pub const fn added(&self) -> f64 {
        self.added
    }

    /// What the clock gains each second until the next tick.
    #[must_use]
    pub const fn frequency(&self) -> f64 {
        self.frequency
    }

    /// The kernel's work of each second; returns the adjustment that is left.
    pub fn tick(&mut self) -> Adjustment {
        self.frequency = self.own_frequency + self.adjustment.frequency;
        if self.adjustment.duration > 0.0 {
            let share = self.adjustment.offset / self.adjustment.duration;
            self.frequency += share;
            self.adjustment.offset -= share;
            self.adjustment.duration -= 1.0;
        }
        self.adjustment
    }

    /// Lets seconds pass. What is not finite or not positive is no time at all.
    pub fn sleep(&mut self, seconds: f64) {
        if seconds > 0.0 && seconds.is_finite() {
            self.now = date::add(self.now, seconds);
            self.added += seconds * self.frequency;
        }
    }

    /// Changes the oscillator's frequency from the next tick on, and adds seconds to the clock.
    ///
    /// The steering does not know.
    pub fn bump(&mut self, frequency: f64, phase: f64) {
        self.own_frequency += frequency;
        self.added += phase;
    }
}

impl Default for SimulatedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SimulatedClock {
    type Error = Infallible;

    fn now(&self) -> NtpDate {
        self.now
    }

    fn step(&mut self, offset: f64) -> Result<(), Infallible> {
        self.added += offset;
        Ok(())
    }

    fn adjust(&mut self, adjustment: Adjustment) -> Result<(), Infallible> {
        let whole = libm::floor(adjustment.duration);
        self.adjustment = Adjustment {
            duration: if adjustment.offset > 0.0 && whole < 1.0 {
                1.0
            } else {
                whole
            },
            ..adjustment
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bump_counts_from_the_next_tick() {
        let mut clock = SimulatedClock::new();
        clock.tick();
        clock.bump(1e-3, 0.5);
        clock.sleep(1.0);
        assert!((clock.added() - 0.5).abs() < 1e-12);
        clock.tick();
        clock.sleep(2.0);
        assert!((clock.added() - 0.502).abs() < 1e-12);
        clock.step(-0.502).unwrap();
        assert!(clock.added().abs() < 1e-12);
    }

    #[test]
    fn time_does_not_go_back() {
        let mut clock = SimulatedClock::new();
        let start = clock.now();
        for bad in [-1.0, 0.0, f64::NAN, f64::INFINITY] {
            clock.sleep(bad);
        }
        assert_eq!(clock.now(), start);
    }
}
