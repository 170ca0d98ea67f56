//! The peers of NTS among themselves: what our client and server are tested with is right by itself.

use core::net::SocketAddr;

use horolog_tests::{
    Chrony, ChronyServer, Direction, Network, NtpdRs, Ntpsec, Pki, Program, Relay, Scratch, Serve,
    measure_close, wait_for,
};

/// Waits until a client has a full jar of cookies and tells their AEAD algorithm.
fn algorithm(client: &ChronyServer) -> u16 {
    wait_for("a full jar", || {
        let data = client.auth_data();
        (data.cookies == 8).then_some(data.algorithm)
    })
}

#[test]
fn two_generations_of_chrony_agree_on_an_algorithm() {
    let (Some(older), Some(newer)) = (Chrony::installed(), Chrony::newer()) else {
        return;
    };
    let pki = Pki::new();
    // The system's chrony may be as new as the other.
    let best = older.algorithm();
    let old = older.serve_nts(&pki, "");
    let new = newer.serve_nts(&pki, "");
    let restricted = newer.serve_nts(&pki, "ntsaeads 15");
    for (client, server, expected) in [
        (&older, &old, best),
        (&older, &new, best),
        (&newer, &old, best),
        (&newer, &restricted, 15),
        (&newer, &new, 30),
    ] {
        let client = client.client_nts(server.key_exchange(), &pki, Chrony::OFTEN);
        assert_eq!(algorithm(&client), expected, "{}", client.log());
    }
}

#[test]
fn chrony_refuses_a_stranger_and_an_old_certificate() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let pki = Pki::new();
    let refuses = |pki: &Pki, trusted: &Pki, reason: &str| {
        let server = chrony.serve_nts(pki, "");
        let client = chrony.client_nts(server.key_exchange(), trusted, Chrony::OFTEN);
        wait_for(reason, || client.log().contains(reason).then_some(()));
        assert_eq!(client.auth_data().key_id, 0);
    };
    refuses(&pki, &Pki::new(), "issuer is unknown");
    pki.renew(&["other.test"], -1..30);
    refuses(&pki, &pki, "name in the certificate does not match");
    pki.renew(Pki::NAMES, -30..-1);
    refuses(&pki, &pki, "certificate chain uses expired");
}

#[test]
fn chrony_keeps_its_cookie_keys_over_a_restart() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let pki = Pki::new();
    let kept = Scratch::new();
    let keep = format!("ntsdumpdir {}", kept.path().display());
    // Without its keys it denies the cookies, and the client asks for new ones.
    for (lines, key_exchanges) in [(keep.as_str(), 1), ("", 2)] {
        let server = chrony.serve_nts(&pki, lines);
        // Slow enough that eight cookies last until the server is back.
        let slowly = "minpoll 0 maxpoll 0";
        let client = chrony.client_nts(server.key_exchange(), &pki, slowly);
        algorithm(&client);
        let server = server.restart();
        wait_for("an authenticated packet", || {
            let report = server.control("serverstats");
            let line = report
                .lines()
                .find(|line| line.starts_with("Authenticated NTP"));
            (!line.expect("the line").ends_with(" 0")).then_some(())
        });
        assert_eq!(client.auth_data().key_id, key_exchanges, "{lines}");
    }
}

#[test]
fn chrony_fills_its_jar_again_after_a_lossy_link() {
    let Some(chrony) = Chrony::installed() else {
        return;
    };
    let pki = Pki::new();
    let server = chrony.serve_nts(&pki, "ntsntpserver 127.0.0.2");
    let link = SocketAddr::from(([127, 0, 0, 2], server.address().port()));
    let relay = Relay::start(link, server.address(), |direction, before, _| {
        direction == Direction::Request || !(2..5).contains(&before)
    });
    // Four cookies are left after the losses.
    let options = "minpoll -1 maxpoll -1";
    let client = chrony.client_nts(server.key_exchange(), &pki, options);
    wait_for("eight answers", || {
        (relay.count(Direction::Response).0 >= 8).then_some(())
    });
    algorithm(&client);
    assert_eq!(relay.count(Direction::Response).1, 3);
    // A request has a placeholder for each cookie that was lost before it.
    let passages = relay.passages().into_iter();
    let requests = passages.filter(|one| one.direction == Direction::Request);
    let lengths: Vec<_> = requests.map(|one| one.octets.len()).collect();
    let cookie = 4 + client.auth_data().cookie_length;
    let placeholders = lengths.iter().map(|length| (length - lengths[0]) / cookie);
    assert!(placeholders.max() >= Some(3), "{lengths:?}");
    assert_eq!(client.auth_data().key_id, 1);
}

