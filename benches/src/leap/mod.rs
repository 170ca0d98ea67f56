//! Leap seconds: Horolog beside its limit and its peers.
//!
//! * The compact forms have no peer here.
//! * leap-seconds reads a leap-seconds.list into a sorted `Vec` and checks its hash (with sha1 0.10).
//! * hifitime reads the data lines alone: no expiry, no time of update, no hash. It wants the text
//!   as a `String` of its own, whose copy is a part of what is measured. Its UTC to TAI goes through
//!   a built-in table from the newest leap second back.
//! * Neither writes.

mod decode;
mod encode;
mod limit;
mod lookup;

use horolog_leap_compact::CompactList;
use horolog_leap_list::LeapSecondsList;
use horolog_time::LeapTable;

use self::limit::NO_SECONDS;
use crate::Operation;

/// The list of the IERS that expires on 2027-06-28, 27 leap seconds.
const LIST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../crates/horolog-leap-list/tests/data/iers-expires-2027-06-28.list"
));

/// The same, with the expiry cut to its month.
const TEXT: &str =
    "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+125?";

/// The first month of which it knows nothing, 2027-06, after 1972-01.
const EXPIRY: i32 = 665;

/// All of them, group by group.
///
/// # Panics
///
/// Where a result is wrong.
#[must_use]
pub fn operations() -> Vec<Operation> {
    [
        decode::decode_text(),
        decode::decode_binary(),
        decode::decode_list(),
        lookup::lookup(),
        lookup::to_tai(),
        encode::encode_text(),
        encode::encode_binary(),
        encode::encode_list(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn list() -> CompactList {
    TEXT.parse().expect("the sample is right")
}

/// The whole table, as the list of the IERS has it.
fn table() -> LeapTable {
    LIST.parse::<LeapSecondsList>()
        .expect("the sample is right")
        .into_table()
}

/// What the limit looks up.
fn rows() -> Vec<(i64, i32)> {
    let mut rows = NO_SECONDS;
    let (count, _) = limit::decode_list(LIST.as_bytes(), &mut rows).expect("the sample is right");
    rows[..count].to_vec()
}
