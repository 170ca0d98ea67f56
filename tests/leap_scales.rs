//! TAI and UTC against independent programs: thousands of instants, each leap second among them.

#![expect(clippy::unwrap_used, reason = "a test may")]

use core::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use horolog_leap_list::LeapSecondsList;
use horolog_tests::{Scratch, missing};
use horolog_time::{LeapTable, TaiUtc, UtcInstant};

const LIST: &str =
    include_str!("../crates/horolog-leap-list/tests/data/iers-expires-2027-06-28.list");

/// See `tests/data/README.md`.
const TAI_UTC: &str = include_str!("data/tai-utc.csv");

const RIGHT_UTC: &str = "/usr/share/zoneinfo/right/UTC";

/// What a test does without the zone.
fn no_zone() {
    let _: Option<()> = missing(&format!("{RIGHT_UTC} does not exist"));
}

fn table() -> LeapTable {
    LIST.parse::<LeapSecondsList>().unwrap().into_table()
}

/// A row of the data: an instant, and TAI-UTC as hifitime and leapseconddata give it.
fn rows() -> impl Iterator<Item = (&'static str, [&'static str; 2])> {
    TAI_UTC.lines().skip(1).map(|line| {
        let fields: Vec<_> = line.split(',').collect();
        let &[utc, hifitime, leapseconddata] = fields.as_slice() else {
            panic!("{line}");
        };
        (utc, [hifitime, leapseconddata])
    })
}

#[test]
fn the_data_is_whole() {
    assert_eq!(rows().count(), 10_000 + 27 * (5 + 1));
    let of_hifitime = rows().filter(|(_, [hifitime, _])| !hifitime.is_empty());
    assert_eq!(of_hifitime.count(), 10_000 + 27 * 5);
    for leap in table().leaps() {
        let second = format!("{}T23:59:60Z", leap.month().last_day());
        assert!(rows().any(|(utc, _)| utc == second), "{second}");
    }
}

#[test]
fn tai_utc_is_that_of_hifitime_and_of_leapseconddata() {
    let table = table();
    for (text, peers) in rows() {
        let utc: UtcInstant = text.parse().unwrap();
        let tai_utc = table.tai_utc(utc).unwrap();
        for peer in peers.into_iter().filter(|peer| !peer.is_empty()) {
            assert_eq!(tai_utc.to_string(), peer, "{text}");
        }
        // And as TAI: no instant of either scale has two of the other.
        let tai = table.to_tai(utc).unwrap();
        let seconds = utc.to_unix().seconds() + i64::from(tai_utc.seconds());
        assert_eq!(tai.seconds(), seconds, "{text}");
        assert_eq!(table.to_utc(tai), Ok(utc), "{text}");
    }
}

#[test]
fn an_hour_around_each_leap_second_has_every_tai_second_once() {
    let table = table();
    for leap in table.leaps() {
        let end = table.to_tai(leap.end()).unwrap().seconds();
        let mut before = None;
        for seconds in end - 1800..end + 1800 {
            let tai = horolog_time::TaiInstant::from_seconds(seconds);
            let utc = table.to_utc(tai).unwrap();
            assert_eq!(table.to_tai(utc), Ok(tai), "{utc}");
            assert_eq!(utc.is_leap_second(), seconds == end - 1, "{utc}");
            assert!(before < Some(utc), "{utc}");
            before = Some(utc);
        }
    }
}

/// GNU date in a zone with leap seconds turns a count of seconds that has them all into UTC.
#[test]
fn utc_is_that_of_the_zone_right_utc() {
    if !Path::new(RIGHT_UTC).exists() {
        return no_zone();
    }
    let table = table();
    let mut counts = String::new();
    for (text, _) in rows() {
        let tai = table.to_tai(text.parse().unwrap()).unwrap();
        // The zone counts from 1970 as POSIX does, and in 1972 TAI-UTC was 10 s.
        let right = tai.seconds() - i64::from(TaiUtc::AT_1972.seconds());
        writeln!(counts, "@{right}").unwrap();
    }
    let scratch = Scratch::new();
    let file = scratch.write("counts", &counts);
    let output = Command::new("date")
        .env("TZ", "right/UTC")
        .arg("--file")
        .arg(&file)
        .arg("+%Y-%m-%dT%H:%M:%SZ")
        .output()
        .expect("date runs");
    assert!(output.status.success(), "{output:?}");
    let dates = String::from_utf8(output.stdout).unwrap();
    assert_eq!(dates.lines().count(), rows().count());
    for (date, (text, _)) in dates.lines().zip(rows()) {
        assert_eq!(date, text);
    }
}

/// The table that comes with the zone is the IERS's, as far as it goes.
#[test]
fn the_zone_right_utc_is_read_as_the_same_table() {
    let Ok(file) = fs::read(RIGHT_UTC) else {
        return no_zone();
    };
    let zone = horolog_leap_list::TzifLeapSeconds::decode(&file).unwrap();
    let leaps = table().leaps().to_vec();
    let both = leaps.len().min(zone.table().leaps().len());
    assert!(both >= 27);
    assert_eq!(zone.table().leaps()[..both], leaps[..both]);
}
