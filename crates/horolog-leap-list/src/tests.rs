//! What the tests of several formats share.

use core::ops::Range;

use horolog_time::epoch::SECONDS_PER_DAY;
use horolog_time::{LeapSign, LeapTable, LeapTableBuilder, Month, UnixTime, UtcInstant};
use proptest::prelude::*;

/// Tables with so many leap seconds, an expiry at midnight and no time of update.
pub(crate) fn tables(leaps: Range<usize>) -> impl Strategy<Value = LeapTable> {
    let leap = (1..99_i32, prop::bool::weighted(0.8));
    let leaps = prop::collection::vec(leap, leaps);
    (leaps, 0..9_999_i64).prop_map(|(leaps, days)| {
        let mut month = Month::from_number(-1).unwrap();
        let add = |table: LeapTableBuilder, (gap, positive)| {
            month = month.checked_add(gap).unwrap();
            let sign = if positive {
                LeapSign::Positive
            } else {
                LeapSign::Negative
            };
            table.leap(month, sign)
        };
        let builder = leaps.into_iter().fold(LeapTable::builder(), add);
        let last = UtcInstant::midnight(month.checked_add(1).unwrap().first_day());
        let expires = last.to_unix().seconds() + days * i64::from(SECONDS_PER_DAY);
        let expires = UtcInstant::from_unix(UnixTime::from_seconds(expires)).unwrap();
        builder.expires(expires).build().unwrap()
    })
}
