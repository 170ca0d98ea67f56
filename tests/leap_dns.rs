//! Leap seconds through the DNS: the zone that we write, served by knot, read by the program `leap`
//! and by other tools; captured answers.

use std::process::Command;

use horolog_leap_compact::{CompactList, HINFO};
use horolog_leap_dns::{
    LeapContent, LeapForm, LeapResolver, ResolveError, RrsetError, TrustAnchors,
};
use horolog_tests::{
    FakeDns, Knot, LEAP_NOW, LEAP_ZONE, Program, Scratch, ask_dns, convert_leap, fetch_validated,
    iers_list, leap, leap_data, leap_zone, private_network, program, signed_leap_zone,
};
use serde_json::json;

/// The types that have the whole list, as `--type` has them.
const LISTS: [&str; 4] = ["a", "aaaa", "txt", "bin"];

#[test]
fn all_records_of_our_zone_are_fetched_secure_and_equal() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let zone = signed_leap_zone(knot);
    let server = knot.serve(&[(LEAP_ZONE, &zone.text)]);
    // The digest of a key is as good as the key.
    for anchors in [&zone.key, &zone.digests] {
        for record_type in LISTS {
            let output = fetch_validated(
                &server,
                anchors,
                &format!("{LEAP_ZONE} --type {record_type} --json"),
            );
            assert_eq!(output.status, Some(0), "{output:?}");
            let [found] = &output.json()[..] else {
                panic!("{output:?}");
            };
            assert_eq!(found["security"], "secure", "{output:?}");
            assert_eq!(found["name"], LEAP_ZONE);
            assert_eq!(found["resolver"], "dns");
            assert_eq!(found["foreign"], 0);
            assert!(
                (1..=86_400).contains(&found["ttl"].as_u64().unwrap()),
                "{output:?}"
            );
            assert_eq!(found["start_tai_utc"], 10);
            assert_eq!(found["expires"], "2027-06-01T00:00:00Z");
            let table = String::from_utf8(convert_leap("list", "json", iers_list()).0).unwrap();
            let table: serde_json::Value = serde_json::from_str(&table).unwrap();
            assert_eq!(found["leaps"], table["leaps"], "{record_type}");
        }
    }
    let output = fetch_validated(
        &server,
        &zone.key,
        &format!("{LEAP_ZONE} --type next --json"),
    );
    let [found] = &output.json()[..] else {
        panic!("{output:?}");
    };
    assert_eq!(found["name"], format!("next.{LEAP_ZONE}"));
    assert_eq!(found["security"], "secure");
    let newest = json!([{"address": "245.42.37.197", "month": "2026-12", "dtai": 37, "delta": 0}]);
    assert_eq!(found["announcements"], newest);

    let output = fetch_validated(
        &server,
        &zone.key,
        &format!("{LEAP_ZONE} --type hinfo --json"),
    );
    let [found] = &output.json()[..] else {
        panic!("{output:?}");
    };
    assert_eq!(found["security"], "secure");
    let mut expected: Vec<_> = HINFO
        .iter()
        .map(|info| json!({"cpu": info.cpu, "os": info.os}))
        .collect();
    let mut hinfo = found["hinfo"].as_array().unwrap().clone();
    for records in [&mut expected, &mut hinfo] {
        records.sort_by_key(ToString::to_string);
    }
    assert_eq!(hinfo, expected);
}

