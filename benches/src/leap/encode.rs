//! Lists written.

use std::fmt::Write;
use std::hint::black_box;

use horolog_leap_list::ListWriter;
use horolog_time::UtcInstant;

use super::limit::{self, NO_MONTHS};
use super::{EXPIRY, TEXT, list, rows, table};
use crate::Operation;
use crate::group::Group;

/// Rows of months, for the limit to write.
fn months() -> Vec<(i32, i32)> {
    let mut rows = NO_MONTHS;
    let read = limit::decode_text(TEXT.as_bytes(), &mut rows, |months| months);
    let (count, _) = read.expect("the sample is right");
    rows[..count].to_vec()
}

pub(super) fn encode_text() -> Vec<Operation> {
    const GROUP: &str = "leap/encode-text/27-leaps";
    let rows = months();
    let (a, b, c) = (list(), list(), table());
    let mut buffer = [0; 256];
    let mut text = String::with_capacity(256);
    Group::new(GROUP, TEXT.len())
        .with(
            "limit",
            move || {
                let rows = black_box(rows.as_slice());
                let length = limit::encode_text(rows, black_box(EXPIRY), black_box(&mut buffer));
                (length, buffer[TEXT.len() - 1])
            },
            |written| written == (Some(TEXT.len()), b'?'),
        )
        .with(
            "horolog",
            move || black_box(&a).to_text(),
            |written| written == TEXT,
        )
        .with(
            "horolog-display",
            move || {
                let text = black_box(&mut text);
                text.clear();
                write!(text, "{}", black_box(&b)).map(|()| text.len())
            },
            |written| written == Ok(TEXT.len()),
        )
        .with(
            "horolog-table",
            move || horolog_leap_compact::encode_text(black_box(&c)),
            |written| written.is_ok_and(|(text, _)| text == TEXT),
        )
        .operations()
}

pub(super) fn encode_binary() -> Vec<Operation> {
    const GROUP: &str = "leap/encode-binary/27-leaps";
    let rows = months();
    let (a, b, c) = (list(), list(), table());
    let octets: &[u8] = list().to_binary().leak();
    let (mut by_hand, mut buffer) = ([0; 64], [0; 64]);
    let last = octets[octets.len() - 1];
    Group::new(GROUP, octets.len())
        .with(
            "limit",
            move || {
                let rows = black_box(rows.as_slice());
                let length = limit::encode_binary(rows, black_box(EXPIRY), black_box(&mut by_hand));
                (length, by_hand[octets.len() - 1])
            },
            |written| written == (Some(octets.len()), last),
        )
        .with(
            "horolog",
            move || {
                let mut room: &mut [u8] = black_box(&mut buffer);
                let written = black_box(&a).encode_binary(&mut room);
                (written, buffer[octets.len() - 1])
            },
            |written| written == (Ok(()), last),
        )
        .with(
            "horolog-to-binary",
            move || black_box(&b).to_binary(),
            |written| written == octets,
        )
        .with(
            "horolog-table",
            move || horolog_leap_compact::encode_binary(black_box(&c)),
            |written| written.is_ok_and(|(written, _)| written == octets),
        )
        .operations()
}

pub(super) fn encode_list() -> Vec<Operation> {
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
    Group::new(GROUP, expected.len())
        .with(
            "limit",
            move || {
                let rows = black_box(rows.as_slice());
                limit::encode_list(rows, updated, black_box(expires), black_box(&mut buffer))
            },
            |written| written == length,
        )
        .with(
            "horolog",
            move || {
                let text = black_box(&mut text);
                text.clear();
                let writer = ListWriter::new(black_box(&table)).ok()?;
                write!(text, "{writer}").ok()?;
                Some(text.len())
            },
            |written| written == length,
        )
        .operations()
}
