use super::*;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use proptest::prelude::*;

const C49: &str = include_str!("../../tests/data/bulletin-c-49.txt");
const C50: &str = include_str!("../../tests/data/bulletin-c-50.txt");
const C52: &str = include_str!("../../tests/data/bulletin-c-52.txt");
const C72: &str = include_str!("../../tests/data/bulletin-c-72.txt");

/// Invented: there has been none.
const NEGATIVE: &str = "\
Bulletin C 77
                      UTC TIME STEP
               on the 1st of July 2029
A negative leap second will be introduced at the end of June 2029.
    2029 June 30, 23h 59m 58s
    2029 July  1,  0h  0m  0s
from 2017 January 1, 0h UTC, to 2029 July 1 0h UTC : UTC-TAI = - 37s
from 2029 July 1, 0h UTC, until further notice     : UTC-TAI = - 36s
";

fn decode(text: &str) -> Result<BulletinC, LeapListError> {
    text.parse()
}

/// The line and the rest of the line where a fault is told.
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

fn assert_says(text: &str, number: u16, month: &str, event: Option<LeapSign>, before: i32) {
    let bulletin = decode(text).unwrap();
    assert_eq!(bulletin.number(), Some(number));
    assert_eq!(bulletin.month(), month.parse().unwrap());
    assert_eq!(bulletin.event(), event);
    assert_eq!(bulletin.tai_utc(), TaiUtc::from_seconds(before));
    let after = before + event.map_or(0, LeapSign::as_i32);
    assert_eq!(bulletin.tai_utc_after(), TaiUtc::from_seconds(after));
}

#[test]
fn bulletins_of_the_iers() {
    assert_says(C49, 49, "2015-06", Some(LeapSign::Positive), 35);
    assert_says(C50, 50, "2015-12", None, 36);
    assert_says(C52, 52, "2016-12", Some(LeapSign::Positive), 36);
    assert_says(C72, 72, "2026-12", None, 37);
}

#[test]
fn a_negative_leap_second() {
    assert_says(NEGATIVE, 77, "2029-06", Some(LeapSign::Negative), 37);
}

/// Bulletin C 22 of 2001-06-25 and many others until about 2011.
#[test]
fn no_positive_leap_second_is_none() {
    let text = "\
        Bulletin C 22\n\
        INFORMATION ON UTC - TAI\n\
        NO positive leap second will be introduced at the end of December 2001.\n\
        The difference between UTC and the International Atomic Time TAI is :\n\
        from 1999 January 1, 0h UTC, until further notice : UTC-TAI = -32 s\n";
    assert_says(text, 22, "2001-12", None, 32);
    let text = text.replace("NO positive", "NO negative");
    let (_, rest, _) = fault(&text);
    assert!(rest.starts_with("NO negative"));
}

#[test]
fn a_mail_and_its_white_space_do_not_matter() {
    let bulletin = decode(C52);
    for (from, to) in [
        ("\n", "\r\n"),
        ("  ", "\t"),
        ("further notice", "further\n   notice"),
        ("will be introduced at", "will be introduced\n at"),
        ("= - 3", "= -3"),
        ("37s", "37 s"),
        ("July 1,    0h", "July 1 0h"),
        ("2016.\n", "2016\n"),
        ("31, ", "31 , "),
        ("A positive", "a POSITIVE"),
    ] {
        let changed = C52.replace(from, to);
        assert_ne!(changed, C52, "{from}");
        assert_eq!(decode(&changed), bulletin, "{from}");
    }
    let mail = String::from("From iers Mon Jul  4\nSubject: Bulletin C number 52\n\n") + C52;
    assert_eq!(decode(&mail), bulletin);
    let mut latin_1 = C52.as_bytes().to_vec();
    latin_1.extend(b"\xe9\n");
    assert_eq!(BulletinC::decode(&latin_1), bulletin);
    let nameless = C52.replace("Bulletin C 52", "");
    assert_eq!(decode(&nameless).unwrap().number(), None);
}

#[test]
fn a_truncation_says_all_or_is_an_error() {
    for text in [C49, C50, C52, C72, NEGATIVE] {
        let whole = decode(text);
        let last = text.rfind("UTC-TAI =").unwrap();
        let needed = last + text[last..].find('s').unwrap();
        for end in 0..text.len() {
            let cut = decode(&text[..end]);
            assert_eq!(cut == whole, end > needed, "{end}");
            assert_eq!(cut.is_ok(), end > needed, "{end}");
        }
    }
}

