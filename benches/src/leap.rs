//! Leap seconds: Horolog beside its limit and its peers.
//!
//! * The compact forms have no peer here.
//! * leap-seconds reads a leap-seconds.list into a sorted `Vec` and checks its hash (with sha1 0.10).
//! * hifitime reads the data lines alone: no expiry, no time of update, no hash. It wants the text
//!   as a `String` of its own, whose copy is a part of what is measured. Its UTC to TAI goes through
//!   a built-in table from the newest leap second back.
//! * Neither writes.

use std::fmt::Write;
use std::hint::black_box;

use hifitime::Epoch;
use hifitime::leap_seconds::LeapSecondsFile;
use horolog_leap_compact::{BinarySteps, CompactList, DecodeError, Step, StepEvent, TextSteps};
use horolog_leap_list::{LeapSecondsList, ListWriter};
use horolog_time::epoch::UNIX_EPOCH_IN_NTP_SECONDS;
use horolog_time::{LeapSign, LeapTable, TaiInstant, TaiUtc, UnixTime, UtcInstant};

use crate::Operation;
use crate::leap_limit::{self as limit, NO_MONTHS, NO_SECONDS, Rows, start_of_month};

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
        decode_text(),
        decode_binary(),
        decode_list(),
        lookup(),
        to_tai(),
        encode_text(),
        encode_binary(),
        encode_list(),
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

/// 27 rows and the right expiry.
fn is_whole<T: Copy + PartialEq>(read: Option<(usize, T)>, expiry: T) -> bool {
    read == Some((27, expiry))
}

fn is_right(list: &Result<CompactList, DecodeError>) -> bool {
    list.as_ref()
        .is_ok_and(|list| list.table().leaps().len() == 27 && list.expiry().number() == EXPIRY)
}

/// Writes steps into the rows that the limit writes.
#[inline]
fn collect(
    steps: impl Iterator<Item = Result<Step, DecodeError>>,
    rows: &mut Rows<i32>,
) -> Option<(usize, i32)> {
    let (mut count, mut tai_utc) = (0, 10);
    for step in steps {
        let step = step.ok()?;
        let boundary = step.boundary().number();
        match step.event() {
            StepEvent::Leap(LeapSign::Positive) => tai_utc += 1,
            StepEvent::Leap(LeapSign::Negative) => tai_utc -= 1,
            StepEvent::Expiry => return Some((count, boundary)),
        }
        *rows.get_mut(count)? = (boundary, tai_utc);
        count += 1;
    }
    None
}

fn decode_text() -> Vec<Operation> {
    const GROUP: &str = "leap/decode-text/27-leaps";
    let (mut a, mut b, mut c) = (NO_MONTHS, NO_SECONDS, NO_MONTHS);
    let octets = TEXT.as_bytes();
    vec![
        Operation::new(
            GROUP,
            "limit",
            octets.len(),
            move || limit::decode_text(black_box(octets), black_box(&mut a), |months| months),
            |read| is_whole(read, EXPIRY),
        ),
        Operation::new(
            GROUP,
            "limit-seconds",
            octets.len(),
            move || limit::decode_text(black_box(octets), black_box(&mut b), start_of_month),
            |read| is_whole(read, start_of_month(EXPIRY)),
        ),
        Operation::new(
            GROUP,
            "horolog",
            octets.len(),
            move || CompactList::decode_text(black_box(octets)),
            |list| is_right(&list),
        ),
        Operation::new(
            GROUP,
            "horolog-steps",
            octets.len(),
            move || collect(TextSteps::new(black_box(octets)), black_box(&mut c)),
            |read| is_whole(read, EXPIRY),
        ),
    ]
}

fn decode_binary() -> Vec<Operation> {
    const GROUP: &str = "leap/decode-binary/27-leaps";
    let (mut a, mut b, mut c) = (NO_MONTHS, NO_SECONDS, NO_MONTHS);
    let octets: &[u8] = list().to_binary().leak();
    vec![
        Operation::new(
            GROUP,
            "limit",
            octets.len(),
            move || limit::decode_binary(black_box(octets), black_box(&mut a), |months| months),
            |read| is_whole(read, EXPIRY),
        ),
        Operation::new(
            GROUP,
            "limit-seconds",
            octets.len(),
            move || limit::decode_binary(black_box(octets), black_box(&mut b), start_of_month),
            |read| is_whole(read, start_of_month(EXPIRY)),
        ),
        Operation::new(
            GROUP,
            "horolog",
            octets.len(),
            move || CompactList::decode_binary(black_box(octets)),
            |list| is_right(&list),
        ),
        Operation::new(
            GROUP,
            "horolog-steps",
            octets.len(),
            move || collect(BinarySteps::new(black_box(octets)), black_box(&mut c)),
            |read| is_whole(read, EXPIRY),
        ),
    ]
}

