//! The owned table of leap seconds.

mod builder;

pub use builder::LeapTableBuilder;

use alloc::vec::Vec;

use crate::epoch::SECONDS_PER_DAY;
use crate::{LeapSecond, LeapSign, LookupError, Month, TaiInstant, TaiUtc, UtcInstant};

/// All leap seconds since 1972, and until when the list is complete.
///
/// A table answers for the instants from 1972-01-01T00:00:00Z until [`valid_until`]: its expiry,
/// or, where its source gives none, the end of its last leap second. What lies behind that is
/// [`LookupError::Expired`], whatever the clock says; the past stays answered by an expired table.
/// Only [`last_known_tai_utc`] goes further. An instant that UTC did not have is
/// [`LookupError::NoSuchSecond`].
///
/// # Examples
///
/// ```
/// use horolog_time::{LeapSign, LeapTable, LookupError, TaiInstant, TaiUtc, UtcInstant};
///
/// // The list as it would be if only the last leap second had happened.
/// let table = LeapTable::builder()
///     .leap("2016-12".parse()?, LeapSign::Positive)
///     .expires("2027-06-28T00:00:00Z".parse()?)
///     .build()?;
/// let leap: UtcInstant = "2016-12-31T23:59:60Z".parse()?;
/// assert_eq!(table.tai_utc(leap), Ok(TaiUtc::from_seconds(10)));
/// assert_eq!(table.to_tai(leap), Ok(TaiInstant::from_seconds(1_483_228_810)));
/// assert_eq!(table.to_utc(TaiInstant::from_seconds(1_483_228_810)), Ok(leap));
/// assert_eq!(table.upcoming_leap(leap), Ok(Some(LeapSign::Positive)));
///
/// let late: UtcInstant = "2027-07-01T00:00:00Z".parse()?;
/// assert!(matches!(table.tai_utc(late), Err(LookupError::Expired { .. })));
/// assert_eq!(table.last_known_tai_utc(late), Ok(TaiUtc::from_seconds(11)));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// [`last_known_tai_utc`]: Self::last_known_tai_utc
/// [`valid_until`]: Self::valid_until
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeapTable {
    /// Ascending.
    leaps: Vec<LeapSecond>,
    /// Not before the end of the last leap second.
    valid_until: UtcInstant,
    expires: Option<UtcInstant>,
    updated: Option<UtcInstant>,
}

impl LeapTable {
    /// Starts a table without leap seconds.
    pub fn builder() -> LeapTableBuilder {
        LeapTableBuilder::default()
    }

    /// The leap seconds, ascending.
    #[must_use]
    pub fn leaps(&self) -> &[LeapSecond] {
        &self.leaps
    }

    /// The expiry, if the source of the table gives one.
    #[must_use]
    pub const fn expires(&self) -> Option<UtcInstant> {
        self.expires
    }

    /// When the source of the table was last changed, if it says so.
    #[must_use]
    pub const fn updated(&self) -> Option<UtcInstant> {
        self.updated
    }

    /// The first instant for which the table has no answer.
    ///
    /// Without an expiry it is the end of the last leap second: what comes before is complete.
    #[must_use]
    pub const fn valid_until(&self) -> UtcInstant {
        self.valid_until
    }

    /// Whether the table has no answer for `now`, because it is too old.
    #[must_use]
    #[inline]
    pub fn is_expired(&self, now: UtcInstant) -> bool {
        now >= self.valid_until
    }

    /// TAI-UTC at an instant; in a second 23:59:60 it is that before the leap second.
    ///
    /// # Errors
    ///
    /// * [`LookupError::BeforeStart`] before 1972.
    /// * [`LookupError::Expired`] from [`valid_until`](Self::valid_until) on.
    /// * [`LookupError::NoSuchSecond`] where UTC had no such second.
    #[inline]
    pub fn tai_utc(&self, instant: UtcInstant) -> Result<TaiUtc, LookupError> {
        let month = Month::from(instant.date());
        let before = self.leaps.partition_point(|leap| leap.is_before(month));
        let last = before.checked_sub(1).and_then(|at| self.leaps.get(at));
        let tai_utc = match last {
            Some(leap) => leap.tai_utc(),
            None if month < LeapSecond::FIRST_MONTH => return Err(LookupError::BeforeStart),
            None => TaiUtc::AT_1972,
        };
        self.check_expiry(instant)?;
        // Only the last seconds of a day can be ones that UTC did not have.
        if instant.second_of_day() >= SECONDS_PER_DAY - 1 {
            Self::check_last_second(instant, self.leaps.get(before))?;
        }
        Ok(tai_utc)
    }

    /// TAI-UTC at an instant, as if there were no leap second after those of the table.
    ///
    /// Up to [`valid_until`](Self::valid_until) this is [`tai_utc`](Self::tai_utc). From then on it
    /// is the value after the last leap second, which may have become wrong.
    ///
    /// # Errors
    ///
    /// * [`LookupError::BeforeStart`] before 1972.
    /// * [`LookupError::NoSuchSecond`] where UTC had no such second; never of expired instants.
    pub fn last_known_tai_utc(&self, instant: UtcInstant) -> Result<TaiUtc, LookupError> {
        match self.tai_utc(instant) {
            Err(LookupError::Expired { .. }) => Ok(self.tai_utc_after(self.leaps.len())),
            known => known,
        }
    }

    /// The TAI of a UTC instant.
    ///
    /// # Errors
    ///
    /// As [`tai_utc`](Self::tai_utc).
    pub fn to_tai(&self, instant: UtcInstant) -> Result<TaiInstant, LookupError> {
        let tai_utc = self.tai_utc(instant)?;
        // 23:59:60 counts as the second after it, and TAI-UTC has not stepped yet.
        TaiInstant::from_unix(instant.to_unix(), tai_utc).map_err(|_| self.expired())
    }

