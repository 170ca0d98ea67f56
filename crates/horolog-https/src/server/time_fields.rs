use core::fmt;

use horolog_time::{TimeError, UnixTime};

use crate::HttpsTime;
use crate::constants::{DATE, HTTPSTIME};
use crate::field::system_time;

/// The fields that tell a time, each with its line break.
///
/// # Examples
///
/// ```
/// use horolog_https::TimeFields;
/// use horolog_time::UnixTime;
///
/// let now = UnixTime::new(1_448_839_000, 123_456_789)?;
/// assert_eq!(
///     TimeFields::new(now)?.with_httpstime().to_string(),
///     "Date: Sun, 29 Nov 2015 23:16:40 GMT\r\nX-HTTPSTIME: 1448839000.123456\r\n"
/// );
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimeFields {
    now: UnixTime,
    httpstime: bool,
}

impl TimeFields {
    /// Decimals of what is written: microseconds.
    pub const DECIMALS: u8 = 6;

    /// A Date, whole seconds, cut off.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] before 1970 and from the year 10000 on, which a Date cannot say.
    pub fn new(now: UnixTime) -> Result<Self, TimeError> {
        system_time(now).map(|_| Self {
            now,
            httpstime: false,
        })
    }

    /// An `X-HTTPSTIME` too, cut off to microseconds.
    #[must_use]
    pub const fn with_httpstime(mut self) -> Self {
        self.httpstime = true;
        self
    }
}

impl fmt::Display for TimeFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = system_time(self.now).map_err(|_| fmt::Error)?;
        write!(f, "{DATE}: {}\r\n", httpdate::HttpDate::from(date))?;
        if self.httpstime {
            let time = HttpsTime::new(self.now, Self::DECIMALS);
            write!(f, "{HTTPSTIME}: {time}\r\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_a_date_are_refused() {
        for seconds in [-1, 253_402_300_800, i64::MAX] {
            let error = TimeFields::new(UnixTime::from_seconds(seconds)).unwrap_err();
            assert!(matches!(error, TimeError::OutOfRange { .. }));
        }
    }

    #[test]
    fn a_second_is_cut_off_not_rounded() {
        let now = UnixTime::new(784_111_777, 999_999_999).unwrap();
        let fields = TimeFields::new(now).unwrap();
        assert_eq!(
            fields.to_string(),
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        );
        let text = fields.with_httpstime().to_string();
        assert!(
            text.ends_with("X-HTTPSTIME: 784111777.999999\r\n"),
            "{text}"
        );
    }
}
