//! Name servers that fail in every way: each has an error of its own, before the timeout ends.

use core::time::Duration;
use std::net::TcpListener;
use std::sync::mpsc;

use horolog_leap_dns::{
    LeapForm, LeapResolver, ResolveError, ResponseCode, Security, TrustAnchors,
};
use horolog_tests::{DnsRequest, FakeDns, LEAP_ZONE, Output, Scratch, leap};

/// Asks a server that answers so, and waits for it as long as that takes.
fn ask(
    respond: impl Fn(&DnsRequest<'_>) -> Option<Vec<u8>> + Send + 'static,
    arguments: &str,
) -> (Output, usize) {
    ask_within(20, respond, arguments)
}

/// The same, but it has so many seconds.
fn ask_within(
    seconds: u32,
    respond: impl Fn(&DnsRequest<'_>) -> Option<Vec<u8>> + Send + 'static,
    arguments: &str,
) -> (Output, usize) {
    let server = FakeDns::start(respond);
    let address = server.address();
    let output = leap(&format!(
        "fetch {LEAP_ZONE} --server {address} --timeout {seconds} {arguments}"
    ));
    (output, server.requests())
}

#[test]
fn name_servers_that_fail_are_told_from_each_other() {
    let (output, requests) = ask_within(2, |_| None, "");
    output.assert_fails("no answer for leapsecond.example. A within 2 s");
    assert!(requests > 1, "a request that is lost is sent again");
    for (code, message) in [
        (
            1,
            "the name server answers FORMERR for leapsecond.example. A",
        ),
        (
            2,
            "the name server answers SERVFAIL for leapsecond.example. A",
        ),
        (3, "the name leapsecond.example. does not exist (NXDOMAIN)"),
        (
            5,
            "the name server answers REFUSED for leapsecond.example. A",
        ),
        (
            15,
            "the name server answers RCODE15 for leapsecond.example. A",
        ),
        (0, "the name leapsecond.example. has no A records (NODATA)"),
    ] {
        let (output, _) = ask(move |request| Some(request.respond(code, &[])), "");
        output.assert_fails(message);
        // Records beside a code that says there is an error are none.
        if code != 0 {
            let with_record = move |request: &DnsRequest<'_>| {
                let record = request.record(&[240, 15, 10, 108]);
                Some(request.respond(code, &[record]))
            };
            let (output, _) = ask(with_record, "");
            output.assert_fails(message);
        }
    }
    // With its retries the server has its way in the end.
    let tries = core::sync::atomic::AtomicUsize::new(0);
    let late = move |request: &DnsRequest<'_>| {
        let earlier = tries.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
        let answer = request.record(&[240, 15, 10, 108]);
        (earlier > 0).then(|| request.respond(0, &[answer]))
    };
    let (output, requests) = ask_within(6, late, "--json");
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.json()[0]["announcements"][0]["month"], "1972-06");
    assert!(requests >= 2);
}

#[test]
fn garbage_and_lies_are_errors() {
    let record = |rdata: &'static [u8]| {
        move |request: &DnsRequest<'_>| {
            let record = request.record(rdata);
            Some(request.respond(0, &[record]))
        }
    };
    let (output, _) = ask(record(&[10, 0, 0, 1]), "");
    output.assert_fails("the A records of leapsecond.example.: none of the 1 addresses is a leap-second record, the first is not class E: 10.0.0.1 is not in 240.0.0.0/4");
    let (output, _) = ask(record(&[240, 15, 10, 109]), "");
    output.assert_fails("record 0: CRC mismatch: 240.15.10.109 should end with 108");
    // Data that is no address, and no character-string.
    for (rdata, arguments) in [(&[240, 15, 10][..], ""), (&[200, b'6'], "--type txt")] {
        let (output, _) = ask(record(rdata), arguments);
        output.assert_fails("error: cannot fetch dns:leapsecond.example: ");
    }
    let (output, _) = ask(record(b"\x036+6"), "--type txt");
    output.assert_fails("record 0 is no list: expected");
    let (output, _) = ask(record(&[0xff, 0xff]), "--type bin");
    output.assert_fails("record 0 is no list: ");
    let (output, _) = ask(record(&[0x20; 16]), "--type aaaa");
    output.assert_fails("record 0: 2020:2020:");
    // No DNS message at all, one that is cut, and one of another question.
    let short = |request: &DnsRequest<'_>| Some(request.octets[..7].to_vec());
    for respond in [
        (|_: &DnsRequest<'_>| Some(b"no".to_vec())) as fn(&DnsRequest<'_>) -> Option<Vec<u8>>,
        short,
        |request| {
            let mut response = request.respond(0, &[request.record(&[240, 15, 10, 108])]);
            response[13] ^= 1;
            Some(response)
        },
    ] {
        let (output, _) = ask_within(2, respond, "");
        output.assert_fails("error: cannot fetch dns:leapsecond.example: ");
    }
}

/// A name server that validates sets bits of its own; they prove nothing.
#[test]
fn the_word_of_a_name_server_is_no_validation() {
    let server = FakeDns::start(|request| {
        let mut response = request.respond(0, &[request.record(&[240, 15, 10, 108])]);
        response[3] |= 0x20;
        Some(response)
    });
    let resolver = LeapResolver::new([server.address()]);
    let answer = resolver.fetch(LEAP_ZONE, LeapForm::A).unwrap();
    assert_eq!(answer.security(), Security::NotValidated);
    // With anchors it is asked for keys, and its answer has none.
    let error = resolver
        .with_trust_anchors(TrustAnchors::root())
        .fetch(LEAP_ZONE, LeapForm::A)
        .unwrap_err();
    assert!(
        matches!(
            error,
            ResolveError::Bogus { .. } | ResolveError::Malformed { .. }
        ),
        "{error:?}"
    );
}