#[test]
fn what_is_fetched_is_shown_and_converted() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let server = knot.serve(&[(LEAP_ZONE, &leap_zone("list", &iers_list()))]);
    let address = server.address();
    let output = leap(&format!(
        "fetch {LEAP_ZONE} --server {address} {LEAP_NOW} --type txt"
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    let first = format!(
        "dns:{LEAP_ZONE} (txt, 27 leap seconds, TAI-UTC 37 s, expires 2027-06, not validated by DNSSEC)\n"
    );
    assert!(output.stdout.starts_with(&first), "{output:?}");
    assert_eq!(output.stdout.lines().count(), 29);

    let output = leap(&format!(
        "fetch {LEAP_ZONE} --server {address} {LEAP_NOW} --to txt"
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(
        output.stdout.as_bytes(),
        convert_leap("list", "txt", iers_list()).0
    );
    // As text: the octets of the binary list are none.
    for to in ["list", "txt", "hex", "a", "aaaa", "json", "dat", "zone"] {
        let output = leap(&format!(
            "fetch {LEAP_ZONE} --server {address} {LEAP_NOW} --to {to}"
        ));
        assert_eq!(output.status, Some(0), "{to}: {output:?}");
        if to == "zone" {
            // The same records as those that it was made of.
            let records = leap_zone("list", &iers_list());
            assert!(records.ends_with(&output.stdout), "{output:?}");
            continue;
        }
        let (text, _) = convert_leap(to, "txt", output.stdout.into_bytes());
        assert_eq!(text, convert_leap("list", "txt", iers_list()).0, "{to}");
    }
    let fetch = format!("fetch {LEAP_ZONE} --server {address} {LEAP_NOW} --to bin");
    let output = Program::new("leap").args(&fetch).run_raw();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, convert_leap("list", "bin", iers_list()).0);
    let help = leap("fetch --help").stdout;
    assert!(help.contains("[default: leapsecond.dotat.at]"), "{help}");

    let output = leap(&format!(
        "fetch {LEAP_ZONE} --server {address} {LEAP_NOW} --type next"
    ));
    let shown = format!(
        "dns:{LEAP_ZONE} (A at next, not validated by DNSSEC)\n   2026-12 dtai=37 delta=0\n"
    );
    assert_eq!((&output.stdout, &*output.stderr), (&shown, ""));
    // Until the 28th of the month at whose end the next is.
    for (now, is_old) in [
        ("2027-06-27T23:59:59Z", false),
        ("2027-06-28T00:00:00Z", true),
    ] {
        let output = leap(&format!(
            "fetch {LEAP_ZONE} --server {address} --now {now} --type next"
        ));
        assert_eq!((output.status, &output.stdout), (Some(0), &shown));
        let warning = format!(
            "warning: the newest announcement of dns:{LEAP_ZONE} is good only until 2027-06-28T00:00:00Z\n"
        );
        assert_eq!(output.stderr, if is_old { &*warning } else { "" });
    }
    let output = leap(&format!(
        "fetch {LEAP_ZONE} --server {address} --type next --to txt"
    ));
    output.assert_fails("the records are no list of leap seconds");
    // An expired table is a bad answer.
    let late = "--now 2027-06-01T00:00:00Z";
    let output = leap(&format!("fetch {LEAP_ZONE} --server {address} {late}"));
    output.assert_fails(&format!("dns:{LEAP_ZONE} expired on 2027-06-01T00:00:00Z"));
}

/// A list of more than a thousand octets, in AAAA records more than 512 without a DNSSEC signature.
#[test]
fn a_set_that_udp_cannot_hold_is_fetched_over_tcp() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let text = "6+6-".repeat(100) + "12?";
    let zone = leap_zone("txt", text.as_bytes());
    let zone = knot.sign(LEAP_ZONE, &zone, None);
    let server = knot.serve(&[(LEAP_ZONE, &zone.text)]);
    let table = text.parse::<CompactList>().unwrap().into_table();
    let anchors: TrustAnchors = zone.key.parse().unwrap();
    for resolver in [
        LeapResolver::new([server.address()]),
        LeapResolver::new([server.address()]).with_trust_anchors(anchors),
    ] {
        for form in [LeapForm::A, LeapForm::Aaaa, LeapForm::Txt, LeapForm::Binary] {
            let answer = resolver.fetch(LEAP_ZONE, form).unwrap();
            assert_eq!(answer.table(), Some(&table), "{form}");
        }
    }
    // RFC 1035 § 4.1.1: the answer over UDP says that it is cut.
    for form in [LeapForm::A, LeapForm::Aaaa] {
        let response = ask_dns(server.address(), LEAP_ZONE, form.record_type().0).unwrap();
        assert_eq!(response[2] & 2, 2, "{form}");
    }
}

/// Addresses of hosts that stand among the records are skipped, however many they are.
#[test]
fn a_set_padded_with_addresses_of_hosts_is_fetched_over_tcp() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let hosts = (0..200).map(|host| format!("@ IN A 10.0.0.{host}\n"));
    let zone = leap_zone("list", &iers_list()) + &hosts.collect::<String>();
    let server = knot.serve(&[(LEAP_ZONE, &zone)]);
    let address = server.address();
    let output = leap(&format!(
        "fetch {LEAP_ZONE} --server {address} {LEAP_NOW} --json"
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.json()[0]["foreign"], 200);
    assert_eq!(output.json()[0]["leaps"].as_array().unwrap().len(), 27);
    let warning = "warning: 200 A records of leapsecond.example. are not about leap seconds\n";
    assert_eq!(output.stderr, warning);
    let response = ask_dns(address, LEAP_ZONE, 1).unwrap();
    assert_eq!(
        response[2] & 2,
        2,
        "the answer over UDP says that it is cut"
    );
}

#[test]
fn check_compares_files_with_the_dns() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let zone = signed_leap_zone(knot);
    let old = leap_zone("txt", b"6+6+12+12+700?");
    let server = knot.serve(&[(LEAP_ZONE, &zone.text), ("old.example", &old)]);
    let scratch = Scratch::new();
    let anchors = scratch.write("anchors", &zone.key);
    let file = leap_data("iers-expires-2027-06-28.list")
        .display()
        .to_string();
    let address = server.address();
    let check = |arguments: &str| leap(&format!("check {LEAP_NOW} --server {address} {arguments}"));

    let secure = format!("--trust-anchor {} --type bin", anchors.display());
    let output = check(&format!("{secure} {file} dns:{LEAP_ZONE}"));
    assert_eq!(
        (output.status, &*output.stderr),
        (Some(0), ""),
        "{output:?}"
    );
    let line = format!(
        "dns:{LEAP_ZONE}: bin, 27 leap seconds, TAI-UTC 37 s, expires 2027-06, DNSSEC secure\n"
    );
    assert!(output.stdout.ends_with(&line), "{output:?}");
    let output = check(&format!("{secure} --json {file} dns:{LEAP_ZONE}"));
    assert_eq!(output.json()[1]["security"], "DNSSEC secure");
    assert_eq!(output.json()[0].get("security"), None);

    let output = check(&format!("{file} dns:old.example"));
    let differ = format!("error: {file} and dns:old.example differ in leap second 5: ");
    output.assert_fails(&differ);
    check(&format!("{file} dns:none.{LEAP_ZONE}")).assert_fails("NXDOMAIN");
    check(&format!("--type next dns:{LEAP_ZONE}")).assert_fails("no list of leap seconds");
}

