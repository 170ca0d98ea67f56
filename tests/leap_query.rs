//! Leap indicators against lists, the DNS and the servers' own lists: `query --leap`, `serve
//! --leap-dns`.

extern crate alloc;

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::net::UdpSocket;
use std::path::PathBuf;
use std::thread;
use std::time::SystemTime;

use horolog_ntp::{Header, LeapIndicator, Mode, Stratum};
use horolog_tests::{
    FakeDns, Knot, LEAP_ZONE, Output, Program, Scratch, Serve, free_port, leap_zone, wait_for,
};
use horolog_time::{NtpTimestamp, UnixTime};
use serde_json::Value;

/// All leap seconds until 2026, valid until 2041: 17 octets in binary.
const LIST: &str =
    "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+288?";
/// The same, but that of the end of 1972 was negative.
const OTHER: &str =
    "6+6-12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+288?";
/// The same as of mid 2021, expired since the end of 2021.
const EXPIRED: &str =
    "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+59?";

/// A server with NTS, whatever it has leap seconds from.
struct Served {
    serve: Serve,
    nts: u16,
    scratch: Scratch,
}

impl Served {
    fn start(arguments: &str) -> Self {
        let scratch = Scratch::new();
        let nts = free_port();
        let pki = scratch.path().display();
        let arguments = format!("--nts 127.0.0.1:{nts} --self-signed {pki} {arguments}");
        let serve = Serve::start(&arguments);
        Self {
            serve,
            nts,
            scratch,
        }
    }

    /// One that has leap seconds from a file.
    fn with_list(text: &str) -> (Self, PathBuf) {
        let files = Scratch::new();
        let list = files.write("list", text);
        let served = Self::start(&format!("--leap-list {}", list.display()));
        // It was read: the folder may go, and another file takes its place.
        let list = served.file("list", text);
        (served, list)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        self.scratch.write(name, text)
    }

    fn query(&self, arguments: &str) -> Output {
        let ca = self.scratch.path().join("ca.pem");
        let arguments = format!(
            "127.0.0.1 --nts --nts-port {} --ca {} --interval 0.05 --json {arguments}",
            self.nts,
            ca.display()
        );
        Program::new("query").args(&arguments).run()
    }

    /// What the server says of its list.
    fn own_list(&self) -> Value {
        let output = self.query("--leap --samples 1");
        state_of(&output, "extension-field")["state"].clone()
    }
}

fn check_of(output: &Output) -> Value {
    let is_check = |line: &Value| line.get("leap_check").is_some();
    let found = output.json().into_iter().find(is_check);
    found.unwrap_or_else(|| panic!("no check: {output:?}"))
}

fn state_of(output: &Output, source: &str) -> Value {
    let check = check_of(output);
    let sources = check["sources"].as_array().expect("an array");
    let found = sources.iter().find(|found| found["source"] == source);
    found.cloned().unwrap_or_default()
}

