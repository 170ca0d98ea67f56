use super::*;
use hex_literal::hex;
use horolog_time::{LeapSign, LeapTableBuilder};
use proptest::prelude::*;

/// All leap seconds up to that of 2016-12, but the gap to it.
const LEAPS: &str = "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+";

/// "Compact formats for the leap second list", 2021, with its two faults put right: gaps that are
/// multiples of 96 months keep their sign, and the last octet but one of 999 months is 85.
const VECTORS: [(&str, &[u8]); 16] = [
    ("…18+59?", &hex!("00111111121134312112229D565287FA")),
    ("…18+5?", &hex!("00111111121134312112229D5652F4")),
    ("…18+48+5?", &hex!("00111111121134312112229D56527F")),
    ("…18+11?", &hex!("00111111121134312112229D5652FA")),
    ("…18+113?", &hex!("00111111121134312112229D56528F81F4")),
    ("3-4?", &hex!("E2F3")),
    ("17-3?", &hex!("81E4F2")),
    ("192-5?", &hex!("8FAFF4")),
    ("96+5?", &hex!("9FF4")),
    ("96?", &hex!("BF")),
    ("5?", &hex!("F4")),
    ("999?", &hex!("8F8F8F8F8F8F8F8F8F8F85F2")),
    // Not published. An odd number of nibbles widens the last short code, not the one before it …
    ("6+12+18+6?", &hex!("01 92 B0")),
    // … and not the last code.
    ("12+6-11?", &hex!("91 A0 FA")),
    ("6-5?", &hex!("A0 F4")),
    ("288+96-192?", &hex!("8F 8F 9F AF 8F BF")),
];

fn text(text: &str) -> String {
    text.replace('…', LEAPS)
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn builder(leaps: &[&str], expires: &str) -> LeapTableBuilder {
    leaps
        .iter()
        .fold(LeapTable::builder(), |table, leap| {
            table.leap(month(leap), LeapSign::Positive)
        })
        .expires(expires.parse().unwrap())
}

#[test]
fn published_lists_read_and_write_as_published() {
    for (short, octets) in VECTORS {
        let text = text(short);
        let list: CompactList = text.parse().unwrap();
        assert_eq!(list.to_string(), text);
        assert_eq!(list.to_text(), text);
        assert_eq!(list.text_len(), text.len());
        assert_eq!(list.to_binary(), octets, "{text}");
        assert_eq!(list.binary_len(), octets.len());
        assert_eq!(CompactList::decode_binary(octets), Ok(list.clone()));

        assert_eq!(encode_text(list.table()), Ok((text, Losses::none())));
        let binary = encode_binary(list.table());
        assert_eq!(binary, Ok((octets.to_vec(), Losses::none())));
        let from_table = CompactList::from_table(list.table());
        assert_eq!(from_table, Ok((list, Losses::none())));
    }
}

#[test]
fn the_leap_seconds_are_where_they_were() {
    let list: CompactList = text("…18+126?").parse().unwrap();
    let table = list.table();
    assert_eq!(table.leaps().len(), 27);
    assert_eq!(table.leaps()[0].month(), month("1972-06"));
    assert_eq!(table.leaps()[26].month(), month("2016-12"));
    assert_eq!(table.leaps()[26].tai_utc().seconds(), 37);
    assert_eq!(table.valid_until().to_string(), "2027-07-01T00:00:00Z");
    assert_eq!(list.expiry(), month("2027-07"));

    let january_1994 = "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+5?";
    let list: CompactList = january_1994.parse().unwrap();
    let last = list.table().leaps().last().unwrap();
    assert_eq!(last.month(), month("1994-06"));
    assert_eq!(LeapTable::from(list.clone()), list.into_table());
}

#[test]
fn faults_of_both_forms_are_told() {
    let error = CompactList::decode_text(b"6+6+").unwrap_err();
    assert_eq!(error.position(), Position::Octet(4));
    assert!(matches!(error.kind(), DecodeErrorKind::Unexpected { .. }));
    let late = "999+".repeat(97) + "1?";
    let error = late.parse::<CompactList>().unwrap_err();
    assert!(matches!(error.kind(), DecodeErrorKind::PastCalendar { .. }));

    let error = CompactList::decode_binary(&hex!("00F400")).unwrap_err();
    assert_eq!(error.position(), Position::Nibble(4));
    assert!(matches!(error.kind(), DecodeErrorKind::Unexpected { .. }));
    let error = CompactList::decode_binary(&[0x8f; 11]).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Gap { months: 1056 });
    let error = CompactList::decode_binary(&[0x77; 1100]).unwrap_err();
    assert!(matches!(error.kind(), DecodeErrorKind::PastCalendar { .. }));
}

#[test]
fn character_strings_are_one_text() {
    let text = "1+".repeat(400) + "1?";
    let list: CompactList = text.parse().unwrap();
    let strings = crate::character_strings(&text);
    assert_eq!(strings.clone().count(), 4);
    assert_eq!(CompactList::from_character_strings(strings), Ok(list));
    let error = CompactList::from_character_strings(["6+", "", "x"]).unwrap_err();
    assert_eq!(error.position(), Position::Octet(2));
}

#[test]
fn what_a_list_does_not_say_is_told() {
    let updated = "2026-07-06T07:44:57Z".parse().unwrap();
    let table = builder(&["2016-12"], "2027-06-28T00:00:00Z")
        .updated(updated)
        .build()
        .unwrap();
    let losses = Losses::none()
        .with_expires(table.expires().unwrap())
        .with_updated(updated);
    let (list, told) = CompactList::from_table(&table).unwrap();
    assert_eq!(told, losses);
    assert_eq!(list.to_string(), "540+125?");
    assert_eq!(encode_text(&table), Ok((list.to_text(), losses)));
    assert_eq!(encode_binary(&table), Ok((list.to_binary(), losses)));
    assert_eq!(list.table().updated(), None);
    let expires = list.table().expires().unwrap();
    assert_eq!(expires.to_string(), "2027-06-01T00:00:00Z");
    // Within a day of its start, the month is not whole either.
    let table = builder(&[], "2027-06-01T00:00:01Z").build().unwrap();
    let (list, told) = CompactList::from_table(&table).unwrap();
    assert_eq!(list.to_string(), "665?");
    assert_eq!(told.expires(), table.expires());
}

