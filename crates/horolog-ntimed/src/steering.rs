//! What steering has done to the clock between two samples.

use horolog_time::NtpDate;

use crate::{Adjustment, date};

/// Remembers what the clock was told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steering {
    adjustment: Adjustment,
    since: NtpDate,
    gained: f64,
}

/// How far the steering had come at some time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    at: NtpDate,
    gained: f64,
}

impl Steering {
    pub(crate) const fn new() -> Self {
        Self {
            adjustment: Adjustment {
                offset: 0.0,
                duration: 0.0,
                frequency: 0.0,
            },
            since: NtpDate::PRIME_EPOCH,
            gained: 0.0,
        }
    }

    /// The clock is steered so from `now` on.
    pub(crate) fn adjust(&mut self, adjustment: Adjustment, now: NtpDate) {
        self.gained = self.mark(now).gained;
        self.adjustment = adjustment;
        self.since = now;
    }

    pub(crate) fn mark(&self, now: NtpDate) -> Mark {
        let elapsed = date::difference(now, self.since).max(0.0);
        let gained = self.gained + self.adjustment.gained(elapsed);
        Mark {
            at: now,
            gained: if gained.is_finite() { gained } else { 0.0 },
        }
    }

    /// What the clock's offset has changed by since `earlier`, as far as it is known: what steering
    /// has added, less the oscillator's own error, which the frequency of now stands against.
    pub(crate) fn change(&self, earlier: Mark, now: Mark) -> f64 {
        let elapsed = earlier.age(now.at);
        let change = now.gained - earlier.gained - self.adjustment.frequency * elapsed;
        if change.is_finite() { change } else { 0.0 }
    }
}

impl Mark {
    /// Seconds from then to `now`, not below 0.
    pub(crate) fn age(&self, now: NtpDate) -> f64 {
        date::difference(now, self.at).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::UnixTime;

    #[test]
    fn slews_count_and_the_right_frequency_does_not() {
        let at = |seconds: i64| date::from_unix(UnixTime::from_seconds(1_000_000 + seconds));
        let adjustment = |offset, duration| Adjustment {
            offset,
            duration,
            frequency: -4e-6,
        };
        let mut steering = Steering::new();
        steering.adjust(adjustment(0.0, 0.0), at(0));
        let mark = steering.mark(at(0));
        assert!(steering.change(mark, steering.mark(at(100))).abs() < 1e-12);
        steering.adjust(adjustment(0.01, 10.0), at(100));
        assert!((steering.change(mark, steering.mark(at(105))) - 0.005).abs() < 1e-12);
        // Cut short by another.
        steering.adjust(adjustment(-0.002, 2.0), at(105));
        assert!((steering.change(mark, steering.mark(at(200))) - 0.003).abs() < 1e-12);
        assert!((mark.age(at(200)) - 200.0).abs() < 1e-9);
    }
}