/// The announcements of the captured answers.
const CAPTURED: [&str; 4] = [
    "2015-06 dtai=35 delta=+1",
    "2016-12 dtai=36 delta=+1",
    "2026-12 dtai=37 delta=0",
    "2027-06 dtai=37 delta=0",
];

/// Answers of knot to `dig`, with and without signatures; see `data/README.md`.
#[test]
fn captured_answers_decode() {
    let rows = include_str!("data/dns-leapsecond.csv").lines().skip(1);
    let mut seen = 0;
    for row in rows {
        let fields: Vec<_> = row.split(',').collect();
        let [frame, name, record_type, _, message] = fields[..] else {
            panic!("{row}");
        };
        let mut record_type: u16 = record_type.parse().unwrap();
        let mut message: Vec<u8> = message
            .as_bytes()
            .chunks(2)
            .map(|digits| u8::from_str_radix(str::from_utf8(digits).unwrap(), 16).unwrap())
            .collect();
        // For every type, of which this server gave one: as if that had been asked for.
        if record_type == 255 {
            record_type = 1;
            let question_type = 12 + name.len() + 2;
            assert_eq!(message[question_type..question_type + 2], [0, 255]);
            message[question_type + 1] = 1;
        }
        let Some(form) = LeapForm::ALL
            .into_iter()
            .find(|form| form.record_type().0 == record_type)
        else {
            continue; // MX.
        };
        let server = FakeDns::start(move |request| {
            let mut response = message.clone();
            response[..2].copy_from_slice(&request.octets[..2]);
            Some(response)
        });
        let found = LeapResolver::new([server.address()]).fetch(name, form);
        seen += 1;
        match (form, name) {
            (LeapForm::A, LEAP_ZONE) => {
                let content = found.unwrap().rrset().content().clone();
                let LeapContent::Announcements(announcements) = content else {
                    panic!("frame {frame}: {content:?}");
                };
                let texts = announcements.iter().map(ToString::to_string);
                // As the vectors of the format have them.
                assert_eq!(texts.collect::<Vec<_>>(), CAPTURED, "frame {frame}");
            }
            (LeapForm::A, _) => {
                assert!(
                    matches!(found, Err(ResolveError::NoSuchName { .. })),
                    "frame {frame}"
                );
            }
            (LeapForm::Txt | LeapForm::Binary, _) => {
                let answer = found.unwrap();
                let list = CompactList::from_table(answer.table().unwrap()).unwrap().0;
                let text = list.to_text();
                // The binary list is of 2021, the text of 2026.
                let gap = if form == LeapForm::Txt { "125?" } else { "59?" };
                let start = "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+";
                assert_eq!(text, format!("{start}{gap}"), "frame {frame}");
                assert_eq!(answer.ttl(), Some(300));
            }
            (LeapForm::HostInfo, _) => {
                let answer = found.unwrap();
                let LeapContent::HostInfo(records) = answer.content() else {
                    panic!("frame {frame}: {answer:?}");
                };
                assert_eq!(records[0].cpu(), b"leapseconds");
            }
            // The form of these was made up for the capture.
            (LeapForm::Aaaa, _) => {
                let Err(ResolveError::Records { source, .. }) = found else {
                    panic!("frame {frame}: {found:?}");
                };
                assert!(
                    matches!(source, RrsetError::LastSecond { index: 0, .. }),
                    "{source}"
                );
            }
            _ => panic!("frame {frame}"),
        }
    }
    assert_eq!(seen, 12);
}

