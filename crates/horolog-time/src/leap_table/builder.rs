use alloc::vec::Vec;

use super::LeapTable;
use crate::{LeapSecond, LeapSign, LeapTableError, Month, TaiUtc, UtcInstant};

/// Collects leap seconds in their order and checks that they make a [`LeapTable`].
///
/// All readers of leap-second formats go through it. Faults are told by [`build`](Self::build).
///
/// # Examples
///
/// ```
/// use horolog_time::{LeapSign, LeapTable, LeapTableError};
///
/// let builder = LeapTable::builder().leap("2016-12".parse()?, LeapSign::Positive);
/// assert!(builder.clone().build().is_ok());
/// let twice = builder.leap("2016-12".parse()?, LeapSign::Positive).build();
/// assert!(matches!(twice, Err(LeapTableError::NotAscending { .. })));
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct LeapTableBuilder {
    /// Ascending.
    leaps: Vec<LeapSecond>,
    /// The first that there was; nothing is added after it.
    fault: Option<LeapTableError>,
    expires: Option<UtcInstant>,
    updated: Option<UtcInstant>,
}

impl LeapTableBuilder {
    /// Makes room for so many more leap seconds, so that they are not moved while they are added.
    pub fn reserve(mut self, leaps: usize) -> Self {
        self.leaps.reserve_exact(leaps);
        self
    }

    /// Adds a leap second at the end of a month, which must be later than those added before.
    pub fn leap(mut self, month: Month, sign: LeapSign) -> Self {
        self.push(month, sign);
        self
    }

    /// As [`leap`](Self::leap), for loops.
    #[inline]
    pub fn push(&mut self, month: Month, sign: LeapSign) {
        if self.fault.is_none() {
            match self.next(month, sign) {
                Ok(leap) => self.leaps.push(leap),
                Err(fault) => self.fault = Some(fault),
            }
        }
    }

    /// Sets the first instant of which the table knows nothing.
    pub const fn expires(mut self, expires: UtcInstant) -> Self {
        self.expires = Some(expires);
        self
    }

    /// Sets when the source of the table was last changed. It is only kept, not used.
    pub const fn updated(mut self, updated: UtcInstant) -> Self {
        self.updated = Some(updated);
        self
    }

    /// Makes the table.
    ///
    /// # Errors
    ///
    /// * [`LeapTableError::Month`] for a leap second before 1972-01 or at the end of 9999-12.
    /// * [`LeapTableError::NotAscending`] for one not later than the one added before it.
    /// * [`LeapTableError::Expiry`] for an expiry before the end of the last leap second, or before
    ///   1972.
    pub fn build(self) -> Result<LeapTable, LeapTableError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let start = UtcInstant::midnight(LeapSecond::FIRST_MONTH.first_day());
        let earliest = self.leaps.last().map_or(start, |leap| leap.end());
        if let Some(expires) = self.expires
            && expires < earliest
        {
            return Err(LeapTableError::Expiry { expires, earliest });
        }
        Ok(LeapTable {
            leaps: self.leaps,
            valid_until: self.expires.unwrap_or(earliest),
            expires: self.expires,
            updated: self.updated,
        })
    }

    /// The leap second that would be added.
    #[inline]
    fn next(&self, month: Month, sign: LeapSign) -> Result<LeapSecond, LeapTableError> {
        let last = self.leaps.last();
        let before = last.map_or(TaiUtc::AT_1972, |leap| leap.tai_utc());
        let leap = LeapSecond::new(month, sign, before.after(sign))?;
        if let Some(previous) = last.map(|leap| leap.month())
            && month <= previous
        {
            return Err(LeapTableError::NotAscending { month, previous });
        }
        Ok(leap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn rejects_leap_seconds_out_of_order_and_twice() {
        for (first, second) in [("2016-12", "2015-06"), ("2016-12", "2016-12")] {
            let table = LeapTable::builder()
                .leap(month(first), LeapSign::Positive)
                .leap(month(second), LeapSign::Negative)
                .build();
            let error = LeapTableError::NotAscending {
                month: month(second),
                previous: month(first),
            };
            assert_eq!(table, Err(error));
        }
    }

    #[test]
    fn the_first_fault_is_told() {
        let table = LeapTable::builder()
            .reserve(3)
            .leap(month("1971-12"), LeapSign::Positive)
            .leap(month("2016-12"), LeapSign::Positive)
            .leap(month("2016-12"), LeapSign::Positive);
        let month = month("1971-12");
        assert_eq!(table.build(), Err(LeapTableError::Month { month }));
    }

    #[test]
    fn rejects_leap_seconds_before_1972() {
        let table = LeapTable::builder().leap(month("1971-12"), LeapSign::Positive);
        let error = LeapTableError::Month {
            month: month("1971-12"),
        };
        assert_eq!(table.build(), Err(error));
    }

    #[test]
    fn rejects_an_expiry_before_the_last_leap_second_ends() {
        let leap: UtcInstant = "2016-12-31T23:59:60.999999999Z".parse().unwrap();
        let end: UtcInstant = "2017-01-01T00:00:00Z".parse().unwrap();
        let builder = LeapTable::builder().leap(month("2016-12"), LeapSign::Positive);
        let error = LeapTableError::Expiry {
            expires: leap,
            earliest: end,
        };
        assert_eq!(builder.clone().expires(leap).build(), Err(error));
        assert!(builder.expires(end).build().is_ok());
        let empty = LeapTable::builder().expires("1971-12-31T23:59:59Z".parse().unwrap());
        assert!(matches!(empty.build(), Err(LeapTableError::Expiry { .. })));
    }
}
