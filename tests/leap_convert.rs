//! The program `leap` between all formats of leap-second tables.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::PathBuf;

use horolog_tests::{Program, convert_leap, leap, leap_data};
use serde_json::json;

/// As compact text says the list of the IERS of July 2026.
const TEXT: &str =
    "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+125?\n";
const HEX: &str = "00111111121134312112229D56528F83F4\n";

fn new_list() -> PathBuf {
    leap_data("iers-expires-2027-06-28.list")
}

fn keys(value: &serde_json::Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_list_of_the_iers_in_all_formats() {
    let list = fs::read(new_list()).unwrap();
    let to = |format| {
        let (file, stderr) = convert_leap("list", format, list.clone());
        (String::from_utf8(file).unwrap(), stderr)
    };
    let updated = "update time 2026-07-06T07:44:57Z left out";
    let both = format!("expiry 2027-06-28T00:00:00Z cut to the start of its month, {updated}");
    for (format, file) in [("txt", TEXT), ("hex", HEX)] {
        let warning = format!("warning: {format} cannot say all: {both}\n");
        assert_eq!(to(format), (file.to_owned(), warning));
    }

    let (a, stderr) = to("a");
    assert_eq!(stderr, format!("warning: a cannot say all: {both}\n"));
    let a: Vec<_> = a.lines().collect();
    assert_eq!(
        (a.len(), a[0], a[25]),
        (28, "240.15.10.108", "244.23.35.255")
    );

    let (aaaa, stderr) = to("aaaa");
    assert_eq!(stderr, format!("warning: aaaa cannot say all: {both}\n"));
    let aaaa: Vec<_> = aaaa.lines().collect();
    assert_eq!((aaaa.len(), aaaa[0]), (28, "1972:6:30::23:59:60"));
    assert_eq!(aaaa[27], "2027:5:31::23:59:59");

    let (dat, stderr) = to("dat");
    assert_eq!(stderr, format!("warning: dat cannot say all: {updated}\n"));
    assert!(dat.contains("#  File expires on 28 June 2027\n"), "{dat}");
    assert!(dat.contains("57754.0    1  1 2017       37\n"), "{dat}");

    let (json, stderr) = to("json");
    assert_eq!(stderr, "");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        keys(&json),
        ["expires", "leaps", "start_tai_utc", "updated"]
    );
    assert_eq!(json["start_tai_utc"], 10);
    assert_eq!(
        json["leaps"][0],
        json!({"month": "1972-06", "sign": 1, "tai_utc": 11})
    );
    assert_eq!(json["leaps"].as_array().unwrap().len(), 27);
    assert_eq!(json["expires"], "2027-06-28T00:00:00Z");
    assert_eq!(json["updated"], "2026-07-06T07:44:57Z");

    let (again, stderr) = to("list");
    assert_eq!(stderr, "");
    assert!(again.contains("#h\t"), "{again}");
}

/// Every format that is read and written, from each other: what they all can say comes back octet
/// for octet, and nothing is told on standard error but that a `Leap_Second.dat` shows no end.
#[test]
fn what_all_formats_can_say_comes_back_as_it_was() {
    let formats = ["txt", "bin", "hex", "a", "aaaa", "json", "dat"];
    let files = formats.map(|format| convert_leap("txt", format, TEXT).0);
    for (from, file) in formats.iter().zip(&files) {
        for (to, expected) in formats.iter().zip(&files) {
            let (written, stderr) = convert_leap(from, to, file.clone());
            assert_eq!(&written, expected, "{from} to {to}");
            let told = match *from {
                "dat" => "warning: - has no mark of its end, so nobody knows if it is whole\n",
                _ => "",
            };
            assert_eq!(stderr, told, "{from} to {to}");
        }
    }
    // A list and JSON say all that a list says.
    let list = convert_leap("list", "list", fs::read(new_list()).unwrap()).0;
    let json = convert_leap("list", "json", list.clone()).0;
    assert_eq!(convert_leap("json", "list", json), (list, String::new()));
    // White space in hexadecimal digits is for people.
    let spaced = HEX.to_lowercase().replace("11", "11 \n\t");
    assert_eq!(convert_leap("hex", "txt", spaced).0, TEXT.as_bytes());
}