#[test]
fn the_leap_indicator_the_extension_field_the_list_and_the_dns_agree() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let zone = knot.sign(LEAP_ZONE, &leap_zone("txt", LIST.as_bytes()), None);
    let dns = knot.serve(&[(LEAP_ZONE, &zone.text)]);
    let files = Scratch::new();
    let anchors = files.write("anchors", &zone.key);
    let options = format!(
        "--leap-dns {LEAP_ZONE} --leap-dns-server {} --leap-trust-anchor {}",
        dns.address(),
        anchors.display()
    );
    let served = Served::start(&options);
    wait_for("the server's list", || {
        (served.own_list() == "agrees").then_some(())
    });
    let list = files.write("list", LIST);
    for record_type in ["a", "aaaa", "txt", "bin"] {
        let output = served.query(&format!(
            "--leap --leap-list {} {options} --leap-dns-type {record_type} --samples 1",
            list.display()
        ));
        assert_eq!(output.status, Some(0), "{output:?}");
        assert_eq!(output.stderr, "", "{output:?}");
        let check = check_of(&output);
        assert_eq!(
            (&check["leap"], &check["agrees"]),
            (&"none".into(), &true.into())
        );
        let sources = check["sources"].as_array().unwrap();
        assert_eq!(sources.len(), 3, "{check}");
        for (found, source) in sources.iter().zip(["extension-field", "list", "dns"]) {
            assert_eq!(found["source"], source);
            assert_eq!(found["state"], "agrees");
            assert_eq!(
                (&found["leaps"], &found["tai_utc"]),
                (&27.into(), &37.into())
            );
            assert_eq!(found["expires"], "2041-01-01T00:00:00Z");
        }
        assert_eq!(sources[2]["security"], "DNSSEC secure");
    }
    // Without --leap it is compared too, and nothing said where all agree.
    let output = served.query(&format!("{options} --samples 1"));
    assert_eq!(output.status, Some(0), "{output:?}");
    assert!(
        output
            .json()
            .iter()
            .all(|line| line.get("leap_check").is_none())
    );
    // By another key of the zone the answer is bogus: no list, and no server is asked.
    let other = knot.sign(LEAP_ZONE, &leap_zone("txt", LIST.as_bytes()), None);
    files.write("other", &other.key);
    let bogus = options.replace("anchors", "other");
    let output = served.query(&format!("--leap {bogus} --samples 1"));
    output.assert_fails(" is bogus: ");
    assert_eq!(output.stdout, "");

    let counters = served.serve.terminate();
    assert!(counters["leap_answers"].as_u64() >= Some(1), "{counters}");
    assert_eq!(
        (&counters["leap_failures"], &counters["leap_kept"]),
        (&0.into(), &0.into())
    );
    assert!(counters["leap_lists"].as_u64() >= Some(4), "{counters}");
}

#[test]
fn people_see_a_line_for_each_source() {
    let (served, list) = Served::with_list(LIST);
    let ca = served.scratch.path().join("ca.pem");
    let output = Program::new("query")
        .args(&format!(
            "127.0.0.1 --nts --nts-port {} --ca {} --samples 1 --leap --leap-list {}",
            served.nts,
            ca.display(),
            list.display()
        ))
        .run();
    assert_eq!(output.status, Some(0), "{output:?}");
    let said = "agrees  none  27 leap seconds, TAI-UTC 37 s, until 2041-01-01T00:00:00Z";
    for line in [
        "127.0.0.1  leap indicator   none".to_owned(),
        format!("127.0.0.1  extension field  {said}"),
        format!("127.0.0.1  leap list        {said}  {}", list.display()),
    ] {
        assert!(
            output.stdout.lines().any(|found| found == line),
            "{line:?}: {output:?}"
        );
    }
}

#[test]
fn nobody_gets_a_list_unasked_or_without_nts() {
    let (served, list) = Served::with_list(LIST);
    let output = served.query("--samples 2");
    assert_eq!(output.status, Some(0), "{output:?}");
    // Asked for without NTS there is no field to ask with.
    let output = Program::new("query")
        .args(&format!(
            "{} --json --samples 2 --leap --leap-list {}",
            served.serve.address(),
            list.display()
        ))
        .run();
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(check_of(&output)["sources"].as_array().unwrap().len(), 1);
    // Of another type than the server's.
    let output = served.query("--leap --leap-field 0xf0f0 --samples 2");
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(state_of(&output, "extension-field")["state"], "absent");
    assert_eq!(served.serve.terminate()["leap_lists"], 0);
}

#[test]
fn the_type_of_the_field_is_for_both_sides_to_choose() {
    let files = Scratch::new();
    let list = files.write("list", LIST);
    let served = Served::start(&format!(
        "--leap-field 61680 --leap-list {}",
        list.display()
    ));
    let output = served.query("--leap --leap-field 0xf0f0 --samples 1");
    assert_eq!(
        state_of(&output, "extension-field")["state"],
        "agrees",
        "{output:?}"
    );
    assert_eq!(served.own_list(), "absent");
}

