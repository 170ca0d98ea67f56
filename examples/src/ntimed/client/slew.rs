use core::time::Duration;

use horolog_ntimed::Adjustment;

/// What frequency a clock must have at which time so that it does what it was told: an offset that
/// is spread evenly over some seconds, and a frequency for good.
///
/// Times are those of a monotonic clock, from any start. Frequencies are seconds per second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slew {
    /// The clock's frequency before anybody steered it.
    base: f64,
    /// What was told, for good.
    frequency: f64,
    /// What the offset adds each second until its end.
    share: f64,
    since: Duration,
    end: Duration,
    /// What was added to the clock until `since`, without its own frequency.
    added: f64,
}

impl Slew {
    /// No clock runs faster or slower than this; the kernel's limit too.
    pub(super) const LIMIT: f64 = 500e-6;

    /// For a clock that runs at this frequency.
    pub(super) const fn new(base: f64) -> Self {
        Self {
            base: base.clamp(-Self::LIMIT, Self::LIMIT),
            frequency: 0.0,
            share: 0.0,
            since: Duration::ZERO,
            end: Duration::ZERO,
            added: 0.0,
        }
    }

    /// Takes a new adjustment in place of what is left of the one before.
    ///
    /// Where the whole would be beyond the limit, the offset takes longer.
    pub(super) fn adjust(&mut self, adjustment: Adjustment, now: Duration) {
        self.settle(now);
        let Adjustment {
            offset,
            duration,
            frequency,
        } = adjustment;
        if !frequency.is_finite() {
            return;
        }
        self.frequency = (self.base + frequency).clamp(-Self::LIMIT, Self::LIMIT) - self.base;
        let room = Self::LIMIT - (self.base + self.frequency) * offset.signum();
        let most = if duration >= 1.0 {
            offset.abs() / duration
        } else {
            offset.abs()
        };
        let rate = most.min(room);
        let end = Duration::try_from_secs_f64(offset.abs() / rate).ok();
        let end = end
            .filter(|_| rate > 0.0)
            .and_then(|length| now.checked_add(length));
        if let Some(end) = end {
            self.share = rate * offset.signum();
            self.end = end;
        }
    }

    /// Ends the slew; the frequency stays.
    pub(super) fn settle(&mut self, now: Duration) {
        self.added = self.added(now);
        self.since = now.max(self.since);
        self.share = 0.0;
        self.end = self.since;
    }

    /// The frequency that the clock must have now.
    pub(super) fn rate(&self, now: Duration) -> f64 {
        let share = if now < self.end { self.share } else { 0.0 };
        self.base + self.frequency + share
    }

    /// When the frequency changes by itself: at the end of a slew. Changes with
    /// [`adjust`](Self::adjust), [`settle`](Self::settle) and
    /// [`handle_timeout`](Self::handle_timeout).
    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        (self.share != 0.0).then_some(self.end)
    }

    /// Ends the slew if it is time; tells whether it did.
    pub(super) fn handle_timeout(&mut self, now: Duration) -> bool {
        let over = self.poll_timeout().is_some_and(|end| end <= now);
        if over {
            self.settle(now);
        }
        over
    }

    /// Seconds that steering has added to the clock.
    pub(super) fn added(&self, now: Duration) -> f64 {
        let slewed = now.min(self.end).saturating_sub(self.since);
        let elapsed = now.saturating_sub(self.since);
        self.added + self.share * slewed.as_secs_f64() + self.frequency * elapsed.as_secs_f64()
    }

    /// What is told for good.
    pub(super) const fn frequency(&self) -> f64 {
        self.frequency
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn adjustment(offset: f64, duration: f64, frequency: f64) -> Adjustment {
        Adjustment {
            offset,
            duration,
            frequency,
        }
    }

    #[track_caller]
    fn assert_near(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-12,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn the_offset_comes_on_top_of_the_frequency_until_its_end() {
        let mut slew = Slew::new(10e-6);
        assert_near(slew.rate(at(0)), 10e-6);
        assert_eq!(slew.poll_timeout(), None);
        slew.adjust(adjustment(-4e-4, 2.0, 5e-6), at(1000));
        assert_near(slew.rate(at(1000)), -185e-6);
        assert_near(slew.rate(at(2999)), -185e-6);
        assert_eq!(slew.poll_timeout(), Some(at(3000)));
        assert!(!slew.handle_timeout(at(2999)));
        assert!(slew.handle_timeout(at(3000)));
        assert_near(slew.rate(at(3000)), 15e-6);
        assert_eq!(slew.poll_timeout(), None);
        assert!(!slew.handle_timeout(at(4000)));
        // The base is the clock's own.
        assert_near(slew.added(at(5000)), -4e-4 + 4.0 * 5e-6);
    }

    #[test]
    fn a_new_adjustment_takes_the_place_of_the_rest() {
        let mut slew = Slew::new(0.0);
        slew.adjust(adjustment(4e-4, 4.0, 0.0), at(0));
        slew.adjust(adjustment(-1e-4, 1.0, 0.0), at(1000));
        assert_near(slew.rate(at(1000)), -1e-4);
        assert_eq!(slew.poll_timeout(), Some(at(2000)));
        // A slew that is ended late ended in time as far as is told here.
        assert!(slew.handle_timeout(at(2500)));
        assert_near(slew.added(at(9000)), 0.0);
    }

    #[test]
    fn a_clock_at_its_limit_takes_longer() {
        let mut slew = Slew::new(400e-6);
        slew.adjust(adjustment(4e-4, 1.0, 0.0), at(0));
        assert_near(slew.rate(at(0)), 500e-6);
        assert_eq!(slew.poll_timeout(), Some(at(4000)));
        // The other way there is room.
        slew.adjust(adjustment(-4e-4, 1.0, 0.0), at(0));
        assert_near(slew.rate(at(0)), 0.0);
        // None at all.
        slew.adjust(adjustment(4e-4, 1.0, 200e-6), at(0));
        assert_near(slew.rate(at(0)), 500e-6);
        assert_near(slew.frequency(), 100e-6);
        assert_eq!(slew.poll_timeout(), None);
    }

    #[test]
    fn settling_leaves_the_frequency_alone() {
        let mut slew = Slew::new(0.0);
        slew.adjust(adjustment(1e-4, 10.0, 2e-6), at(0));
        slew.settle(at(5000));
        assert_near(slew.rate(at(5001)), 2e-6);
        assert_near(slew.added(at(5000)), 5e-5 + 1e-5);
    }

    #[test]
    fn odd_numbers_change_nothing_for_the_worse() {
        for odd in [f64::NAN, f64::INFINITY, 1e300, 0.0] {
            let mut slew = Slew::new(0.0);
            slew.adjust(adjustment(odd, 1.0, 0.0), at(0));
            slew.adjust(adjustment(0.0, 1.0, odd), at(0));
            assert!(slew.rate(at(1)).abs() <= Slew::LIMIT, "{odd}");
            slew.adjust(adjustment(1e-6, 0.0, 0.0), at(0));
            assert_near(slew.rate(at(1)), 1e-6);
        }
    }
}
