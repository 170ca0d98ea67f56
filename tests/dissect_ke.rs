//! The program `dissect` over messages of the NTS key establishment.

#[expect(dead_code, reason = "keys and packets are for the tests of the crate")]
#[path = "../crates/horolog-nts/tests/exchanges/file.rs"]
mod file;

use horolog_examples::dissect::escape::hex;
use horolog_tests::{Output, Program};
use serde_json::{Value, json};

use crate::file::{FILES, Message, exchange};

fn dissect(digits: &str, arguments: &str) -> Output {
    Program::new("dissect")
        .args(arguments)
        .arg("--ke-hex")
        .arg(digits)
        .run()
}

fn from_stdin(text: impl Into<Vec<u8>>, arguments: &str) -> Output {
    Program::new("dissect")
        .args(arguments)
        .args("--ke-hex -")
        .stdin(text)
        .run()
}

/// The numbers of a body with an even number of octets.
fn numbers(body: &[u8]) -> Option<Vec<u16>> {
    let (pairs, rest) = body.as_chunks();
    rest.is_empty()
        .then(|| pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}

fn name_of_algorithm(number: u16) -> &'static str {
    match number {
        15 => "aead-aes-siv-cmac-256",
        16 => "aead-aes-siv-cmac-384",
        17 => "aead-aes-siv-cmac-512",
        30 => "aead-aes-128-gcm-siv",
        31 => "aead-aes-256-gcm-siv",
        _ => "unknown",
    }
}

/// What should stand in a record's line, from what was recorded.
fn expected(index: usize, offset: usize, record: &(bool, u16, Vec<u8>)) -> Value {
    let (critical, number, body) = record;
    let name = match number {
        0 => "end-of-message",
        1 => "next-protocol",
        2 => "error",
        4 => "aead-algorithm",
        5 => "new-cookie",
        6 => "server",
        7 => "port",
        1024 => "compliant-gcm-siv-exporter",
        _ => "unknown",
    };
    let mut line = json!({
        "index": index, "offset": offset, "type": number, "name": name, "critical": critical,
        "length": body.len(), "body": hex(body), "error": null
    });
    let named = |number: u16, name: &str| json!({"number": number, "name": name});
    let wrong_length = |rule| {
        let (length, at) = (body.len(), offset + 4);
        json!(format!(
            "{name} body length {length} is not {rule}, at offset {at}"
        ))
    };
    match (number, numbers(body)) {
        (1, Some(list)) => {
            let name = |number| ["unknown", "ntpv4"][usize::from(number == 0)];
            let list = list.into_iter().map(|number| named(number, name(number)));
            line["protocols"] = list.collect();
        }
        (4, Some(list)) => {
            let list = list.into_iter();
            line["algorithms"] = list
                .map(|number| named(number, name_of_algorithm(number)))
                .collect();
        }
        (0, _) if !body.is_empty() => {
            line["error"] = wrong_length("0");
        }
        (1 | 4, None) => {
            line["error"] = wrong_length("a multiple of 2");
        }
        (2, list) => {
            let code = list.expect("a number")[0];
            let name = ["unrecognized-critical-record", "bad-request"][usize::from(code)];
            line["code"] = named(code, name);
        }
        (6, _) => line["server"] = json!(str::from_utf8(body).expect("a name")),
        (7, list) => line["port"] = json!(list.expect("a number")[0]),
        _ => {}
    }
    line
}

/// All lines of a message, and whether all is well.
fn expected_lines(message: &Message) -> Vec<Value> {
    let end = message
        .records
        .iter()
        .position(|(_, number, _)| *number == 0);
    let count = end.map_or(message.records.len(), |end| end + 1);
    let mut offset = 0;
    let mut lines = Vec::new();
    for record in &message.records[..count] {
        lines.push(expected(lines.len() + 1, offset, record));
        offset += 4 + record.2.len();
    }
    let rest = &message.octets[offset..];
    let length = rest.len();
    let error = match (end, rest) {
        (Some(_), []) => return lines,
        (Some(_), _) => format!("{length} octets stand behind end-of-message, at offset {offset}"),
        (None, [_, _, high, low, ..]) => {
            let needed = 4 + usize::from(u16::from_be_bytes([*high, *low]));
            format!("record needs {needed} octets, {length} are left, at offset {offset}")
        }
        (None, _) => format!("record needs 4 octets, {length} are left, at offset {offset}"),
    };
    lines.push(json!({
        "index": lines.len() + 1, "offset": offset, "type": null, "name": null, "critical": null,
        "length": length, "body": hex(rest), "error": error
    }));
    lines
}

#[test]
fn every_message_of_real_programs_is_what_was_recorded() {
    let (mut messages, mut records, mut bad) = (0, 0, 0);
    for (name, text) in FILES {
        for message in exchange(text).messages {
            let digits = hex(&message.octets);
            let output = dissect(&digits, "--json");
            let lines = expected_lines(&message);
            assert_eq!(output.json(), lines, "{name}: {digits}");
            let is_bad = lines.iter().any(|line| line["error"] != Value::Null);
            assert_eq!(output.status, Some(i32::from(is_bad)), "{name}: {digits}");
            assert_eq!(output.stderr, "");
            let people = dissect(&digits, "");
            assert_eq!(people.status, output.status, "{name}: {digits}");
            messages += 1;
            records += lines
                .iter()
                .filter(|line| line["type"] != Value::Null)
                .count();
            bad += usize::from(is_bad);
        }
    }
    // Of two servers each, the probes with a list of three octets, with a body in the end, without an
    // end, cut inside of a record, and with a record behind the end.
    assert_eq!((messages, records, bad), (132, 697, 10));
}