#[test]
fn a_long_list_is_left_out_and_asked_for_again_with_room() {
    // 59 leap seconds, 11 months apart: 61 octets.
    let long = format!("{}200?", "11+".repeat(59));
    let (served, list) = Served::with_list(&long);
    let arguments = format!("--leap --leap-list {}", list.display());
    let output = served.query(&format!("{arguments} --samples 1"));
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(state_of(&output, "extension-field")["state"], "left-out");
    let output = served.query(&format!("{arguments} --samples 2"));
    assert_eq!(output.status, Some(0), "{output:?}");
    let found = state_of(&output, "extension-field");
    assert_eq!(
        (&found["state"], &found["leaps"]),
        (&"agrees".into(), &59.into())
    );
}

/// A name server with one TXT record, until it fails.
fn failing_dns(text: &'static str) -> (FakeDns, Arc<AtomicBool>) {
    let fails = Arc::new(AtomicBool::new(false));
    let failing = Arc::clone(&fails);
    let dns = FakeDns::start(move |request| {
        if failing.load(Ordering::Relaxed) {
            return Some(request.respond(2, &[]));
        }
        let mut rdata = vec![u8::try_from(text.len()).expect("a short text")];
        rdata.extend(text.as_bytes());
        Some(request.respond(0, &[request.record(&rdata)]))
    });
    (dns, fails)
}

fn from_dns(dns: &FakeDns) -> String {
    format!(
        "--leap-dns {LEAP_ZONE} --leap-dns-type txt --leap-dns-server {} --leap-dns-refresh 1",
        dns.address()
    )
}

/// Waits for so many more questions to a name server.
fn more_questions(dns: &FakeDns, count: usize) {
    let before = dns.requests();
    wait_for("questions to the name server", || {
        (dns.requests() >= before + count).then_some(())
    });
}

#[test]
fn the_last_good_list_stays_when_the_dns_fails() {
    let (dns, fails) = failing_dns(LIST);
    let served = Served::start(&from_dns(&dns));
    wait_for("the server's list", || {
        (served.own_list() == "agrees").then_some(())
    });
    fails.store(true, Ordering::Relaxed);
    // Each failure is some questions, and the next comes a second later.
    more_questions(&dns, 12);
    let output = served.query("--leap --samples 1");
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(state_of(&output, "extension-field")["state"], "agrees");
    // Then it is as good as before.
    fails.store(false, Ordering::Relaxed);
    more_questions(&dns, 2);
    let counters = served.serve.terminate();
    assert!(counters["leap_answers"].as_u64() >= Some(2), "{counters}");
    assert!(counters["leap_failures"].as_u64() >= Some(1), "{counters}");
    assert_eq!(counters["leap_kept"], counters["leap_failures"]);
}

#[test]
fn a_signal_has_the_dns_asked_at_once() {
    let (dns, _) = failing_dns(LIST);
    let served = Served::start(&from_dns(&dns).replace("refresh 1", "refresh 3600"));
    wait_for("the server's list", || {
        (served.own_list() == "agrees").then_some(())
    });
    let before = dns.requests();
    served.serve.signal("HUP");
    wait_for("another question", || {
        (dns.requests() > before).then_some(())
    });
}

#[test]
fn a_server_serves_while_the_dns_is_silent_and_takes_no_expired_list() {
    let silent = FakeDns::start(|_| None);
    let (expired, _) = failing_dns(EXPIRED);
    for dns in [&silent, &expired] {
        let served = Served::start(&format!("{} --leap-dns-timeout 3600", from_dns(dns)));
        more_questions(dns, 1);
        let output = served.query("--leap --samples 2");
        assert_eq!(output.status, Some(0), "{output:?}");
        assert_eq!(state_of(&output, "extension-field")["state"], "absent");
        if dns.address() == expired.address() {
            more_questions(dns, 2);
        }
        let counters = served.serve.terminate();
        assert_eq!(
            (&counters["leap_answers"], &counters["leap_kept"]),
            (&0.into(), &0.into())
        );
        let failed = counters["leap_failures"].as_u64() >= Some(1);
        assert_eq!(failed, dns.address() == expired.address(), "{counters}");
    }
}

