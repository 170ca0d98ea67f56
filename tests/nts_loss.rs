//! NTS over a link that loses, changes, repeats and forges packets.

use std::thread;

use horolog_tests::{
    Chrony, Direction, Passage, Pki, Program, Relay, Running, Serve, assert_protected, wait_for,
    with_patience,
};
use serde_json::Value;

/// Octets of a header without fields.
const HEADER: usize = 48;
const UNIQUE_IDENTIFIER: u16 = 0x0104;
const COOKIE_PLACEHOLDER: u16 = 0x0304;
const AUTHENTICATOR: u16 = 0x0404;

/// A server whose clients are sent through a link with a rule.
fn serve_behind(
    pki: &Pki,
    rule: impl FnMut(Direction, usize, &mut Vec<u8>) -> bool + Send + 'static,
) -> (Serve, Relay) {
    let serve = Serve::start_nts_behind_relay(pki, "");
    let link = (
        core::net::Ipv4Addr::new(127, 0, 0, 2),
        serve.address().port(),
    );
    let relay = Relay::start(link.into(), serve.address(), rule);
    (serve, relay)
}

/// The extension fields of a packet without a MAC: where they begin, their type, their octets.
fn fields(octets: &[u8]) -> Vec<(usize, u16, &[u8])> {
    let mut fields = Vec::new();
    let mut at = HEADER;
    while let Some(&[t0, t1, l0, l1]) = octets.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let field = &octets[at..at + length];
        fields.push((at, u16::from_be_bytes([t0, t1]), field));
        at += length;
    }
    fields
}

/// The placeholders of each request that came to a link.
fn placeholders(relay: &Relay) -> Vec<usize> {
    let passages = relay.passages().into_iter();
    let requests = passages.filter(|one| one.direction == Direction::Request);
    let count = |one: Passage| {
        let is_placeholder = |field: &&(usize, u16, &[u8])| field.1 == COOKIE_PLACEHOLDER;
        fields(&one.octets).iter().filter(is_placeholder).count()
    };
    requests.map(count).collect()
}

/// The samples among the lines that `query` prints.
fn samples(lines: &[Value]) -> Vec<&Value> {
    let is_sample = |line: &&Value| line.get("t2").is_some();
    lines.iter().filter(is_sample).collect()
}

#[test]
fn our_jar_fills_again_after_losses() {
    with_patience(jar_fills_again);
}

fn jar_fills_again(timeout: f32) {
    let pki = Pki::new();
    let (serve, relay) = serve_behind(&pki, |direction, before, _| match direction {
        Direction::Request => !(7..9).contains(&before),
        Direction::Response => !(2..5).contains(&before),
    });
    let query = Program::query_nts(serve.key_exchange(), &pki);
    let arguments = format!("--samples 12 --timeout {timeout}");
    let output = query.args(&arguments).run();
    assert_eq!(output.status, Some(0), "{output:?}");
    let (samples, summary) = output.samples();
    assert_eq!((samples.len(), &summary["lost"]), (7, &5.into()));
    // Each reply fills the jar, how many cookies ever were lost before it.
    samples.iter().for_each(assert_protected);
    assert_eq!(placeholders(&relay), [0, 0, 0, 1, 2, 3, 0, 0, 1, 2, 0, 0]);
    let counters = serve.terminate();
    assert_eq!(counters["nts_answered"], 10, "{counters}");
    assert_eq!(counters["ke_established"], 1, "{counters}");
    assert_eq!(counters["nts_naks"], 0, "{counters}");
}

#[test]
fn new_keys_where_all_cookies_are_lost() {
    with_patience(all_cookies_are_lost);
}

