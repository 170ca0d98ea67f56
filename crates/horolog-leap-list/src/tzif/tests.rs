use super::*;
use crate::LeapSecondsList;
use alloc::vec::Vec;
use horolog_time::LeapTableError;
use horolog_time::TaiInstant;
use proptest::prelude::*;

const RIGHT_UTC: &[u8] = include_bytes!("../../tests/data/right-UTC.tzif");

/// What zic of glibc 2.36 makes of leap seconds at the ends of 1972-06 and 1972-12, a removed one at
/// the end of 1973-12, and the expiry 1974-06-28: `zic -b fat -L leaps`.
const WITH_NEGATIVE: &str = "\
545a6966320000000000000000000000000000000000000000000000000000030000000100000001000000040870ca81\
0000000000000055544300 04b2580000000001 05a4ec0100000002 07861f8100000001\
545a6966320000000000000000000000000000000000000000000000000000030000000100000001000000040000000008\
70ca81000000000000005554430000000000 04b2580000000001 0000000005a4ec0100000002\
0000000007861f8100000001 0a0a";

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let octet = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).unwrap();
    digits.chunks(2).map(octet).collect()
}

fn header(version: u8, counts: [u32; 6]) -> Vec<u8> {
    let mut file = Vec::from(b"TZif");
    file.push(if version == 1 { 0 } else { b'0' + version });
    file.extend([0; 15]);
    file.extend(counts.map(u32::to_be_bytes).concat());
    file
}

/// A file of UTC in the manner of `zic -b slim`.
fn file(version: u8, leaps: &[(i64, i32)], transitions: &[i64], footer: &str) -> Vec<u8> {
    let [times, count] = [transitions.len(), leaps.len()].map(|n| u32::try_from(n).unwrap());
    let low = |time: i64| i32::try_from(time).unwrap().to_be_bytes();
    let mut out = Vec::new();
    if version > 1 {
        out.extend(header(version, [0, 0, 0, 0, 1, 1]));
        out.extend([0; 7]);
    }
    out.extend(header(version, [1, 1, count, times, 1, 4]));
    let time = |out: &mut Vec<u8>, value: i64| match version {
        1 => out.extend(low(value)),
        _ => out.extend(value.to_be_bytes()),
    };
    for value in transitions {
        time(&mut out, *value);
    }
    out.extend(transitions.iter().map(|_| 0));
    out.extend(b"\0\0\0\0\0\0UTC\0");
    for (occurrence, correction) in leaps {
        time(&mut out, *occurrence);
        out.extend(correction.to_be_bytes());
    }
    out.extend([0, 0]);
    if version > 1 {
        out.extend([b"\n", footer.as_bytes(), b"\n"].concat());
    }
    out
}

const LEAPS: [(i64, i32); 3] = [(78_796_800, 1), (94_694_401, 2), (126_230_401, 1)];
/// 1974-06-28T00:00:00Z.
const EXPIRY: i64 = 141_609_600;