#[test]
fn chrony_serves_a_shifted_clock() {
    let Some(server) = Chrony::newer().and_then(|chrony| chrony.shifted(0.25)) else {
        return;
    };
    let pki = Pki::new();
    let running = server.serve_nts(&pki, "");
    let chrony = Chrony::newer().expect("it is there");
    measure_close(|| {
        let offset = chrony.measure_nts(running.key_exchange(), &pki, "");
        offset.expect("an offset") - 0.25
    });
}

#[test]
fn chrony_measures_ntpsec() {
    let (Some(chrony), Some(ntpsec), Some(network)) =
        (Chrony::newer(), Ntpsec::unpacked(), Network::new())
    else {
        return;
    };
    let pki = Pki::new();
    let server = ntpsec.serve(network.left(), &pki, "");
    let chrony = chrony.within(network.right());
    measure_close(|| {
        let offset = chrony.measure_nts(network.left().at(4460), &pki, "");
        offset.unwrap_or_else(|text| panic!("{text}\n{}", server.log()))
    });
    let report = server.control("ntsinfo");
    let served = report
        .lines()
        .find(|line| line.starts_with("NTS server sends"))
        .unwrap_or_else(|| panic!("{report}"));
    assert!(!served.ends_with(" 0"), "{report}");
}

#[test]
fn chrony_measures_ntpd_rs() {
    let (Some(chrony), Some(ntpd_rs), Some(network)) =
        (Chrony::installed(), NtpdRs::unpacked(), Network::new())
    else {
        return;
    };
    let pki = Pki::new();
    let upstream = SocketAddr::new(network.right().second_v4(), 123);
    let chrony = chrony.within(network.right());
    let source = chrony.serve_at(upstream, "");
    let server = ntpd_rs.serve(network.left(), &pki, Some(source.address()));
    measure_close(|| {
        let offset = chrony.measure_nts(network.left().at(4460), &pki, "");
        offset.unwrap_or_else(|text| panic!("{text}\n{}", server.log()))
    });
}

#[test]
fn ntpsec_asks_chrony() {
    let (Some(chrony), Some(ntpsec), Some(network)) =
        (Chrony::newer(), Ntpsec::unpacked(), Network::new())
    else {
        return;
    };
    let pki = Pki::new();
    let chrony = chrony.within(network.left());
    let server = chrony.serve_nts(&pki, "");
    assert_eq!(server.key_exchange(), network.left().at(4460));
    let client = ntpsec.client(network.right(), network.left(), &pki, "iburst");
    wait_for("an answer", || client.is_reached().then_some(()));
    assert!(client.log().contains("Got 8 cookies"), "{}", client.log());
    assert_eq!(client.variable("ntscookies").as_deref(), Some("8"));
    // Milliseconds; the next ones come soon.
    wait_for("a close offset", || {
        let offset = client.variable("offset")?.parse::<f64>().ok()?;
        (offset.abs() < 1.0).then_some(())
    });
}

#[test]
fn ntpd_rs_asks_chrony() {
    let (Some(chrony), Some(ntpd_rs), Some(network)) =
        (Chrony::newer(), NtpdRs::unpacked(), Network::new())
    else {
        return;
    };
    let pki = Pki::new();
    let server = chrony.within(network.left()).serve_nts(&pki, "");
    let mut client = ntpd_rs.client(network.right(), network.left(), &pki);
    let status = client.wait_for("NTS cookies: 8/8");
    assert!(status.contains("[NTS]"), "{status}");
    let report = server.control("serverstats");
    assert!(
        !report.contains("Authenticated NTP packets : 0"),
        "{report}"
    );
}

#[test]
fn our_programs_run_in_the_hosts_of_a_network() {
    let Some(network) = Network::new() else {
        return;
    };
    let serve = Serve::start_within(network.left(), "");
    assert_eq!(serve.address(), network.left().at(123));
    let output = Program::within(network.right(), "query")
        .args("198.51.100.1 --samples 1 --json")
        .run();
    let (samples, _) = output.samples();
    assert_eq!(samples.len(), 1, "{output:?}");
    assert_eq!(serve.terminate()["answered"], 1);
    // The same address in another network is another host.
    let other = Network::new().expect("there is one already");
    let nobody = Program::within(other.right(), "query")
        .args("198.51.100.1 --samples 1 --timeout 0.2")
        .run();
    assert_eq!(nobody.status, Some(1), "{nobody:?}");
}