fn all_cookies_are_lost(timeout: f32) {
    let pki = Pki::new();
    let (serve, relay) = serve_behind(&pki, |direction, before, _| {
        direction == Direction::Request || !(1..9).contains(&before)
    });
    let query = Program::query_nts(serve.key_exchange(), &pki);
    let arguments = format!("--samples 11 --timeout {timeout}");
    let output = query.args(&arguments).run();
    let (samples, summary) = output.samples();
    assert_eq!(
        (samples.len(), &summary["lost"]),
        (3, &8.into()),
        "{output:?}"
    );
    samples.iter().for_each(assert_protected);
    let expected = [0, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0];
    assert_eq!(placeholders(&relay), expected);
    assert_eq!(serve.terminate()["ke_established"], 2);
}

#[test]
fn chronys_jar_fills_again_after_losses() {
    for chrony in [Chrony::installed(), Chrony::newer()].into_iter().flatten() {
        let pki = Pki::new();
        let (serve, relay) = serve_behind(&pki, |direction, before, _| {
            direction == Direction::Request || !(2..5).contains(&before)
        });
        // Four cookies are left after the losses, and last for two seconds where answers are late.
        let options = "minpoll -1 maxpoll -1";
        let client = chrony.client_nts(serve.key_exchange(), &pki, options);
        wait_for("eight answers", || {
            (relay.count(Direction::Response).0 >= 8).then_some(())
        });
        wait_for("a full jar", || {
            (client.auth_data().cookies == 8).then_some(())
        });
        let data = client.auth_data();
        assert_eq!((data.key_id, data.naks), (1, 0), "{}", client.log());
        assert_eq!(relay.count(Direction::Response).1, 3);
        assert!(placeholders(&relay).contains(&3));
        drop(client);
        let counters = serve.terminate();
        assert_eq!(counters["ke_established"], 1, "{counters}");
        assert_eq!(counters["nts_naks"], 0, "{counters}");
    }
}

/// Asks eight times each with some clients whose replies pass this rule: each client has to see every
/// one of its replies, and take none.
fn assert_discarded(
    clients: usize,
    rule: impl Fn(usize, &[u8], &mut Vec<u8>) + Copy + Send + 'static,
) {
    with_patience(|timeout| assert_discards(&ask_through(clients, timeout, rule)));
}

/// What becomes of the requests.
fn ask_through(
    clients: usize,
    timeout: f32,
    rule: impl Fn(usize, &[u8], &mut Vec<u8>) + Send + 'static,
) -> (Vec<Vec<Value>>, Value) {
    let pki = Pki::new();
    let mut request = Vec::new();
    let (serve, _relay) = serve_behind(&pki, move |direction, before, octets| {
        match direction {
            Direction::Request => request.clone_from(octets),
            Direction::Response => rule(before, &request, octets),
        }
        true
    });
    let ask = || {
        let query = Program::query_nts(serve.key_exchange(), &pki);
        let arguments = format!("--samples 8 --timeout {timeout}");
        let output = query.args(&arguments).run();
        output.assert_no_time();
        let (_, summary) = output.samples();
        assert_eq!(summary["lost"], 8, "{output:?}");
        output.json()
    };
    let lines = thread::scope(|scope| {
        let askers: Vec<_> = (0..clients).map(|_| scope.spawn(ask)).collect();
        let lines = askers
            .into_iter()
            .map(|asker| asker.join().expect("no time"));
        lines.collect()
    });
    (lines, serve.terminate())
}

fn assert_discards((clients, counters): &(Vec<Vec<Value>>, Value)) {
    for lines in clients {
        let errors = lines.iter().filter_map(|line| line["error"].as_str());
        let discarded = "no reply, and 1 datagrams that answer nothing";
        assert_eq!(
            errors.filter(|&error| error == discarded).count(),
            8,
            "{lines:?}"
        );
    }
    assert_eq!(counters["nts_answered"], 8 * clients.len(), "{counters}");
    assert_eq!(counters["ke_established"], clients.len(), "{counters}");
}

