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
    pub fn tai_utc(&self, instant: UtcInstant) -> Result<TaiUtc, LookupError> {
        let month = Month::from(instant.date());
        if month < LeapSecond::FIRST_MONTH {
            return Err(LookupError::BeforeStart);
        }
        self.check_expiry(instant)?;
        let before = self.leaps.partition_point(|leap| leap.month() < month);
        let sign = match self.leaps.get(before) {
            Some(leap) if leap.month() == month => Some(leap.sign()),
            _ => None,
        };
        let last_second = match sign {
            Some(LeapSign::Positive) => SECONDS_PER_DAY,
            None => SECONDS_PER_DAY - 1,
            Some(LeapSign::Negative) => SECONDS_PER_DAY - 2,
        };
        if instant.date().is_last_of_month() && instant.second_of_day() > last_second {
            return Err(LookupError::NoSuchSecond);
        }
        Ok(self.tai_utc_after(before))
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
    fn tai_utc_after(&self, leaps: usize) -> TaiUtc {
        let last = leaps.checked_sub(1).and_then(|at| self.leaps.get(at));
        last.map_or(TaiUtc::AT_1972, |leap| leap.tai_utc())
    }

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
mod tests {
    use super::*;
    use crate::CivilDate;
    use crate::epoch::UNIX_EPOCH_IN_NTP_SECONDS;
    use proptest::prelude::*;

    /// The months that ended with a leap second; leap-seconds.list of the IERS of 2026-07.
    const LEAPS: [&str; 27] = [
        "1972-06", "1972-12", "1973-12", "1974-12", "1975-12", "1976-12", "1977-12", "1978-12",
        "1979-12", "1981-06", "1982-06", "1983-06", "1985-06", "1987-12", "1989-12", "1990-12",
        "1992-06", "1993-06", "1994-06", "1995-12", "1997-06", "1998-12", "2005-12", "2008-12",
        "2012-06", "2015-06", "2016-12",
    ];

    fn utc(text: &str) -> UtcInstant {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn real() -> LeapTableBuilder {
        LEAPS
            .iter()
            .fold(LeapTable::builder(), |table, leap| {
                table.leap(month(leap), LeapSign::Positive)
            })
            .expires(utc("2027-06-28T00:00:00Z"))
            .updated(utc("2026-07-06T07:44:57Z"))
    }

    /// With a removed second, and an inserted one a month later.
    fn with_negative() -> LeapTable {
        real()
            .leap(month("2028-06"), LeapSign::Negative)
            .leap(month("2028-07"), LeapSign::Positive)
            .expires(utc("2030-01-01T00:00:00Z"))
            .build()
            .unwrap()
    }

    fn tables() -> [LeapTable; 2] {
        [real().build().unwrap(), with_negative()]
    }

    #[test]
    fn all_leap_seconds_have_their_tai_utc() {
        let table = real().build().unwrap();
        assert_eq!(
            table.tai_utc(utc("1972-01-01T00:00:00Z")),
            Ok(TaiUtc::AT_1972)
        );
        for (leap, dtai) in table.leaps().iter().zip(10..) {
            let last = leap.month().last_day();
            let regular = UtcInstant::new(last, 23, 59, 59, 999_999_999).unwrap();
            let inserted = UtcInstant::leap_second(last, 0);
            let [before, after] = [dtai, dtai + 1].map(TaiUtc::from_seconds);
            assert_eq!(leap.tai_utc_before(), before);
            assert_eq!(table.tai_utc(regular), Ok(before));
            assert_eq!(table.tai_utc(inserted), Ok(before));
            assert_eq!(table.tai_utc(leap.end()), Ok(after));
            assert_eq!(table.leap_at_end_of(leap.month()), Ok(Some(*leap)));
        }
        assert_eq!(
            table.tai_utc(utc("2027-06-27T23:59:59Z")),
            Ok(TaiUtc::from_seconds(37))
        );
    }

    /// 1483228826 is 23:59:60 in the zone right/UTC, which counts from 10 s before ours.
    #[test]
    fn the_seconds_around_2017_are_those_of_the_right_zones() {
        let table = real().build().unwrap();
        for (text, right) in [
            ("2016-12-31T23:59:59Z", 1_483_228_825),
            ("2016-12-31T23:59:60Z", 1_483_228_826),
            ("2017-01-01T00:00:00Z", 1_483_228_827),
        ] {
            let tai = TaiInstant::from_seconds(right + 10);
            assert_eq!(table.to_tai(utc(text)), Ok(tai));
            assert_eq!(table.to_utc(tai), Ok(utc(text)));
        }
    }

    /// Vector of the hifitime crate: seconds of TAI from 1900-01-01T00:00:00 TAI.
    #[test]
    fn the_last_leap_second_counted_from_1900() {
        let leap = real()
            .build()
            .unwrap()
            .to_tai(utc("2016-12-31T23:59:60Z"))
            .unwrap();
        let from_1900 = leap.seconds() + i64::from(UNIX_EPOCH_IN_NTP_SECONDS);
        assert_eq!(from_1900, 3_692_217_636);
    }

    #[test]
    fn a_negative_leap_second_skips_a_second() {
        let table = with_negative();
        let before = table.to_tai(utc("2028-06-30T23:59:58Z")).unwrap();
        let after = table.to_tai(utc("2028-07-01T00:00:00Z")).unwrap();
        assert_eq!(after.seconds() - before.seconds(), 1);
        let removed = table.to_tai(utc("2028-06-30T23:59:59.5Z"));
        assert_eq!(removed, Err(LookupError::NoSuchSecond));
        assert_eq!(
            table.upcoming_leap(utc("2028-06-30T12:00:00Z")),
            Ok(Some(LeapSign::Negative))
        );
    }

    #[test]
    fn seconds_that_utc_did_not_have_are_errors() {
        let table = with_negative();
        for text in [
            "2016-11-30T23:59:60Z",
            "2017-12-31T23:59:60.5Z",
            "2028-06-30T23:59:60Z",
        ] {
            assert_eq!(table.to_tai(utc(text)), Err(LookupError::NoSuchSecond));
            assert_eq!(table.tai_utc(utc(text)), Err(LookupError::NoSuchSecond));
            assert_eq!(
                table.last_known_tai_utc(utc(text)),
                Err(LookupError::NoSuchSecond)
            );
        }
    }

    #[test]
    fn nothing_is_known_before_1972() {
        let table = real().build().unwrap();
        let error = LookupError::BeforeStart;
        for text in [
            "0001-01-01T00:00:00Z",
            "1971-12-31T23:59:59Z",
            "1971-12-31T23:59:60Z",
        ] {
            assert_eq!(table.tai_utc(utc(text)), Err(error));
            assert_eq!(table.last_known_tai_utc(utc(text)), Err(error));
            assert_eq!(table.to_tai(utc(text)), Err(error));
            assert_eq!(table.upcoming_leap(utc(text)), Err(error));
        }
        for seconds in [i64::MIN, 0, 63_072_009] {
            assert_eq!(
                table.to_utc(TaiInstant::from_seconds(seconds)),
                Err(error),
                "{seconds}"
            );
        }
        let start = TaiInstant::from_seconds(63_072_010);
        assert_eq!(table.to_utc(start), Ok(utc("1972-01-01T00:00:00Z")));
        assert_eq!(table.leap_at_end_of(month("1971-12")), Err(error));
        let first = table.next_leap_after(utc("1960-01-01T00:00:00Z")).unwrap();
        assert_eq!(first.map(LeapSecond::month), Some(month("1972-06")));
    }

    #[test]
    fn an_expired_table_answers_only_when_asked_for_the_last_known() {
        let table = real().build().unwrap();
        let expires = utc("2027-06-28T00:00:00Z");
        let error = LookupError::Expired { expires };
        for instant in [expires, utc("2500-01-01T00:00:00Z"), UtcInstant::MAX] {
            assert!(table.is_expired(instant));
            assert_eq!(table.tai_utc(instant), Err(error));
            assert_eq!(table.to_tai(instant), Err(error));
            assert_eq!(table.next_leap_after(instant), Err(error));
            assert_eq!(table.upcoming_leap(instant), Err(error));
            assert_eq!(
                table.last_known_tai_utc(instant),
                Ok(TaiUtc::from_seconds(37))
            );
        }
        let last = table.to_tai(utc("2027-06-27T23:59:59Z")).unwrap();
        for seconds in [last.seconds() + 1, 253_402_300_900, i64::MAX] {
            assert_eq!(table.to_utc(TaiInstant::from_seconds(seconds)), Err(error));
        }
        assert_eq!(table.leap_at_end_of(month("2027-05")), Ok(None));
        assert_eq!(table.leap_at_end_of(month("2027-06")), Err(error));
        assert_eq!(table.leap_at_end_of(Month::MAX), Err(error));
        assert!(!table.is_expired(utc("2027-06-27T23:59:59.999999999Z")));
    }

    #[test]
    fn without_expiry_the_table_ends_with_its_last_leap_second() {
        let table = LeapTable::builder()
            .leap(month("1972-06"), LeapSign::Positive)
            .build()
            .unwrap();
        assert_eq!(table.expires(), None);
        assert_eq!(table.valid_until(), utc("1972-07-01T00:00:00Z"));
        assert_eq!(
            table.tai_utc(utc("1972-06-30T23:59:60.9Z")),
            Ok(TaiUtc::AT_1972)
        );
        let after = utc("1972-07-01T00:00:00Z");
        assert!(matches!(
            table.tai_utc(after),
            Err(LookupError::Expired { .. })
        ));
        assert_eq!(
            table.last_known_tai_utc(after),
            Ok(TaiUtc::from_seconds(11))
        );
        let empty = LeapTable::builder().build().unwrap();
        assert_eq!(empty.valid_until(), utc("1972-01-01T00:00:00Z"));
        assert_eq!(empty.last_known_tai_utc(after), Ok(TaiUtc::AT_1972));
    }

    #[test]
    fn a_leap_second_is_announced_on_its_day() {
        let table = real().build().unwrap();
        for (text, sign) in [
            ("2016-12-30T23:59:59Z", None),
            ("2016-12-31T00:00:00Z", Some(LeapSign::Positive)),
            ("2016-12-31T23:59:60Z", Some(LeapSign::Positive)),
            ("2017-01-01T00:00:00Z", None),
            ("2017-06-30T12:00:00Z", None),
        ] {
            assert_eq!(table.upcoming_leap(utc(text)), Ok(sign), "{text}");
        }
        // Valid until noon of the month's last day: nothing is known of its end.
        let table = real().expires(utc("2017-06-30T12:00:00Z")).build().unwrap();
        let error = LookupError::Expired {
            expires: table.valid_until(),
        };
        assert_eq!(table.upcoming_leap(utc("2017-06-30T11:00:00Z")), Err(error));
        assert_eq!(table.upcoming_leap(utc("2017-06-29T11:00:00Z")), Ok(None));
    }

    #[test]
    fn the_next_leap_second_is_found() {
        let table = with_negative();
        let next = |text| {
            table
                .next_leap_after(utc(text))
                .unwrap()
                .map(LeapSecond::month)
        };
        assert_eq!(next("2016-12-31T23:59:60.9Z"), Some(month("2016-12")));
        assert_eq!(next("2017-01-01T00:00:00Z"), Some(month("2028-06")));
        assert_eq!(next("2028-07-01T00:00:00Z"), Some(month("2028-07")));
        assert_eq!(next("2028-08-01T00:00:00Z"), None);
    }

    /// Every second within a minute of every leap second, in order.
    #[test]
    fn tai_and_utc_are_inverse_and_ascending_through_every_leap_second() {
        for table in tables() {
            for leap in table.leaps() {
                let end = table.to_tai(leap.end()).unwrap().seconds();
                let mut previous = table.to_utc(TaiInstant::from_seconds(end - 61)).unwrap();
                for seconds in end - 60..end + 60 {
                    let tai = TaiInstant::new(seconds, 5).unwrap();
                    let utc = table.to_utc(tai).unwrap();
                    assert_eq!(table.to_tai(utc), Ok(tai), "{utc}");
                    assert!(previous < utc, "{previous} {utc}");
                    previous = utc;
                }
            }
        }
    }

    proptest! {
        #[test]
        fn tai_survives(seconds in 63_072_010_i64..1_893_456_000, nanoseconds in 0..1_000_000_000_u32) {
            let tai = TaiInstant::new(seconds, nanoseconds).unwrap();
            for table in tables() {
                match table.to_utc(tai) {
                    Ok(utc) => prop_assert_eq!(table.to_tai(utc), Ok(tai)),
                    Err(error) => prop_assert_eq!(error, LookupError::Expired { expires: table.valid_until() }),
                }
            }
        }

        #[test]
        fn utc_survives(days in 730..20_632_i32, hour in 0..24_u8, minute in 0..60_u8, second in 0..60_u8) {
            let date = CivilDate::from_days(days).unwrap();
            let utc = UtcInstant::new(date, hour, minute, second, 7).unwrap();
            let tai = tables()[0].to_tai(utc).unwrap();
            prop_assert_eq!(tables()[0].to_utc(tai), Ok(utc));
        }

        #[test]
        fn the_ends_of_months_survive(number in 0..696_i32, second in 57..61_u8, nanoseconds in 0..1_000_000_000_u32) {
            let month = Month::from_number(number).unwrap();
            let utc = UtcInstant::new(month.last_day(), 23, 59, second, nanoseconds).unwrap();
            let table = with_negative();
            let last = match table.leap_at_end_of(month).unwrap().map(LeapSecond::sign) {
                Some(LeapSign::Positive) => 60,
                None => 59,
                Some(LeapSign::Negative) => 58,
            };
            match table.to_tai(utc) {
                Ok(tai) => {
                    prop_assert!(second <= last);
                    prop_assert_eq!(table.to_utc(tai), Ok(utc));
                }
                Err(error) => {
                    prop_assert!(second > last);
                    prop_assert_eq!(error, LookupError::NoSuchSecond);
                }
            }
        }
    }
}
