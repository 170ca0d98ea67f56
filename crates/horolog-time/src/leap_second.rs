use core::fmt;

use crate::{LeapSign, LeapTableError, Month, TaiUtc, UtcInstant};

/// A leap second: at the end of which month, which way, and TAI-UTC from then on.
///
/// # Examples
///
/// ```
/// use horolog_time::{LeapSecond, LeapSign, TaiUtc};
///
/// let leap = LeapSecond::new("2016-12".parse()?, LeapSign::Positive, TaiUtc::from_seconds(37))?;
/// assert_eq!(leap.end().to_string(), "2017-01-01T00:00:00Z");
/// assert_eq!(leap.tai_utc_before(), TaiUtc::from_seconds(36));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct LeapSecond {
    /// Twice the month's number, and one more where the sign is positive. Eight octets in all are
    /// quicker to search than twelve.
    month_and_sign: i32,
    tai_utc: TaiUtc,
}

impl LeapSecond {
    /// The first month that can end with a leap second, 1972-01.
    ///
    /// Before, UTC was kept close to UT by other steps and by the rate of its seconds.
    pub const FIRST_MONTH: Month = Month::JANUARY_1972;

    /// Takes the month at whose end it happens, its sign, and TAI-UTC after it.
    ///
    /// # Errors
    ///
    /// [`LeapTableError::Month`] before 1972-01, and for 9999-12, which no instant follows.
    #[inline]
    pub fn new(month: Month, sign: LeapSign, tai_utc: TaiUtc) -> Result<Self, LeapTableError> {
        if month < Self::FIRST_MONTH || month == Month::MAX {
            return Err(LeapTableError::Month { month });
        }
        let month_and_sign = 2 * month.number() + i32::from(sign == LeapSign::Positive);
        Ok(Self {
            month_and_sign,
            tai_utc,
        })
    }

    /// The month at whose end it happens.
    #[inline]
    #[must_use]
    pub const fn month(self) -> Month {
        Month::from_valid(self.month_and_sign >> 1)
    }

    /// Which way.
    #[inline]
    #[must_use]
    pub const fn sign(self) -> LeapSign {
        match self.month_and_sign & 1 {
            0 => LeapSign::Negative,
            _ => LeapSign::Positive,
        }
    }

    /// Whether it is at the end of an earlier month.
    #[cfg(any(feature = "alloc", test))]
    #[inline]
    pub(crate) const fn is_before(self, month: Month) -> bool {
        self.month_and_sign < 2 * month.number()
    }

    /// TAI-UTC after it.
    #[must_use]
    pub const fn tai_utc(self) -> TaiUtc {
        self.tai_utc
    }

    /// TAI-UTC before it, and during an inserted second.
    #[must_use]
    pub const fn tai_utc_before(self) -> TaiUtc {
        self.tai_utc.before(self.sign())
    }

    /// The first instant after it, 00:00:00 on the first of a month.
    #[must_use]
    pub fn end(self) -> UtcInstant {
        // The last month of the calendar has no leap second.
        let next = self.month().checked_add(1).unwrap_or(Month::MAX);
        UtcInstant::midnight(next.first_day())
    }
}

/// As of a struct with these three fields.
#[expect(
    clippy::missing_fields_in_debug,
    reason = "month and sign are shown as two fields"
)]
impl fmt::Debug for LeapSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeapSecond")
            .field("month", &self.month())
            .field("sign", &self.sign())
            .field("tai_utc", &self.tai_utc)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn month_and_sign_are_kept_apart() {
        for (sign, month) in [
            (LeapSign::Negative, LeapSecond::FIRST_MONTH),
            (LeapSign::Positive, LeapSecond::FIRST_MONTH),
            (LeapSign::Negative, Month::MAX.checked_add(-1).unwrap()),
            (LeapSign::Positive, Month::MAX.checked_add(-1).unwrap()),
        ] {
            let leap = LeapSecond::new(month, sign, TaiUtc::AT_1972).unwrap();
            assert_eq!((leap.month(), leap.sign()), (month, sign));
            assert!(!leap.is_before(month));
            assert!(leap.is_before(month.checked_add(1).unwrap()));
            let debug =
                format!("LeapSecond {{ month: {month:?}, sign: {sign:?}, tai_utc: TaiUtc(10) }}");
            assert_eq!(format!("{leap:?}"), debug);
        }
    }

    #[test]
    fn rejects_months_without_leap_seconds() {
        for (month, ok) in [
            ("1971-12", false),
            ("1972-01", true),
            ("9999-11", true),
            ("9999-12", false),
        ] {
            let month = month.parse().unwrap();
            let leap = LeapSecond::new(month, LeapSign::Negative, TaiUtc::AT_1972);
            assert_eq!(leap.err(), (!ok).then_some(LeapTableError::Month { month }));
        }
    }
}
