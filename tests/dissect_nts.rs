//! The program `dissect` over NTS packets of real programs, with keys, beside what an independent
//! decoder says is in them.

use std::collections::HashMap;
use std::path::PathBuf;

use horolog_tests::{Output, Program, Scratch};
use serde_json::{Value, json};

/// Packets in each capture, those of them with an authenticator, and fields inside of these.
const CAPTURES: [(&str, [usize; 3]); 9] = [
    ("nts-aead15-chrony43", [10, 10, 5]),
    ("nts-aead30-chrony46", [12, 12, 6]),
    ("nts-aead30-without-record1024-chrony46-server", [12, 10, 4]),
    ("nts-chrony43-client-ntpsec123-server", [10, 10, 5]),
    ("nts-cookie-placeholders", [22, 22, 13]),
    ("nts-interleaved-aead15", [18, 18, 9]),
    ("nts-ke-ntsntpserver-fd00_99__1", [10, 10, 5]),
    ("nts-nak", [38, 37, 18]),
    ("nts-ntpdrs19-ntpv4", [14, 14, 7]),
];

fn data(name: &str) -> PathBuf {
    PathBuf::from(format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR")))
}

fn text(name: &str) -> String {
    std::fs::read_to_string(data(name)).expect("a file of text")
}

fn capture(name: &str) -> Program {
    Program::new("dissect").arg(data(&format!("captures/{name}.pcap")))
}

fn with_key_log(name: &str, key_log: &str) -> Program {
    let key_log = data(&format!("captures/{key_log}.keylog"));
    capture(name).arg("--keylog").arg(key_log)
}

fn lines(text: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    text.lines().map(parse).collect()
}

/// What the independent decoder says: keys and packets.
fn decoded(name: &str) -> (Vec<Value>, Vec<Value>) {
    let all = lines(&text(&format!("captures/{name}.decoded.jsonl")));
    let with = |key: &str| {
        let has = |line: &&Value| line.get(key).is_some();
        all.iter().filter(has).cloned().collect()
    };
    (with("c2s"), with("frame"))
}

fn authenticator(packet: &Value) -> Option<&Value> {
    let fields = packet["extensions"].as_array().expect("fields");
    fields.iter().find(|field| field["type"] == "0x0404")
}

/// What became of each authenticator.
fn opened(output: &Output) -> Vec<Value> {
    let packets = output.json();
    let fields = packets.iter().filter_map(authenticator);
    fields.map(|field| field["opened"].clone()).collect()
}

/// A field as the independent decoder says it.
fn shape(field: &Value) -> Value {
    json!({"type": field["type"], "len": field["length"]})
}

#[test]
fn every_packet_is_what_another_decoder_says() {
    for (name, counts) in CAPTURES {
        let output = with_key_log(name, name).arg("--json").run();
        assert_eq!(output.status, Some(0), "{name}: {}", output.stderr);
        let packets = output.json();
        let (_, expected) = decoded(name);
        assert_eq!(packets.len(), expected.len(), "{name}");
        let mut found = [packets.len(), 0, 0];
        for (packet, expected) in packets.iter().zip(&expected) {
            assert_eq!(packet["index"], expected["frame"], "{name}");
            assert_eq!(packet["version"], expected["vn"], "{packet}");
            let mode = ["client", "server"][usize::from(expected["mode"] == 4)];
            assert_eq!(packet["mode"], mode, "{packet}");
            let leap = ["none", "unknown"][usize::from(expected["li"] == 3)];
            assert_eq!(packet["leap"], leap, "{packet}");
            assert_eq!(packet["stratum"], expected["stratum"], "{packet}");
            assert_eq!(packet["refid"], expected["refid"], "{packet}");
            assert_eq!(
                (&packet["mac"], &packet["error"]),
                (&Value::Null, &Value::Null)
            );
            assert_eq!(expected["trailing"], 0);
            let fields = packet["extensions"].as_array().unwrap();
            let shapes: Vec<_> = fields.iter().map(shape).collect();
            assert_eq!(expected["ef"], json!(shapes), "{packet}");

            let nts = &expected["nts"];
            let Some(field) = authenticator(packet) else {
                assert_eq!(*nts, Value::Null, "{packet}");
                continue;
            };
            found[1] += 1;
            assert_eq!(field["opened"], true, "{packet}");
            assert_eq!(field["ciphertext_length"], nts["ct_len"]);
            let nonce = field["nonce"].as_str().unwrap();
            assert_eq!(json!(nonce.len() / 2), nts["nonce_len"]);
            let inner = field["inner"].as_array().unwrap();
            found[2] += inner.len();
            let bodies = inner.iter().map(|field| {
                assert_eq!(field["name"], "nts-cookie", "{packet}");
                assert_eq!(field.as_object().unwrap().len(), 4, "{packet}");
                let (kind, length) = (&field["type"], &field["length"]);
                json!({"type": kind, "len": length, "body": field["value"]})
            });
            assert_eq!(nts["inner"], bodies.collect::<Value>(), "{packet}");
        }
        assert_eq!(found, counts, "{name}");
    }
}

#[test]
fn people_are_told_which_keys_opened_a_packet() {
    for (name, [count, authenticators, inner]) in CAPTURES {
        let output = with_key_log(name, name).run();
        assert_eq!(output.status, Some(0), "{name}: {}", output.stderr);
        let packets: Vec<_> = output.stdout.split("\n#").collect();
        let (_, expected) = decoded(name);
        assert_eq!((packets.len(), expected.len()), (count, count));
        let mut found = 0;
        for (packet, expected) in packets.iter().zip(&expected) {
            let with = packet.split_once(", opened with ");
            let Some(nts) = expected["nts"].as_object() else {
                assert_eq!(with, None, "{name}: {packet}");
                continue;
            };
            let legacy = nts["keys"] == "chrony-pre-4.6.1 context 15";
            let context = ["", " in the context of AEAD 15"][usize::from(legacy)];
            let keys = with.unwrap().1.lines().next().unwrap();
            assert_eq!(keys, format!("AEAD {}{context}", nts["aead"]), "{name}");
            found += 1;
        }
        assert_eq!(found, authenticators, "{name}");
        // Fields inside are indented by two more.
        assert_eq!(
            output.stdout.matches("\n     nts-cookie  ").count(),
            inner,
            "{name}"
        );
    }
}

#[test]
fn keys_do_what_a_key_log_does() {
    for (name, _) in CAPTURES {
        let (keys, _) = decoded(name);
        assert!(!keys.is_empty(), "{name}");
        let program = keys
            .iter()
            .fold(capture(name).arg("--json"), |program, pair| {
                let octets = |key: &str| pair[key].as_str().expect("hex").to_owned();
                let pair = format!("{}:{}:{}", pair["aead"], octets("c2s"), octets("s2c"));
                program.arg("--keys").arg(pair)
            });
        let output = program.run();
        assert_eq!(output.status, Some(0), "{name}: {}", output.stderr);
        let by_key_log = with_key_log(name, name).arg("--json").run();
        assert_eq!(output.json(), by_key_log.json(), "{name}");
    }
}

/// Source: made with Python, see tests/data/README.md.
#[test]
fn every_algorithm_opens_in_both_versions() {
    let key_log = data("nts-made.keylog");
    let program = Program::new("dissect").args("--hex --json").arg("--keylog");
    let output = program.arg(key_log).arg(data("nts-made.hex")).run();
    assert_eq!(output.status, Some(0), "{output:?}");
    let expected = lines(&text("nts-made.jsonl"));
    let packets = output.json();
    assert_eq!((packets.len(), expected.len()), (22, 22));
    for (packet, expected) in packets.iter().zip(&expected) {
        assert_eq!(packet["version"], expected["version"]);
        let field = authenticator(packet).unwrap();
        assert_eq!(field["opened"], true, "{packet} {expected}");
        let inner = field["inner"].as_array().unwrap().iter();
        let inner = inner.map(|field| json!({"type": field["type"], "body": field["value"]}));
        assert_eq!(expected["inner"], inner.collect::<Value>(), "{packet}");
    }
}

#[test]
fn without_keys_nothing_is_known() {
    for (name, [_, authenticators, _]) in CAPTURES {
        let output = capture(name).arg("--json").run();
        assert_eq!(output.status, Some(0), "{name}");
        assert_eq!(opened(&output), vec![Value::Null; authenticators], "{name}");
    }
}

#[test]
fn a_key_log_without_exporter_secrets_is_told() {
    let scratch = Scratch::new();
    let path = scratch.write("keylog", "# nothing\nCLIENT_RANDOM 00 11\n");
    let name = "nts-aead15-chrony43";
    let output = capture(name).arg("--json").arg("--keylog").arg(&path).run();
    assert_eq!(output.status, Some(0), "{output:?}");
    let note = format!("warning: {} has no EXPORTER_SECRET lines\n", path.display());
    assert!(output.stderr.starts_with(&note), "{}", output.stderr);
    assert_eq!(opened(&output), vec![Value::Null; 10]);
}

#[test]
fn what_does_not_open_is_not_genuine() {
    let name = "nts-aead15-chrony43";
    let (keys, _) = decoded(name);
    let [c2s, s2c] = ["c2s", "s2c"].map(|key| keys[0][key].as_str().unwrap());
    let zeros = "00".repeat(64);
    let all = |opened: bool| vec![json!(opened); 10];
    let servers: Vec<_> = (0..10).map(|index| json!(index % 2 == 1)).collect();
    for (keys, expected) in [
        (format!("15:{c2s}:{s2c}"), all(true)),
        // Directions are not mixed up.
        (format!("15:{s2c}:{c2s}"), all(false)),
        (format!("15:{}:{s2c}", &zeros[..64]), servers),
        // Keys of an algorithm whose nonces have another length.
        (format!("30:{}:{}", &c2s[..32], &s2c[..32]), all(false)),
        (format!("17:{zeros}:{zeros}"), all(false)),
    ] {
        let output = capture(name).arg("--json").arg("--keys").arg(&keys).run();
        assert_eq!(opened(&output), expected, "{keys}");
        let status = i32::from(expected.contains(&json!(false)));
        assert_eq!(output.status, Some(status), "{keys}");
        for packet in output.json() {
            let field = authenticator(&packet).unwrap();
            assert_eq!(packet["error"], Value::Null);
            assert!(field["opened"] == true || field["inner"] == json!([]));
        }
    }
    let other = with_key_log(name, "nts-aead30-chrony46");
    let output = other.run();
    assert_eq!(output.status, Some(1));
    let verdict = "ciphertext of 16 octets, NOT GENUINE under the keys given\n";
    assert_eq!(
        output.stdout.matches(verdict).count(),
        5,
        "{}",
        output.stdout
    );
}

#[test]
fn a_key_log_of_some_of_the_sessions_opens_some_of_the_packets() {
    let scratch = Scratch::new();
    let name = "nts-aead30-without-record1024-chrony46-server";
    let key_log = text(&format!("captures/{name}.keylog"));
    let secrets: Vec<_> = key_log
        .lines()
        .filter(|line| line.starts_with("EXPORTER"))
        .collect();
    assert_eq!(secrets.len(), 5);
    let mut count = HashMap::new();
    for secret in &secrets {
        let path = scratch.write("keylog", secret);
        let output = capture(name).arg("--json").arg("--keylog").arg(path).run();
        assert_eq!(output.status, Some(1), "{secret}");
        let opened = opened(&output);
        assert_eq!(opened.len(), 10);
        for (index, opened) in opened.into_iter().enumerate() {
            *count.entry(index).or_default() += usize::from(opened == true);
        }
    }
    // Each packet is of one session.
    assert_eq!(count, (0..10).map(|index| (index, 1)).collect());
}

#[test]
fn no_octet_can_be_changed() {
    let scratch = Scratch::new();
    let (packets, key_log) = (text("nts-made.hex"), text("nts-made.keylog"));
    let packet = |index| packets.lines().nth(index).unwrap();
    // A request and a response of AEAD 15 and of AEAD 30, none of them with padding.
    for (index, session) in [(0, 0), (1, 0), (6, 3), (7, 3)] {
        let mut changed = vec![packet(index).to_owned()];
        for at in (1..changed[0].len()).step_by(2) {
            let mut digits = packet(index).to_owned();
            let digit = u8::from_str_radix(&digits[at..=at], 16).unwrap() ^ 1;
            digits.replace_range(at..=at, &format!("{digit:x}"));
            changed.push(digits);
        }
        let secret = scratch.write("keylog", key_log.lines().nth(session).unwrap());
        let program = Program::new("dissect").args("--hex --json").arg("--keylog");
        let output = program.arg(secret).stdin(changed.join("\n")).run();
        assert_eq!(output.status, Some(1));
        let packets = output.json();
        assert_eq!(packets.len(), changed.len());
        let is_open =
            |packet: &&Value| authenticator(packet).is_some_and(|field| field["opened"] == true);
        let open = packets.iter().filter(is_open);
        assert!(open.map(|packet| &packet["index"]).eq([&json!(1)]));
    }
}

#[test]
fn bad_key_logs_are_told_in_one_line() {
    let scratch = Scratch::new();
    let path = scratch.write("keylog", "# good\nEXPORTER_SECRET 00 11\n");
    let program = capture("nts-aead15-chrony43").arg("--keylog").arg(&path);
    let error = format!(
        "error: {}: the client random in line 2 is not 64 hexadecimal digits\n",
        path.display()
    );
    let output = program.run();
    assert_eq!((output.status, output.stderr), (Some(1), error));
    assert_eq!(output.stdout, "");
    let nowhere = Program::new("dissect").args("--keylog /nowhere/at/all");
    nowhere.run().assert_fails("cannot open /nowhere/at/all: ");
}

#[test]
fn bad_keys_are_told_in_one_line_that_does_not_repeat_them() {
    let key = "5a".repeat(32);
    for (keys, reason) in [
        (String::new(), "expected AEAD:C2S:S2C"),
        (format!("15:{key}"), "expected AEAD:C2S:S2C"),
        (
            format!("14:{key}:{key}"),
            "AEAD is not 15, 16, 17, 30 or 31",
        ),
        (
            format!("15:{key}:{key}5"),
            "S2C is not an even number of hexadecimal digits",
        ),
        (
            format!("17:{key}:{key}"),
            "C2S has 32 octets, AEAD 17 needs 64",
        ),
        (
            format!("15:{key}:{}", key.repeat(1000)),
            "S2C has 32000 octets, AEAD 15 needs 32",
        ),
    ] {
        let output = Program::new("dissect").arg("--keys").arg(&keys).run();
        assert_eq!(output.status, Some(2), "{output:?}");
        assert_eq!(
            output.stderr,
            format!("error: --keys <AEAD:C2S:S2C>: {reason}\n")
        );
    }
}
