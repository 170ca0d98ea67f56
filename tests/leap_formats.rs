//! Every format of leap-second tables against every other: what one says of a table, all say.

#![expect(clippy::unwrap_used, reason = "a test may")]

use core::ops::RangeInclusive;

use horolog_examples::leap::Format;
use horolog_leap_a::{EncodeError, decode_set, encode_set};
use horolog_leap_compact::{
    AddressLayout, CompactList, decode_addresses, encode_addresses, encode_binary, encode_text,
};
use horolog_leap_list::{
    LeapSecondDat, LeapSecondDatWriter, LeapSecondsList, LeapWriteError, ListWriter,
    TzifLeapSeconds,
};
use horolog_time::{LeapSecond, LeapSign, LeapTable, Losses, Month, TaiUtc, UnixTime, UtcInstant};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const LISTS: [&str; 2] = [
    include_str!("../crates/horolog-leap-list/tests/data/iers-expires-2026-06-28.list"),
    include_str!("../crates/horolog-leap-list/tests/data/iers-expires-2027-06-28.list"),
];
const DAT: &[u8] = include_bytes!("../crates/horolog-leap-list/tests/data/iers-Leap_Second.dat");
const TZIF: &[u8] = include_bytes!("../crates/horolog-leap-list/tests/data/right-UTC.tzif");

/// The 27 leap seconds until 2016-12, as compact text and as nibbles.
const TEXT: &str = "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+";
const HEX: &str = "00111111121134312112229D565";

/// 2142-06, the last month of which an A record can tell.
const LAST_OF_A_RECORDS: i32 = 2045;
/// 9999-12, the last month that has a number.
const LAST_OF_ALL: i32 = 96_335;

fn utc(text: &str) -> UtcInstant {
    text.parse().unwrap()
}

fn start_of(month: Month) -> UtcInstant {
    UtcInstant::midnight(month.first_day())
}

fn hex(octets: &[u8]) -> String {
    let digits: Vec<_> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
    digits.concat()
}

/// A table without its time of update, and with this expiry.
fn with_expiry(table: &LeapTable, expires: UtcInstant) -> LeapTable {
    let builder = table
        .leaps()
        .iter()
        .fold(LeapTable::builder(), |builder, leap| {
            builder.leap(leap.month(), leap.sign())
        });
    builder.expires(expires).build().unwrap()
}

/// What is left of a table where the month of the expiry is said alone, and the losses.
fn cut(table: &LeapTable) -> (LeapTable, Losses) {
    let expires = table.expires().unwrap();
    let start = start_of(Month::from(expires.date()));
    let mut losses = Losses::none();
    if start != expires {
        losses = losses.with_expires(expires);
    }
    if let Some(updated) = table.updated() {
        losses = losses.with_updated(updated);
    }
    (with_expiry(table, start), losses)
}

/// What A records cannot say of a table, the first of it.
fn unsayable(table: &LeapTable) -> Option<EncodeError> {
    let end = Month::from(table.expires().unwrap().date()).checked_add(-1)?;
    let last = table
        .leaps()
        .last()
        .map_or(TaiUtc::AT_1972, |leap| leap.tai_utc());
    let records = table
        .leaps()
        .iter()
        .map(|leap| (leap.month(), leap.tai_utc_before()));
    records.chain([(end, last)]).find_map(|(month, tai_utc)| {
        if month.number() > LAST_OF_A_RECORDS {
            Some(EncodeError::Month { month })
        } else if !(0..=127).contains(&tai_utc.seconds()) {
            Some(EncodeError::TaiUtc { tai_utc })
        } else {
            None
        }
    })
}

/// How a table is made from numbers.
#[derive(Clone, Debug)]
struct Draft {
    /// Gap and sign of each leap second.
    leaps: Vec<(u32, LeapSign)>,
    /// Months from the last of them to the month of the expiry.
    end: u32,
    /// Seconds of the expiry in its month, which may be shorter.
    seconds: i64,
    updated: Option<i64>,
}

