use horolog_time::{NtpDuration, OffsetBounds, UnixTime};

use super::SearchError;
use crate::constants::SECOND;

/// A local time in nanoseconds.
pub(super) fn nanoseconds(time: UnixTime) -> i128 {
    i128::from(time.seconds()) * SECOND + i128::from(time.nanoseconds())
}

/// The time that so many nanoseconds are, at the end of the range where they are too many.
pub(super) fn unix_time(nanoseconds: i128) -> UnixTime {
    let seconds = nanoseconds.div_euclid(SECOND);
    let rest = u32::try_from(nanoseconds.rem_euclid(SECOND)).unwrap_or_default();
    let end = if seconds < 0 { i64::MIN } else { i64::MAX };
    let seconds = i64::try_from(seconds).unwrap_or(end);
    UnixTime::new(seconds, rest).unwrap_or(UnixTime::from_seconds(seconds))
}

/// Where an offset lies, in nanoseconds, both ends included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Interval {
    pub(super) low: i128,
    pub(super) high: i128,
}

impl Interval {
    /// What both allow.
    pub(super) fn intersection(self, other: Self) -> Option<Self> {
        let both = Self {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
        };
        (both.low <= both.high).then_some(both)
    }

    pub(super) const fn width(self) -> i128 {
        self.high - self.low
    }

    /// The same in units of 2^-32 s, rounded outwards.
    pub(super) fn bounds(self) -> Result<OffsetBounds, SearchError> {
        let floor = |nanoseconds: i128| (nanoseconds << 32).div_euclid(SECOND);
        let bits = |bits| i64::try_from(bits).map(NtpDuration::from_bits);
        let low = bits(floor(self.low)).map_err(|_| SearchError::TooFar)?;
        let high = bits(-floor(-self.high)).map_err(|_| SearchError::TooFar)?;
        OffsetBounds::new(low, high).map_err(|_| SearchError::TooFar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_beyond_68_years_are_refused() {
        let at = |seconds: i128| Interval {
            low: seconds * SECOND,
            high: seconds * SECOND,
        };
        assert!(at((1 << 31) - 1).bounds().is_ok());
        assert!(at(-(1 << 31)).bounds().is_ok());
        assert_eq!(at(1 << 31).bounds(), Err(SearchError::TooFar));
        assert_eq!(at(-(1 << 31) - 1).bounds(), Err(SearchError::TooFar));
        // The most that any two times can be apart.
        assert_eq!(at(i128::from(u64::MAX)).bounds(), Err(SearchError::TooFar));
    }

    proptest! {
        #[test]
        fn bounds_are_rounded_outwards(low in -10_i128.pow(18)..10_i128.pow(18), width in 0..10_i128.pow(10)) {
            let bounds = Interval { low, high: low + width }.bounds().unwrap();
            // Exact in units of 2^-32 ns.
            let scaled = |bits: i64| i128::from(bits) * SECOND;
            prop_assert!(scaled(bounds.low().to_bits()) <= low << 32);
            prop_assert!(scaled(bounds.high().to_bits()) >= (low + width) << 32);
            prop_assert!(scaled(bounds.low().to_bits() + 1) > low << 32);
            prop_assert!(scaled(bounds.high().to_bits() - 1) < (low + width) << 32);
        }

        #[test]
        fn times_survive(seconds: i64, nanoseconds_ in 0..1_000_000_000_u32) {
            let time = UnixTime::new(seconds, nanoseconds_).unwrap();
            prop_assert_eq!(unix_time(nanoseconds(time)), time);
        }
    }
}
