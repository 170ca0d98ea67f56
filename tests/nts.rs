//! Our client of NTS asks the servers of others.

use core::net::SocketAddr;

use horolog_tests::{Chrony, Network, NtpdRs, Ntpsec, Pki, Program, Serve, with_patience};
use serde_json::{Value, json};

/// Asks with `query --nts` and gives back the samples, all of which must be good.
fn ask(server: SocketAddr, pki: &Pki, arguments: &str, algorithm: u16) -> Vec<Value> {
    let query = Program::query_nts(server, pki).args(arguments);
    query.run().nts_samples(algorithm)
}

/// Whether three of twelve samples were interleaved, one after the other, and the first was not. A
/// server answers in basic mode where it has not got the transmit timestamp in time.
fn is_interleaved(samples: &[Value]) -> bool {
    let modes = samples.iter().map(|sample| &sample["interleaved"]);
    let modes: Vec<_> = modes.map(|mode| *mode == json!(true)).collect();
    modes.len() == 12 && !modes[0] && modes.windows(3).any(|modes| modes == [true; 3])
}

#[test]
fn query_asks_the_older_chrony() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let pki = Pki::new();
    let server = chrony.serve_nts(&pki, "");
    let algorithm = chrony.algorithm();
    let samples = ask(server.key_exchange(), &pki, "", algorithm);
    assert_eq!(samples.len(), 4);
    assert_eq!(samples[0]["stratum"], 3);
    assert_eq!(samples[0]["refid"], "127.127.1.1");
    assert_eq!(samples[0]["port"], server.address().port());
    let interleaved = "--samples 12 --interleaved";
    let samples = ask(server.key_exchange(), &pki, interleaved, algorithm);
    assert!(is_interleaved(&samples), "{samples:?}");
    // What it does not know, but newer ones may.
    let unknown = if algorithm == 30 { "17,31" } else { "17,30" };
    let nothing = Program::query_nts(server.key_exchange(), &pki);
    let output = nothing.args(&format!("--aead {unknown}")).run();
    output.assert_fails("the server supports none of the AEAD algorithms");
    assert_eq!(output.stdout, "");
}

#[test]
fn query_asks_the_newer_chrony() {
    let Some(chrony) = Chrony::newer() else {
        return;
    };
    let pki = Pki::new();
    let server = chrony.serve_nts(&pki, "");
    for (offered, algorithm) in [("", 30), ("--aead 17,30,15", 30), ("--aead 15", 15)] {
        let samples = ask(server.key_exchange(), &pki, offered, algorithm);
        assert_eq!(samples.len(), 4);
        let interleaved = format!("--samples 12 --interleaved {offered}");
        let samples = ask(server.key_exchange(), &pki, &interleaved, algorithm);
        assert!(is_interleaved(&samples), "{samples:?}");
    }
    let restricted = chrony.serve_nts(&pki, "ntsaeads 15");
    ask(restricted.key_exchange(), &pki, "", 15);
}

#[test]
fn query_asks_ntpsec() {
    let (Some(ntpsec), Some(network)) = (Ntpsec::unpacked(), Network::new()) else {
        return;
    };
    let pki = Pki::new();
    let server = ntpsec.serve(network.left(), &pki, "");
    for (arguments, algorithm) in [
        ("", 15),
        ("--interleaved", 15),
        ("--aead 30,16,15", 16),
        ("--aead 17,16,15", 17),
    ] {
        let query = Program::query_nts_within(network.right(), network.left(), &pki);
        let samples = query.args(arguments).run().nts_samples(algorithm);
        assert_eq!(samples.len(), 4, "{}", server.log());
        assert_eq!(samples[0]["stratum"], 4);
        assert_eq!(samples[0]["address"], "198.51.100.1");
    }
}

#[test]
fn query_asks_ntpd_rs() {
    let (Some(chrony), Some(ntpd_rs), Some(network)) =
        (Chrony::installed(), NtpdRs::unpacked(), Network::new())
    else {
        return;
    };
    let pki = Pki::new();
    let upstream = SocketAddr::new(network.right().second_v4(), 123);
    let source = chrony.within(network.right()).serve_at(upstream, "");
    let server = ntpd_rs.serve(network.left(), &pki, Some(source.address()));
    for (arguments, algorithm) in [
        ("", 15),
        ("--aead 17,15", 17),
        ("--aead 17,15 --interleaved", 17),
        ("--aead 30,15", 15),
    ] {
        let query = Program::query_nts_within(network.right(), network.left(), &pki);
        let samples = query.args(arguments).run().nts_samples(algorithm);
        assert_eq!(samples.len(), 4, "{}", server.log());
        assert_eq!(samples[0]["stratum"], 4);
    }
}

#[test]
fn a_server_that_cannot_prove_its_name_gives_no_time() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let pki = Pki::new();
    let fails = |trusted: &Pki, reason: &str| {
        let server = chrony.serve_nts(&pki, "");
        let output = Program::query_nts(server.key_exchange(), trusted).run();
        output.assert_fails(&format!(
            "error: cannot establish keys with 127.0.0.1 port {}: TLS fails: \
             invalid peer certificate: {reason}",
            server.key_exchange().port()
        ));
        assert_eq!(output.stdout, "");
    };
    fails(&Pki::new(), "UnknownIssuer");
    pki.renew(&["other.test"], -1..30);
    fails(&pki, "certificate not valid for name");
    pki.renew(Pki::NAMES, -30..-1);
    fails(&pki, "certificate expired");
}

#[test]
fn a_server_without_nts_gives_no_time() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let pki = Pki::new();
    let server = chrony.serve("");
    // Nobody establishes keys there.
    let output = Program::query_nts(server.address(), &pki).run();
    output.assert_fails("cannot establish keys with 127.0.0.1");
    assert_eq!(output.stdout, "");
    // Keys come from elsewhere, but the server answers without them, or not at all.
    with_patience(|timeout| {
        let plain = Serve::start("");
        for (address, answers) in [(plain.address(), true), (server.address(), false)] {
            let keys = Serve::start_nts(&pki, &format!("--advertise {address}"));
            let query = Program::query_nts(keys.key_exchange(), &pki);
            let arguments = format!("--samples 2 --timeout {timeout}");
            let output = query.args(&arguments).run();
            output.assert_no_time();
            let error = if answers {
                "no reply, and 1 datagrams that answer nothing"
            } else {
                "no reply"
            };
            assert_eq!(output.json()[0]["error"], error, "{output:?}");
            assert_eq!(output.json()[0]["port"], address.port());
        }
        assert_eq!(plain.terminate()["answered"], 2);
    });
}