impl Draft {
    /// The table, which expires in this month at the latest; TAI-UTC turns back at its limits.
    fn table(self, last_month: i32, tai_utc: RangeInclusive<i32>) -> LeapTable {
        let mut builder = LeapTable::builder();
        let (mut boundary, mut now) = (0, TaiUtc::AT_1972);
        let end = self.end.cast_signed();
        for (gap, sign) in self.leaps {
            let next = boundary + gap.cast_signed();
            if next + end > last_month {
                break;
            }
            let allowed = |sign| tai_utc.contains(&now.after(sign).seconds());
            let sign = match sign {
                _ if allowed(sign) => sign,
                LeapSign::Positive => LeapSign::Negative,
                LeapSign::Negative => LeapSign::Positive,
            };
            builder = builder.leap(Month::from_number(next - 1).unwrap(), sign);
            (boundary, now) = (next, now.after(sign));
        }
        let month = Month::from_number(boundary + end).unwrap();
        let seconds = self.seconds % (i64::from(month.last_day().day()) * 86_400);
        let expires = start_of(month).to_unix().seconds() + seconds;
        let instant = |seconds| UtcInstant::from_unix(UnixTime::from_seconds(seconds)).unwrap();
        if let Some(updated) = self.updated {
            builder = builder.updated(instant(updated));
        }
        builder.expires(instant(expires)).build().unwrap()
    }
}

/// Up to 400 leap seconds with gaps of 1 to 999 months, which are short in some tables, and more of
/// one sign than of the other in some. An expiry is at the start of a month, of a day, or neither.
fn drafts() -> impl Strategy<Value = Draft> {
    let longest = prop_oneof![Just(1_u32), Just(6), Just(60), Just(999)];
    let positive = prop_oneof![Just(0.0), Just(0.5), Just(0.9), Just(1.0)];
    (longest, positive).prop_flat_map(|(longest, positive)| {
        let sign = proptest::bool::weighted(positive).prop_map(|positive| {
            if positive {
                LeapSign::Positive
            } else {
                LeapSign::Negative
            }
        });
        let seconds = prop_oneof![
            Just(0),
            (0..31_i64).prop_map(|days| days * 86_400),
            0..31 * 86_400_i64
        ];
        // From 1900 on, as a list counts.
        let updated = option::of(-2_208_988_800..10_000_000_000_i64);
        let leaps = vec((1..=longest, sign), 0..=400);
        (leaps, 1..=999_u32, seconds, updated).prop_map(|(leaps, end, seconds, updated)| Draft {
            leaps,
            end,
            seconds,
            updated,
        })
    })
}

/// From text to text and binary, and the losses on the way.
fn through_compact_lists(table: &LeapTable) -> LeapTable {
    let (expected, losses) = cut(table);
    assert_eq!(encode_text(table).unwrap().1, losses);
    let (text, _) = encode_text(table).unwrap();
    let read = CompactList::decode_text(text.as_bytes()).unwrap();
    assert_eq!(read.table(), &expected);
    assert_eq!(read.to_text(), text);

    assert_eq!(encode_binary(table).unwrap().1, losses);
    let (binary, losses) = encode_binary(read.table()).unwrap();
    assert!(losses.is_empty());
    let again = CompactList::decode_binary(&binary).unwrap().into_table();
    assert_eq!(again, expected);
    again
}

fn through_a_records(table: &LeapTable) -> LeapTable {
    let (mut addresses, losses) = encode_set(table).unwrap();
    assert!(losses.is_empty());
    assert_eq!(addresses.len(), table.leaps().len() + 1);
    // DNS answers in any order.
    addresses.sort_unstable_by_key(|address| address.to_bits().reverse_bits());
    decode_set(addresses).unwrap()
}

fn through_aaaa_records(table: &LeapTable, layout: AddressLayout) -> LeapTable {
    let (mut addresses, losses) = encode_addresses(table, layout).unwrap();
    assert!(losses.is_empty());
    addresses.sort_unstable_by_key(|address| address.to_bits().reverse_bits());
    decode_addresses(addresses).unwrap()
}

/// A list says everything, but it needs a time of update.
fn through_a_list(table: &LeapTable) -> LeapTable {
    let updated = table.updated().unwrap_or(utc("2026-11-22T00:00:00Z"));
    let text = ListWriter::with_updated(table, updated)
        .unwrap()
        .to_string();
    let list: LeapSecondsList = text.parse().unwrap();
    assert_eq!(list.updated(), Some(updated));
    if table.updated().is_some() {
        assert_eq!(list.table(), table);
        return list.into_table();
    }
    with_expiry(list.table(), list.table().expires().unwrap())
}

