use core::fmt;
use core::str::FromStr;

use crate::epoch::UNIX_EPOCH_IN_MJD;
use crate::text::Cursor;
use crate::{Month, TimeError, int};

/// Days from 0000-03-01 to 1970-01-01. Years that start in March end with their leap day.
const UNIX_EPOCH_FROM_MARCH_0: i32 = 719_468;
/// Days in the 400 years after which the Gregorian calendar repeats.
const DAYS_PER_CYCLE: u32 = 146_097;

/// A day of the Gregorian calendar, continued backwards to year 1.
///
/// Years run from 1 to 9999, so that every date has the ten characters of RFC 3339.
///
/// # Examples
///
/// ```
/// use horolog_time::CivilDate;
///
/// let date: CivilDate = "2016-12-31".parse()?;
/// assert_eq!((date.year(), date.month(), date.day()), (2016, 12, 31));
/// assert_eq!((date.days(), date.mjd()), (17_166, 57_753));
/// assert!(date.is_last_of_month());
/// assert_eq!(CivilDate::from_days(date.days() + 1)?.to_string(), "2017-01-01");
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CivilDate(
    /// The year in the upper 16 bits, then eight of the month and eight of the day: the order of
    /// these numbers is that of time.
    u32,
);

impl CivilDate {
    /// 0001-01-01.
    pub const MIN: Self = Self::from_valid(1, 1, 1);
    /// 9999-12-31.
    pub const MAX: Self = Self::from_valid(9999, 12, 31);
    /// 1970-01-01, day 0.
    pub const UNIX_EPOCH: Self = Self::from_valid(1970, 1, 1);

    /// Takes year (1 to 9999), month (1 to 12) and day of the month (from 1).
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] where there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, TimeError> {
        Month::from_year_month(year, month)?;
        let last = i64::from(days_in_month(year, month));
        TimeError::check("day", i64::from(day), 1, last)?;
        Ok(Self::from_valid(year, month, day))
    }

    /// Takes days since 1970-01-01.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] outside of the years 1 to 9999.
    #[inline]
    pub fn from_days(days: i32) -> Result<Self, TimeError> {
        let (min, max) = (Self::MIN.days(), Self::MAX.days());
        TimeError::check("day number", days.into(), min.into(), max.into())?;
        let day = (days + UNIX_EPOCH_FROM_MARCH_0).cast_unsigned();
        let (cycle, day) = (day / DAYS_PER_CYCLE, day % DAYS_PER_CYCLE);
        // Take out the leap days, then every year has 365.
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        // From March on, months of 31, 30, 31, 30, 31 days repeat: 153 days in five months.
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (year, month) = match month {
            0..=9 => (400 * cycle + year, month + 3),
            _ => (400 * cycle + year + 1, month - 9),
        };
        Ok(Self::from_valid(
            int::low16(year),
            int::low8(month),
            int::low8(day),
        ))
    }

    /// Takes a Modified Julian Day.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] outside of the years 1 to 9999; the value is in days since 1970.
    pub fn from_mjd(mjd: i32) -> Result<Self, TimeError> {
        Self::from_days(mjd.saturating_sub(UNIX_EPOCH_IN_MJD))
    }

    /// The number that orders dates by time.
    pub(crate) const fn key(self) -> u32 {
        self.0
    }

    /// Takes what is known to be a date.
    pub(crate) const fn from_valid(year: u16, month: u8, day: u8) -> Self {
        let [high, low] = year.to_be_bytes();
        Self(u32::from_be_bytes([high, low, month, day]))
    }

    /// The year, 1 to 9999.
    #[inline]
    #[must_use]
    pub const fn year(self) -> u16 {
        let [high, low, ..] = self.0.to_be_bytes();
        u16::from_be_bytes([high, low])
    }

    /// The month of the year, 1 to 12; [`Month::from`] has the year as well.
    #[inline]
    #[must_use]
    pub const fn month(self) -> u8 {
        let [.., month, _] = self.0.to_be_bytes();
        month
    }

    /// The day of the month, from 1.
    #[inline]
    #[must_use]
    pub const fn day(self) -> u8 {
        let [.., day] = self.0.to_be_bytes();
        day
    }

    /// Days since 1970-01-01.
    #[inline]
    #[must_use]
    pub fn days(self) -> i32 {
        let (month, day) = (u32::from(self.month()), u32::from(self.day()));
        let (year, month) = match month {
            1 | 2 => (u32::from(self.year()) - 1, month + 9),
            _ => (u32::from(self.year()), month - 3),
        };
        let leap_days = year / 4 - year / 100 + year / 400;
        let day = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1;
        day.cast_signed() - UNIX_EPOCH_FROM_MARCH_0
    }

    /// The Modified Julian Day.
    #[must_use]
    pub fn mjd(self) -> i32 {
        self.days() + UNIX_EPOCH_IN_MJD
    }

    /// Whether the next day is in another month.
    #[must_use]
    pub const fn is_last_of_month(self) -> bool {
        self.day() == days_in_month(self.year(), self.month())
    }
}