#[test]
fn an_expired_list_is_a_bad_answer_wherever_it_is_from() {
    let error = "the leap-second table is valid only until 2021-12-01T00:00:00Z";
    let (served, list) = Served::with_list(EXPIRED);
    let output = served.query("--leap --samples 1");
    assert_eq!(output.status, Some(1), "{output:?}");
    assert_eq!(state_of(&output, "extension-field")["state"], "expired");
    assert!(
        output
            .stderr
            .contains(&format!("127.0.0.1: extension field: {error}")),
        "{output:?}"
    );
    let (dns, _) = failing_dns(EXPIRED);
    for (options, text) in [
        (format!("--leap-list {}", list.display()), "leap list"),
        (from_dns(&dns).replace("--leap-dns-refresh 1", ""), "DNS"),
    ] {
        let output = served.query(&format!("{options} --samples 1"));
        assert_eq!(output.status, Some(1), "{output:?}");
        assert!(
            output.stderr.contains(&format!("error: {text}: {error}")),
            "{output:?}"
        );
    }
}

#[test]
fn a_server_with_another_list_is_found_out() {
    let (served, _) = Served::with_list(OTHER);
    let (dns, _) = failing_dns(LIST);
    let list = served.file("good", LIST);
    let options = from_dns(&dns).replace("--leap-dns-refresh 1", "");
    let options = format!(
        "--leap --leap-list {} {options} --samples 1",
        list.display()
    );
    let output = served.query(&options);
    assert_eq!(output.status, Some(1), "{output:?}");
    let differ = "differ in leap second 2: 1972-12 -1 and 1972-12 +1";
    for other in ["leap list", "DNS"] {
        let line = format!("error: 127.0.0.1: extension field and {other} {differ}");
        assert!(
            output.stderr.lines().any(|found| found == line),
            "{output:?}"
        );
    }
    let check = check_of(&output);
    assert_eq!(check["agrees"], false);
    assert_eq!(state_of(&output, "extension-field")["state"], "contradicts");
    // Without asking the server for its list nothing is wrong with it today.
    let output = served.query(&options.replace("--leap ", ""));
    assert_eq!(output.status, Some(0), "{output:?}");
}

/// A server without NTS that announces a leap second today, on a day without one.
#[test]
fn a_leap_indicator_that_lies_is_found_out() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let answered = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&answered);
    thread::spawn(move || {
        let mut buffer = [0; 100];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            let Ok(request) = Header::decode(&buffer[..length]) else {
                continue;
            };
            let now = NtpTimestamp::from_unix(UnixTime::try_from(SystemTime::now()).unwrap());
            let header = Header {
                leap: LeapIndicator::Insert,
                mode: Mode::SERVER,
                stratum: Stratum::PRIMARY,
                origin: request.transmit,
                reference: now,
                receive: now,
                transmit: now,
                ..request
            };
            count.fetch_add(1, Ordering::Relaxed);
            let _ = socket.send_to(&header.to_octets(), client);
        }
    });
    let (dns, _) = failing_dns(LIST);
    let scratch = Scratch::new();
    let list = scratch.write("list", LIST);
    let from_dns = from_dns(&dns).replace("--leap-dns-refresh 1", "");
    for (options, source) in [
        (format!("--leap-list {}", list.display()), "leap list"),
        (from_dns, "DNS"),
    ] {
        let output = Program::new("query")
            .args(&format!("{address} --json --samples 1 --leap {options}"))
            .run();
        let line = format!("error: {address}: leap indicator is insert, the {source} says none");
        assert_eq!(output.stderr.trim_end(), line);
        assert_eq!(output.status, Some(1), "{output:?}");
        assert_eq!(check_of(&output)["leap"], "insert");
    }
    assert_eq!(answered.load(Ordering::Relaxed), 2);
}
