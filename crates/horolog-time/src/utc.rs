use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use crate::epoch::{NANOSECONDS_PER_SECOND, SECONDS_PER_DAY};
use crate::text::Cursor;
use crate::{CivilDate, TimeError, UnixTime, int};

/// An instant of UTC: date, time of day and nanoseconds, with leap seconds.
///
/// The second 23:59:60 can be said of the last day of every month, whether there was a leap second
/// or not; only a leap-second table can tell. It sorts between 23:59:59 and the 00:00:00 after it.
///
/// The text form is that of [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) with a capital `T`
/// and `Z`.
///
/// # Examples
///
/// ```
/// use horolog_time::UtcInstant;
///
/// let leap: UtcInstant = "2016-12-31T23:59:60Z".parse()?;
/// assert!(leap.is_leap_second());
/// assert_eq!((leap.hour(), leap.minute(), leap.second()), (23, 59, 60));
///
/// // POSIX time has no such second: it becomes the one after it.
/// let after: UtcInstant = "2017-01-01T00:00:00Z".parse()?;
/// assert!(leap < after);
/// assert_eq!(leap.to_unix(), after.to_unix());
/// assert_eq!(UtcInstant::from_unix(leap.to_unix())?, after);
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct UtcInstant {
    date: CivilDate,
    second_of_day: u32,
    nanoseconds: u32,
}

impl UtcInstant {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self::midnight(CivilDate::MIN);
    /// The last nanosecond of 9999-12-31T23:59:60Z.
    pub const MAX: Self = Self {
        date: CivilDate::MAX,
        second_of_day: SECONDS_PER_DAY,
        nanoseconds: NANOSECONDS_PER_SECOND - 1,
    };

    /// Takes a date, the time of day (second 60 for a leap second) and nanoseconds.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] for an hour above 23, a minute above 59, a second above 59 (60 in
    /// the last minute of a month), or nanoseconds from 10^9.
    pub fn new(
        date: CivilDate,
        hour: u8,
        minute: u8,
        second: u8,
        nanoseconds: u32,
    ) -> Result<Self, TimeError> {
        TimeError::check("hour", hour.into(), 0, 23)?;
        TimeError::check("minute", minute.into(), 0, 59)?;
        let may_leap = (hour, minute) == (23, 59) && date.is_last_of_month();
        TimeError::check("second", second.into(), 0, 59 + i64::from(may_leap))?;
        let max = i64::from(NANOSECONDS_PER_SECOND - 1);
        TimeError::check("nanoseconds", nanoseconds.into(), 0, max)?;
        let minute_of_day = u32::from(hour) * 60 + u32::from(minute);
        Ok(Self {
            date,
            second_of_day: minute_of_day * 60 + u32::from(second),
            nanoseconds,
        })
    }

    /// The start of a day, 00:00:00.
    #[must_use]
    pub const fn midnight(date: CivilDate) -> Self {
        Self {
            date,
            second_of_day: 0,
            nanoseconds: 0,
        }
    }

    /// The leap second 23:59:60 at the end of a month's last day.
    #[cfg(feature = "alloc")]
    pub(crate) const fn leap_second(last_of_month: CivilDate, nanoseconds: u32) -> Self {
        Self {
            date: last_of_month,
            second_of_day: SECONDS_PER_DAY,
            nanoseconds,
        }
    }

    /// The instant that POSIX time stands for. It is never a leap second.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] outside of the years 1 to 9999.
    #[inline]
    pub fn from_unix(time: UnixTime) -> Result<Self, TimeError> {
        let (min, max) = (Self::MIN.to_unix().seconds(), Self::MAX.to_unix().seconds());
        TimeError::check("seconds", time.seconds(), min, max - 1)?;
        let day_length = i64::from(SECONDS_PER_DAY);
        let overflow = |_| TimeError::Overflow("day number");
        let days = i32::try_from(time.seconds().div_euclid(day_length)).map_err(overflow)?;
        let second = time.seconds().rem_euclid(day_length).cast_unsigned();
        Ok(Self {
            date: CivilDate::from_days(days)?,
            second_of_day: int::low(second),
            nanoseconds: time.nanoseconds(),
        })
    }

