//! The program `leap`, as a user runs it.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use horolog_examples::leap::{load, system_list};
use horolog_tests::{Program, Scratch, convert_leap, leap, leap_data, program};
use serde_json::json;

/// As compact text says the list of the IERS of July 2026.
const TEXT: &str =
    "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+125?\n";

/// A day on which that list has not expired, and the older one has.
const NOW: &str = "--now 2026-11-22T00:00:00Z";

fn new_list() -> PathBuf {
    leap_data("iers-expires-2027-06-28.list")
}

fn old_list() -> PathBuf {
    leap_data("iers-expires-2026-06-28.list")
}

fn keys(value: &serde_json::Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn show_prints_a_table() {
    let path = new_list().display().to_string();
    let output = leap(&format!("show {path} {NOW}"));
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.stderr, "");
    let lines: Vec<_> = output.stdout.lines().collect();
    let whole = "list, 27 leap seconds, TAI-UTC 37 s, expires 2027-06-28T00:00:00Z, updated 2026-07-06T07:44:57Z, hash verified";
    assert_eq!(lines[0], format!("{path} ({whole})"));
    assert_eq!(lines[1], "   1972-01      TAI-UTC  10 s");
    assert_eq!(lines[2], "   1972-06  +1  TAI-UTC  11 s");
    assert_eq!(lines[28], "   2016-12  +1  TAI-UTC  37 s");
    assert_eq!(lines.len(), 29);

    let output = leap(&format!("show {path} --json {NOW}"));
    assert_eq!(output.status, Some(0), "{output:?}");
    let [table] = &output.json()[..] else {
        panic!("{output:?}");
    };
    assert_eq!(
        keys(table),
        ["expires", "leaps", "start_tai_utc", "updated"]
    );
    assert_eq!(keys(&table["leaps"][0]), ["month", "sign", "tai_utc"]);

    // From standard input, in the format that it has or that is told.
    for arguments in ["show -", "show --from txt -"] {
        let output = Program::new("leap")
            .args(&format!("{arguments} {NOW} --json"))
            .stdin(TEXT)
            .run();
        assert_eq!(output.status, Some(0), "{output:?}");
        assert_eq!(output.json()[0]["expires"], "2027-06-01T00:00:00Z");
        assert_eq!(output.json()[0]["updated"], json!(null));
    }
}

#[test]
fn show_says_that_a_table_has_expired() {
    let path = old_list().display().to_string();
    let error = format!("error: {path} expired on 2026-06-28T00:00:00Z\n");
    for (now, expired) in [
        ("2026-06-27T23:59:59Z", false),
        ("2026-06-28T00:00:00Z", true),
    ] {
        let output = leap(&format!("show {path} --now {now}"));
        assert_eq!(output.status, Some(i32::from(expired)), "{output:?}");
        assert_eq!(output.stderr, if expired { &error } else { "" });
        assert_eq!(output.stdout.lines().count(), 29, "the table is shown");
    }
}

#[test]
fn show_without_a_file_shows_the_list_of_the_system() {
    let output = leap("show --now 2020-01-01T00:00:00Z");
    if let Some(path) = system_list() {
        assert_eq!(output.status, Some(0), "{output:?}");
        let start = format!("{} (", path.display());
        assert!(output.stdout.starts_with(&start), "{output:?}");
        let output = leap("show --now 9999-01-01T00:00:00Z");
        output.assert_fails(&format!("{} expired on ", path.display()));
    } else {
        output.assert_fails("no list of leap seconds is installed");
    }
}

