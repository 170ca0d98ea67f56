//! The NTS clients of others ask our server.

use core::net::SocketAddr;
use core::ops::RangeInclusive;

use horolog_tests::{
    Chrony, ChronyAuthData, ChronyServer, Network, NtpdRs, Ntpsec, Pki, Serve, measure_close,
    wait_for,
};
use serde_json::Value;

/// Checks that a server answered with NTS alone, and refused nothing.
fn assert_all_protected(counters: &Value, key_exchanges: RangeInclusive<u64>) {
    let count = |name: &str| counters[name].as_u64().expect("a count");
    assert!(count("nts_answered") > 0, "{counters}");
    assert_eq!(count("nts_answered"), count("answered"), "{counters}");
    assert_eq!(count("received"), count("answered"), "{counters}");
    assert!(
        key_exchanges.contains(&count("ke_established")),
        "{counters}"
    );
    for name in ["nts_naks", "nts_refused", "ke_refused", "ke_tls", "kissed"] {
        assert_eq!(count(name), 0, "{name} of {counters}");
    }
}

/// Waits until a client has had answers and has a full jar of cookies.
fn answered(client: &ChronyServer) -> ChronyAuthData {
    wait_for("answers", || {
        let data = client.auth_data();
        let good: u32 = client.ntp_data("Total valid RX")?.parse().ok()?;
        (good >= 4 && data.cookies == 8).then_some(data)
    })
}

/// Both ways of a chrony to ask, with the AEAD algorithm that it should come to.
fn chrony_asks(chrony: &Chrony, algorithm: u16) {
    let key_length = if algorithm == 15 { 256 } else { 128 };
    let pki = Pki::new();
    let serve = Serve::start_nts(&pki, "--interleaved");
    let server = serve.key_exchange();
    let mut measured = 0;
    for options in ["", "xleave"] {
        measure_close(|| {
            measured += 1;
            let offset = chrony.measure_nts(server, &pki, options);
            offset.unwrap_or_else(|text| panic!("{text}"))
        });
        let client = chrony.client_nts(server, &pki, &format!("{} {options}", Chrony::OFTEN));
        let data = answered(&client);
        let expected = ChronyAuthData {
            mode: "NTS".to_owned(),
            key_id: 1,
            algorithm,
            key_length,
            attempts: 0,
            naks: 0,
            cookies: 8,
            cookie_length: data.cookie_length,
        };
        assert_eq!(data, expected, "{}", client.log());
        let is_interleaved = || client.ntp_data("Interleaved").as_deref() == Some("Yes");
        if options == "xleave" {
            wait_for("an interleaved answer", || is_interleaved().then_some(()));
        } else {
            assert!(!is_interleaved());
        }
    }
    let counters = serve.terminate();
    let clients = measured + 2;
    assert_all_protected(&counters, clients..=clients);
    let interleaved = counters["interleaved"].as_u64().expect("a count");
    assert!(interleaved > 0, "{counters}");
}

#[test]
fn the_older_chrony_asks_serve() {
    if let Some(chrony) = Chrony::installed() {
        chrony_asks(&chrony, chrony.algorithm());
    }
}

#[test]
fn the_newer_chrony_asks_serve() {
    if let Some(chrony) = Chrony::newer() {
        chrony_asks(&chrony, 30);
    }
}

#[test]
fn ntpsec_asks_serve() {
    let (Some(ntpsec), Some(network)) = (Ntpsec::unpacked(), Network::new()) else {
        return;
    };
    let pki = Pki::new();
    let serve = Serve::start_nts_within(network.left(), &pki, "");
    let client = ntpsec.client(network.right(), network.left(), &pki, "iburst");
    // The star is for the source that the clock follows.
    wait_for("synchronisation", || {
        let peers = client.control("peers");
        peers
            .lines()
            .any(|line| line.starts_with('*'))
            .then_some(())
    });
    assert!(client.is_reached());
    assert!(client.log().contains("Got 8 cookies"), "{}", client.log());
    assert!(client.log().contains("aead=15"), "{}", client.log());
    assert_eq!(client.variable("ntscookies").as_deref(), Some("8"));
    // Milliseconds; the next ones come soon.
    wait_for("a close offset", || {
        let offset = client.variable("offset")?.parse::<f64>().ok()?;
        (offset.abs() < 1.0).then_some(())
    });
    drop(client);
    assert_all_protected(&serve.terminate(), 1..=1);
}

#[test]
fn ntpd_rs_asks_serve() {
    let (Some(ntpd_rs), Some(network)) = (NtpdRs::unpacked(), Network::new()) else {
        return;
    };
    let pki = Pki::new();
    let serve = Serve::start_nts_within(network.left(), &pki, "");
    let mut client = ntpd_rs.client(network.right(), network.left(), &pki);
    let status = client.wait_for("NTS cookies: 8/8");
    assert!(status.contains("[NTS]"), "{status}");
    client.wait_for("Stratum: 2");
    drop(client);
    assert_all_protected(&serve.terminate(), 1..=1);
}

#[test]
fn clients_are_sent_where_we_say() {
    let Some(chrony) = Chrony::newer() else {
        return;
    };
    let pki = Pki::new();
    let other = SocketAddr::from(([127, 0, 0, 2], horolog_tests::free_port()));
    let serve = Serve::start_nts(&pki, &format!("--listen {other} --advertise {other}"));
    let client = chrony.client_nts(serve.key_exchange(), &pki, Chrony::OFTEN);
    answered(&client);
    let sources = client.control("-c -n sources");
    assert!(sources.contains(",127.0.0.2,"), "{sources}");
    drop(client);
    assert_all_protected(&serve.terminate(), 1..=1);
}
