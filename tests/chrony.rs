//! chrony on the other side: its server asked by `query`, its client served by `serve`.

use horolog_tests::{
    Chrony, Program, Scratch, Serve, assert_best_close, assert_excused, measure_close, wait_for,
};
use serde_json::{Value, json};

/// Key arguments of `query` beside the numbers of the same keys in chrony's file.
const KEYS: [(&str, &str, &str); 4] = [
    ("1", "1:md5:6d6435736563726574", "mac-md5"),
    (
        "2",
        "2:sha1:00112233445566778899AABBCCDDEEFF00112233",
        "mac-sha1",
    ),
    (
        "5",
        "5:aes-cmac:2B7E151628AED2A6ABF7158809CF4F3C",
        "mac-aes-cmac",
    ),
    (
        "6",
        "6:aes-cmac:603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4",
        "mac-aes-cmac",
    ),
];

/// Asks with `query` and gives back the samples, all of which must be as close as they can
/// and the best within a millisecond.
fn ask(server: impl core::fmt::Display, arguments: &str) -> Vec<Value> {
    let output = Program::new("query")
        .args(&format!("{server} --json --interval 0.1 {arguments}"))
        .run();
    assert_eq!(output.status, Some(0), "{output:?}");
    let (samples, summary) = output.samples();
    assert_eq!(summary["samples"], samples.len(), "{output:?}");
    assert_eq!(summary["lost"], 0, "{output:?}");
    for sample in &samples {
        assert_excused(sample);
    }
    assert_best_close(&samples);
    samples
}

#[test]
fn query_asks_chrony() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let server = chrony.serve("");
    for version in [3, 4] {
        let samples = ask(server.address(), &format!("--ntp-version {version}"));
        assert_eq!(samples.len(), 4);
        assert_eq!(samples[0]["version"], version);
        assert_eq!(samples[0]["stratum"], 3);
        assert_eq!(samples[0]["refid"], "127.127.1.1");
        assert_eq!(samples[0]["auth"], "none");
    }
}

#[test]
fn query_asks_chrony_with_every_kind_of_key() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let server = chrony.serve("");
    for (_, key, auth) in KEYS {
        let samples = ask(server.address(), &format!("--samples 2 --key {key}"));
        assert_eq!(samples[1]["auth"], auth);
    }
    // chrony does not answer a request under a wrong key.
    let wrong =
        "--json --samples 1 --timeout 0.3 --key 5:aes-cmac:00000000000000000000000000000000";
    let output = Program::new("query")
        .args(&format!("{} {wrong}", server.address()))
        .run();
    assert_eq!(output.status, Some(1));
    assert_eq!(output.json()[0]["error"], "no reply");
}

#[test]
fn query_asks_chrony_in_interleaved_mode() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let server = chrony.serve("");
    for key in ["", "--key 5:aes-cmac:2B7E151628AED2A6ABF7158809CF4F3C"] {
        let samples = ask(
            server.address(),
            &format!("--samples 12 --interleaved {key}"),
        );
        let modes = samples.iter().map(|sample| &sample["interleaved"]);
        let modes: Vec<_> = modes.map(|mode| *mode == json!(true)).collect();
        // chrony answers in basic mode where it has not got the transmit timestamp in time.
        let interleaved = modes.windows(3).any(|modes| modes == [true; 3]);
        assert!(!modes[0] && interleaved, "{modes:?}");
    }
}

#[test]
fn chrony_measures_serve() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let serve = Serve::start("");
    measure_close(|| chrony.measure(serve.address(), ""));
    measure_close(|| chrony.measure(serve.address(), "version 3"));
    let counters = serve.terminate();
    assert!(counters["answered"].as_u64().unwrap() >= 2, "{counters}");
    assert_eq!(counters["malformed"], 0);
}

#[test]
fn chrony_measures_serve_with_every_kind_of_key() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let scratch = Scratch::new();
    let keys = scratch.write("chrony.keys", Chrony::KEYS);
    let serve = Serve::start(&format!("--mac-keys {}", keys.display()));
    for (id, _, _) in KEYS {
        measure_close(|| chrony.measure(serve.address(), &format!("key {id}")));
    }
    let counters = serve.terminate();
    assert_eq!(counters["authenticated"], counters["answered"]);
    assert_eq!(counters["bad_mac"], 0);
}

#[test]
fn chrony_and_serve_interleave() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let scratch = Scratch::new();
    let keys = scratch.write("chrony.keys", Chrony::KEYS);
    let serve = Serve::start(&format!("--interleaved --mac-keys {}", keys.display()));
    for key in ["", "key 5"] {
        let port = serve.address().port();
        let client = chrony.client(&format!(
            "server 127.0.0.1 port {port} xleave minpoll -4 maxpoll -4 {key}"
        ));
        wait_for("chrony to interleave", || {
            let is_set = |name| client.ntp_data(name).as_deref() == Some("Yes");
            (is_set("Interleaved") && is_set("Authenticated") != key.is_empty()).then_some(())
        });
        wait_for("a close offset", || {
            let offset = client.ntp_data("Offset").expect("an offset");
            let seconds = offset.split_whitespace().next().map(str::parse::<f64>);
            let seconds = seconds.and_then(Result::ok);
            let seconds = seconds.unwrap_or_else(|| panic!("{offset}"));
            (seconds.abs() < 1e-3).then_some(())
        });
    }
    let counters = serve.terminate();
    assert!(counters["interleaved"].as_u64().unwrap() >= 2, "{counters}");
}

#[test]
fn chronys_rate_kiss_code_is_reported() {
    let Some(chrony) = Chrony::newer() else {
        return;
    };
    let server = chrony.serve("ratelimit interval 3 burst 1 leak 4 kod 1");
    let arguments = format!(
        "{} --json --samples 3 --interval 0 --timeout 0.3",
        server.address()
    );
    // A first request is within the limit; the ones after it get a kiss code or nothing. The
    // client slows down after one, so it takes several of them.
    let kiss = wait_for("a kiss code", || {
        let output = Program::new("query").args(&arguments).run();
        output
            .json()
            .into_iter()
            .find(|line| line.get("kiss").is_some_and(Value::is_string))
    });
    assert_eq!(kiss["kiss"], "RATE");
    assert_eq!(
        kiss["error"],
        "kiss code RATE: asked too often, slowing down"
    );
}

#[test]
fn the_newer_chrony_too() {
    let Some(chrony) = Chrony::newer() else {
        return;
    };
    let server = chrony.serve("");
    assert_eq!(ask(server.address(), "").len(), 4);
    let serve = Serve::start("");
    measure_close(|| chrony.measure(serve.address(), ""));
}