fn through_json(table: &LeapTable) -> LeapTable {
    let (json, losses) = Format::Json
        .encode(table, utc("2026-11-22T00:00:00Z"))
        .unwrap();
    assert!(losses.is_empty());
    Format::Json.decode(&json).unwrap().table
}

/// `Leap_Second.dat`, or why it cannot be; it says all but the time of update.
fn through_dat(table: &LeapTable) -> Result<LeapTable, LeapWriteError> {
    let writer = LeapSecondDatWriter::new(table)?;
    let updated = table.updated();
    let losses = updated.map_or(Losses::none(), |updated| {
        Losses::none().with_updated(updated)
    });
    assert_eq!(writer.losses(), losses);
    let dat = LeapSecondDat::decode(writer.to_string().as_bytes()).unwrap();
    Ok(dat.into_table())
}

proptest! {
    #[test]
    fn a_table_that_all_formats_can_say_goes_through_all(draft in drafts()) {
        let first = draft.table(LAST_OF_A_RECORDS + 1, 0..=127);
        prop_assert_eq!(&through_a_list(&first), &first);
        prop_assert_eq!(&through_json(&first), &first);

        let (expected, losses) = cut(&first);
        prop_assert_eq!(encode_set(&first).unwrap().1, losses);
        for layout in [AddressLayout::ZerosInside, AddressLayout::ZerosFirst] {
            prop_assert_eq!(encode_addresses(&first, layout).unwrap().1, losses);
        }
        let table = through_compact_lists(&first);
        let table = through_a_records(&table);
        let table = through_a_list(&table);
        let table = through_aaaa_records(&table, AddressLayout::ZerosInside);
        let table = through_json(&table);
        let table = through_aaaa_records(&table, AddressLayout::ZerosFirst);
        match through_dat(&table) {
            Ok(last) => prop_assert_eq!(last, expected),
            Err(error) => {
                prop_assert_eq!(error, LeapWriteError::NoLeapSeconds);
                prop_assert!(expected.leaps().is_empty());
                prop_assert_eq!(table, expected);
            }
        }
    }

    #[test]
    fn what_a_format_cannot_say_is_the_documented_error(draft in drafts()) {
        let first = draft.table(LAST_OF_ALL, i32::MIN..=i32::MAX);
        let (expected, losses) = cut(&first);
        // Text, binary, AAAA and JSON say every month and every TAI-UTC.
        prop_assert_eq!(&through_json(&first), &first);
        let table = through_compact_lists(&first);
        let table = through_aaaa_records(&table, AddressLayout::ZerosInside);
        let table = through_aaaa_records(&table, AddressLayout::ZerosFirst);
        prop_assert_eq!(&table, &expected);

        if let Some(error) = unsayable(&first) {
            prop_assert_eq!(encode_set(&first), Err(error));
        } else {
            prop_assert_eq!(encode_set(&first).unwrap().1, losses);
            prop_assert_eq!(&through_a_records(&table), &expected);
        }

        let negative = |leap: &&LeapSecond| leap.tai_utc().seconds() < 0;
        if let Some(leap) = first.leaps().iter().find(negative) {
            let error = ListWriter::with_updated(&first, utc("2026-11-22T00:00:00Z"));
            let (month, tai_utc) = (leap.month(), leap.tai_utc());
            let expected = LeapWriteError::NegativeTaiUtc { month, tai_utc };
            prop_assert_eq!(error.unwrap_err(), expected);
        } else {
            prop_assert_eq!(&through_a_list(&first), &first);
        }

        let expires = first.expires().unwrap();
        match through_dat(&first) {
            Ok(read) => prop_assert_eq!(read, with_expiry(&first, expires)),
            Err(LeapWriteError::Instant { field, instant, .. }) => {
                prop_assert_eq!((field, instant), ("expiry", expires));
                prop_assert_ne!(expires, UtcInstant::midnight(expires.date()));
            }
            Err(error) => {
                prop_assert_eq!(error, LeapWriteError::NoLeapSeconds);
                prop_assert!(first.leaps().is_empty());
            }
        }
    }
}

