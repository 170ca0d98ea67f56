use core::time::Duration;

/// When a client may try a key establishment again.
///
/// The n-th retry comes no sooner than `min(10 * 1.5^(n-1), 432000)` seconds after what came before
/// it. Whether the key establishment itself succeeds makes no difference to that: only a packet that
/// is authenticated with its keys sets the schedule back, as
/// [RFC 8915 § 4.2](https://www.rfc-editor.org/rfc/rfc8915#section-4.2) says.
///
/// It reads no clock: times are durations since an instant of your choice.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use horolog_nts::RetrySchedule;
///
/// let mut schedule = RetrySchedule::new();
/// assert_eq!(schedule.earliest(), None);
///
/// schedule.handle_failure(Duration::from_secs(100));
/// assert_eq!(schedule.earliest(), Some(Duration::from_secs(110)));
///
/// // Keys, but do they work?
/// schedule.handle_success(Duration::from_secs(112));
/// assert_eq!(schedule.earliest(), Some(Duration::from_secs(127)));
/// schedule.handle_authenticated();
/// assert_eq!(schedule.earliest(), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct RetrySchedule {
    attempts: u32,
    succeeded: bool,
    earliest: Option<Duration>,
}

impl RetrySchedule {
    /// The wait before the first retry.
    pub const MIN_INTERVAL: Duration = Duration::from_secs(10);

    /// The longest wait: five days.
    pub const MAX_INTERVAL: Duration = Duration::from_hours(120);

    /// The first key establishment may start at once.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            attempts: 0,
            succeeded: false,
            earliest: None,
        }
    }

    /// The wait before the n-th retry, counted from 1: `min(10 * 1.5^(n-1), 432000)` seconds, rounded
    /// down to a nanosecond.
    #[must_use]
    pub fn interval(retry: u32) -> Duration {
        let mut nanoseconds = Self::MIN_INTERVAL.as_nanos();
        // 10 s * 3^(n-1) / 2^(n-1), and the 28th interval is the longest already.
        let power = retry.saturating_sub(1).min(30);
        nanoseconds = (nanoseconds * 3_u128.pow(power)) >> power;
        Duration::from_nanos_u128(nanoseconds.min(Self::MAX_INTERVAL.as_nanos()))
    }

    /// The time before which the next key establishment must not start; none where it may at once.
    ///
    /// The answer changes with every `handle_…`.
    #[must_use]
    pub const fn earliest(&self) -> Option<Duration> {
        self.earliest
    }

    /// How many key establishments there were since the last that led to an authenticated packet.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// A key establishment failed.
    pub fn handle_failure(&mut self, now: Duration) {
        self.handle_end(now, false, 0);
    }

    /// A key establishment failed; the wait is longer by up to an eighth, as `random` says.
    ///
    /// So clients that lost a server at once do not come back at once. The wait is never shorter than
    /// [`interval`](Self::interval).
    pub fn handle_failure_with_jitter(&mut self, now: Duration, random: u32) {
        self.handle_end(now, false, random);
    }

    /// A key establishment succeeded. The next one is a retry still, until a packet that its keys
    /// authenticate has come.
    pub fn handle_success(&mut self, now: Duration) {
        self.handle_end(now, true, 0);
    }

    /// A packet came that the keys of the last key establishment authenticate.
    ///
    /// Nothing changes where the last key establishment failed: the keys are those of one before it.
    pub const fn handle_authenticated(&mut self) {
        if self.succeeded {
            *self = Self::new();
        }
    }

    fn handle_end(&mut self, now: Duration, succeeded: bool, random: u32) {
        self.attempts = self.attempts.saturating_add(1);
        self.succeeded = succeeded;
        let wait = Self::interval(self.attempts);
        let jitter = ((wait.as_nanos() / 8) * u128::from(random)) >> u32::BITS;
        let wait = wait.saturating_add(Duration::from_nanos_u128(jitter));
        self.earliest = Some(now.saturating_add(wait));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Source: the formula of RFC 8915 § 4.2, in exact fractions, rounded down to nanoseconds.
    #[test]
    fn rfc_8915_section_4_2_intervals() {
        for (retry, nanoseconds) in [
            (1, 10_000_000_000),
            (2, 15_000_000_000),
            (3, 22_500_000_000),
            (4, 33_750_000_000),
            (5, 50_625_000_000),
            (10, 384_433_593_750),
            (11, 576_650_390_625),
            (12, 864_975_585_937),
            (27, 378_767_524_410_635),
            (28, 432_000_000_000_000),
            (29, 432_000_000_000_000),
            (u32::MAX, 432_000_000_000_000),
        ] {
            let expected = Duration::from_nanos(nanoseconds);
            assert_eq!(RetrySchedule::interval(retry), expected, "{retry}");
        }
    }

    #[test]
    fn rfc_8915_section_4_2_resets_only_after_keys_that_work() {
        let mut schedule = RetrySchedule::new();
        schedule.handle_failure(seconds(0));
        schedule.handle_failure(seconds(10));
        assert_eq!(schedule.earliest(), Some(seconds(25)));
        // Keys of an earlier key establishment still work: that is no reason.
        schedule.handle_authenticated();
        assert_eq!(
            (schedule.attempts(), schedule.earliest()),
            (2, Some(seconds(25)))
        );
        // Success alone is no reason either.
        schedule.handle_success(seconds(30));
        assert_eq!(schedule.earliest(), Some(Duration::from_millis(52_500)));
        schedule.handle_failure(seconds(60));
        assert_eq!(schedule.attempts(), 4);
        schedule.handle_success(seconds(100));
        schedule.handle_authenticated();
        assert_eq!((schedule.attempts(), schedule.earliest()), (0, None));
        schedule.handle_failure(seconds(200));
        assert_eq!(schedule.earliest(), Some(seconds(210)));
    }

    #[test]
    fn no_time_is_too_late() {
        let mut schedule = RetrySchedule::new();
        schedule.handle_failure_with_jitter(Duration::MAX, u32::MAX);
        assert_eq!(schedule.earliest(), Some(Duration::MAX));
    }

    proptest! {
        #[test]
        fn jitter_adds_up_to_an_eighth(retries in 1..40_u32, random in any::<u32>()) {
            let mut schedule = RetrySchedule::new();
            for _ in 1..retries {
                schedule.handle_failure(Duration::ZERO);
            }
            schedule.handle_failure_with_jitter(Duration::ZERO, random);
            let (wait, least) = (schedule.earliest().unwrap(), RetrySchedule::interval(retries));
            prop_assert!(wait >= least && wait < least + least / 8);
            prop_assert!(wait > least || random < 4);
        }
    }
}
