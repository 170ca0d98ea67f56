//! The program `dissect` over packets that real programs exchanged.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use horolog_tests::{Output, Program, Scratch, program};
use serde_json::{Value, json};

const KEYS: &str = "--mac-key 1:md5:6d6435736563726574 \
    --mac-key 5:aes-cmac:2b7e151628aed2a6abf7158809cf4f3c";

/// Packets in each capture.
const CAPTURES: [(&str, usize); 8] = [
    ("kod-rate-chrony", 10),
    ("mode6-ntpq-ntpsec123", 59),
    ("ntpv3-plain", 12),
    ("ntpv4-extfield-f323-f324", 14),
    ("ntpv4-mac-aes128", 10),
    ("ntpv4-mac-md5", 10),
    ("ntpv5-ntpdrs-5", 6),
    ("nts-aead15-chrony43", 10),
];

fn capture(name: &str) -> PathBuf {
    let path = format!("{}/data/captures/{name}.pcap", env!("CARGO_MANIFEST_DIR"));
    PathBuf::from(path)
}

/// Runs it with a capture on standard input, so that no path is split at its spaces.
fn dissect(octets: &[u8], arguments: &str) -> Output {
    let mut child = Command::new(program("dissect"))
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let output = std::thread::scope(|scope| {
        // The program may end before it has read all.
        scope.spawn(move || stdin.write_all(octets));
        child.wait_with_output().expect("the program ends")
    });
    let text = |octets| String::from_utf8(octets).expect("text");
    Output {
        status: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn packets(name: &str, arguments: &str) -> Vec<Value> {
    let octets = std::fs::read(capture(name)).expect("a capture");
    let output = dissect(&octets, &format!("- --json {arguments}"));
    assert_eq!(output.status, Some(0), "{name}: {output:?}");
    output.json()
}

#[test]
fn every_packet_can_be_decoded() {
    for (name, count) in CAPTURES {
        let packets = packets(name, KEYS);
        assert_eq!(packets.len(), count, "{name}");
        for packet in &packets {
            assert_eq!(packet["error"], Value::Null, "{name}: {packet}");
            assert!(packet["time"].as_str().unwrap().starts_with("1795337") || name.contains("v5"));
            let hosts = [&packet["src"], &packet["dst"]].map(|host| host.as_str().unwrap());
            assert!(hosts.contains(&"198.51.100.1:123"), "{name}: {packet}");
        }
        let text = dissect(&std::fs::read(capture(name)).unwrap(), KEYS);
        assert_eq!(text.status, Some(0), "{name}");
        let titles = text.stdout.lines().filter(|line| line.starts_with('#'));
        assert_eq!(titles.count(), count, "{name}");
    }
}

#[test]
fn keys_come_in_their_order_and_no_others() {
    let octets = std::fs::read(capture("ntpv3-plain")).unwrap();
    let output = dissect(&octets, "- --json");
    assert_eq!(
        output.stdout.lines().nth(1).unwrap(),
        concat!(
            r#"{"index":2,"time":"1795337095.007987000","src":"198.51.100.1:123","#,
            r#""dst":"198.51.100.2:34849","length":48,"version":3,"leap":"none","mode":"server","#,
            r#""stratum":3,"poll":1,"precision":-26,"root_delay":0.0,"root_dispersion":0.0,"#,
            r#""refid":"7f7f0101","reference":"eead2a0578812df9","origin":"6b41aa7d1586717d","#,
            r#""receive":"eead2a070202402d","transmit":"eead2a07020a902e","extensions":[],"#,
            r#""mac":null,"control":null,"error":null}"#,
        )
    );
}

#[test]
fn macs_are_verified_where_the_key_is_given() {
    for (name, key, other) in [
        ("ntpv4-mac-md5", 1, "1:sha1:6d6435736563726574"),
        (
            "ntpv4-mac-aes128",
            5,
            "5:aes-cmac:00000000000000000000000000000000",
        ),
    ] {
        let wrong = format!("--mac-key {other}");
        for (arguments, verified) in [
            (KEYS, json!(true)),
            (wrong.as_str(), json!(false)),
            ("", Value::Null),
        ] {
            for packet in packets(name, arguments) {
                let mac = json!({"key_id": key, "length": 20, "verified": verified});
                assert_eq!(packet["mac"], mac, "{name} {arguments}");
            }
        }
    }
}

#[test]
fn a_kiss_code_reads_as_such() {
    let packets = packets("kod-rate-chrony", "");
    let kiss = packets.last().unwrap();
    assert_eq!(
        (&kiss["leap"], &kiss["stratum"], &kiss["refid"]),
        (&json!("unknown"), &json!(0), &json!("52415445"))
    );
    let octets = std::fs::read(capture("kod-rate-chrony")).unwrap();
    let text = dissect(&octets, "").stdout;
    assert_eq!(text.matches("kiss code  RATE").count(), 3, "{text}");
}

#[test]
fn chronys_field_is_decoded() {
    for packet in packets("ntpv4-extfield-f323-f324", "") {
        let [field] = packet["extensions"].as_array().unwrap().as_slice() else {
            panic!("{packet}")
        };
        assert_eq!(field["type"], "0xf323");
        assert_eq!(field["name"], "chrony-mono-root");
        assert_eq!(field["length"], 28);
        assert!(field["value"].as_str().unwrap().starts_with("f5bedd9a"));
        if packet["mode"] == "server" {
            // Its monotonic clock runs beside the other one.
            let start = |field: &Value| field.as_str().unwrap()[..11].to_owned();
            assert_eq!(
                start(&field["monotonic_receive"]),
                start(&packet["receive"])
            );
        }
    }
}

#[test]
fn answers_to_ntpq_are_decoded() {
    let packets = packets("mode6-ntpq-ntpsec123", "");
    let control = |index: usize| &packets[index - 1]["control"];
    for packet in &packets {
        assert_eq!(
            (&packet["version"], &packet["mode"]),
            (&json!(2), &json!("control"))
        );
        assert_eq!(
            (&packet["stratum"], &packet["transmit"]),
            (&Value::Null, &Value::Null)
        );
    }
    for (index, opcode, sequence, association, response) in [
        (1, 1, 1, 0, false),
        (2, 1, 1, 0, true),
        (3, 2, 2, 17_767, false),
        (5, 2, 2, 17_767, true),
        (54, 12, 24, 0, false),
        (57, 10, 25, 0, true),
    ] {
        let control = control(index);
        assert_eq!(control["opcode"], opcode, "{control}");
        assert_eq!(control["sequence"], sequence, "{control}");
        assert_eq!(control["association"], association, "{control}");
        assert_eq!(control["response"], response, "{control}");
    }
    let associations = json!([{"id": 17_767, "status": "0x9014"}]);
    assert_eq!(control(2)["associations"], associations);
    let part = control(4);
    assert_eq!(
        (&part["more"], &part["offset"], &part["count"]),
        (&json!(true), &json!(0), &json!(468))
    );
    assert_eq!(
        part["status_text"],
        "configured+reachable, reject, 1 event, reachable"
    );
    assert_eq!(control(5)["offset"], 468);
    let variables = control(7)["variables"].as_array().unwrap();
    for (name, value) in [("leap", "3"), ("stratum", "16"), ("precision", "-24")] {
        let variable = json!({"name": name, "value": value});
        assert!(variables.contains(&variable), "{name}");
    }
    let refused = control(27);
    assert_eq!(
        (&refused["error"], &refused["status"]),
        (&json!(true), &json!("0x0500"))
    );
    assert_eq!(refused["status_text"], "unknown variable name");
    assert_eq!(
        control(55)["variables"][0]["value"],
        "eead2c8e3bba4df8adf241d6"
    );
}

#[test]
fn version_5_has_its_own_header() {
    for packet in packets("ntpv5-ntpdrs-5", "") {
        assert_eq!(packet["version"], 5);
        for key in ["refid", "reference", "origin"] {
            assert_eq!(packet[key], Value::Null, "{packet}");
        }
        let fields = packet["extensions"].as_array().unwrap();
        let draft = fields
            .iter()
            .find(|field| field["type"] == "0xf5ff")
            .unwrap();
        assert_eq!(draft["draft"], "draft-ietf-ntp-ntpv5-08");
        assert_eq!(packet["v5"]["timescale"], 0);
        assert_eq!(packet["v5"]["synchronised"], packet["mode"] == "server");
    }
}

#[test]
fn nts_is_shown_closed() {
    let octets = std::fs::read(capture("nts-aead15-chrony43")).unwrap();
    let output = dissect(&octets, "--json");
    assert_eq!(output.status, Some(0));
    assert_eq!(output.stderr, "skipped 19 TCP segments\n");
    for packet in output.json() {
        let fields = packet["extensions"].as_array().unwrap();
        let names: Vec<_> = fields.iter().map(|field| &field["name"]).collect();
        let (expected, ciphertext): (&[_], _) = if packet["mode"] == "client" {
            (
                &["unique-identifier", "nts-cookie", "nts-authenticator"],
                16,
            )
        } else {
            (&["unique-identifier", "nts-authenticator"], 120)
        };
        assert_eq!(names, expected);
        let authenticator = fields.last().unwrap();
        assert_eq!(authenticator["nonce"].as_str().unwrap().len(), 32);
        assert_eq!(authenticator["ciphertext_length"], ciphertext);
        assert_eq!(
            (&authenticator["opened"], &authenticator["inner"]),
            (&Value::Null, &json!([]))
        );
        assert_eq!(authenticator.get("value"), None);
    }
}

#[test]
fn a_capture_that_was_cut_off_is_shown_up_to_there() {
    let octets = std::fs::read(capture("ntpv3-plain")).unwrap();
    let output = dissect(&octets[..octets.len() - 1], "--json");
    assert_eq!(output.status, Some(1));
    assert_eq!(output.json().len(), 11);
    assert!(
        output
            .stderr
            .starts_with("error: standard input: the file ends in the middle"),
        "{output:?}"
    );
    let output = dissect(b"no capture", "");
    assert_eq!(output.status, Some(1));
    assert_eq!(
        output.stderr,
        "error: standard input: neither pcap nor pcapng\n"
    );
}

#[test]
fn a_signal_ends_it_with_what_was_read_so_far() {
    let octets = std::fs::read(capture("ntpv3-plain")).unwrap();
    let mut command = Command::new(program("dissect"));
    let mut child = command
        .args(["-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Half of a packet is left over, and more may come.
    stdin.write_all(&octets[..octets.len() - 40]).unwrap();
    assert_eq!(lines.by_ref().take(11).flatten().count(), 11);
    let process = child.id().to_string();
    let kill = Command::new("kill").args(["-s", "INT", &process]).status();
    assert!(kill.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(lines.count(), 0);
}

#[test]
fn payloads_in_hex_are_read_from_a_file() {
    let scratch = Scratch::new();
    let request = "23 00 06 20".to_owned() + &"00".repeat(44);
    let path = scratch.write("payloads", &format!("{request}\n\nxyz\n2300\n"));
    let output = Program::new("dissect")
        .args(&format!("--hex --json {}", path.display()))
        .run();
    assert_eq!(output.status, Some(1), "{output:?}");
    let [good, bad, short] = output.json().try_into().unwrap();
    assert_eq!(
        (&good["index"], &good["time"], &good["src"]),
        (&json!(1), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&good["version"], &good["poll"], &good["precision"]),
        (&json!(4), &json!(6), &json!(32))
    );
    assert_eq!(
        bad["error"],
        "line 3 is not an even number of hexadecimal digits"
    );
    assert_eq!(
        short["error"],
        "poll needs 1 octets, 0 are left, at offset 2"
    );
    let output = dissect(request.as_bytes(), "--hex -");
    assert_eq!(output.status, Some(0), "{output:?}");
    assert!(
        output.stdout.starts_with("#1 NTPv4 client, 48 octets\n"),
        "{output:?}"
    );
}

#[test]
fn other_ports_are_asked_for() {
    // Behind each frame's 16 octets of the file stand Ethernet, IPv4 and the two ports.
    const PORTS: usize = 16 + 14 + 20;
    let mut octets = std::fs::read(capture("ntpv3-plain")).unwrap();
    let (_, frames) = octets.split_at_mut(24);
    for frame in frames.chunks_exact_mut(16 + 90) {
        for port in frame[PORTS..PORTS + 4].as_chunks_mut().0 {
            if *port == 123_u16.to_be_bytes() {
                *port = 1123_u16.to_be_bytes();
            }
        }
    }
    let none = dissect(&octets, "--json");
    assert_eq!((none.status, none.stdout.as_str()), (Some(0), ""));
    assert_eq!(none.stderr, "skipped 12 UDP datagrams of other ports\n");
    let all = dissect(&octets, "--json --port 1123");
    assert_eq!(
        (all.status, all.json().len()),
        (Some(0), 12),
        "{}",
        all.stderr
    );
}

#[test]
fn wrong_usage_is_told() {
    for arguments in [
        "--mac-key 1:md4:00",
        "--port 0",
        "--hex --port 124",
        "--unknown",
    ] {
        let output = dissect(b"", arguments);
        assert_eq!(output.status, Some(2), "{arguments}: {output:?}");
    }
    let output = dissect(b"", "/nowhere/at/all.pcap");
    assert_eq!(output.status, Some(1));
    assert!(
        output
            .stderr
            .starts_with("error: cannot open /nowhere/at/all.pcap: "),
        "{output:?}"
    );
}
