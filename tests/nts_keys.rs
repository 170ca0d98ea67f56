//! The keys of cookies while clients live on: rotated, lost, kept, shared.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use horolog_tests::{
    Chrony, Pki, Program, Redis, Running, Scratch, Serve, assert_protected, wait_for,
};
use serde_json::Value;

/// A client that goes on asking, and waits that many seconds for a reply.
fn asking(serve: &Serve, pki: &Pki, interval: f32, timeout: f32) -> Running {
    let query = Program::query_nts_every(interval, serve.key_exchange(), pki);
    let arguments = format!("--samples 1000000 --timeout {timeout}");
    query.args(&arguments).start()
}

/// Long enough where no reply is lost.
const PATIENT: f32 = 20.0;

fn is_sample(line: &Value) -> bool {
    line.get("t2").is_some()
}

fn is_nak(line: &Value) -> bool {
    line["kiss"] == "NTSN"
}

/// Checks that a client had nothing but good samples, and how many.
fn assert_all_good(lines: &[Value]) -> usize {
    let (summary, samples) = lines.split_last().expect("a summary");
    assert_eq!(summary["lost"], 0, "{lines:?}");
    samples.iter().for_each(assert_protected);
    samples.len()
}

fn unix_now() -> f64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.expect("a time after 1970").as_secs_f64()
}

/// When the request of a sample was sent; of what is no sample, at no time.
fn sent(line: &Value) -> f64 {
    let t1 = line["t1"].as_str().map(str::parse);
    t1.and_then(Result::ok).unwrap_or(f64::NAN)
}

/// Waits until a file has had this many contents.
fn wait_for_changes(path: &Path, count: usize) {
    let mut contents = Vec::new();
    wait_for("changes of a file", || {
        let content = fs::read(path).unwrap_or_default();
        if !contents.contains(&content) {
            contents.push(content);
        }
        (contents.len() > count).then_some(())
    });
}

fn count(counters: &Value, name: &str) -> u64 {
    let count = counters.get(name).and_then(Value::as_u64);
    count.unwrap_or_else(|| panic!("no {name} in {counters}"))
}

#[test]
fn nobody_notices_a_rotation() {
    let pki = Pki::new();
    let kept = Scratch::new();
    let keys = kept.path().join("keys");
    let serve = Serve::start_nts(&pki, &format!("--rotate 2 --keys file:{}", keys.display()));
    // A cookie is spent eight requests after it came, and opens for seven rotations: ten seconds more
    // than it needs.
    let query = asking(&serve, &pki, 0.5, PATIENT);
    let chrony = Chrony::installed();
    let often = "minpoll -2 maxpoll -2";
    let client = chrony.map(|chrony| chrony.client_nts(serve.key_exchange(), &pki, often));
    wait_for_changes(&keys, 6);
    let samples = assert_all_good(&query.interrupt());
    assert!(samples >= 8, "{samples}");
    let clients = if let Some(client) = client {
        let data = client.auth_data();
        assert_eq!((data.key_id, data.naks), (1, 0), "{data:?}");
        wait_for("a full jar", || {
            (client.auth_data().cookies >= 7).then_some(())
        });
        2
    } else {
        1
    };
    let counters = serve.terminate();
    assert_eq!(count(&counters, "nts_naks"), 0, "{counters}");
    assert_eq!(count(&counters, "ke_established"), clients, "{counters}");
    assert_eq!(count(&counters, "nts_refused"), 0, "{counters}");
}

#[test]
fn our_client_does_not_notice_a_rotation_of_chronys() {
    let Some(chrony) = Chrony::newer() else {
        return;
    };
    let pki = Pki::new();
    let kept = Scratch::new();
    let lines = format!("ntsrotate 3\nntsdumpdir {}", kept.path().display());
    let server = chrony.serve_nts(&pki, &lines);
    let query = Program::query_nts(server.key_exchange(), &pki);
    let arguments = format!("--samples 1000000 --timeout {PATIENT}");
    let query = query.args(&arguments).start();
    // Four of its keys are good at a time: a cookie that waits for seven others, less than a second,
    // is fresh enough.
    wait_for_changes(&kept.path().join("ntskeys"), 3);
    assert!(assert_all_good(&query.interrupt()) >= 16);
}

#[test]
fn lost_keys_lead_to_one_more_key_establishment() {
    let pki = Pki::new();
    let serve = Serve::start_nts(&pki, "--keys memory");
    // Slowly, so that eight cookies last until the server is back.
    let mut query = asking(&serve, &pki, 1.0, 5.0);
    query.lines_until(is_sample);
    let (serve, before) = serve.restart();
    assert_eq!(count(&before, "ke_established"), 1);
    assert_eq!(count(&before, "nts_naks"), 0);
    // What is asked while nobody serves is lost; then it is told of what the server does not know.
    query.lines_until(is_nak);
    let lines = query.lines_until(is_sample);
    assert_eq!(lines.len(), 1, "the next request: {lines:?}");
    let rest = query.lines_until(is_sample);
    lines.iter().chain(&rest).for_each(assert_protected);
    assert!(!query.interrupt().iter().any(is_nak));
    let after = serve.terminate();
    assert_eq!(count(&after, "ke_established"), 1, "{after}");
    assert_eq!(count(&after, "nts_naks"), 1, "{after}");
    assert!(count(&after, "nts_answered") >= 2, "{after}");
}