#[test]
fn a_list_without_time_of_update_gets_one() {
    let output = Program::new("leap")
        .args("convert --from txt --to list --updated 2026-07-06T07:44:57Z")
        .stdin(TEXT)
        .run();
    assert_eq!(output.status, Some(0), "{output:?}");
    assert!(
        output.stdout.starts_with("#$\t3992312697\n#@\t"),
        "{output:?}"
    );
    let warning =
        "warning: the table has no time of update, 2026-07-06T07:44:57Z stands in for it\n";
    assert_eq!(output.stderr, warning);
}

#[test]
fn a_tzif_file_is_read_and_a_zone_is_written() {
    let (text, stderr) = convert_leap(
        "tzif",
        "txt",
        fs::read(leap_data("right-UTC.tzif")).unwrap(),
    );
    assert_eq!(text, TEXT.replace("125?", "113?").into_bytes());
    let cut = "expiry 2026-06-28T00:00:00Z cut to the start of its month";
    assert_eq!(stderr, format!("warning: txt cannot say all: {cut}\n"));

    let (zone, stderr) = convert_leap("txt", "zone", TEXT);
    assert_eq!(stderr, "");
    let zone = String::from_utf8(zone).unwrap();
    let records = |start: &str| -> Vec<&str> {
        let of_type = zone.lines().filter_map(|line| line.strip_prefix(start));
        of_type.collect()
    };
    for (kind, format) in [("A", "a"), ("AAAA", "aaaa")] {
        let mut addresses = records(&format!("@ 86400 IN {kind} ")).join("\n");
        addresses.push('\n');
        assert_eq!(convert_leap(format, "txt", addresses).0, TEXT.as_bytes());
    }
    assert_eq!(
        records("@ 86400 IN TXT "),
        [format!("{:?}", TEXT.trim_end())]
    );
    let binary = format!("\\# 17 {}", HEX.trim_end());
    assert_eq!(records("@ 86400 IN TYPE65432 "), [binary]);
    assert_eq!(records("@ 86400 IN HINFO ").len(), 4);
    let [next] = records("next 86400 IN A ")[..] else {
        panic!("{zone}");
    };
    let output = leap(&format!("decode-a {next}"));
    assert_eq!(output.stdout, "2026-12 dtai=37 delta=0\n");
}

#[test]
fn what_cannot_be_read_or_written_is_an_error() {
    let run = |arguments: &str, file: &str| Program::new("leap").args(arguments).stdin(file).run();
    for (arguments, file, error) in [
        (
            "convert --from txt --to bin",
            "6+6",
            "cannot read - as txt: ",
        ),
        ("convert --from txt --to bin", "", "cannot read - as txt: "),
        (
            "convert --from hex --to txt",
            "F",
            "pairs of hexadecimal digits",
        ),
        (
            "convert --from hex --to txt",
            "F4F4",
            "cannot read - as hex: ",
        ),
        (
            "convert --from a --to txt",
            "240.15.10.108",
            "no record ends the list",
        ),
        ("convert --from a --to txt", "255.209.76.40", "CRC mismatch"),
        (
            "convert --from aaaa --to txt",
            "2001:db8::1",
            "cannot read - as aaaa: ",
        ),
        (
            "convert --from json --to txt",
            "{}",
            "cannot read - as json: ",
        ),
        ("convert --from dat --to txt", "", "cannot read - as dat: "),
        (
            "convert --from list --to txt",
            "",
            "cannot read - as list: ",
        ),
        (
            "convert --from tzif --to txt",
            "TZif",
            "cannot read - as tzif: ",
        ),
        (
            "convert --from txt --to a",
            "999+999+60?",
            "cannot write - as a: month 2143-06",
        ),
        ("convert --from txt --to dat", "12?", "no leap seconds"),
        ("show -", "", "cannot read -: the file is empty"),
        (
            "show -",
            "hello, world",
            "no format of leap seconds is recognised",
        ),
    ] {
        run(arguments, file).assert_fails(error);
    }
    leap("show /nonexistent").assert_fails("cannot read /nonexistent: ");
    let long = "#".repeat((1 << 20) + 1);
    let output = run("convert --from list --to txt", &long);
    output.assert_fails("it has more than 1048576 octets");
}