#[test]
fn tables_that_cannot_be_said_are_refused() {
    let refused = |table: LeapTableBuilder| {
        let table = table.build().unwrap();
        let error = CompactList::from_table(&table).unwrap_err();
        assert_eq!(encode_text(&table), Err(error));
        assert_eq!(encode_binary(&table), Err(error));
        error.to_string()
    };
    let no_expiry = LeapTable::builder().leap(month("2016-12"), LeapSign::Positive);
    assert_eq!(refused(no_expiry), "the table has no expiry");
    for (leaps, expires, message) in [
        (
            &["2055-04"][..],
            "2056-01-01T00:00:00Z",
            "the gap before 2055-05 is 1000 months, expected 1 to 999",
        ),
        (
            &["1972-01"],
            "2055-06-30T00:00:00Z",
            "the gap before 2055-06 is 1000 months, expected 1 to 999",
        ),
        (
            &["2016-12"],
            "2017-01-31T00:00:00Z",
            "the gap before 2017-01 is 0 months, expected 1 to 999",
        ),
        (
            &[],
            "1972-01-01T00:00:00Z",
            "the gap before 1972-01 is 0 months, expected 1 to 999",
        ),
    ] {
        assert_eq!(refused(builder(leaps, expires)), message);
    }
    // One month less is no problem.
    let longest = builder(&["2055-03"], "2138-07-31T00:00:00Z")
        .build()
        .unwrap();
    assert_eq!(encode_text(&longest).unwrap().0, "999+999?");
}

#[test]
fn a_buffer_is_filled_or_left_alone() {
    let (short, octets) = VECTORS[0];
    let list: CompactList = text(short).parse().unwrap();
    for length in 0..octets.len() {
        let mut dirty = [0xa5; 40];
        let error = list.encode_binary(&mut &mut dirty[..length]);
        let (needed, left) = (octets.len(), length);
        assert_eq!(error, Err(EncodeError::BufferTooSmall { needed, left }));
        assert_eq!(dirty, [0xa5; 40]);
    }
    let mut dirty = [0xa5; 40];
    let mut rest = &mut dirty[..];
    list.encode_binary(&mut rest).unwrap();
    assert_eq!(rest.len(), 40 - octets.len());
    let (written, untouched) = dirty.split_at(octets.len());
    assert_eq!(written, octets);
    assert!(untouched.iter().all(|octet| *octet == 0xa5));
}

/// Text of some gaps, each with its sign, and of the last.
fn text_of((gaps, last): &(Vec<(u32, bool)>, u32)) -> String {
    let mark = |positive: &bool| if *positive { '+' } else { '-' };
    let leaps = gaps
        .iter()
        .map(|(gap, sign)| format!("{gap}{}", mark(sign)));
    leaps.chain([format!("{last}?")]).collect()
}

/// Up to 400 leap seconds; half of the gaps are whole half years, as most are.
fn lists() -> impl Strategy<Value = (Vec<(u32, bool)>, u32)> {
    let any_gap = || prop_oneof![1..=240_u32, (1..=40_u32).prop_map(|count| count * 6)];
    (
        proptest::collection::vec((any_gap(), any::<bool>()), 0..400),
        1..=999_u32,
    )
}

proptest! {
    #[test]
    fn text_and_binary_are_the_same_list(list in lists(), cut: usize) {
        let text = text_of(&list);
        let list: CompactList = text.parse().unwrap();
        prop_assert_eq!(list.to_string(), text.clone());
        let octets = list.to_binary();
        prop_assert_eq!(octets.len(), list.binary_len());
        let read = CompactList::decode_binary(&octets).unwrap();
        prop_assert_eq!(&read, &list);
        prop_assert_eq!(read.to_text(), text);
        let part = CompactList::decode_binary(&octets[..cut % octets.len()]);
        prop_assert_ne!(part, Ok(list));
    }

    #[test]
    fn every_gap_survives(gaps in proptest::collection::vec((1..=999_u32, any::<bool>()), 0..90), last in 1..=999_u32) {
        let text = text_of(&(gaps, last));
        let list: CompactList = text.parse().unwrap();
        let read = CompactList::decode_binary(&list.to_binary()).unwrap();
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn any_octets_are_answered(octets: Vec<u8>) {
        let _ = CompactList::decode_text(&octets);
        if let Ok(list) = CompactList::decode_binary(&octets) {
            let canonical = list.to_binary();
            prop_assert_eq!(CompactList::decode_binary(&canonical), Ok(list));
        }
    }

    #[test]
    fn octets_that_look_like_a_list_are_answered(text in "([0-9]{1,4}[-+?]){0,9}") {
        if let Ok(list) = text.parse::<CompactList>() {
            prop_assert_eq!(list.to_string(), text);
        }
    }
}

/// Each gap alone, with each mark: 1..=999 three times.
#[test]
fn all_gaps_survive_alone() {
    for gap in 1..=999 {
        for text in [
            format!("{gap}?"),
            format!("{gap}+1?"),
            format!("{gap}-6+5?"),
        ] {
            let list: CompactList = text.parse().unwrap();
            let read = CompactList::decode_binary(&list.to_binary()).unwrap();
            assert_eq!(read.to_string(), text);
        }
    }
}