#[test]
fn chrony_comes_back_where_keys_are_lost() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let pki = Pki::new();
    let serve = Serve::start_nts(&pki, "");
    let slowly = "minpoll 0 maxpoll 0";
    let client = chrony.client_nts(serve.key_exchange(), &pki, slowly);
    let full = |key_exchanges| {
        wait_for("a full jar", || {
            let data = client.auth_data();
            (data.cookies == 8 && data.key_id == key_exchanges).then_some(())
        });
    };
    full(1);
    let (serve, _) = serve.restart();
    full(2);
    let valid = || client.ntp_data("Total valid RX");
    let before = valid();
    wait_for("an answer", || (valid() != before).then_some(()));
    let counters = serve.terminate();
    assert_eq!(count(&counters, "ke_established"), 1, "{counters}");
    assert!(count(&counters, "nts_naks") >= 1, "{counters}");
    assert!(count(&counters, "nts_answered") >= 1, "{counters}");
}

#[test]
fn nobody_notices_a_restart_with_keys_in_a_file() {
    let pki = Pki::new();
    let kept = Scratch::new();
    let keys = kept.path().join("keys");
    let serve = Serve::start_nts(&pki, &format!("--keys file:{}", keys.display()));
    let mut query = asking(&serve, &pki, 0.1, 1.0);
    query.lines_until(is_sample);
    let (serve, _) = serve.restart();
    // Some requests may be lost meanwhile, but none is denied.
    let restarted = unix_now();
    let is_later = |line: &Value| sent(line) > restarted;
    for _ in 0..2 {
        let lines = query.lines_until(is_later);
        assert!(!lines.iter().any(is_nak), "{lines:?}");
    }
    let rest = query.interrupt();
    assert!(!rest.iter().any(is_nak), "{rest:?}");
    let counters = serve.terminate();
    assert_eq!(count(&counters, "ke_established"), 0, "{counters}");
    assert_eq!(count(&counters, "nts_naks"), 0, "{counters}");
    assert!(count(&counters, "nts_answered") >= 2, "{counters}");
}

/// Checks that one server opens the cookies that another gives out, over rotations of their keys.
fn assert_shared(store: &str) {
    let pki = Pki::new();
    let answers = Serve::start_nts(&pki, &format!("--rotate 2 --keys {store}"));
    let there = format!("--advertise {}", answers.address());
    let gives_keys = Serve::start_nts(&pki, &format!("--rotate 2 --keys {store} {there}"));
    let mut early = asking(&gives_keys, &pki, 0.1, PATIENT);
    let start = unix_now();
    let lines = early.lines_until(|line| sent(line) > start + 5.0);
    lines.iter().for_each(assert_protected);
    // Keys of two rotations later, that each server made of what it had.
    assert_eq!(gives_keys.query_nts(&pki, 10).nts_samples(30).len(), 10);
    assert_all_good(&early.interrupt());
    let (gives_keys, answers) = (gives_keys.terminate(), answers.terminate());
    assert_eq!(count(&gives_keys, "ke_established"), 2, "{gives_keys}");
    assert_eq!(count(&gives_keys, "received"), 0, "{gives_keys}");
    assert_eq!(count(&answers, "ke_established"), 0, "{answers}");
    assert_eq!(count(&answers, "nts_naks"), 0, "{answers}");
    assert_eq!(count(&answers, "nts_answered"), count(&answers, "received"));
}

#[test]
fn two_servers_share_keys_in_a_file() {
    let kept = Scratch::new();
    assert_shared(&format!("file:{}", kept.path().join("keys").display()));
}

#[test]
fn two_servers_share_keys_in_redis() {
    let Some(redis) = Redis::unpacked() else {
        return;
    };
    let redis = redis.start();
    assert_shared(&redis.url());
}

#[test]
fn servers_without_a_shared_store_do_not_know_each_others_cookies() {
    let pki = Pki::new();
    let answers = Serve::start_nts(&pki, "");
    let there = format!("--advertise {}", answers.address());
    let gives_keys = Serve::start_nts(&pki, &there);
    let output = gives_keys.query_nts(&pki, 2);
    output.assert_no_time();
    assert_eq!(output.json()[0]["kiss"], "NTSN", "{output:?}");
    assert_eq!(count(&answers.terminate(), "nts_naks"), 2);
    // An attempt that leads to nothing is not made again at once.
    assert_eq!(count(&gives_keys.terminate(), "ke_established"), 1);
}

#[test]
fn a_redis_that_hangs_or_is_gone() {
    let Some(redis) = Redis::unpacked() else {
        return;
    };
    let (pki, redis) = (Pki::new(), redis.start());
    let serve = Serve::start_nts(&pki, &format!("--rotate 1 --keys {}", redis.url()));
    let query = asking(&serve, &pki, 0.1, PATIENT);
    let url = redis.url();
    redis.signal("STOP");
    serve.wait_for_log(&format!(
        "error: cannot connect to {url}: no answer within 2 s"
    ));
    drop(redis);
    let gone = format!("error: cannot connect to {url}: Connection refused");
    serve.wait_for_log(&gone);
    // Neither took the time from anybody, and there are cookies still.
    assert_eq!(serve.query_nts(&pki, 4).nts_samples(30).len(), 4);
    assert!(assert_all_good(&query.interrupt()) >= 10);
    // What stays wrong is told once.
    assert_eq!(serve.log().matches(&gone).count(), 1, "{}", serve.log());
    let counters = serve.terminate();
    assert_eq!(count(&counters, "nts_naks"), 0, "{counters}");
    // Who starts now has no keys at all.
    let url = url.replace("//", "//:hidden@");
    let files = (pki.certificate().display(), pki.key().display());
    let output = Program::new("serve")
        .args("--listen 127.0.0.1:0 --nts 127.0.0.1:0")
        .args(&format!(
            "--cert {} --key {} --keys {url}",
            files.0, files.1
        ))
        .run();
    output.assert_fails("error: cannot connect to 127.0.0.1:");
    assert!(!output.stderr.contains("hidden"), "{output:?}");
    assert_eq!(output.stdout, "");
}