#[test]
fn other_tools_read_our_zone() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let zone = signed_leap_zone(knot);
    let server = knot.serve(&[(LEAP_ZONE, &zone.text)]);
    let port = server.address().port();
    let run = |command: &str| {
        let words: Vec<_> = command.split_whitespace().collect();
        let output = Command::new(words[0]).args(&words[1..]).output();
        let output = output.expect("the tool runs");
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let written = |to: &str| String::from_utf8(convert_leap("list", to, iers_list()).0).unwrap();
    let sorted = |text: &str| {
        let lines = text.lines().filter(|line| !line.is_empty());
        let mut lines: Vec<_> = lines.map(str::to_lowercase).collect();
        lines.sort();
        lines
    };
    for tool in ["kdig", "dig"] {
        if !Knot::has(tool) {
            continue;
        }
        let dig = |record_type: &str| {
            // What a user has set is not read.
            let own = if tool == "dig" { "-r" } else { "" };
            run(&format!(
                "{tool} {own} @127.0.0.1 -p {port} {LEAP_ZONE} {record_type} +short"
            ))
        };
        assert_eq!(sorted(&dig("A")), sorted(&written("a")), "{tool}");
        assert_eq!(sorted(&dig("AAAA")), sorted(&written("aaaa")), "{tool}");
        let text = format!("\"{}\"", written("txt").trim());
        assert_eq!(dig("TXT").trim(), text, "{tool}");
        let hex = written("hex").trim().to_owned();
        let binary = format!("\\# {} {hex}", hex.len() / 2);
        assert_eq!(dig("TYPE65432").trim(), binary, "{tool}");
        assert_eq!(dig("HINFO").lines().count(), HINFO.len(), "{tool}");
    }
    if Knot::has("host") {
        let host = run(&format!(
            "host -p {port} -t TYPE65432 {LEAP_ZONE} 127.0.0.1"
        ));
        assert!(host.contains("has TYPE65432 record \\# "), "{host}");
        let host = run(&format!("host -p {port} -t A next.{LEAP_ZONE} 127.0.0.1"));
        assert!(host.contains("has address 245.42.37.197"), "{host}");
    }
    if Knot::has("delv") {
        let scratch = Scratch::new();
        let key = zone.key.split_once("DNSKEY ").unwrap().1.trim();
        let (flags, key) = key.rsplit_once(' ').unwrap();
        let anchors = format!("trust-anchors {{ {LEAP_ZONE}. static-key {flags} \"{key}\"; }};\n");
        let anchors = scratch.write("delv.keys", &anchors);
        for record_type in ["A", "AAAA", "TXT", "TYPE65432", "HINFO"] {
            let delv = run(&format!(
                "delv @127.0.0.1 -p {port} -a {} +root={LEAP_ZONE} {LEAP_ZONE} {record_type}",
                anchors.display()
            ));
            assert!(
                delv.starts_with("; fully validated"),
                "{record_type}: {delv}"
            );
        }
    }
}