#[test]
fn check_compares_files_of_all_formats() {
    let scratch = Scratch::new();
    let list = fs::read(new_list()).unwrap();
    let formats = ["txt", "bin", "hex", "a", "aaaa", "json", "dat", "list"];
    let files = formats.map(|format| {
        let path = scratch.path().join(format);
        fs::write(&path, convert_leap("list", format, list.clone()).0).unwrap();
        path.display().to_string()
    });
    // Formats that know the month of the expiry alone agree with those that know its day.
    let output = leap(&format!("check {NOW} {}", files.join(" ")));
    assert_eq!(output.status, Some(0), "{output:?}");
    let warning = format!(
        "warning: {} has no mark of its end, so nobody knows if it is whole\n",
        files[6]
    );
    assert_eq!(output.stderr, warning);
    for ((line, path), format) in output.stdout.lines().zip(&files).zip(formats) {
        let start = format!("{path}: {format}, 27 leap seconds, TAI-UTC 37 s, expires 2027-06");
        assert!(line.starts_with(&start), "{line}");
    }
    assert_eq!(output.stdout.lines().count(), formats.len());

    let output = leap(&format!("check --json {NOW} {} {}", files[7], files[0]));
    assert_eq!(
        output.json(),
        [
            json!({"file": files[7], "format": "list", "leaps": 27, "tai_utc": 37, "expires": "2027-06-28T00:00:00Z", "updated": "2026-07-06T07:44:57Z", "hash": "verified"}),
            json!({"file": files[0], "format": "txt", "leaps": 27, "tai_utc": 37, "expires": "2027-06-01T00:00:00Z", "updated": null, "hash": null}),
        ]
    );
    assert_eq!(output.status, Some(0));
}

#[test]
fn check_tells_the_first_difference() {
    let (old, new) = (old_list(), new_list());
    let (old, new) = (old.display(), new.display());
    let differ = format!(
        "error: {old} and {new} differ in expiry: 2026-06-28T00:00:00Z and 2027-06-28T00:00:00Z\n"
    );
    let before = "--now 2026-06-01T00:00:00Z";
    let output = leap(&format!("check {before} {old} {new}"));
    assert_eq!(output.status, Some(1), "{output:?}");
    assert_eq!(output.stderr, differ);
    // The older one has expired too.
    let output = leap(&format!("check {NOW} {old} {new}"));
    assert_eq!(output.status, Some(1), "{output:?}");
    let expired = format!("error: {old} expired on 2026-06-28T00:00:00Z\n");
    assert_eq!(output.stderr, expired + &differ);

    let scratch = Scratch::new();
    let file = |name: &str, text: &str| scratch.write(name, text).display().to_string();
    let ours = file("ours", "6+6+999?");
    let theirs = file("theirs", "6+12+993?");
    let output = leap(&format!("check {NOW} {ours} {theirs}"));
    let error = format!("{ours} and {theirs} differ in leap second 2: 1972-12 +1 and 1973-06 +1");
    output.assert_fails(&error);
}

/// A file that knows the month alone agrees with both of two that differ in the day.
#[test]
fn check_compares_each_file_with_every_other() {
    let scratch = Scratch::new();
    let file = |name: &str, text: &str| scratch.write(name, text).display().to_string();
    let dat = |day: &str| {
        format!("#  File expires on {day} June 2027\n41317.0 1 1 1972 10\n41499.0 1 7 1972 11\n")
    };
    let month = file("month", "6+659?");
    let (first, second) = (file("first", &dat("27")), file("second", &dat("28")));
    for pair in [[&month, &first], [&month, &second]] {
        let output = leap(&format!("check {NOW} {} {}", pair[0], pair[1]));
        assert_eq!(output.status, Some(0), "{output:?}");
    }
    let output = leap(&format!("check {NOW} {month} {first} {second}"));
    assert_eq!(output.status, Some(1), "{output:?}");
    let error = format!("error: {first} and {second} differ in expiry: ");
    // After the warnings that neither shows its end.
    let last = output.stderr.lines().last().unwrap();
    assert!(last.starts_with(&error), "{output:?}");
}