#[test]
fn a_reply_without_its_authenticator_is_none() {
    assert_discarded(1, |_, _, octets| {
        let fields = fields(octets);
        let last = fields.last().expect("an authenticator");
        assert_eq!(last.1, AUTHENTICATOR);
        let at = last.0;
        octets.truncate(at);
    });
    assert_discarded(1, |_, _, octets| octets.truncate(HEADER));
}

#[test]
fn a_reply_with_another_bit_is_none() {
    // Twenty-four places from the first octet to the last.
    assert_discarded(3, |before, _, octets| {
        let last = octets.len() - 1;
        octets[before * last / 23] ^= 1;
    });
}

#[test]
fn a_forged_reply_is_none() {
    // A good header with the request's Unique Identifier, and nothing behind it.
    assert_discarded(1, |_, request, octets| {
        octets.truncate(HEADER);
        let fields = fields(request);
        let (_, _, identifier) = fields
            .iter()
            .find(|field| field.1 == UNIQUE_IDENTIFIER)
            .expect("a Unique Identifier");
        octets.extend_from_slice(identifier);
    });
    // The same with the request's own authenticator: that is of the other direction.
    assert_discarded(1, |_, request, octets| {
        octets.truncate(HEADER);
        octets.extend_from_slice(&request[HEADER..]);
    });
}

#[test]
fn the_last_reply_again_is_none() {
    with_patience(last_reply_again);
}

fn last_reply_again(timeout: f32) {
    let pki = Pki::new();
    let mut first = Vec::new();
    let (serve, _relay) = serve_behind(&pki, move |direction, before, octets| {
        if direction == Direction::Response {
            if before == 0 {
                first.clone_from(octets);
            }
            octets.clone_from(&first);
        }
        true
    });
    let query = Program::query_nts(serve.key_exchange(), &pki);
    let arguments = format!("--samples 5 --timeout {timeout}");
    let output = query.args(&arguments).run();
    let (samples, summary) = output.samples();
    assert_eq!(
        (samples.len(), &summary["lost"]),
        (1, &4.into()),
        "{output:?}"
    );
}

#[test]
fn a_request_with_another_bit_is_denied_or_dropped() {
    with_patience(request_with_another_bit);
}

fn request_with_another_bit(timeout: f32) {
    let pki = Pki::new();
    let (serve, _relay) = serve_behind(&pki, |direction, before, octets| {
        if direction == Direction::Request {
            // In the header, the cookie, and the authenticator.
            let fields = fields(octets);
            let places = [40, fields[1].0 + 8, octets.len() - 1];
            octets[places[before % places.len()]] ^= 1;
        }
        true
    });
    let query = Program::query_nts(serve.key_exchange(), &pki);
    let arguments = format!("--samples 3 --timeout {timeout}");
    let output = query.args(&arguments).run();
    output.assert_no_time();
    let lines = output.json();
    // Nor does a NAK pass whose origin timestamp is not the request's.
    let kisses: Vec<_> = lines.iter().map(|line| line["kiss"].as_str()).collect();
    assert_eq!(
        kisses,
        [None, Some("NTSN"), Some("NTSN"), None],
        "{output:?}"
    );
    let counters = serve.terminate();
    assert_eq!(counters["nts_answered"], 0, "{counters}");
    assert_eq!(counters["nts_naks"], 3, "{counters}");
    // New keys are for those whom an old one served.
    assert_eq!(counters["ke_established"], 1, "{counters}");
}

/// Whether the link had any effect: without a rule all of this tells time.
#[test]
fn an_honest_link_changes_nothing() {
    let pki = Pki::new();
    let (serve, relay) = serve_behind(&pki, |_, _, _| true);
    let mut query: Running = Program::query_nts(serve.key_exchange(), &pki)
        .args("--samples 1000000 --timeout 20")
        .start();
    let lines = query.lines_until(|_| relay.count(Direction::Response).0 >= 4);
    assert_eq!(samples(&lines).len(), lines.len());
    let rest = query.interrupt();
    assert_eq!(rest.last().expect("a summary")["lost"], 0);
    drop(serve);
}