fn months(leaps: &TzifLeapSeconds) -> [(&'static str, LeapSign); 3] {
    let expected = [
        ("1972-06", LeapSign::Positive),
        ("1972-12", LeapSign::Positive),
        ("1973-12", LeapSign::Negative),
    ];
    let found = leaps
        .table()
        .leaps()
        .iter()
        .map(|leap| (leap.month(), leap.sign()));
    assert!(found.eq(expected.map(|(month, sign)| (month.parse().unwrap(), sign))));
    expected
}

fn expected(file: &[u8]) -> (usize, &'static str) {
    match TzifLeapSeconds::decode(file) {
        Err(TzifError::Malformed { offset, expected }) => (offset, expected),
        other => panic!("{other:?}"),
    }
}

fn utc(text: &str) -> UtcInstant {
    text.parse().unwrap()
}

/// `TZ=right/UTC date -d @1483228826` shows 23:59:60.
#[test]
fn right_utc_says_the_same_as_the_list_it_is_made_of() {
    let list = include_str!("../../tests/data/iers-expires-2026-06-28.list");
    let list: LeapSecondsList = list.parse().unwrap();
    let leaps = TzifLeapSeconds::decode(RIGHT_UTC).unwrap();
    assert_eq!(leaps.version(), 2);
    assert_eq!(leaps.table().leaps(), list.table().leaps());
    assert_eq!(leaps.table().expires(), list.table().expires());
    assert_eq!(leaps.table().updated(), None);
    let leap = leaps
        .table()
        .to_utc(TaiInstant::from_seconds(1_483_228_826 + 10));
    assert_eq!(leap, Ok(utc("2016-12-31T23:59:60Z")));
}

#[test]
fn a_negative_leap_second_of_zic() {
    let leaps = TzifLeapSeconds::decode(&octets(WITH_NEGATIVE)).unwrap();
    months(&leaps);
    assert_eq!(leaps.table().expires(), Some(utc("1974-06-28T00:00:00Z")));
}

#[test]
fn versions_without_an_expiry_answer_until_the_last_leap_second() {
    for version in 1..=4 {
        let leaps = TzifLeapSeconds::decode(&file(version, &LEAPS, &[], "UTC0")).unwrap();
        months(&leaps);
        assert_eq!((leaps.version(), leaps.table().expires()), (version, None));
        assert_eq!(leaps.table().valid_until(), utc("1974-01-01T00:00:00Z"));
    }
}

#[test]
fn version_4_has_an_expiry() {
    let with_expiry = [&LEAPS[..], &[(EXPIRY + 1, 1)]].concat();
    let leaps = TzifLeapSeconds::decode(&file(4, &with_expiry, &[], "UTC0")).unwrap();
    months(&leaps);
    assert_eq!(leaps.table().expires(), Some(utc("1974-06-28T00:00:00Z")));
    for version in 1..=3 {
        let (_, expected) = expected(&file(version, &with_expiry, &[], "UTC0"));
        assert_eq!(
            expected,
            "a correction one more or less than the one before"
        );
    }
}

#[test]
fn the_end_of_a_zone_is_an_expiry_where_nothing_else_can_be_meant() {
    let expires = |file: Vec<u8>| TzifLeapSeconds::decode(&file).unwrap().table().expires();
    let at = Some(utc("1974-06-28T00:00:00Z"));
    for version in 2..=4 {
        assert_eq!(expires(file(version, &LEAPS, &[0, EXPIRY + 1], "")), at);
        assert_eq!(
            expires(file(version, &LEAPS, &[0, EXPIRY + 1], "UTC0")),
            None
        );
        assert_eq!(expires(file(version, &LEAPS, &[0], "")), None);
    }
    assert_eq!(expires(file(1, &LEAPS, &[EXPIRY + 1], "")), None);
    // That of version 4 comes first.
    let with_expiry = [&LEAPS[..], &[(EXPIRY + 1, 1)]].concat();
    assert_eq!(expires(file(4, &with_expiry, &[EXPIRY + 9], "")), at);
}

#[test]
fn a_table_cut_off_at_its_start_is_an_error() {
    for version in 1..=4 {
        let (_, expected) = expected(&file(version, &LEAPS[1..], &[], ""));
        let cut = "a first correction of 1 or -1: the table is cut off at its start";
        assert_eq!(expected, cut);
        // Its first correction is 1, but it was 2 before.
        let (_, expected) = self::expected(&file(version, &LEAPS[2..], &[], ""));
        assert_eq!(expected, "a leap second at the end of a month");
    }
}

#[test]
fn a_file_without_leap_seconds_is_an_error() {
    for version in 1..=4 {
        let result = TzifLeapSeconds::decode(&file(version, &[], &[], "UTC0"));
        assert_eq!(result, Err(TzifError::NoLeapSeconds));
    }
}

#[test]
fn every_truncation_and_every_extension_is_an_error() {
    for version in 1..=4 {
        let file = file(version, &LEAPS, &[0, EXPIRY], "UTC0");
        for end in 0..file.len() {
            expected(&file[..end]);
        }
        let (offset, expected) = expected(&[&file[..], b"\n"].concat());
        assert_eq!((offset, expected), (file.len(), "the end of the file"));
    }
    for end in 0..RIGHT_UTC.len() {
        expected(&RIGHT_UTC[..end]);
    }
}

#[test]
fn malformed_parts_say_where_and_what() {
    let second = RIGHT_UTC[4..]
        .windows(4)
        .position(|octets| octets == b"TZif")
        .unwrap()
        + 4;
    let times = "as many transition times as the header says";
    let footer = RIGHT_UTC.len() - 2;
    for (at, octet, offset, expected) in [
        (0, b't', 0, "TZif"),
        (4, b'1', 4, "version 1 to 4"),
        (4, b'5', 4, "version 1 to 4"),
        (4, b'3', second, "the version of the first header"),
        (second, b'x', second, "TZif"),
        (32, 0xff, 44, times),
        (second + 32, 0xff, second + 44, times),
        (36, 0xff, 49, "as many time types as the header says"),
        (
            40,
            0xff,
            55,
            "as many octets of designations as the header says",
        ),
        (
            28,
            0xff,
            59,
            "as many leap-second records as the header says",
        ),
        (
            second + 20,
            0xff,
            footer,
            "as many indicators as the header says",
        ),
        (
            second + 24,
            0xff,
            footer,
            "as many indicators as the header says",
        ),
        (
            second + 67,
            1,
            second + 63,
            "a leap second at the end of a month",
        ),
        (
            second + 63,
            0x80,
            second + 63,
            "a time in the years 1 to 9999",
        ),
        (
            second + 86,
            3,
            second + 75,
            "a correction one more or less than the one before",
        ),
        (footer, b' ', footer, "a footer between line feeds"),
    ] {
        let mut file = RIGHT_UTC.to_vec();
        file[at] = octet;
        assert_eq!(self::expected(&file), (offset, expected), "octet {at}");
    }
}

#[test]
fn what_makes_no_table_is_an_error() {
    let early = [&LEAPS[..], &[(94_694_402, 1)]].concat();
    let decode = |leaps: &[(i64, i32)]| TzifLeapSeconds::decode(&file(4, leaps, &[], ""));
    let error = decode(&early).unwrap_err();
    let TzifError::Table { source, .. } = error else {
        panic!("{error:?}");
    };
    assert!(matches!(source, LeapTableError::Expiry { .. }));
    let error = decode(&[(78_796_800, 1), (78_796_801, 2)]).unwrap_err();
    assert!(error.to_string().contains("does not follow"), "{error}");
    let error = decode(&[(31_536_000, 1)]).unwrap_err();
    assert!(
        error.to_string().contains("at the end of 1970-12"),
        "{error}"
    );
}

proptest! {
    #[test]
    fn any_octets_are_answered(file: Vec<u8>) {
        let _ = TzifLeapSeconds::decode(&file);
        let _ = TzifLeapSeconds::decode(&[&RIGHT_UTC[..20], &file].concat());
    }

    #[test]
    fn a_changed_octet_is_answered(at in 0..RIGHT_UTC.len(), octet: u8) {
        let mut file = RIGHT_UTC.to_vec();
        file[at] = octet;
        if let Ok(leaps) = TzifLeapSeconds::decode(&file) {
            prop_assert!(!leaps.table().leaps().is_empty());
        }
    }

    /// Times and corrections of any table, as zic would write them.
    #[test]
    fn a_table_survives(table in crate::tests::tables(1..99)) {
        let mut inserted = 0;
        let mut leaps: Vec<_> = table.leaps().iter().map(|leap| {
            let before = inserted;
            inserted += leap.sign().as_i32();
            (leap.end().to_unix().seconds() + i64::from(before.min(inserted)), inserted)
        }).collect();
        let expires = table.expires().unwrap().to_unix().seconds() + i64::from(inserted);
        leaps.push((expires, inserted));
        let decoded = TzifLeapSeconds::decode(&file(4, &leaps, &[], "UTC0")).unwrap();
        prop_assert_eq!(decoded.into_table(), table);
    }
}