#[test]
fn check_refuses_bad_and_expired_files() {
    let text = fs::read_to_string(new_list()).unwrap();
    let scratch = Scratch::new();
    let check = |name: &str, text: &str| {
        let path = scratch.write(name, text);
        leap(&format!("check {NOW} {}", path.display()))
    };
    let output = check("good", &text);
    assert_eq!(output.status, Some(0), "{output:?}");

    let old = old_list();
    let output = leap(&format!("check {NOW} {}", old.display()));
    output.assert_fails("expired on 2026-06-28T00:00:00Z");

    // One digit is another, and then the hash is.
    let wrong = text.replacen("a9bad145", "a9bad146", 1);
    assert_ne!(wrong, text);
    check("wrong", &wrong).assert_fails("hash");
    let output = check(
        "other",
        &text.replacen("#@\t4023129600", "#@\t4023216000", 1),
    );
    output.assert_fails("hash");

    // A list that was cut has lost its hash, or its table; without a hash it is told, whole or not.
    let hash = text.find("#h").unwrap();
    let cut = text.find("\n3692217600").unwrap();
    for (end, tai_utc) in [(hash, 37), (cut + 1, 36)] {
        let output = check("unhashed", &text[..end]);
        output.assert_fails("unhashed has no hash: it may be cut off");
        let facts = format!("TAI-UTC {tai_utc} s, expires 2027-06-28T00:00:00Z");
        assert!(output.stdout.contains(&facts), "{output:?}");
        assert!(output.stdout.ends_with(", no hash\n"), "{output:?}");
    }
    let data = text.find("\n2272060800").unwrap();
    check("empty", &text[..data]).assert_fails("cannot read ");
    for missing in [1, 20] {
        let cut = text.trim_end().len() - missing;
        let output = check("cut", &text[..cut]);
        output.assert_fails("hash");
        assert_eq!(output.stdout, "");
    }

    check("crc", "240.15.10.109\n").assert_fails("CRC mismatch");
    check("txt", "6+6+12").assert_fails("no format");
    // A bad file does not keep the others from being checked.
    let bad = scratch.write("bad", "240.15.10.109\n");
    let new = new_list();
    let output = leap(&format!("check {NOW} {} {}", bad.display(), new.display()));
    output.assert_fails("CRC mismatch");
    assert!(
        output.stdout.starts_with(&new.display().to_string()),
        "{output:?}"
    );
    let output = leap(&format!("check --from a {NOW} {}", new.display()));
    output.assert_fails(" as a: ");
}

/// The commands that do not judge a file warn of one that may be cut off.
#[test]
fn a_file_that_may_be_cut_is_told_of() {
    let list = fs::read_to_string(new_list()).unwrap();
    let list = &list[..=list.find("\n3692217600").unwrap()];
    let dat = fs::read_to_string(leap_data("iers-Leap_Second.dat")).unwrap();
    let dat = &dat[..=dat.find("\n    57754.0").unwrap()];
    for (format, text, doubt) in [("list", list, "hash"), ("dat", dat, "mark of its end")] {
        let warning = format!("warning: - has no {doubt}, so nobody knows if it is whole\n");
        let mut commands = vec![
            format!("convert --from {format} --to json"),
            format!("show - {NOW}"),
            "at 2015-12-31T00:00:00Z --list -".to_owned(),
        ];
        if format == "dat" {
            commands.push(format!("check - {NOW}"));
        }
        for command in commands {
            let output = Program::new("leap").args(&command).stdin(text).run();
            assert_eq!(output.status, Some(0), "{command}: {output:?}");
            assert_eq!(output.stderr, warning, "{command}");
        }
    }
}

#[test]
fn at_knows_the_seconds_around_a_leap_second() {
    let list = format!("--list {}", new_list().display());
    let keys_of_at = [
        "expired",
        "instant",
        "leap",
        "next_month",
        "next_sign",
        "tai_utc",
        "valid_until",
    ];
    for (instant, tai_utc, leap_indicator, next) in [
        ("2016-12-30T23:59:59Z", 36, "none", json!("2016-12")),
        ("2016-12-31T23:59:59Z", 36, "insert", json!("2016-12")),
        ("2016-12-31T23:59:60Z", 36, "insert", json!("2016-12")),
        ("2017-01-01T00:00:00Z", 37, "none", json!(null)),
        ("1972-01-01T00:00:00Z", 10, "none", json!("1972-06")),
        ("2027-06-27T23:59:59Z", 37, "none", json!(null)),
    ] {
        let output = leap(&format!("at {instant} {list} --json"));
        assert_eq!(output.status, Some(0), "{output:?}");
        let [record] = &output.json()[..] else {
            panic!("{output:?}");
        };
        assert_eq!(keys(record), keys_of_at);
        assert_eq!(record["instant"], instant);
        assert_eq!(record["tai_utc"], tai_utc, "{instant}");
        assert_eq!(record["leap"], leap_indicator, "{instant}");
        assert_eq!(record["next_month"], next, "{instant}");
        assert_eq!(record["valid_until"], "2027-06-28T00:00:00Z");
        assert_eq!(record["expired"], false);
    }
    let output = leap(&format!("at 2016-12-31T23:59:60Z {list}"));
    assert_eq!(
        output.stdout,
        "instant      2016-12-31T23:59:60Z\n\
         TAI-UTC      36 s\n\
         leap         insert\n\
         next leap    +1 at the end of 2016-12\n\
         valid until  2027-06-28T00:00:00Z\n"
    );
}