fn decode_list() -> Vec<Operation> {
    const GROUP: &str = "leap/decode-list/iers-2027";
    let (mut a, mut b) = (NO_SECONDS, NO_SECONDS);
    let octets = LIST.as_bytes();
    let expires = table().valid_until().to_unix().seconds();
    vec![
        Operation::new(
            GROUP,
            "limit",
            octets.len(),
            move || limit::decode_list(black_box(octets), black_box(&mut a)),
            |read| is_whole(read, expires),
        ),
        Operation::new(
            GROUP,
            "limit-memchr",
            octets.len(),
            move || limit::decode_list_memchr(black_box(octets), black_box(&mut b)),
            |read| is_whole(read, expires),
        ),
        Operation::new(
            GROUP,
            "horolog",
            octets.len(),
            move || LeapSecondsList::decode(black_box(octets)),
            |list| list.is_ok_and(|list| list.table().leaps().len() == 27),
        ),
        Operation::new(
            GROUP,
            "leap-seconds",
            octets.len(),
            move || leap_seconds::LeapSecondsList::new(black_box(octets)),
            // The start counts as well.
            |list| list.is_ok_and(|list| list.leap_seconds().len() == 28),
        ),
        Operation::new(
            GROUP,
            "hifitime",
            octets.len(),
            move || LeapSecondsFile::from_content(black_box(LIST).to_owned()),
            |file| file.is_ok_and(|file| file.data.len() == 28),
        ),
    ]
}

/// The seconds that are looked up, over the 27 leap seconds and ten years more.
fn moments() -> [i64; 32] {
    std::array::from_fn(|at| {
        // Without the order that a branch predictor learns at once.
        let at = i64::try_from(at * 13 % 32).unwrap_or_default();
        63_072_000 + 1_234_567 + at * 53_000_000
    })
}

/// What the limit looks up.
fn rows() -> Vec<(i64, i32)> {
    let mut rows = NO_SECONDS;
    let (count, _) = limit::decode_list(LIST.as_bytes(), &mut rows).expect("the sample is right");
    rows[..count].to_vec()
}

fn utc(unix: i64) -> UtcInstant {
    UtcInstant::from_unix(UnixTime::from_seconds(unix)).expect("the samples are of our time")
}

fn lookup() -> Vec<Operation> {
    const GROUP: &str = "leap/lookup/32-moments";
    let rows = rows();
    let sum: i32 = moments()
        .iter()
        .map(|unix| limit::tai_utc(&rows, *unix))
        .sum();
    let (moments, instants) = (moments(), moments().map(utc));
    let (a, b) = (table(), table());
    vec![
        Operation::new(
            GROUP,
            "limit",
            8 * moments.len(),
            move || -> i32 {
                let rows = black_box(rows.as_slice());
                black_box(&moments)
                    .iter()
                    .map(|unix| limit::tai_utc(rows, *unix))
                    .sum()
            },
            |found| found == sum,
        ),
        Operation::new(
            GROUP,
            "horolog",
            8 * moments.len(),
            move || -> i32 {
                let table = black_box(&a);
                let instants = black_box(&instants).iter();
                instants
                    .map(|at| table.tai_utc(*at).map_or(0, TaiUtc::seconds))
                    .sum()
            },
            |found| found == sum,
        ),
        Operation::new(
            GROUP,
            "horolog-from-unix",
            8 * moments.len(),
            move || -> i32 {
                let table = black_box(&b);
                let instants = black_box(&moments).iter().map(|unix| {
                    let at = UtcInstant::from_unix(UnixTime::from_seconds(*unix)).ok()?;
                    Some(table.tai_utc(at).ok()?.seconds())
                });
                instants.map(Option::unwrap_or_default).sum()
            },
            |found| found == sum,
        ),
    ]
}

fn to_tai() -> Vec<Operation> {
    const GROUP: &str = "leap/utc-to-tai/32-moments";
    let rows = rows();
    let tai = |unix: &i64| unix + i64::from(limit::tai_utc(&rows, *unix));
    let sum: i64 = moments().iter().map(tai).sum();
    let (moments, instants) = (moments(), moments().map(utc));
    let table = table();
    #[expect(
        clippy::cast_precision_loss,
        reason = "of these seconds nothing is lost"
    )]
    let epochs = moments.map(|unix| Epoch::from_unix_seconds(unix as f64));
    vec![
        Operation::new(
            GROUP,
            "limit",
            8 * moments.len(),
            move || -> i64 {
                let rows = black_box(rows.as_slice());
                let moments = black_box(&moments).iter();
                moments
                    .map(|unix| unix + i64::from(limit::tai_utc(rows, *unix)))
                    .sum()
            },
            |found| found == sum,
        ),
        Operation::new(
            GROUP,
            "horolog",
            8 * moments.len(),
            move || -> i64 {
                let table = black_box(&table);
                let instants = black_box(&instants).iter();
                instants
                    .map(|at| table.to_tai(*at).map_or(0, TaiInstant::seconds))
                    .sum()
            },
            |found| found == sum,
        ),
        Operation::new(
            GROUP,
            "hifitime",
            8 * moments.len(),
            move || -> i64 {
                let epochs = black_box(&epochs).iter();
                epochs
                    .map(|epoch| {
                        let (centuries, nanoseconds) = epoch.to_tai_parts();
                        let seconds = i64::try_from(nanoseconds / 1_000_000_000);
                        i64::from(centuries) * 36_525 * 86_400 + seconds.unwrap_or_default()
                            - i64::from(UNIX_EPOCH_IN_NTP_SECONDS)
                    })
                    .sum()
            },
            |found| found == sum,
        ),
    ]
}

