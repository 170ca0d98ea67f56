use super::*;
use crate::{LeapSecondsList, LeapWriteError};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use horolog_time::{LeapSign, Losses};
use proptest::prelude::*;

const DAT: &str = include_str!("../../tests/data/iers-Leap_Second.dat");
const LIST: &str = include_str!("../../tests/data/iers-expires-2027-06-28.list");

fn decode(text: &str) -> Result<LeapSecondDat, LeapListError> {
    text.parse()
}

fn data_lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

/// The line, the offset and the rest of the line where a fault is told.
fn fault(text: &str) -> (usize, &str, &'static str) {
    match decode(text) {
        Err(LeapListError::Malformed {
            line,
            offset,
            expected,
        }) => (line, text[offset..].lines().next().unwrap_or(""), expected),
        other => panic!("{text:?} gave {other:?}"),
    }
}

#[test]
fn the_file_of_the_iers_says_the_same_as_its_list() {
    let dat = decode(DAT).unwrap();
    let list: LeapSecondsList = LIST.parse().unwrap();
    assert_eq!(dat.table().leaps(), list.table().leaps());
    assert_eq!(dat.table().expires(), list.table().expires());
    assert_eq!(dat.table().updated(), None);
}

#[test]
fn the_data_lines_of_the_iers_come_out_as_they_were() {
    let table = decode(DAT).unwrap().into_table();
    let text = LeapSecondDatWriter::new(&table).unwrap().to_string();
    assert_eq!(data_lines(&text), data_lines(DAT));
    assert_eq!(data_lines(&text).len(), 28);
    assert_eq!(decode(&text).unwrap().into_table(), table);
}

#[test]
fn the_time_of_update_is_lost() {
    let table = LIST.parse::<LeapSecondsList>().unwrap().into_table();
    let losses = LeapSecondDatWriter::new(&table).unwrap().losses();
    assert_eq!(
        losses,
        Losses::none().with_updated(table.updated().unwrap())
    );
}

#[test]
fn white_space_and_line_ends_do_not_matter() {
    let dat = decode(DAT).unwrap();
    for (from, to) in [
        ("\n", "\r\n"),
        ("\n", "\n \t\n"),
        ("    ", "\t"),
        (".0 ", " "),
    ] {
        assert_eq!(decode(&DAT.replace(from, to)), Ok(dat.clone()));
    }
}

#[test]
fn a_truncation_is_an_error_but_between_lines() {
    let whole = decode(DAT).unwrap();
    let first_leap = DAT.find("1  1 1973").unwrap() - 20;
    for end in 0..DAT.len() {
        let text = &DAT[..end];
        if let Ok(dat) = decode(text) {
            assert!(text.ends_with('\n') && end > first_leap, "{end}");
            assert_eq!(dat.table().expires(), whole.table().expires());
            assert!(!dat.table().leaps().is_empty());
        }
    }
}

#[test]
fn an_empty_file_is_an_error() {
    for text in ["", "\n", "# nothing\n", "#  File expires on 28 June 2027\n"] {
        let (_, rest, expected) = fault(text);
        assert_eq!((rest, expected), ("", START), "{text:?}");
    }
    let (line, _, expected) = fault("41317.0 1 1 1972 10\n");
    assert_eq!((line, expected), (2, "# File expires on, and the expiry"));
    let (line, _, expected) = fault("# File expires on 28 June 2027\n41317.0 1 1 1972 10\n");
    assert_eq!((line, expected), (3, "a leap second"));
}