/// The length of a month; `month` counts from 1.
pub(crate) const fn days_in_month(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `2016-12-31`.
impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.year(),
            self.month(),
            self.day()
        )
    }
}

impl fmt::Debug for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CivilDate({self})")
    }
}

/// Reads four, two and two digits with hyphens between them, and nothing else.
impl FromStr for CivilDate {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let mut cursor = Cursor::new(text);
        let date = Self::read(&mut cursor)?;
        cursor.end()?;
        Ok(date)
    }
}

impl CivilDate {
    /// Reads a date and leaves the cursor behind it.
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, TimeError> {
        let year = cursor.four_digits("a year of four digits")?;
        cursor.octet(b'-', "a hyphen")?;
        let month = cursor.two_digits("a month of two digits")?;
        cursor.octet(b'-', "a hyphen")?;
        let day = cursor.two_digits("a day of two digits")?;
        Self::new(year, month, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// (date, days since 1970, MJD): MJDs of leap-second files, and the ends of the scale.
    const DATES: [(&str, i32, i32); 10] = [
        ("0001-01-01", -719_162, -678_575),
        ("1582-10-15", -141_427, -100_840),
        ("1858-11-17", -40_587, 0),
        ("1900-01-01", -25_567, 15_020),
        ("1970-01-01", 0, 40_587),
        ("1972-01-01", 730, 41_317),
        ("2000-02-29", 11_016, 51_603),
        ("2017-01-01", 17_167, 57_754),
        ("2100-03-01", 47_541, 88_128),
        ("9999-12-31", 2_932_896, 2_973_483),
    ];

    #[test]
    fn days_and_julian_days_are_right() {
        for (text, days, mjd) in DATES {
            let date: CivilDate = text.parse().unwrap();
            assert_eq!((date.days(), date.mjd()), (days, mjd), "{text}");
            assert_eq!(CivilDate::from_days(days), Ok(date));
            assert_eq!(CivilDate::from_mjd(mjd), Ok(date));
            assert_eq!(date.to_string(), text);
        }
        assert_eq!(CivilDate::UNIX_EPOCH.days(), 0);
    }

    #[test]
    fn every_day_follows_the_day_before() {
        let mut date = CivilDate::MIN;
        for days in CivilDate::MIN.days() + 1..=CivilDate::MAX.days() {
            let next = CivilDate::from_days(days).unwrap();
            let expected = match (date.is_last_of_month(), date.month()) {
                (false, _) => (date.year(), date.month(), date.day() + 1),
                (true, 12) => (date.year() + 1, 1, 1),
                (true, month) => (date.year(), month + 1, 1),
            };
            assert_eq!((next.year(), next.month(), next.day()), expected);
            assert_eq!(next.days(), days);
            assert!(date < next);
            date = next;
        }
        assert_eq!(date, CivilDate::MAX);
    }

    #[test]
    fn rejects_days_that_do_not_exist() {
        for (year, month, day, field) in [
            (0, 1, 1, "year"),
            (10_000, 1, 1, "year"),
            (2000, 0, 1, "month"),
            (2000, 13, 1, "month"),
            (2000, 1, 0, "day"),
            (2000, 4, 31, "day"),
            (2000, 2, 30, "day"),
            (1900, 2, 29, "day"),
            (2023, 2, 29, "day"),
        ] {
            match CivilDate::new(year, month, day) {
                Err(TimeError::OutOfRange { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{year}-{month}-{day} gave {other:?}"),
            }
        }
        assert!(CivilDate::new(2000, 2, 29).is_ok());
        assert!(CivilDate::new(2024, 2, 29).is_ok());
    }

    #[test]
    fn rejects_day_numbers_outside_of_the_scale() {
        for days in [
            i32::MIN,
            CivilDate::MIN.days() - 1,
            CivilDate::MAX.days() + 1,
            i32::MAX,
        ] {
            assert!(CivilDate::from_days(days).is_err(), "{days}");
        }
        assert!(CivilDate::from_mjd(i32::MIN).is_err());
        assert!(CivilDate::from_mjd(i32::MAX).is_err());
    }

    #[test]
    fn rejects_text_with_the_offset_of_the_fault() {
        for (text, offset) in [
            ("", 0),
            ("201", 2),
            ("2016/12/31", 4),
            ("2016-1-31", 5),
            ("2016-12-3", 8),
            ("2016-12-31Z", 10),
            ("+2016-12-31", 0),
        ] {
            match text.parse::<CivilDate>() {
                Err(TimeError::Text { offset: found, .. }) => assert_eq!(found, offset, "{text:?}"),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
        assert!(matches!(
            "2016-13-01".parse::<CivilDate>(),
            Err(TimeError::OutOfRange { field: "month", .. })
        ));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text: String) {
            let _ = text.parse::<CivilDate>();
        }
    }
}