/// Rows of months, for the limit to write.
fn months() -> Vec<(i32, i32)> {
    let mut rows = NO_MONTHS;
    let read = limit::decode_text(TEXT.as_bytes(), &mut rows, |months| months);
    let (count, _) = read.expect("the sample is right");
    rows[..count].to_vec()
}

fn encode_text() -> Vec<Operation> {
    const GROUP: &str = "leap/encode-text/27-leaps";
    let rows = months();
    let (a, b, c) = (list(), list(), table());
    let mut buffer = [0; 256];
    let mut text = String::with_capacity(256);
    vec![
        Operation::new(
            GROUP,
            "limit",
            TEXT.len(),
            move || {
                let rows = black_box(rows.as_slice());
                let length = limit::encode_text(rows, black_box(EXPIRY), black_box(&mut buffer));
                (length, buffer[TEXT.len() - 1])
            },
            |written| written == (Some(TEXT.len()), b'?'),
        ),
        Operation::new(
            GROUP,
            "horolog",
            TEXT.len(),
            move || black_box(&a).to_text(),
            |written| written == TEXT,
        ),
        Operation::new(
            GROUP,
            "horolog-display",
            TEXT.len(),
            move || {
                let text = black_box(&mut text);
                text.clear();
                write!(text, "{}", black_box(&b)).map(|()| text.len())
            },
            |written| written == Ok(TEXT.len()),
        ),
        Operation::new(
            GROUP,
            "horolog-table",
            TEXT.len(),
            move || horolog_leap_compact::encode_text(black_box(&c)),
            |written| written.is_ok_and(|(text, _)| text == TEXT),
        ),
    ]
}

fn encode_binary() -> Vec<Operation> {
    const GROUP: &str = "leap/encode-binary/27-leaps";
    let rows = months();
    let (a, b, c) = (list(), list(), table());
    let octets: &[u8] = list().to_binary().leak();
    let (mut by_hand, mut buffer) = ([0; 64], [0; 64]);
    let last = octets[octets.len() - 1];
    vec![
        Operation::new(
            GROUP,
            "limit",
            octets.len(),
            move || {
                let rows = black_box(rows.as_slice());
                let length = limit::encode_binary(rows, black_box(EXPIRY), black_box(&mut by_hand));
                (length, by_hand[octets.len() - 1])
            },
            |written| written == (Some(octets.len()), last),
        ),
        Operation::new(
            GROUP,
            "horolog",
            octets.len(),
            move || {
                let mut room: &mut [u8] = black_box(&mut buffer);
                let written = black_box(&a).encode_binary(&mut room);
                (written, buffer[octets.len() - 1])
            },
            |written| written == (Ok(()), last),
        ),
        Operation::new(
            GROUP,
            "horolog-to-binary",
            octets.len(),
            move || black_box(&b).to_binary(),
            |written| written == octets,
        ),
        Operation::new(
            GROUP,
            "horolog-table",
            octets.len(),
            move || horolog_leap_compact::encode_binary(black_box(&c)),
            |written| written.is_ok_and(|(written, _)| written == octets),
        ),
    ]
}

fn encode_list() -> Vec<Operation> {
    const GROUP: &str = "leap/encode-list/27-leaps";
    let rows = rows();
    let table = table();
    let seconds = |instant: Option<UtcInstant>| instant.map(|at| at.to_unix().seconds());
    let updated = seconds(table.updated()).expect("the sample has it");
    let expires = seconds(table.expires()).expect("the sample has it");
    let expected = ListWriter::new(&table)
        .expect("the sample is right")
        .to_string();
    let mut buffer = vec![0; 2 * expected.len()];
    let mut text = String::with_capacity(2 * expected.len());
    let length = limit::encode_list(&rows, updated, expires, &mut buffer);
    assert_eq!(
        Some(expected.as_bytes()),
        length.map(|length| &buffer[..length])
    );
    vec![
        Operation::new(
            GROUP,
            "limit",
            expected.len(),
            move || {
                let rows = black_box(rows.as_slice());
                limit::encode_list(rows, updated, black_box(expires), black_box(&mut buffer))
            },
            |written| written == length,
        ),
        Operation::new(
            GROUP,
            "horolog",
            expected.len(),
            move || {
                let text = black_box(&mut text);
                text.clear();
                let writer = ListWriter::new(black_box(&table)).ok()?;
                write!(text, "{writer}").ok()?;
                Some(text.len())
            },
            |written| written == length,
        ),
    ]
}