#[test]
fn malformed_lines_say_where_and_what() {
    let kind = "a comment or a whole MJD";
    let date = "day, month and year";
    let mjd = "the MJD of the date in its line";
    let end = "the end of the line";
    let step = "TAI-UTC one more or less than in the line before";
    let expiry = "the expiry as day, name of the month and year";
    for (text, rest, expected) in [
        ("x\n", "x", kind),
        ("-1 1 7 1972 11\n", "-1 1 7 1972 11", kind),
        (
            "41499.5 1 7 1972 11\n",
            ".5 1 7 1972 11",
            "white space and the date",
        ),
        ("41499.0 1 July 1972 11\n", "July 1972 11", date),
        ("41499.0 1 7 72000 11\n", "72000 11", date),
        (
            "41499.0 31 6 1972 11\n",
            "31 6 1972 11",
            "a date of the calendar",
        ),
        ("41499.0 1 7 1972\n", "", "white space and TAI-UTC"),
        ("41499.0 1 7 1972 x\n", "x", "TAI-UTC in seconds"),
        ("41499.0 1 7 1972 11 12\n", "12", end),
        ("41499.0 1 7 1972 11", "", end),
        ("41500.0 1 7 1972 11\n", "41500.0 1 7 1972 11", mjd),
        ("99999999999 1 7 1972 11\n", "99999999999 1 7 1972 11", mjd),
        (
            "41500 2 7 1972 11\n",
            "41500 2 7 1972 11",
            "the first day of a month",
        ),
        ("41499 1 7 1972 12\n", "12", step),
        (
            "# File expires on 28 June 2028\n",
            "28 June 2028",
            "one expiry, not a second",
        ),
        ("# File expires on 28 6 2028\n", "6 2028", expiry),
        (
            "# File expires on 31 June 2028\n",
            "31 June 2028",
            "a date of the calendar",
        ),
        (
            "# File expires on28 June 2028\n",
            "28 June 2028",
            "white space",
        ),
    ] {
        let text = String::from("# File expires on 28 June 2027\n41317.0 1 1 1972 10\n") + text;
        assert_eq!(fault(&text), (3, rest, expected), "{text:?}");
    }
    let text = "# File expires on 28 June 2027\n41499.0 1 7 1972 11\n";
    assert_eq!(fault(text), (2, "41499.0 1 7 1972 11", START));
}

#[test]
fn what_makes_no_table_is_found_in_its_line() {
    for (from, to, line, rest) in [
        ("28 June 2027", "31 December 2016", 7, "31 December 2016\n"),
        (
            "57204.0    1  7 2015",
            "56109.0    1  7 2012",
            40,
            "56109.0",
        ),
    ] {
        let text = DAT.replace(from, to);
        let error = decode(&text).unwrap_err();
        let LeapListError::Table {
            line: found,
            offset,
            ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert!(found == line && text[offset..].starts_with(rest), "{error}");
    }
}

#[test]
fn tables_that_the_format_cannot_say_are_not_written() {
    let june = LeapTable::builder().leap("1972-06".parse().unwrap(), LeapSign::Positive);
    let endless = june.clone().build().unwrap();
    let error = LeapSecondDatWriter::new(&endless).unwrap_err();
    assert_eq!(error, LeapWriteError::NoExpiry);
    let within = june
        .expires("1973-01-01T00:00:01Z".parse().unwrap())
        .build()
        .unwrap();
    let error = LeapSecondDatWriter::new(&within).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the expiry 1973-01-01T00:00:01Z is not a whole day"
    );
    let empty = LeapTable::builder().expires("1973-01-01T00:00:00Z".parse().unwrap());
    let error = LeapSecondDatWriter::new(&empty.build().unwrap()).unwrap_err();
    assert_eq!(error, LeapWriteError::NoLeapSeconds);
}

proptest! {
    #[test]
    fn a_table_survives(table in crate::tests::tables(1..99)) {
        let text = LeapSecondDatWriter::new(&table).unwrap().to_string();
        prop_assert_eq!(decode(&text).unwrap().into_table(), table);
    }

    #[test]
    fn any_octets_are_answered(text: Vec<u8>) {
        let _ = LeapSecondDat::decode(&text);
    }

    #[test]
    fn a_changed_octet_is_an_error_or_keeps_the_leap_seconds(at in 0..DAT.len(), octet: u8) {
        let mut text = DAT.as_bytes().to_vec();
        text[at] = octet;
        if let Ok(dat) = LeapSecondDat::decode(&text) {
            prop_assert!(dat.table().leaps().len() >= 26);
        }
    }
}