#[test]
fn at_announces_a_removed_second() {
    let scratch = Scratch::new();
    let list = scratch.write("list", "6+12-12?").display().to_string();
    for (instant, tai_utc, indicator, next) in [
        ("1973-06-29T23:59:59Z", 11, "none", json!(["1973-06", -1])),
        ("1973-06-30T00:00:00Z", 11, "delete", json!(["1973-06", -1])),
        ("1973-06-30T23:59:58Z", 11, "delete", json!(["1973-06", -1])),
        ("1973-07-01T00:00:00Z", 10, "none", json!([null, null])),
    ] {
        let output = leap(&format!("at {instant} --list {list} --json"));
        assert_eq!(output.status, Some(0), "{output:?}");
        let record = &output.json()[0];
        assert_eq!(record["tai_utc"], tai_utc, "{instant}");
        assert_eq!(record["leap"], indicator, "{instant}");
        let found = json!([record["next_month"], record["next_sign"]]);
        assert_eq!(found, next, "{instant}");
    }
    let output = leap(&format!("at 1973-06-30T23:59:59Z --list {list}"));
    output.assert_fails("the second does not exist in UTC");
    let output = leap(&format!("at 1973-06-30T12:00:00Z --list {list}"));
    let told = "leap         delete\nnext leap    -1 at the end of 1973-06\n";
    assert!(output.stdout.contains(told), "{output:?}");
}

#[test]
fn at_without_a_list_asks_that_of_the_system() {
    let Some(path) = system_list() else {
        let output = leap("at 2016-12-31T23:59:60Z");
        output.assert_fails("no list of leap seconds is installed");
        return;
    };
    let valid_until = load(&path).unwrap().valid_until().to_string();
    let output = leap("at 2016-12-31T23:59:60Z --json");
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.json()[0]["tai_utc"], 36);
    assert_eq!(output.json()[0]["valid_until"], valid_until);
    let output = leap(&format!("at {valid_until}"));
    output.assert_fails(&format!("valid only until {valid_until}"));
}

/// The leap seconds of a time-zone file, its format known by its contents.
#[test]
fn tzif_files_are_read_everywhere() {
    let path = leap_data("right-UTC.tzif").display().to_string();
    let before = "--now 2026-06-01T00:00:00Z";
    let facts = "tzif, 27 leap seconds, TAI-UTC 37 s, expires 2026-06-28T00:00:00Z";
    let output = leap(&format!("show {path} {before}"));
    assert_eq!((output.status, &*output.stderr), (Some(0), ""));
    let start = format!("{path} ({facts})\n");
    assert!(output.stdout.starts_with(&start), "{output:?}");

    let (old, new) = (old_list(), new_list());
    let output = leap(&format!("check {before} {path} {}", old.display()));
    assert_eq!((output.status, &*output.stderr), (Some(0), ""));
    let start = format!("{path}: {facts}\n");
    assert!(output.stdout.starts_with(&start), "{output:?}");
    let output = leap(&format!("check {before} {path} {}", new.display()));
    output.assert_fails("differ in expiry: 2026-06-28T00:00:00Z and 2027-06-28T00:00:00Z");
    let output = leap(&format!("check {NOW} {path}"));
    output.assert_fails(&format!("{path} expired on 2026-06-28T00:00:00Z"));

    let output = leap(&format!("at 2016-12-31T23:59:60Z --json --list {path}"));
    assert_eq!(output.json()[0]["tai_utc"], 36);

    let scratch = Scratch::new();
    let cut = scratch.path().join("cut");
    let file = fs::read(&path).unwrap();
    fs::write(&cut, &file[..file.len() - 1]).unwrap();
    let output = leap(&format!("check {before} {}", cut.display()));
    output.assert_fails(" as tzif: ");
}

