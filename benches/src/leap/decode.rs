//! Lists read.

use std::hint::black_box;

use hifitime::leap_seconds::LeapSecondsFile;
use horolog_leap_compact::{BinarySteps, CompactList, DecodeError, Step, StepEvent, TextSteps};
use horolog_leap_list::LeapSecondsList;
use horolog_time::LeapSign;

use super::limit::{self, NO_MONTHS, NO_SECONDS, Rows, start_of_month};
use super::{EXPIRY, LIST, TEXT, list, table};
use crate::Operation;
use crate::group::Group;

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

pub(super) fn decode_text() -> Vec<Operation> {
    const GROUP: &str = "leap/decode-text/27-leaps";
    let (mut a, mut b, mut c) = (NO_MONTHS, NO_SECONDS, NO_MONTHS);
    let octets = TEXT.as_bytes();
    Group::new(GROUP, octets.len())
        .with(
            "limit",
            move || limit::decode_text(black_box(octets), black_box(&mut a), |months| months),
            |read| is_whole(read, EXPIRY),
        )
        .with(
            "limit-seconds",
            move || limit::decode_text(black_box(octets), black_box(&mut b), start_of_month),
            |read| is_whole(read, start_of_month(EXPIRY)),
        )
        .with(
            "horolog",
            move || CompactList::decode_text(black_box(octets)),
            |list| is_right(&list),
        )
        .with(
            "horolog-steps",
            move || collect(TextSteps::new(black_box(octets)), black_box(&mut c)),
            |read| is_whole(read, EXPIRY),
        )
        .operations()
}

pub(super) fn decode_binary() -> Vec<Operation> {
    const GROUP: &str = "leap/decode-binary/27-leaps";
    let (mut a, mut b, mut c) = (NO_MONTHS, NO_SECONDS, NO_MONTHS);
    let octets: &[u8] = list().to_binary().leak();
    Group::new(GROUP, octets.len())
        .with(
            "limit",
            move || limit::decode_binary(black_box(octets), black_box(&mut a), |months| months),
            |read| is_whole(read, EXPIRY),
        )
        .with(
            "limit-seconds",
            move || limit::decode_binary(black_box(octets), black_box(&mut b), start_of_month),
            |read| is_whole(read, start_of_month(EXPIRY)),
        )
        .with(
            "horolog",
            move || CompactList::decode_binary(black_box(octets)),
            |list| is_right(&list),
        )
        .with(
            "horolog-steps",
            move || collect(BinarySteps::new(black_box(octets)), black_box(&mut c)),
            |read| is_whole(read, EXPIRY),
        )
        .operations()
}

pub(super) fn decode_list() -> Vec<Operation> {
    const GROUP: &str = "leap/decode-list/iers-2027";
    let (mut a, mut b) = (NO_SECONDS, NO_SECONDS);
    let octets = LIST.as_bytes();
    let expires = table().valid_until().to_unix().seconds();
    Group::new(GROUP, octets.len())
        .with(
            "limit",
            move || limit::decode_list(black_box(octets), black_box(&mut a)),
            |read| is_whole(read, expires),
        )
        .with(
            "limit-memchr",
            move || limit::decode_list_memchr(black_box(octets), black_box(&mut b)),
            |read| is_whole(read, expires),
        )
        .with(
            "horolog",
            move || LeapSecondsList::decode(black_box(octets)),
            |list| list.is_ok_and(|list| list.table().leaps().len() == 27),
        )
        .with(
            "leap-seconds",
            move || leap_seconds::LeapSecondsList::new(black_box(octets)),
            // The start counts as well.
            |list| list.is_ok_and(|list| list.leap_seconds().len() == 28),
        )
        .with(
            "hifitime",
            move || LeapSecondsFile::from_content(black_box(LIST).to_owned()),
            |file| file.is_ok_and(|file| file.data.len() == 28),
        )
        .operations()
}