    /// The UTC of a TAI instant, the inverse of [`to_tai`](Self::to_tai) in every second.
    ///
    /// # Errors
    ///
    /// * [`LookupError::BeforeStart`] before 1972-01-01T00:00:10 TAI.
    /// * [`LookupError::Expired`] from [`valid_until`](Self::valid_until) on.
    pub fn to_utc(&self, instant: TaiInstant) -> Result<UtcInstant, LookupError> {
        let start = UtcInstant::midnight(LeapSecond::FIRST_MONTH.first_day()).to_unix();
        if instant.seconds() < start.seconds() + i64::from(TaiUtc::AT_1972.seconds()) {
            return Err(LookupError::BeforeStart);
        }
        let before = self.leaps.partition_point(|leap| {
            let end = leap.end().to_unix().seconds() + i64::from(leap.tai_utc().seconds());
            end <= instant.seconds()
        });
        let unix = instant
            .to_unix(self.tai_utc_after(before))
            .map_err(|_| self.expired())?;
        let utc = match self.leaps.get(before) {
            // TAI-UTC has not stepped, but the POSIX count is at the next month: this is 23:59:60.
            Some(leap) if unix.seconds() >= leap.end().to_unix().seconds() => {
                UtcInstant::leap_second(leap.month().last_day(), unix.nanoseconds())
            }
            _ => UtcInstant::from_unix(unix).map_err(|_| self.expired())?,
        };
        self.check_expiry(utc)?;
        Ok(utc)
    }

    /// The first leap second that ends after an instant, or `None` where none is known.
    ///
    /// In a second 23:59:60 it is the one that goes on. Before 1972 it is the first of all.
    ///
    /// # Errors
    ///
    /// [`LookupError::Expired`] from [`valid_until`](Self::valid_until) on.
    pub fn next_leap_after(&self, instant: UtcInstant) -> Result<Option<LeapSecond>, LookupError> {
        self.check_expiry(instant)?;
        let before = self.leaps.partition_point(|leap| leap.end() <= instant);
        Ok(self.leaps.get(before).copied())
    }

    /// The leap second at the end of a month, or `None` where it ends as usual.
    ///
    /// # Errors
    ///
    /// * [`LookupError::BeforeStart`] before 1972.
    /// * [`LookupError::Expired`] for a month that ends after [`valid_until`](Self::valid_until).
    pub fn leap_at_end_of(&self, month: Month) -> Result<Option<LeapSecond>, LookupError> {
        if month < LeapSecond::FIRST_MONTH {
            return Err(LookupError::BeforeStart);
        }
        match month.checked_add(1) {
            Some(next) if UtcInstant::midnight(next.first_day()) <= self.valid_until => {}
            _ => return Err(self.expired()),
        }
        let found = self.leaps.binary_search_by_key(&month, |leap| leap.month());
        Ok(found.ok().and_then(|at| self.leaps.get(at)).copied())
    }

    /// What NTP's leap indicator announces: the leap second at the end of the instant's UTC day.
    ///
    /// It is announced within the last day of the month only, as in [RFC 8633 § 3.7]. The POSIX
    /// second of 23:59:60 is the one after it, in which there is nothing left to announce.
    ///
    /// # Errors
    ///
    /// * [`LookupError::BeforeStart`] before 1972.
    /// * [`LookupError::Expired`] from [`valid_until`](Self::valid_until) on, and on the last day of
    ///   a month that ends after it.
    ///
    /// [RFC 8633 § 3.7]: https://www.rfc-editor.org/rfc/rfc8633#section-3.7
    pub fn upcoming_leap(&self, instant: UtcInstant) -> Result<Option<LeapSign>, LookupError> {
        let month = Month::from(instant.date());
        if month < LeapSecond::FIRST_MONTH {
            return Err(LookupError::BeforeStart);
        }
        self.check_expiry(instant)?;
        if !instant.date().is_last_of_month() {
            return Ok(None);
        }
        Ok(self.leap_at_end_of(month)?.map(LeapSecond::sign))
    }

    /// TAI-UTC after so many leap seconds.
    #[inline]
    fn tai_utc_after(&self, leaps: usize) -> TaiUtc {
        let last = leaps.checked_sub(1).and_then(|at| self.leaps.get(at));
        last.map_or(TaiUtc::AT_1972, |leap| leap.tai_utc())
    }

    /// Refuses a second that the instant's day did not have; `next` is the first leap second not
    /// before its month.
    fn check_last_second(
        instant: UtcInstant,
        next: Option<&LeapSecond>,
    ) -> Result<(), LookupError> {
        if !instant.date().is_last_of_month() {
            return Ok(());
        }
        let month = Month::from(instant.date());
        let last_second = match next
            .filter(|leap| leap.month() == month)
            .map(|leap| leap.sign())
        {
            Some(LeapSign::Positive) => SECONDS_PER_DAY,
            None => SECONDS_PER_DAY - 1,
            Some(LeapSign::Negative) => SECONDS_PER_DAY - 2,
        };
        if instant.second_of_day() > last_second {
            return Err(LookupError::NoSuchSecond);
        }
        Ok(())
    }

    #[inline]
    fn check_expiry(&self, instant: UtcInstant) -> Result<(), LookupError> {
        if self.is_expired(instant) {
            Err(self.expired())
        } else {
            Ok(())
        }
    }

    const fn expired(&self) -> LookupError {
        LookupError::Expired {
            expires: self.valid_until,
        }
    }
}

#[cfg(test)]
mod tests;
