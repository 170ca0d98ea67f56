use core::fmt;
use core::str::FromStr;

use crate::epoch::NANOSECONDS_PER_SECOND;
use crate::{TaiUtc, TimeError, UnixTime, text};

/// An instant of TAI: seconds since 1970-01-01T00:00:00 TAI and nanoseconds.
///
/// TAI has no leap seconds. At the start of every second that POSIX time can say, its seconds are
/// the POSIX seconds plus TAI-UTC. (Other libraries count from 1958, or from 1970-01-01T00:00:10
/// TAI as the "right" time zones do.) The nanoseconds always count forward.
///
/// # Examples
///
/// ```
/// use horolog_time::{TaiInstant, TaiUtc, UnixTime};
///
/// // 2017-01-01T00:00:00 UTC is 2017-01-01T00:00:37 TAI.
/// let midnight = UnixTime::from_seconds(1_483_228_800);
/// let tai = TaiInstant::from_unix(midnight, TaiUtc::from_seconds(37))?;
/// assert_eq!(tai.to_string(), "1483228837.000000000");
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TaiInstant {
    seconds: i64,
    nanoseconds: u32,
}

impl TaiInstant {
    /// Takes seconds and the nanoseconds to add to them.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] unless `nanoseconds` is below 10^9.
    pub fn new(seconds: i64, nanoseconds: u32) -> Result<Self, TimeError> {
        let max = i64::from(NANOSECONDS_PER_SECOND - 1);
        TimeError::check("nanoseconds", i64::from(nanoseconds), 0, max)?;
        Ok(Self {
            seconds,
            nanoseconds,
        })
    }

    /// Whole seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self {
            seconds,
            nanoseconds: 0,
        }
    }

    /// The instant of a POSIX time at which TAI-UTC is known.
    ///
    /// # Errors
    ///
    /// [`TimeError::Overflow`] where the sum does not fit.
    pub fn from_unix(time: UnixTime, tai_utc: TaiUtc) -> Result<Self, TimeError> {
        let seconds = time.seconds().checked_add(tai_utc.seconds().into());
        Ok(Self {
            seconds: seconds.ok_or(TimeError::Overflow("seconds"))?,
            nanoseconds: time.nanoseconds(),
        })
    }

    /// The POSIX time of this instant, at which TAI-UTC is known.
    ///
    /// # Errors
    ///
    /// [`TimeError::Overflow`] where the difference does not fit.
    pub fn to_unix(self, tai_utc: TaiUtc) -> Result<UnixTime, TimeError> {
        let seconds = self.seconds.checked_sub(tai_utc.seconds().into());
        UnixTime::new(
            seconds.ok_or(TimeError::Overflow("seconds"))?,
            self.nanoseconds,
        )
    }

    /// Seconds, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after [`seconds`](Self::seconds), below 10^9.
    #[must_use]
    pub const fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }
}

/// Seconds with nine decimals.
impl fmt::Display for TaiInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write_seconds(f, self.seconds, self.nanoseconds)
    }
}

/// Reads an optional minus sign, digits, and at most nine decimals.
impl FromStr for TaiInstant {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (seconds, nanoseconds) = text::read_seconds(text)?;
        Self::new(seconds, nanoseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rejects_a_second_of_nanoseconds() {
        assert!(matches!(
            TaiInstant::new(0, 1_000_000_000),
            Err(TimeError::OutOfRange { .. })
        ));
    }

    #[test]
    fn the_ends_of_the_scale_are_errors() {
        let overflow = TimeError::Overflow("seconds");
        let last = UnixTime::from_seconds(i64::MAX);
        assert_eq!(TaiInstant::from_unix(last, TaiUtc::AT_1972), Err(overflow));
        let first = TaiInstant::from_seconds(i64::MIN);
        assert_eq!(first.to_unix(TaiUtc::AT_1972), Err(overflow));
    }

    #[test]
    fn text_has_its_sign() {
        assert_eq!(
            TaiInstant::new(-1, 750_000_000).unwrap().to_string(),
            "-0.250000000"
        );
        assert!("1,5".parse::<TaiInstant>().is_err());
    }

    proptest! {
        #[test]
        fn text_and_unix_time_survive(seconds in i64::MIN / 2..i64::MAX / 2, nanoseconds in 0..NANOSECONDS_PER_SECOND, dtai: i32) {
            let tai = TaiInstant::new(seconds, nanoseconds).unwrap();
            prop_assert_eq!(tai.to_string().parse::<TaiInstant>(), Ok(tai));
            let dtai = TaiUtc::from_seconds(dtai);
            let unix = tai.to_unix(dtai).unwrap();
            prop_assert_eq!(TaiInstant::from_unix(unix, dtai), Ok(tai));
        }
    }
}
