use core::fmt;
use core::str::FromStr;

use crate::epoch::NANOSECONDS_PER_SECOND;
use crate::{TimeError, text};

/// An instant as POSIX counts it: seconds since 1970-01-01T00:00:00Z and nanoseconds.
///
/// Every day has 86400 s, so a leap second has no value of its own; [`UtcInstant`] can express it.
/// The nanoseconds always count forward: -0.25 s is second -1 with 750,000,000 ns.
///
/// # Examples
///
/// ```
/// use horolog_time::UnixTime;
///
/// let time: UnixTime = "1795338488.123456789".parse()?;
/// assert_eq!((time.seconds(), time.nanoseconds()), (1_795_338_488, 123_456_789));
/// assert_eq!(time.to_string(), "1795338488.123456789");
/// assert_eq!(UnixTime::new(-1, 750_000_000)?.to_string(), "-0.250000000");
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
///
/// [`UtcInstant`]: crate::UtcInstant
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UnixTime {
    seconds: i64,
    nanoseconds: u32,
}

impl UnixTime {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self::from_seconds(0);

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

    /// Takes nanoseconds known to be below 10^9.
    pub(crate) const fn from_valid(seconds: i64, nanoseconds: u32) -> Self {
        Self {
            seconds,
            nanoseconds,
        }
    }

    /// Whole seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self {
            seconds,
            nanoseconds: 0,
        }
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
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write_seconds(f, self.seconds, self.nanoseconds)
    }
}

/// Reads an optional minus sign, digits, and at most nine decimals.
impl FromStr for UnixTime {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (seconds, nanoseconds) = text::read_seconds(text)?;
        Self::new(seconds, nanoseconds)
    }
}

/// Fails with [`TimeError::Overflow`] beyond 2^63 s.
#[cfg(feature = "std")]
impl TryFrom<std::time::SystemTime> for UnixTime {
    type Error = TimeError;

    fn try_from(time: std::time::SystemTime) -> Result<Self, TimeError> {
        let overflow = |_| TimeError::Overflow("system time");
        match time.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => Self::new(
                after.as_secs().try_into().map_err(overflow)?,
                after.subsec_nanos(),
            ),
            Err(before) => {
                let before = before.duration();
                let seconds = -i64::try_from(before.as_secs()).map_err(overflow)?;
                match before.subsec_nanos() {
                    0 => Ok(Self::from_seconds(seconds)),
                    rest => Self::new(seconds - 1, NANOSECONDS_PER_SECOND - rest),
                }
            }
        }
    }
}

/// Fails with [`TimeError::Overflow`] where the system cannot express the instant.
#[cfg(feature = "std")]
impl TryFrom<UnixTime> for std::time::SystemTime {
    type Error = TimeError;

    fn try_from(time: UnixTime) -> Result<Self, TimeError> {
        use core::time::Duration;
        let whole = Duration::from_secs(time.seconds.unsigned_abs());
        let second = if time.seconds < 0 {
            std::time::UNIX_EPOCH.checked_sub(whole)
        } else {
            std::time::UNIX_EPOCH.checked_add(whole)
        };
        second
            .and_then(|second| second.checked_add(Duration::from_nanos(time.nanoseconds.into())))
            .ok_or(TimeError::Overflow("system time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rejects_a_second_of_nanoseconds() {
        let error = UnixTime::new(0, 1_000_000_000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "nanoseconds 1000000000 is not in 0..=999999999"
        );
    }

    #[test]
    fn rejects_text_with_the_offset_of_the_fault() {
        for (text, offset) in [
            ("", 0),
            ("-", 1),
            ("1x", 0),
            ("1.", 2),
            ("1.0123456789", 2),
            ("1.2.3", 2),
            ("+1", 0),
        ] {
            match text.parse::<UnixTime>() {
                Err(TimeError::Text { offset: found, .. }) => assert_eq!(found, offset, "{text:?}"),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
        assert_eq!(
            "9223372036854775808".parse::<UnixTime>(),
            Err(TimeError::Overflow("seconds"))
        );
        assert_eq!(
            "-9223372036854775808.5".parse::<UnixTime>(),
            Err(TimeError::Overflow("seconds"))
        );
    }

    proptest! {
        #[test]
        fn text_survives(seconds: i64, nanoseconds in 0..NANOSECONDS_PER_SECOND) {
            let time = UnixTime::new(seconds, nanoseconds).unwrap();
            // i64::MIN with nanoseconds is written as -(2^63 - 1).…, which reads back.
            prop_assert_eq!(time.to_string().parse::<UnixTime>(), Ok(time));
        }

        #[cfg(feature = "std")]
        #[test]
        fn system_time_survives(seconds in -60_000_000_000_i64..60_000_000_000, nanoseconds in 0..NANOSECONDS_PER_SECOND) {
            let time = UnixTime::new(seconds, nanoseconds).unwrap();
            prop_assert_eq!(std::time::SystemTime::try_from(time).and_then(UnixTime::try_from), Ok(time));
        }
    }
}