#[test]
fn silence_over_tcp_and_under_dnssec_is_told_with_the_time_waited() {
    let silent = |_: &DnsRequest<'_>| None;
    // RFC 1035 § 4.1.1: cut, so it is asked for over TCP, where connections are taken and no more.
    let cut = |request: &DnsRequest<'_>| {
        let mut response = request.respond(0, &[]);
        response[2] |= 2;
        Some(response)
    };
    for arguments in ["", "--type txt", "--dnssec"] {
        let (output, requests) = ask_within(2, silent, arguments);
        output.assert_fails("no answer for leapsecond.example. ");
        output.assert_fails(" within 2 s");
        assert!(requests > 0);

        let both = (0..100).find_map(|_| {
            let server = FakeDns::start(cut);
            let listener = TcpListener::bind(server.address()).ok()?;
            Some((server, listener))
        });
        let (server, listener) = both.expect("a port that is free for TCP too");
        let output = leap(&format!(
            "fetch {LEAP_ZONE} --server {} --timeout 2 {arguments}",
            server.address()
        ));
        output.assert_fails("no answer for leapsecond.example. ");
        output.assert_fails(" within 2 s");
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_ok(), "it came over TCP");
    }
}

/// What stands in each request of a resolver to a server that fails.
fn requests<T: Send + 'static>(
    validates: bool,
    look: impl Fn(&DnsRequest<'_>) -> T + Send + 'static,
) -> Vec<T> {
    let (sender, requests) = mpsc::channel();
    let server = FakeDns::start(move |request| {
        let _ = sender.send(look(request));
        Some(request.respond(2, &[]))
    });
    let mut resolver = LeapResolver::new([server.address()]);
    if validates {
        resolver = resolver.with_trust_anchors(TrustAnchors::root());
    }
    assert!(resolver.fetch(LEAP_ZONE, LeapForm::A).is_err());
    drop(server);
    let requests: Vec<_> = requests.iter().collect();
    assert!(!requests.is_empty());
    requests
}

#[test]
fn rfc_6891_section_6_1_requests_carry_edns() {
    for validates in [false, true] {
        for record in requests(validates, |request| {
            request.octets[12 + request.question.len()..].to_vec()
        }) {
            // The root's name, type OPT, the size of answers that are taken, code, version, flags.
            let [0, 0, 41, high, low, _, 0, flags, 0, 0, 0] = record[..] else {
                panic!("{record:x?}");
            };
            assert!(u16::from_be_bytes([high, low]) >= 1232, "{record:x?}");
            // RFC 3225: who validates asks for signatures.
            assert_eq!(flags & 0x80 != 0, validates, "{record:x?}");
        }
    }
}

/// A validating resolver whose trust anchors are others is not to keep its answer back.
#[test]
fn rfc_6840_section_5_9_who_validates_asks_for_answers_unchecked() {
    for validates in [false, true] {
        let flags = requests(validates, |request| request.octets[3] & 0x10 != 0);
        assert!(flags.iter().all(|flag| *flag == validates), "{flags:?}");
    }
}

#[test]
fn the_library_tells_errors_apart() {
    let fetch = |code| {
        let server = FakeDns::start(move |request| Some(request.respond(code, &[])));
        LeapResolver::new([server.address()])
            .with_timeout(Duration::from_secs(2))
            .with_attempts(1)
            .fetch(LEAP_ZONE, LeapForm::Next)
            .unwrap_err()
    };
    let owner = format!("next.{LEAP_ZONE}.");
    let record_type = LeapForm::Next.record_type();
    let code = ResponseCode::SERVFAIL;
    let refused = ResolveError::Refused {
        owner: owner.clone(),
        record_type,
        code,
    };
    assert_eq!(fetch(2), refused);
    let owner_alone = ResolveError::NoSuchName {
        owner: owner.clone(),
    };
    assert_eq!(fetch(3), owner_alone);
    assert_eq!(fetch(0), ResolveError::NoData { owner, record_type });
    let none = LeapResolver::new([])
        .fetch(LEAP_ZONE, LeapForm::A)
        .unwrap_err();
    assert!(matches!(none, ResolveError::NoServer { .. }), "{none}");
    let none = LeapResolver::new([])
        .fetch("a..b", LeapForm::A)
        .unwrap_err();
    assert!(matches!(none, ResolveError::Name { .. }), "{none}");
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        "fetch --type mx",
        "fetch --system --type txt",
        "fetch --system --dnssec",
        "fetch --system --server 127.0.0.1",
        "fetch --server nowhere",
        "fetch --timeout 0",
        "fetch --timeout -1",
        "fetch --timeout soon",
        "fetch --to tzif",
        "fetch --to txt --json",
        "check --system --type bin dns:leapsecond.example",
    ] {
        let output = leap(arguments);
        assert_eq!(output.status, Some(2), "{arguments}: {output:?}");
    }
    let output = leap("fetch --help");
    assert!(
        output.stdout.contains("leap fetch --type txt --dnssec"),
        "{output:?}"
    );
    let output = leap("fetch a..b --server 127.0.0.1:1");
    output.assert_fails("\"a..b\" is no domain name");
    let output = leap("fetch --trust-anchor /nonexistent --server 127.0.0.1:1");
    output.assert_fails("cannot read the trust anchors /nonexistent: ");
    let scratch = Scratch::new();
    let anchors = scratch.write("anchors", "example. A 192.0.2.1");
    let output = leap(&format!(
        "fetch --trust-anchor {} --server [::1]:1",
        anchors.display()
    ));
    output.assert_fails("line 1: expected DNSKEY or DS, found \"A\"");
}