/// The last month and the TAI-UTC that an A record can say, and one more.
#[test]
fn a_records_reach_until_2142_and_127_seconds() {
    let read = |text: &str| {
        CompactList::decode_text(text.as_bytes())
            .unwrap()
            .into_table()
    };
    let month = |text: &str| text.parse::<Month>().unwrap();
    for text in ["999+999+47+1?", "999-999-48?"] {
        let table = read(text);
        assert_eq!(through_a_records(&table), table, "{text}");
    }
    let late = Err(EncodeError::Month {
        month: month("2142-07"),
    });
    for text in ["999+999+48+1?", "999+999+47+2?", "999-999-49?"] {
        assert_eq!(encode_set(&read(text)), late, "{text}");
    }
    for (leaps, tai_utc) in [(("1+", 117), 128), (("1-", 10), -1)] {
        let (leap, most) = leaps;
        let table = read(&format!("{}1?", leap.repeat(most)));
        assert_eq!(through_a_records(&table), table);
        let tai_utc = TaiUtc::from_seconds(tai_utc);
        let error = Err(EncodeError::TaiUtc { tai_utc });
        let table = read(&format!("{}1?", leap.repeat(most + 1)));
        assert_eq!(encode_set(&table), error);
    }
}

#[test]
fn the_vectors_of_text_and_binary() {
    let whole = |text: &str, hex: &str| (format!("{TEXT}{text}"), format!("{HEX}{hex}"));
    let alone = |text: &str, hex: &str| (text.to_owned(), hex.to_owned());
    let long = "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+";
    for (text, binary) in [
        whole("18+59?", "287FA"),
        whole("18+5?", "2F4"),
        whole("18+48+5?", "27F"),
        whole("18+11?", "2FA"),
        whole("18+113?", "28F81F4"),
        whole("18+125?", "28F83F4"),
        alone("3-4?", "E2F3"),
        alone("17-3?", "81E4F2"),
        alone("192-5?", "8FAFF4"),
        alone("96+5?", "9FF4"),
        alone("96?", "BF"),
        alone("5?", "F4"),
        alone("999?", "8F8F8F8F8F8F8F8F8F8F85F2"),
        (format!("{long}5?"), "0011111112113431211F".to_owned()),
    ] {
        let list = CompactList::decode_text(text.as_bytes()).unwrap();
        assert_eq!(hex(&list.to_binary()), binary, "{text}");
        let read = CompactList::decode_binary(&list.to_binary()).unwrap();
        assert_eq!(read.to_text(), text);
    }
}

#[test]
fn all_formats_agree_of_the_list_of_the_iers() {
    let [old, new] = LISTS.map(|text| text.parse::<LeapSecondsList>().unwrap().into_table());
    assert_eq!(encode_text(&old).unwrap().0, format!("{TEXT}18+113?"));
    assert_eq!(encode_text(&new).unwrap().0, format!("{TEXT}18+125?"));
    assert_eq!(
        hex(&encode_binary(&old).unwrap().0),
        format!("{HEX}28F81F4")
    );
    assert_eq!(
        hex(&encode_binary(&new).unwrap().0),
        format!("{HEX}28F83F4")
    );
    for table in [&old, &new] {
        let (cut, losses) = cut(table);
        assert_eq!(losses.expires(), table.expires());
        assert_eq!(losses.updated(), table.updated());
        assert_eq!(through_compact_lists(table), cut);
        assert_eq!(through_a_records(&cut), cut);
        assert_eq!(through_aaaa_records(&cut, AddressLayout::ZerosInside), cut);
        assert_eq!(&through_a_list(table), table);
        assert_eq!(&through_json(table), table);
        let dated = with_expiry(table, table.expires().unwrap());
        assert_eq!(through_dat(table), Ok(dated));
    }
    // The published addresses of 1972-06 and 2015-06, and the other files of the same table.
    let (addresses, _) = encode_set(&new).unwrap();
    assert_eq!(addresses[0].to_string(), "240.15.10.108");
    assert_eq!(addresses[25].to_string(), "244.23.35.255");
    let dat = LeapSecondDat::decode(DAT).unwrap();
    assert_eq!(dat.table(), &with_expiry(&new, utc("2027-06-28T00:00:00Z")));
    let tzif = TzifLeapSeconds::decode(TZIF).unwrap();
    assert_eq!(
        tzif.table(),
        &with_expiry(&old, utc("2026-06-28T00:00:00Z"))
    );
}
