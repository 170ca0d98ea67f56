use super::reader::START;
use super::*;
use alloc::string::String;
use alloc::vec::Vec;
use horolog_time::{LeapSign, TaiUtc};
use proptest::prelude::*;

const LIST_2026: &str = include_str!("../../tests/data/iers-expires-2026-06-28.list");
const LIST_2027: &str = include_str!("../../tests/data/iers-expires-2027-06-28.list");

fn decode(text: &str) -> Result<LeapSecondsList, LeapListError> {
    text.parse()
}

fn utc(text: &str) -> UtcInstant {
    text.parse().unwrap()
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
fn the_lists_of_the_iers_are_verified() {
    for (text, updated, expires) in [
        (LIST_2026, "2025-07-07T00:00:00Z", "2026-06-28T00:00:00Z"),
        (LIST_2027, "2026-07-06T07:44:57Z", "2027-06-28T00:00:00Z"),
    ] {
        let list = decode(text).unwrap();
        assert_eq!(list.hash_state(), HashState::Verified);
        assert_eq!(list.updated(), Some(utc(updated)));
        let table = list.into_table();
        assert_eq!(table.expires(), Some(utc(expires)));
        assert_eq!(table.leaps().len(), 27);
        let last = table.leaps()[26];
        assert_eq!(last.month().to_string(), "2016-12");
        assert_eq!(last.tai_utc(), TaiUtc::from_seconds(37));
        let first = table.leaps()[0];
        assert_eq!(first.month().to_string(), "1972-06");
    }
}

#[test]
fn line_ends_and_blank_lines_do_not_matter() {
    let list = decode(LIST_2027).unwrap();
    let crlf = LIST_2027.replace('\n', "\r\n");
    assert_eq!(decode(&crlf), Ok(list.clone()));
    let blank = LIST_2027.replace('\n', "\n\n \t\r\n");
    assert_eq!(decode(&blank), Ok(list.clone()));
    let indented = LIST_2027.replace("\n2", "\n \t2");
    assert_eq!(decode(&indented), Ok(list.clone()));
    assert_eq!(decode(LIST_2027.trim_end()), Ok(list.clone()));
    let mut latin_1 = LIST_2027.as_bytes().to_vec();
    latin_1.extend(b"# \xe9\r\xff#@#h#$\n#\n##h\n#hash\n");
    assert_eq!(LeapSecondsList::decode(&latin_1), Ok(list));
}

#[test]
fn every_truncation_is_an_error() {
    let whole = decode(LIST_2027).unwrap();
    for end in 0..LIST_2027.len() {
        match decode(&LIST_2027[..end]) {
            Ok(list) => {
                assert_eq!(list, whole);
                assert_eq!(LIST_2027[end..].trim(), "");
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn a_truncation_that_needs_no_hash_is_told_by_its_state() {
    let whole = decode(LIST_2027).unwrap();
    let first_leap = LIST_2027.find("1 Jul 1972\n").unwrap();
    for end in 0..LIST_2027.len() - 1 {
        let text = &LIST_2027[..end];
        if let Ok(list) = LeapSecondsList::decode_with(text.as_bytes(), HashRule::IfPresent) {
            assert_eq!(list.hash_state(), HashState::Absent);
            assert!(text.ends_with('\n') && end > first_leap, "{end}");
            assert_eq!(list.table().expires(), whole.table().expires());
            assert!(!list.table().leaps().is_empty());
        }
    }
}

#[test]
fn an_empty_list_is_an_error() {
    for text in ["", "\n", "# nothing\n", "#@ 4023129600\n"] {
        let (_, rest, expected) = fault(text);
        assert_eq!((rest, expected), ("", START), "{text:?}");
    }
    let (line, _, expected) = fault("2272060800 10\n");
    assert_eq!((line, expected), (2, "#@ and the expiry"));
}

#[test]
fn a_wrong_hash_is_an_error_or_a_state() {
    for (right, wrong) in [
        ("5923836a", "5923836b"),
        ("3992312697", "3992312698"),
        ("#$\t3992312697", "#"),
        ("3692217600      37", "# 3692217600      37"),
    ] {
        let text = LIST_2027.replace(right, wrong);
        let error = decode(&text).unwrap_err();
        let LeapListError::WrongHash { computed, found } = error else {
            panic!("{error:?}");
        };
        assert_ne!(computed, found);
        let list = LeapSecondsList::decode_with(text.as_bytes(), HashRule::Any).unwrap();
        assert_eq!(list.hash_state(), HashState::Wrong { computed, found });
    }
}

#[test]
fn an_absent_hash_is_an_error_or_a_state() {
    let text = LIST_2027.replace("#h", "# ");
    assert_eq!(decode(&text), Err(LeapListError::NoHash));
    let list = LeapSecondsList::decode_with(text.as_bytes(), HashRule::IfPresent).unwrap();
    assert_eq!(list.hash_state(), HashState::Absent);
    assert_eq!(list.table(), decode(LIST_2027).unwrap().table());
}

/// Looks for a list whose hash has such a word, and writes it as short as it can be.
#[test]
fn leading_zeros_of_hash_words_may_be_missing() {
    let data = "2272060800 10\n2287785600 11\n2303683200 12\n";
    let found = (0..)
        .map(|update| format!("#$ {}\n#@ 2319321600\n{data}", 2_303_683_200_u64 + update))
        .find_map(|text| {
            let with_hash = text.clone() + "#h 0 0 0 0 0\n";
            let list = LeapSecondsList::decode_with(with_hash.as_bytes(), HashRule::Any).unwrap();
            let HashState::Wrong { computed, .. } = list.hash_state() else {
                panic!("a hash of zeros");
            };
            let short = computed.words().map(|word| format!("{word:x}"));
            (short.concat().len() < 39).then(|| text + "#h " + &short.join("  ") + "\n")
        })
        .unwrap();
    assert_eq!(decode(&found).unwrap().hash_state(), HashState::Verified);
}

#[test]
fn seconds_go_past_2036() {
    let text = "#@ 4418064000\n2272060800 10\n4323369600 9\n4354905600 10\n";
    let list = LeapSecondsList::decode_with(text.as_bytes(), HashRule::IfPresent).unwrap();
    let months: Vec<_> = list
        .table()
        .leaps()
        .iter()
        .map(|leap| leap.month())
        .collect();
    let expected = ["2036-12".parse().unwrap(), "2037-12".parse().unwrap()];
    assert_eq!(months, expected);
    assert_eq!(list.table().expires(), Some(utc("2040-01-02T00:00:00Z")));
    assert_eq!(list.table().leaps()[0].sign(), LeapSign::Negative);
    assert_eq!(list.updated(), None);
}

/// Each text stands after the two lines that every list must have.
fn assert_faults(faults: &[(&str, usize, &str, &str)]) {
    for (text, line, rest, expected) in faults {
        let text = String::from("#@ 4023129600\n2272060800 10\n") + text;
        assert_eq!(fault(&text), (*line, *rest, *expected), "{text:?}");
    }
}

#[test]
fn malformed_data_lines_say_where_and_what() {
    let kind = "a comment or seconds since 1900";
    let white = "white space and TAI-UTC";
    let month = "the first second of a month";
    let step = "TAI-UTC one more or less than in the line before";
    let year = "a second before the year 10000";
    assert_faults(&[
        ("x\n", 3, "x", kind),
        ("-1 11\n", 3, "-1 11", kind),
        ("18446744073709551616 9", 3, "18446744073709551616 9", kind),
        ("2287785600\n", 3, "", white),
        ("2287785600x11\n", 3, "x11", white),
        ("2287785600 x\n", 3, "x", "TAI-UTC in seconds"),
        ("2287785600 11 x\n", 3, "x", "the end of the line"),
        ("2287785601 11\n", 3, "2287785601 11", month),
        ("2287872000 11\n", 3, "2287872000 11", month),
        ("2287785600 12\n", 3, "12", step),
        ("2287785600 10\n", 3, "10", step),
        ("2287785600 4294967307\n", 3, "4294967307", step),
        ("\n9223372036854775808 9", 4, "9223372036854775808 9", year),
        ("255611289600 11\n", 3, "255611289600 11", year),
    ]);
    for (text, rest, expected) in [
        ("#@ 4023129600\n2287785600 11\n", "2287785600 11", START),
        (
            "#@ 4023129600\n2272060800 1",
            "1",
            "TAI-UTC 10 at the start",
        ),
    ] {
        assert_eq!(fault(text), (2, rest, expected));
    }
}

#[test]
fn malformed_special_lines_say_where_and_what() {
    let update = "the time of the last update in seconds since 1900";
    let second_update = "one time of the last update, not a second";
    let expiry = "the expiry in seconds since 1900";
    let second_expiry = "one expiry, not a second";
    let words = "five hash words of at most eight hexadecimal digits";
    let second_hash = "one hash, not a second";
    let end = "the end of the line";
    assert_faults(&[
        ("#$\n", 3, "", update),
        ("#$ 1 2\n", 3, "2", end),
        ("#$ 1\n#$ 1\n", 4, "1", second_update),
        ("#@ soon", 3, "soon", expiry),
        ("#@ 4023129600", 3, "4023129600", second_expiry),
        ("#h 0 0 0 0\n", 3, "", words),
        ("#h 0 0 0 0 123456789\n", 3, "9", words),
        ("#h 0 0 0 0 0 0\n", 3, "0", end),
        ("#h 0 0 0 0 0\n#h 1 1 1 1 1", 4, "#h 1 1 1 1 1", second_hash),
    ]);
}

#[test]
fn what_makes_no_table_is_found_in_its_line() {
    let list = "#@ 2303683200\n2272060800 10\n2287785600 11\n2303683200 12\n";
    assert_eq!(decode(list), Err(LeapListError::NoHash));
    for (text, found, rest) in [
        (list.replace("2287785600", "2303683200"), 4, "2303683200 12"),
        (list.replace("2287785600", "2319321600"), 4, "2303683200 12"),
        (list.replace("2287785600", "2272060800"), 3, "2272060800 11"),
        (
            list.replace("#@ 2303683200", "#@ 2303683199"),
            1,
            "2303683199",
        ),
    ] {
        let error = decode(&text).unwrap_err();
        let LeapListError::Table { line, offset, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(line, found);
        assert!(text[offset..].starts_with(rest), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_octets_are_answered(text: Vec<u8>) {
        let _ = LeapSecondsList::decode(&text);
    }

    #[test]
    fn a_changed_octet_never_changes_the_table(at in 0..LIST_2027.len(), octet: u8) {
        let mut text = LIST_2027.as_bytes().to_vec();
        text[at] = octet;
        if let Ok(list) = LeapSecondsList::decode(&text) {
            prop_assert_eq!(list.into_table(), decode(LIST_2027).unwrap().into_table());
        }
    }

    #[test]
    fn lines_of_the_right_kind_are_answered(
        lines in proptest::collection::vec("(#[$@h] )?[0-9]{1,10} [0-9a-f]{1,8}\r?\n?", 0..9),
    ) {
        let _ = decode(&lines.concat());
    }
}