    /// POSIX time; 23:59:60 becomes the second after it, as POSIX prescribes.
    ///
    /// So `from_unix` and `to_unix` is exact, and the other way round is for all but leap seconds.
    #[inline]
    #[must_use]
    pub fn to_unix(self) -> UnixTime {
        let day = i64::from(self.date.days()) * i64::from(SECONDS_PER_DAY);
        UnixTime::from_valid(day + i64::from(self.second_of_day), self.nanoseconds)
    }

    /// The day.
    #[must_use]
    pub const fn date(self) -> CivilDate {
        self.date
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub const fn hour(self) -> u8 {
        int::low8(self.regular_second() / 3_600)
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u8 {
        int::low8(self.regular_second() / 60 % 60)
    }

    /// The second, 0 to 60.
    #[must_use]
    pub const fn second(self) -> u8 {
        if self.is_leap_second() {
            60
        } else {
            int::low8(self.second_of_day % 60)
        }
    }

    /// Seconds since 00:00:00, 86400 in a leap second.
    #[must_use]
    pub const fn second_of_day(self) -> u32 {
        self.second_of_day
    }

    /// Nanoseconds of the second, below 10^9.
    #[must_use]
    pub const fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// Whether this is in a second 23:59:60.
    #[must_use]
    pub const fn is_leap_second(self) -> bool {
        self.second_of_day == SECONDS_PER_DAY
    }

    /// The second of the day, 23:59:59 in a leap second.
    const fn regular_second(self) -> u32 {
        if self.is_leap_second() {
            SECONDS_PER_DAY - 1
        } else {
            self.second_of_day
        }
    }
}

/// `2016-12-31T23:59:60Z`, with nine decimals unless the nanoseconds are 0.
impl fmt::Display for UtcInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = (self.hour(), self.minute(), self.second());
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}", self.date)?;
        if self.nanoseconds != 0 {
            write!(f, ".{:09}", self.nanoseconds)?;
        }
        f.write_str("Z")
    }
}

/// Reads date, `T`, time with at most nine decimals, and `Z`; no other time zone.
impl FromStr for UtcInstant {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let mut cursor = Cursor::new(text);
        let date = CivilDate::read(&mut cursor)?;
        cursor.octet(b'T', "a capital T")?;
        let hour = cursor.two_digits("an hour of two digits")?;
        cursor.octet(b':', "a colon")?;
        let minute = cursor.two_digits("a minute of two digits")?;
        cursor.octet(b':', "a colon")?;
        let second = cursor.two_digits("a second of two digits")?;
        let nanoseconds = cursor.nanoseconds()?;
        cursor.octet(b'Z', "a capital Z")?;
        cursor.end()?;
        Self::new(date, hour, minute, second, nanoseconds)
    }
}

impl UtcInstant {
    /// A number that orders seconds by time.
    #[inline]
    const fn key(&self) -> u64 {
        int::join(self.date.key(), self.second_of_day)
    }
}

/// By time, compared as one number and, within a second, the nanoseconds.
impl Ord for UtcInstant {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match self.key().cmp(&other.key()) {
            Ordering::Equal => self.nanoseconds.cmp(&other.nanoseconds),
            unequal => unequal,
        }
    }
}

