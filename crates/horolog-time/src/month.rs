use core::fmt;
use core::str::FromStr;

use crate::civil::days_in_month;
use crate::text::Cursor;
use crate::{CivilDate, TimeError, int};

/// Months from 0000-01 to 1972-01.
const JANUARY_1972_FROM_YEAR_0: i32 = 1972 * 12;

/// A month of a year, counted from January 1972, when UTC began to have leap seconds.
///
/// Leap seconds happen at the end of months only, so their lists count months. The count of a month
/// is also that of the boundary at which it starts: the leap second at the end of 1972-06 is at
/// boundary 6, the start of 1972-07. Years run from 1 to 9999.
///
/// # Examples
///
/// ```
/// use horolog_time::Month;
///
/// let june: Month = "1972-06".parse()?;
/// assert_eq!(june.months_since(Month::JANUARY_1972), 5);
/// assert_eq!(june.checked_add(1), Some(Month::from_year_month(1972, 7)?));
/// assert_eq!(june.last_day().to_string(), "1972-06-30");
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Month(i32);

impl Month {
    /// 0001-01.
    pub const MIN: Self = Self(12 - JANUARY_1972_FROM_YEAR_0);
    /// 9999-12.
    pub const MAX: Self = Self(9999 * 12 + 11 - JANUARY_1972_FROM_YEAR_0);
    /// 1972-01, number 0.
    pub const JANUARY_1972: Self = Self(0);

    /// Takes year (1 to 9999) and month of the year (1 to 12).
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] where there is no such month.
    pub fn from_year_month(year: u16, month: u8) -> Result<Self, TimeError> {
        TimeError::check("year", year.into(), 1, 9999)?;
        TimeError::check("month", month.into(), 1, 12)?;
        let months = i32::from(year) * 12 + i32::from(month) - 1;
        Ok(Self(months - JANUARY_1972_FROM_YEAR_0))
    }

    /// Takes months since 1972-01; 1971-12 is -1.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] outside of the years 1 to 9999.
    pub fn from_number(number: i32) -> Result<Self, TimeError> {
        let (min, max) = (Self::MIN.0, Self::MAX.0);
        TimeError::check("month number", number.into(), min.into(), max.into())?;
        Ok(Self(number))
    }

    /// Takes what is known to be the number of a month.
    pub(crate) const fn from_valid(number: i32) -> Self {
        Self(number)
    }

    /// Months since 1972-01; 1971-12 is -1.
    #[inline]
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The year, 1 to 9999.
    #[inline]
    #[must_use]
    pub const fn year(self) -> u16 {
        int::low16(self.months_from_year_0() / 12)
    }

    /// The month of the year, 1 to 12.
    #[inline]
    #[must_use]
    pub const fn month(self) -> u8 {
        int::low8(self.months_from_year_0() % 12 + 1)
    }

    /// The first day.
    #[inline]
    #[must_use]
    pub const fn first_day(self) -> CivilDate {
        CivilDate::from_valid(self.year(), self.month(), 1)
    }

    /// The last day: a leap second of this month is at its end.
    #[must_use]
    pub const fn last_day(self) -> CivilDate {
        let (year, month) = (self.year(), self.month());
        CivilDate::from_valid(year, month, days_in_month(year, month))
    }

    /// The month so many months later, or earlier; `None` outside of the years 1 to 9999.
    #[inline]
    #[must_use]
    pub fn checked_add(self, months: i32) -> Option<Self> {
        // A sum that wraps around lies outside of them too.
        let sum = Self(self.0.wrapping_add(months));
        (Self::MIN..=Self::MAX).contains(&sum).then_some(sum)
    }

    /// Months from the start of `earlier` to the start of this month; negative if that is later.
    #[must_use]
    pub const fn months_since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    const fn months_from_year_0(self) -> u32 {
        (self.0 + JANUARY_1972_FROM_YEAR_0).cast_unsigned()
    }
}

/// The month that has this day.
impl From<CivilDate> for Month {
    #[inline]
    fn from(date: CivilDate) -> Self {
        let months = i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
        Self(months - JANUARY_1972_FROM_YEAR_0)
    }
}

/// `2015-06`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

/// Reads four and two digits with a hyphen between them, and nothing else.
impl FromStr for Month {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let mut cursor = Cursor::new(text);
        let year = cursor.four_digits("a year of four digits")?;
        cursor.octet(b'-', "a hyphen")?;
        let month = cursor.two_digits("a month of two digits")?;
        cursor.end()?;
        Self::from_year_month(year, month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_count_from_january_1972() {
        for (text, number) in [
            ("0001-01", -23_652),
            ("1971-12", -1),
            ("1972-01", 0),
            ("1972-06", 5),
            ("2027-06", 665),
            ("2142-06", 2045),
            ("9999-12", 96_335),
        ] {
            let month: Month = text.parse().unwrap();
            assert_eq!(month.number(), number, "{text}");
            assert_eq!(Month::from_number(number), Ok(month));
            assert_eq!(month.to_string(), text);
        }
        assert_eq!(
            (Month::MIN.number(), Month::MAX.number()),
            (-23_652, 96_335)
        );
    }

    #[test]
    fn rejects_months_that_do_not_exist() {
        for (year, month) in [(0, 1), (10_000, 1), (1972, 0), (1972, 13)] {
            assert!(matches!(
                Month::from_year_month(year, month),
                Err(TimeError::OutOfRange { .. })
            ));
        }
        for number in [i32::MIN, -23_653, 96_336, i32::MAX] {
            assert!(matches!(
                Month::from_number(number),
                Err(TimeError::OutOfRange { .. })
            ));
        }
        assert_eq!(Month::MAX.checked_add(1), None);
        assert_eq!(Month::MAX.checked_add(i32::MAX), None);
        assert_eq!(Month::MIN.checked_add(-1), None);
    }

    #[test]
    fn rejects_text_with_the_offset_of_the_fault() {
        for (text, offset) in [
            ("", 0),
            ("2015", 4),
            ("2015-6", 5),
            ("2015-06-30", 7),
            ("15-06", 2),
        ] {
            match text.parse::<Month>() {
                Err(TimeError::Text { offset: found, .. }) => assert_eq!(found, offset, "{text:?}"),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
        assert!("2015-00".parse::<Month>().is_err());
    }

    proptest! {
        #[test]
        fn a_month_is_between_its_neighbours(number in Month::MIN.0 + 1..Month::MAX.0) {
            let month = Month::from_number(number).unwrap();
            let next = month.checked_add(1).unwrap();
            prop_assert_eq!(next.months_since(month), 1);
            prop_assert_eq!(month.last_day().days() + 1, next.first_day().days());
            prop_assert!(month.last_day().is_last_of_month());
            prop_assert_eq!(Month::from(month.first_day()), month);
            prop_assert_eq!(Month::from(month.last_day()), month);
            prop_assert_eq!(month.to_string().parse::<Month>(), Ok(month));
        }
    }
}