/// `getaddrinfo` of this system's library, with a resolv.conf of its own, where the name server is
/// the only one in the world.
#[test]
fn getaddrinfo_returns_addresses_of_class_e() {
    let (Some(_), Some(mut command)) = (Knot::installed(), private_network()) else {
        return;
    };
    let scratch = Scratch::new();
    scratch.write(
        &format!("{LEAP_ZONE}.zone"),
        &leap_zone("list", &iers_list()),
    );
    let host = Knot::zone("@ IN A 10.0.0.1\nnext IN AAAA 2001:db8::1\n");
    scratch.write("host.example.zone", &host);
    let resolver = Knot::as_resolver(&scratch, &[LEAP_ZONE, "host.example"]);
    let leap = program("leap");
    let leap = leap.display();
    let script = scratch.write(
        "script",
        &format!(
            "{resolver}\
             {leap} fetch {LEAP_ZONE} --system {LEAP_NOW} --json\n\
             {leap} fetch {LEAP_ZONE} --system --type next {LEAP_NOW} --json\n\
             {leap} fetch {LEAP_ZONE} {LEAP_NOW} --type bin --json\n\
             for arguments in host.example 'none.example --timeout 1' 'host.example --type next'; do\n\
             {leap} fetch --system $arguments && exit 9\n\
             done\n\
             kill -STOP $knot\n\
             {leap} fetch {LEAP_ZONE} --system --timeout 0.5 && exit 9\n\
             kill -CONT $knot\n\
             exit 0\n"
        ),
    );
    let command = command.arg("bash").arg(script);
    let output = command.output().expect("unshare runs");
    let (stdout, stderr) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{stdout}\n{stderr}");
    let lines: Vec<serde_json::Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [list, next, binary] = &lines[..] else {
        panic!("{stdout}\n{stderr}");
    };
    assert_eq!(list["resolver"], "system");
    assert_eq!(list["leaps"].as_array().unwrap().len(), 27);
    assert_eq!(list["ttl"], json!(null));
    assert_eq!(next["announcements"][0]["address"], "245.42.37.197");
    // The library finds the name server in the same file.
    assert_eq!(binary["resolver"], "dns");
    assert_eq!(binary["leaps"], list["leaps"]);
    let errors: Vec<_> = stderr.lines().collect();
    let [lie, none, ipv6, silent] = errors[..] else {
        panic!("{stderr}");
    };
    assert!(
        lie.ends_with("not class E: 10.0.0.1 is not in 240.0.0.0/4"),
        "{lie}"
    );
    assert!(
        none.starts_with("error: cannot fetch dns:none.example: "),
        "{none}"
    );
    assert!(
        ipv6.ends_with("the name next.host.example. has no A records (NODATA)"),
        "{ipv6}"
    );
    assert!(
        silent.ends_with("no answer for leapsecond.example. A within 0.5 s"),
        "{silent}"
    );
}