impl PartialOrd for UtcInstant {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    /// What look-ups ask first: the dates mostly differ, and then nothing else is compared.
    #[inline]
    fn ge(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.date.key(), other.date.key());
        if ours == theirs {
            self.cmp(other).is_ge()
        } else {
            ours > theirs
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utc(text: &str) -> UtcInstant {
        text.parse().unwrap()
    }

    #[test]
    fn the_instants_of_the_standards_are_right() {
        for (text, seconds) in [
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("1900-01-01T00:00:00Z", -2_208_988_800),
            ("1968-01-20T03:14:08Z", -61_505_152),
            ("1970-01-01T00:00:00Z", 0),
            ("1972-01-01T00:00:00Z", 63_072_000),
            ("2000-01-01T00:00:00Z", 946_684_800),
            ("2036-02-07T06:28:16Z", 2_085_978_496),
            ("2172-03-15T12:56:32Z", 6_380_945_792),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            let time = UnixTime::from_seconds(seconds);
            assert_eq!(utc(text).to_unix(), time, "{text}");
            assert_eq!(UtcInstant::from_unix(time), Ok(utc(text)));
            assert_eq!(utc(text).to_string(), text);
        }
    }

    #[test]
    fn a_leap_second_lies_between_its_neighbours() {
        let before = utc("2016-12-31T23:59:59.999999999Z");
        let leap = utc("2016-12-31T23:59:60Z");
        let after = utc("2017-01-01T00:00:00Z");
        assert!(before < leap && leap < after);
        assert_eq!(leap.second_of_day(), 86_400);
        assert_eq!(leap, UtcInstant::new(leap.date(), 23, 59, 60, 0).unwrap());
        assert_eq!(leap.to_unix().seconds(), 1_483_228_800);
        assert_eq!(after.to_unix().seconds(), 1_483_228_800);
        assert!(!before.is_leap_second() && !after.is_leap_second());
        assert_eq!(
            UtcInstant::MAX.to_string(),
            "9999-12-31T23:59:60.999999999Z"
        );
    }

    #[test]
    fn rejects_times_that_do_not_exist() {
        for (text, field) in [
            ("2016-12-31T24:00:00Z", "hour"),
            ("2016-12-31T23:60:00Z", "minute"),
            ("2016-12-31T23:59:61Z", "second"),
            ("2016-12-30T23:59:60Z", "second"),
            ("2016-12-31T22:59:60Z", "second"),
            ("2016-12-31T23:58:60Z", "second"),
            ("2016-02-30T00:00:00Z", "day"),
        ] {
            match text.parse::<UtcInstant>() {
                Err(TimeError::OutOfRange { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
        let nanoseconds = UtcInstant::new(CivilDate::UNIX_EPOCH, 0, 0, 0, 1_000_000_000);
        assert!(matches!(nanoseconds, Err(TimeError::OutOfRange { .. })));
        for seconds in [i64::MIN, -62_135_596_801, 253_402_300_800, i64::MAX] {
            let time = UnixTime::from_seconds(seconds);
            assert!(matches!(
                UtcInstant::from_unix(time),
                Err(TimeError::OutOfRange { .. })
            ));
        }
    }

    #[test]
    fn rejects_text_with_the_offset_of_the_fault() {
        for (text, offset) in [
            ("", 0),
            ("2016-12-31", 10),
            ("2016-12-31 23:59:60Z", 10),
            ("2016-12-31t23:59:60z", 10),
            ("2016-12-31T2:59:60Z", 11),
            ("2016-12-31T23-59-60Z", 13),
            ("2016-12-31T23:59Z", 16),
            ("2016-12-31T23:59:60", 19),
            ("2016-12-31T23:59:60+00:00", 19),
            ("2016-12-31T23:59:60.Z", 20),
            ("2016-12-31T23:59:60.0123456789Z", 20),
            ("2016-12-31T23:59:60Z ", 20),
        ] {
            match text.parse::<UtcInstant>() {
                Err(TimeError::Text { offset: found, .. }) => assert_eq!(found, offset, "{text:?}"),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn every_comparison_tells_the_same(a in -100_000_i64..100_000, b in -100_000_i64..100_000, nanoseconds: [bool; 2]) {
            let instant = |seconds, late| {
                UtcInstant::from_unix(UnixTime::new(seconds, u32::from(late)).unwrap()).unwrap()
            };
            let (x, y) = (instant(a, nanoseconds[0]), instant(b, nanoseconds[1]));
            prop_assert_eq!(x >= y, x.cmp(&y).is_ge());
            prop_assert_eq!(x.cmp(&y), x.to_unix().cmp(&y.to_unix()));
            prop_assert!(x >= x);
        }

        #[test]
        fn unix_time_and_text_survive(seconds in -62_135_596_800_i64..253_402_300_800, nanoseconds in 0..NANOSECONDS_PER_SECOND) {
            let time = UnixTime::new(seconds, nanoseconds).unwrap();
            let instant = UtcInstant::from_unix(time).unwrap();
            prop_assert_eq!(instant.to_unix(), time);
            prop_assert_eq!(instant.to_string().parse::<UtcInstant>(), Ok(instant));
            let rebuilt = UtcInstant::new(
                instant.date(), instant.hour(), instant.minute(), instant.second(), instant.nanoseconds(),
            );
            prop_assert_eq!(rebuilt, Ok(instant));
        }
    }
}