#[test]
fn at_says_what_it_does_not_know() {
    let list = format!("--list {}", new_list().display());
    let output = leap(&format!("at 2027-06-28T00:00:00Z {list}"));
    output.assert_fails("valid only until 2027-06-28T00:00:00Z");
    assert_eq!(output.stdout, "");
    let output = leap(&format!("at 1971-12-31T23:59:59Z {list} --allow-expired"));
    output.assert_fails("there are no leap seconds before 1972");
    let output = leap(&format!("at 2017-12-31T23:59:60Z {list}"));
    output.assert_fails("the second does not exist in UTC");

    let output = leap(&format!("at 2027-06-28T00:00:00Z {list} --allow-expired"));
    assert_eq!(output.status, Some(0), "{output:?}");
    let told = "TAI-UTC      37 s (last known: the table has expired)\n";
    assert!(output.stdout.contains(told), "{output:?}");
    let output = leap(&format!(
        "at 2027-06-28T00:00:00Z {list} --allow-expired --json"
    ));
    assert_eq!(output.json()[0]["expired"], true);
    assert_eq!(output.json()[0]["tai_utc"], 37);
    assert_eq!(output.json()[0]["leap"], json!(null));

    // From standard input too; a list without hash is told of.
    let text = "#@ 2319321600\n2272060800 10\n2287785600 11\n";
    let output = Program::new("leap")
        .args("at 1972-06-30T23:59:60Z --list -")
        .stdin(text)
        .run();
    assert_eq!(output.status, Some(0), "{output:?}");
    assert!(
        output.stderr.starts_with("warning: - has no hash"),
        "{output:?}"
    );
}

#[test]
fn what_cannot_be_printed_is_an_error() {
    let path = new_list().display().to_string();
    for arguments in [
        format!("show {path} {NOW}").as_str(),
        format!("show {path} {NOW} --json").as_str(),
        format!("check {path} {NOW}").as_str(),
        format!("check {path} {NOW} --json").as_str(),
        format!("at 2016-12-31T23:59:60Z --list {path}").as_str(),
        format!("at 2016-12-31T23:59:60Z --list {path} --json").as_str(),
        "decode-a 244.23.35.255",
        "decode-a 244.23.35.255 --json",
        "encode-a --month 2015-06 --dtai 35 --delta +1",
        "convert --from txt --to json",
        // No line end, upon which standard output is written.
        "convert --from txt --to bin",
    ] {
        let program = Program::new("leap").args(arguments).stdin("522+11?");
        let output = program.run_without_room();
        output.assert_fails("error: cannot write: No space left on device");
    }
    // Where nobody can be told that a list has expired, the exit status tells.
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut check = Command::new(program("leap"));
    check.args(["check", "--now", "2026-11-22T00:00:00Z"]);
    let output = check.arg(old_list()).stderr(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        "",
        "nonsense",
        "convert",
        "convert --from txt",
        "convert --from nonsense --to txt",
        "convert --from zone --to txt",
        "convert --from txt --to tzif",
        "show --from zone",
        "show --now yesterday",
        "check",
        "check --from zone file",
        "at",
        "at yesterday",
        "at 2016-12-31T23:59:61Z",
        "decode-a",
        "decode-a nonsense",
        "decode-a ::1",
        "encode-a --month 2015-06 --dtai 35",
        "encode-a --month 2015-13 --dtai 35 --delta +1",
        "encode-a --month 2015-06 --dtai 35 --delta 2",
    ] {
        let output = leap(arguments);
        assert_eq!(output.status, Some(2), "{arguments}: {output:?}");
        assert_eq!(output.stdout, "", "{arguments}");
    }
}

#[test]
fn each_command_has_help_with_an_example() {
    for command in [
        "", "convert", "show", "check", "at", "decode-a", "encode-a", "fetch",
    ] {
        let output = leap(&format!("{command} --help"));
        assert_eq!(output.status, Some(0), "{command}");
        let example = format!("leap {command}");
        let (_, after) = output.stdout.split_once("Example").unwrap();
        assert!(after.contains(&example), "{output:?}");
    }
}