#[test]
fn malformed_lines_say_where_and_what() {
    let event = "`NO`, `A positive` or `A negative` and the month of the leap second";
    let time = "a comma and a time such as 23h 59m 59s";
    let seconds = "seconds such as -37 s";
    let end = "the end of the line";
    for (from, to, line, rest, expected) in [
        ("A neg", "Some neg", 4, "Some negative", event),
        (
            "end of June",
            "end of Juin",
            4,
            "Juin",
            "the name of a month and a year",
        ),
        (
            "June 2029.",
            "June 0.",
            4,
            "June 0.",
            "a year that is not 0",
        ),
        ("June 2029.", "June 2029 or so", 4, "or so", end),
        (
            "1st of July",
            "1st of J",
            3,
            "J 2029",
            "the name of a month and a year",
        ),
        (
            "June 30,",
            "June 31,",
            5,
            "2029 June 31",
            "a date of the calendar",
        ),
        (
            "June 30,",
            "June,",
            5,
            ",",
            "year, name of the month and day",
        ),
        ("59m 58s", "59m 58", 5, "", time),
        ("58s", "58s UTC", 5, "UTC", end),
        (
            "2017 January 1,",
            "2017 1 1,",
            7,
            "1 1,",
            "year, name of the month and day",
        ),
        ("1 0h UTC", "1 1h UTC", 7, "1h UTC", "0h UTC"),
        (
            ", to",
            ", till",
            7,
            "till",
            "`to` and a date, or `until further notice`",
        ),
        (
            ": UTC-TAI = - 37s",
            ": UT1-TAI = - 37s",
            7,
            "UT1-TAI",
            "`: UTC-TAI =`",
        ),
        ("- 37s", "- 37", 7, "", seconds),
        ("- 37s", "thirty", 7, "thirty", seconds),
        ("- 37s", "--37s", 7, "-37s", seconds),
    ] {
        let text = NEGATIVE.replace(from, to);
        let found = fault(&text);
        assert_eq!((found.0, found.2), (line, expected), "{to}");
        assert!(found.1.starts_with(rest), "{to}: {found:?}");
    }
}

#[test]
fn what_is_missing_or_stands_twice_is_an_error() {
    let markers = "all UTC second markers around the leap second";
    for (text, expected) in [
        (
            "",
            "the announcement that a leap second, or none, will be introduced",
        ),
        (
            "A positive leap second will be introduced at the end of June 2015.",
            markers,
        ),
        (
            "NO leap second will be introduced at the end of June 2015.",
            "a line of UTC-TAI until further notice",
        ),
    ] {
        assert_eq!(fault(text).2, expected);
    }
    let lines: Vec<_> = NEGATIVE.lines().collect();
    for (at, expected) in [
        (0, "one bulletin, not a second"),
        (2, "one time step, not a second"),
        (3, "one announcement, not a second"),
        (
            5,
            "the UTC second markers around the leap second that is announced",
        ),
        (7, "no further line of UTC-TAI"),
    ] {
        let text = [&lines[..=at], &lines[at..]].concat().join("\n");
        let found = fault(&text);
        assert_eq!((found.0, found.2), (at + 2, expected));
    }
    for (at, expected) in [
        (
            3,
            "the announcement that a leap second, or none, will be introduced",
        ),
        (5, markers),
        (7, "two lines of UTC-TAI, before and after the leap second"),
    ] {
        let text = [&lines[..at], &lines[at + 1..]].concat().join("\n");
        assert_eq!(fault(&text).2, expected);
    }
}

#[test]
fn lines_that_do_not_agree_are_an_error() {
    let around = "the UTC second markers around the leap second that is announced";
    let before = "UTC-TAI until the leap second ends";
    let after = "UTC-TAI from the end of the leap second until further notice";
    let step = "UTC-TAI that differs by the leap second that is announced";
    for (from, to, line, expected) in [
        (
            "1st of July",
            "1st of January",
            3,
            "the month after the leap second",
        ),
        (
            "A negative",
            "NO",
            3,
            "no time step, as no leap second is announced",
        ),
        ("A negative", "A positive", 5, around),
        (
            "end of June",
            "end of May",
            3,
            "the month after the leap second",
        ),
        ("58s", "59s", 5, around),
        ("July  1,", "July  2,", 6, around),
        ("to 2029 July 1", "to 2028 July 1", 7, before),
        ("from 2017", "from 2037", 7, before),
        ("from 2029 July", "from 2029 June", 8, after),
        ("- 36s", "- 38s", 8, step),
        ("- 36s", "36s", 8, step),
    ] {
        let found = decode(&NEGATIVE.replace(from, to)).unwrap_err();
        let LeapListError::Malformed {
            line: at,
            expected: what,
            ..
        } = found
        else {
            panic!("{found:?}");
        };
        assert_eq!((at, what), (line, expected), "{to}");
    }
    let none = "UTC-TAI until further notice, as no leap second is announced";
    let to = "to 2026 July 1 0h UTC";
    assert_eq!(fault(&C72.replace("until further notice", to)).2, none);
    assert_eq!(fault(&C72.replace("2017 January", "2027 January")).2, none);
    let text = C72.to_string() + "2026 December 31, 23h 59m 60s\n";
    assert_eq!(fault(&text).2, around);
    let last = C72.replace("2026.", "9999.");
    assert_eq!(fault(&last).2, "a month before 9999-12");
}

proptest! {
    #[test]
    fn any_octets_are_answered(text: Vec<u8>) {
        let _ = BulletinC::decode(&text);
    }

    #[test]
    fn a_changed_octet_is_answered(at in 0..C52.len(), octet: u8) {
        let mut text = C52.as_bytes().to_vec();
        text[at] = octet;
        if let Ok(bulletin) = BulletinC::decode(&text) {
            prop_assert_eq!(bulletin.event(), Some(LeapSign::Positive));
            prop_assert_eq!(bulletin.month().to_string(), "2016-12");
            prop_assert_eq!(bulletin.tai_utc(), TaiUtc::from_seconds(36));
        }
    }
}
