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
