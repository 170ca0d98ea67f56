//! `leap decode-a` and `leap encode-a`, as a user runs them.

use horolog_tests::leap;
use serde_json::json;

/// The vectors of the format's description.
const ANNOUNCEMENTS: [(&str, &str, i32, i32); 6] = [
    ("240.3.9.77", "1971-12", 9, 1),
    ("240.15.10.108", "1972-06", 10, 1),
    ("242.18.28.160", "1993-12", 28, 0),
    ("244.23.35.255", "2015-06", 35, 1),
    ("244.34.36.97", "2015-12", 36, 0),
    ("255.76.200.237", "2135-01", 72, -1),
];

#[test]
fn announcements_are_read_and_written() {
    for (address, month, dtai, delta) in ANNOUNCEMENTS {
        let sign = if delta > 0 { "+" } else { "" };
        let output = leap(&format!("decode-a {address}"));
        let line = format!("{month} dtai={dtai} delta={sign}{delta}\n");
        assert_eq!((output.status, output.stdout), (Some(0), line), "{address}");

        let encode = format!("encode-a --month {month} --dtai {dtai} --delta {sign}{delta}");
        let output = leap(&encode);
        assert_eq!(output.status, Some(0), "{output:?}");
        assert_eq!(output.stdout, format!("{address}\n"));

        let record = json!({"address": address, "month": month, "dtai": dtai, "delta": delta});
        for arguments in [format!("decode-a --json {address}"), encode + " --json"] {
            assert_eq!(leap(&arguments).json(), core::slice::from_ref(&record));
        }
    }
}

#[test]
fn addresses_that_are_no_announcement_are_told() {
    for (address, error) in [
        ("127.240.133.76", "not class E"),
        ("255.209.76.40", "CRC mismatch"),
        ("241.179.152.73", "illegal delta"),
    ] {
        let output = leap(&format!("decode-a {address}"));
        output.assert_fails(&format!("error: {address}: {error}"));
        assert_eq!(output.stdout, "");
    }
    // The others are told all the same.
    let output = leap("decode-a 127.240.133.76 244.23.35.255 255.209.76.40 244.34.36.97");
    assert_eq!(output.status, Some(1));
    assert_eq!(
        output.stdout,
        "2015-06 dtai=35 delta=+1\n2015-12 dtai=36 delta=0\n"
    );
    assert_eq!(output.stderr.lines().count(), 2, "{output:?}");

    let output = leap("encode-a --month 2142-07 --dtai 37 --delta 0");
    output.assert_fails("month 2142-07 is not in 1971-12..=2142-06");
    for dtai in [-1, 128] {
        let output = leap(&format!(
            "encode-a --month 2015-06 --dtai {dtai} --delta +1"
        ));
        output.assert_fails(&format!("TAI-UTC {dtai} is not in 0..=127"));
    }
}