#[test]
fn people_get_a_line_a_record() {
    let output = dissect(
        "8001 0002 0000 8004 0006 001e 000f 1388 0400 0000 8002 0002 0001 0003 0002 8000 \
         0006 0003 61 2e 62 0007 0002 10e1 0005 0004 01020304 bfff 0001 7a 8000 0000",
        "",
    );
    let expected = "\
NTS-KE message, 62 octets
   next-protocol               type 1, critical, 2 octets  0 ntpv4
   aead-algorithm              type 4, critical, 6 octets  30 AEAD_AES_128_GCM_SIV, 15 AEAD_AES_SIV_CMAC_256, 5000 unknown
   compliant-gcm-siv-exporter  type 1024, 0 octets
   error                       type 2, critical, 2 octets  1 bad-request
   warning                     type 3, 2 octets  32768 unknown
   server                      type 6, 3 octets  a.b
   port                        type 7, 2 octets  4321
   new-cookie                  type 5, 4 octets  01020304
   unknown                     type 16383, critical, 1 octets  7a
   end-of-message              type 0, critical, 0 octets
";
    assert_eq!((output.status, output.stdout.as_str()), (Some(0), expected));
}

#[test]
fn keys_come_in_their_order() {
    let output = dissect("80010002800180000000", "--json");
    let first = concat!(
        r#"{"index":1,"offset":0,"type":1,"name":"next-protocol","critical":true,"length":2,"#,
        r#""body":"8001","protocols":[{"number":32769,"name":"ntpv5-draft"}],"error":null}"#
    );
    assert_eq!(output.stdout.lines().next(), Some(first));
}

#[test]
fn white_space_is_ignored_and_standard_input_is_read() {
    for text in ["80000000", " 8 0\n00\t00 \r\n0 0\n"] {
        for output in [dissect(text, "--json"), from_stdin(text, "--json")] {
            assert_eq!(
                (output.status, output.json().len()),
                (Some(0), 1),
                "{text:?}"
            );
        }
    }
}

#[test]
fn what_is_cut_off_is_shown_up_to_there() {
    let message = "80010002000080040002000f80000000";
    for octets in 0..message.len() / 2 {
        let output = dissect(&message[..2 * octets], "--json");
        assert_eq!(output.status, Some(1), "{octets}");
        let lines = output.json();
        let whole = [6, 12].iter().filter(|&&end| end <= octets).count();
        assert_eq!(lines.len(), whole + 1, "{octets}");
        let last = lines.last().unwrap();
        assert_eq!(last["length"], octets - [0, 6, 12][whole]);
        assert!(
            last["error"].as_str().unwrap().starts_with("record needs "),
            "{last}"
        );
    }
    let people = dissect(&message[..26], "");
    assert_eq!(people.status, Some(1));
    let tail = "\
   no record       1 octets  80
   error           record needs 4 octets, 1 are left, at offset 12
";
    assert!(people.stdout.ends_with(tail), "{}", people.stdout);
}

#[test]
fn bad_bodies_are_errors_and_what_follows_is_shown() {
    // An escape sequence in a server's name, a port of one octet, an end with a body.
    let output = dissect("000600031b5b6d 0007000101 8000000100", "--json");
    assert_eq!(output.status, Some(1));
    let errors = [
        "server body is 0x1b, expected printable ASCII, at offset 4",
        "port body length 1 is not 2, at offset 11",
        "end-of-message body length 1 is not 0, at offset 16",
    ];
    let lines = output.json();
    assert!(
        lines
            .iter()
            .map(|line| &line["error"])
            .eq(errors.map(|error| json!(error)).iter())
    );
    assert_eq!(lines[0]["body"], "1b5b6d");
    let people = dissect("000600031b5b6d 0007000101 8000000100", "");
    assert!(!people.stdout.contains('\x1b'));
    for error in errors {
        assert!(
            people.stdout.contains(&format!("  {error}\n")),
            "{}",
            people.stdout
        );
    }
}

#[test]
fn what_is_no_hex_is_told_in_one_line() {
    for text in ["zz", "8", "800000000", "80é0", "0x80000000", "--"] {
        let error = "not an even number of hexadecimal digits\n";
        let output = Program::new("dissect")
            .arg(format!("--ke-hex={text}"))
            .run();
        assert_eq!(output.status, Some(1), "{output:?}");
        assert_eq!(output.stderr, format!("error: --ke-hex: {error}"));
        let output = from_stdin(text, "--json");
        assert_eq!((output.status, output.stdout.as_str()), (Some(1), ""));
        assert_eq!(output.stderr, format!("error: standard input: {error}"));
    }
    from_stdin([0xff, 0xfe], "").assert_fails("hexadecimal digits");
    let empty = from_stdin("", "");
    assert_eq!(empty.status, Some(1));
    assert!(
        empty.stdout.contains("record needs 4 octets, 0 are left"),
        "{empty:?}"
    );
}

#[test]
fn messages_are_bounded() {
    // 65536 octets: records of 4 octets without a body, the last of them the end.
    let records = "40000000".repeat(16_383);
    let longest = from_stdin(format!("{records}80000000"), "--json");
    assert_eq!((longest.status, longest.json().len()), (Some(0), 16_384));
    let longer = from_stdin(format!("{records}4000000080000000"), "--json");
    assert_eq!((longer.status, longer.json().len()), (Some(1), 16_385));
    let error = "message length 65540 is not within the limit, at offset 65536";
    assert_eq!(longer.json().last().unwrap()["error"], error);
    let endless = from_stdin("0".repeat(600_000), "");
    endless.assert_fails("standard input: more than 524288 characters");
}

#[test]
fn it_stands_alone() {
    for arguments in ["--hex", "--port 1", "file", "--keylog file", "-"] {
        let output = dissect("80000000", arguments);
        assert_eq!(output.status, Some(2), "{arguments}: {output:?}");
    }
}
