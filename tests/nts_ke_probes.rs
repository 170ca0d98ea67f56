//! Odd requests to the key establishment of `serve`, beside what chrony and ntpd-rs say to them.
//!
//! The requests that were put to them too are those of the captures (`horolog-nts`, `tests/data`).

use std::thread;

use horolog_tests::{Heard, KeProber, Pki, Serve, Way, up_to_three_times, wait_for};
use rustls::AlertDescription;

#[expect(dead_code, reason = "the requests and answers alone are of interest")]
#[path = "../crates/horolog-nts/tests/exchanges/file.rs"]
mod file;
#[path = "../crates/horolog-nts/tests/exchanges/probe_table.rs"]
mod probe_table;

use probe_table::Answer::{self, Closed, Compliant, Error, Keys, NoAlgorithm, NoProtocol};
use probe_table::{PROBES, long_request, octets, summary};

/// What came of a probe.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    Said(Answer),
    Refused(AlertDescription),
}

use Outcome::{Refused, Said};

fn outcome(heard: &Heard) -> Outcome {
    match heard {
        Heard::Message(octets) => Said(summary(octets)),
        Heard::Closed => Said(Closed),
        Heard::Alert(alert) => Refused(*alert),
    }
}

/// One that is not in the captures.
type Probe = (&'static str, Vec<u8>, Way, Outcome);

/// A record, critical.
fn record(number: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("a record");
    let head = [(0x8000 | number).to_be_bytes(), length.to_be_bytes()];
    [head.as_flattened(), body].concat()
}

fn numbers(list: impl IntoIterator<Item = u16>) -> Vec<u8> {
    list.into_iter().flat_map(u16::to_be_bytes).collect()
}

/// A request for NTPv4 and AEAD 15 with these records before its end.
fn with(records: &[u8]) -> Vec<u8> {
    let [protocol, aead] = [record(1, &[0, 0]), record(4, &[0, 15])];
    [&protocol, &aead, records, &record(0, &[])].concat()
}

/// A request for NTPv4 with these AEAD algorithms.
fn offering(list: impl IntoIterator<Item = u16>) -> Vec<u8> {
    let [protocol, aead] = [record(1, &[0, 0]), record(4, &numbers(list))];
    [protocol, aead, record(0, &[])].concat()
}

/// Filled up to so many octets by a record that nobody knows.
fn long(length: usize) -> Vec<u8> {
    let mut filling = record(0x3fff, &vec![0; length - with(&[]).len() - 4]);
    filling[0] &= 0x7f;
    with(&filling)
}

/// What RFC 8915 § 4 asks for, each with its reason where it is not plain.
fn messages() -> Vec<Probe> {
    let said = |name, request, answer| (name, request, Way::Whole, Said(answer));
    let three = |body: &[u8]| with(&record(7, body));
    vec![
        said("the five AEADs", offering([15, 16, 17, 30, 31]), Keys(30)),
        said(
            "30 and 15, record 1024",
            [
                &offering([30, 15])[..14],
                &record(1024, &[]),
                &record(0, &[]),
            ]
            .concat(),
            Compliant(30),
        ),
        said("AEAD 31", offering([31]), Keys(31)),
        said("AEAD 16", offering([16]), Keys(16)),
        said("AEAD 15 three times", offering([15, 15, 15]), Keys(15)),
        said(
            "100 AEADs, 15 last",
            offering((901..1000).chain([15])),
            Keys(15),
        ),
        said("100 unknown AEADs", offering(901..1001), NoAlgorithm),
        said("two AEAD records", with(&record(4, &[0, 15])), Error(1)),
        said(
            "no protocol in the record",
            [record(1, &[]), record(4, &[0, 15]), record(0, &[])].concat(),
            Error(1),
        ),
        said(
            "odd length of the protocol list",
            [record(1, &[0, 0, 0]), record(4, &[0, 15]), record(0, &[])].concat(),
            Error(1),
        ),
        said(
            "no NTPv4, no AEAD record",
            [record(1, &[0x12, 0x34]), record(0, &[])].concat(),
            NoProtocol,
        ),
        said("a warning", with(&record(3, &[0, 1])), Error(1)),
        said("an error between", with(&record(2, &[0, 0])), Error(1)),
        // Those of the draft for pools are unknown here.
        said(
            "a critical record of a pool",
            with(&record(8, &[])),
            Error(0),
        ),
        said("a critical record 1024", with(&record(1024, &[])), Keys(15)),
        said(
            "two records 1024",
            with(&record(1024, &[]).repeat(2)),
            Keys(15),
        ),
        said("a port of three octets", three(&[1, 2, 3]), Error(1)),
        said("a port of none", three(&[]), Error(1)),
        said(
            "a server with a control character",
            with(&record(6, b"a\0b")),
            Error(1),
        ),
        said("an empty server", with(&record(6, &[])), Error(1)),
        // § 4: servers take 1024 octets; what is more is theirs to say.
        said("1024 octets", long(1024), Keys(15)),
        said("4096 octets", long(4096), Keys(15)),
        said("4097 octets", long(4097), Error(1)),
        said(
            "500 records",
            with(&[0x3f, 0xff, 0, 0].repeat(500)),
            Keys(15),
        ),
        said(
            "a record longer than all",
            [0x3f, 0xff, 0xff, 0xff].to_vec(),
            Error(1),
        ),
    ]
}

/// What is odd about the session.
///
/// Without ALPN chrony hangs up and ntpd-rs gives keys; with another chrony hangs up and ntpd-rs
/// refuses as we do; with another beside both give keys; over TLS 1.2 chrony hangs up and ntpd-rs
/// refuses as we do (probes 27 to 30).
fn sessions() -> Vec<Probe> {
    let good = || with(&[]);
    vec![
        ("no ALPN", good(), Way::Alpn(&[]), Said(Closed)),
        (
            "another ALPN",
            good(),
            Way::Alpn(&[b"h2"]),
            Refused(AlertDescription::NoApplicationProtocol),
        ),
        (
            "another ALPN beside",
            good(),
            Way::Alpn(&[b"h2", b"ntske/1"]),
            Said(Keys(15)),
        ),
        (
            "TLS 1.2",
            good(),
            Way::Tls12,
            Refused(AlertDescription::ProtocolVersion),
        ),
        (
            "no TLS",
            good(),
            Way::Plain,
            Refused(AlertDescription::DecodeError),
        ),
        ("octet by octet", good(), Way::OctetByOctet, Said(Keys(15))),
        ("new keys of TLS", good(), Way::Rekeyed, Said(Keys(15))),
        ("close_notify behind", good(), Way::Notified, Said(Keys(15))),
        ("half closed", good(), Way::Closed, Said(Keys(15))),
        (
            "close_notify alone",
            Vec::new(),
            Way::Notified,
            Said(Closed),
        ),
        (
            "closed, half a request",
            good()[..9].to_vec(),
            Way::Closed,
            Said(Error(1)),
        ),
        (
            "data behind the answer",
            good(),
            Way::Behind,
            Said(Keys(15)),
        ),
        ("torn down", good()[..9].to_vec(), Way::Reset, Said(Closed)),
        ("torn down at once", Vec::new(), Way::Reset, Said(Closed)),
        // The server's deadlines end it.
        ("silence", Vec::new(), Way::Whole, Said(Error(1))),
        (
            "half a request",
            good()[..9].to_vec(),
            Way::Whole,
            Said(Error(1)),
        ),
        ("silence without TLS", Vec::new(), Way::Plain, Said(Closed)),
    ]
}

/// Those that chrony and ntpd-rs were asked too, and what we say to them over a connection.
fn captured() -> Vec<Probe> {
    let file = file::FILES.into_iter();
    let mut files = file.filter(|(name, _)| name.ends_with("probes-chrony46"));
    let chrony = file::exchange(files.next().expect("a file").1);
    let probe = |(stream, name, ours, ..): (u16, _, _, _, _)| {
        let request = match stream {
            24 => Vec::new(),
            25 => long_request(),
            _ => octets(&chrony, stream, true).expect("a request").to_vec(),
        };
        // As it was captured: these ended without an end.
        let way = match stream {
            22..=24 => Way::Notified,
            31 => Way::OctetByOctet,
            _ => Way::Whole,
        };
        // Who asks for nothing gets nothing, as from the others.
        let ours = if stream == 24 { Closed } else { ours };
        (name, request, way, Said(ours))
    };
    PROBES.into_iter().map(probe).collect()
}

fn counter(counters: &serde_json::Value, name: &str) -> usize {
    let counter = counters[name].as_u64().expect("a number");
    usize::try_from(counter).expect("a small number")
}

#[test]
fn odd_requests_are_answered_as_the_rfc_asks() {
    // The server gives nobody more than five seconds, however busy this host is.
    up_to_three_times(ask_all);
}

fn ask_all() {
    let pki = Pki::new();
    let serve = Serve::start_nts(&pki, "");
    let prober = KeProber::new(serve.key_exchange(), &pki);
    let before = serve.open_files();

    let probes = [captured(), messages(), sessions()].concat();
    assert!(probes.len() >= 60, "{}", probes.len());
    let ask = |(name, request, way, expected): &Probe| {
        let found = outcome(&prober.ask(request, *way));
        (found != *expected).then(|| format!("{name}: {found:?}, not {expected:?}"))
    };
    let group = |first| probes.iter().skip(first).step_by(8).filter_map(ask);
    let wrong: Vec<_> = thread::scope(|scope| {
        // Eight side by side: one address may have sixteen. The silent ones are not behind each other.
        let group = &group;
        let asking: Vec<_> = (0..8)
            .map(|first| scope.spawn(move || group(first).collect::<Vec<_>>()))
            .collect();
        let wrong = asking.into_iter().map(|one| one.join().expect("answers"));
        wrong.flatten().collect()
    });
    assert!(wrong.is_empty(), "{wrong:#?}");

    // Every place is free again, and a good client is served.
    wait_for("free places", || {
        (serve.open_files() <= before).then_some(())
    });
    let good = outcome(&prober.ask(&with(&[]), Way::Whole));
    assert_eq!(good, Said(Keys(15)));

    let counters = serve.terminate();
    let expected = |is_one: &dyn Fn(&Outcome) -> bool| {
        probes
            .iter()
            .filter(|(.., outcome)| is_one(outcome))
            .count()
    };
    let keys = expected(&|outcome| matches!(outcome, Said(Keys(_) | Compliant(_))));
    assert_eq!(counter(&counters, "ke_established"), keys + 1);
    let refused = expected(&|outcome| matches!(outcome, Said(Error(_) | NoAlgorithm | NoProtocol)));
    assert_eq!(counter(&counters, "ke_refused"), refused);
    // No ALPN is told of behind the handshake.
    let alerts = expected(&|outcome| matches!(outcome, Refused(_)));
    assert_eq!(counter(&counters, "ke_tls"), alerts + 1);
    assert_eq!(counter(&counters, "ke_slow"), 1);
    assert_eq!(counter(&counters, "ke_too_many"), 0);
    let names = ["established", "refused", "tls", "slow", "hung_up"];
    let all = names.map(|name| counter(&counters, &format!("ke_{name}")));
    assert_eq!(all.iter().sum::<usize>(), probes.len() + 1, "{counters}");
}
