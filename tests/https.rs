//! Time over HTTPS against real web servers, a slow link, and clocks that are wrong.

use core::time::Duration;

use horolog_tests::httpstime::{ask, ask_url, narrow, number, told};
use horolog_tests::{
    Daemon, Output, Pki, Program, Scratch, SlowLink, WebServer, missing, program, wait_for,
};
use serde_json::Value;

const YEAR: f64 = 365.0 * 86_400.0;

#[test]
fn nginx_is_known_to_five_milliseconds() {
    let pki = Pki::new();
    let Some(server) = WebServer::nginx(&pki, 0.0) else {
        return;
    };
    let record = narrow(0.005, 0.0, || ask(&pki, server.address(), ""));
    assert_eq!(record["x_httpstime"], true);
    let url = format!("https://{}/.well-known/time", server.address());
    assert_eq!(record["server"], url);
}

#[test]
fn varnish_behind_hitch_is_known_to_five_milliseconds() {
    let pki = Pki::new();
    let Some(server) = WebServer::varnish(&pki) else {
        return;
    };
    let record = narrow(0.005, 0.0, || ask(&pki, server.address(), ""));
    assert_eq!(record["x_httpstime"], true);
}

#[test]
fn whole_seconds_of_nginx_are_known_to_a_few_milliseconds_by_their_edges() {
    let pki = Pki::new();
    let Some(server) = WebServer::nginx(&pki, 0.0) else {
        return;
    };
    let url = format!("https://{}/date", server.address());
    let record = narrow(0.012, 0.0, || ask_url(&pki, &url, "--rounds 10"));
    assert_eq!(record["x_httpstime"], false);
    assert!(number(&record, "rounds") > 5.0, "{record}");
}

#[test]
fn through_a_slow_link_the_width_is_about_the_round_trip() {
    let pki = Pki::new();
    let Some(server) = WebServer::nginx(&pki, 0.0) else {
        return;
    };
    for (there, back) in [(40, 40), (70, 10)] {
        let [there, back] = [there, back].map(Duration::from_millis);
        let link = SlowLink::start(server.address(), there, back);
        for path in ["", "/date"] {
            let url = format!("https://{}{path}", link.address());
            let record = narrow(0.12, 0.0, || ask_url(&pki, &url, ""));
            assert!(number(&record, "width") > 0.04, "{record}");
        }
    }
}

#[test]
fn a_clock_that_is_wrong_is_found() {
    let pki = Pki::new();
    for offset in [0.4, -3.0, YEAR] {
        let Some(server) = WebServer::nginx(&pki, offset) else {
            return;
        };
        narrow(0.02, offset, || ask(&pki, server.address(), "--rounds 4"));
    }
}

#[test]
fn servers_that_disagree_are_told() {
    let pki = Pki::new();
    let Some(wrong) = WebServer::nginx(&pki, -3.0) else {
        return;
    };
    let (_daemon, right) = serve(&pki, "");
    let output = ask_url(
        &pki,
        &right,
        &format!("https://{} --rounds 1", wrong.address()),
    );
    assert_eq!(
        (output.status, output.json().len()),
        (Some(1), 2),
        "{output:?}"
    );
    output.assert_fails("disagree: their times cannot both be right");
}

#[test]
fn a_certificate_can_be_verified_at_the_time_that_the_server_claims() {
    let pki = Pki::new();
    pki.renew(&["127.0.0.1"], -400..-300);
    let Some(server) = WebServer::nginx(&pki, -YEAR) else {
        return;
    };
    let local = ask(&pki, server.address(), "");
    local.assert_fails("certificate expired");
    assert_eq!(local.stdout, "");
    let claimed = ask(&pki, server.address(), "--cert-time claimed --rounds 4");
    told(&claimed, -YEAR);

    // Valid now is not valid then.
    pki.renew(&["127.0.0.1"], -1..30);
    let Some(server) = WebServer::nginx(&pki, -YEAR) else {
        return;
    };
    let claimed = ask(&pki, server.address(), "--cert-time claimed");
    claimed.assert_fails("certificate not valid yet");
    assert_eq!(claimed.stdout, "");
}

#[test]
fn a_wrong_name_and_a_wrong_authority_are_refused_at_any_time() {
    let (pki, other) = (Pki::new(), Pki::new());
    pki.renew(&["127.0.0.2", "www.test"], -1..30);
    let Some(server) = WebServer::nginx(&pki, 0.0) else {
        return;
    };
    for time in ["local", "claimed"] {
        let time = format!("--cert-time {time}");
        ask(&pki, server.address(), &time).assert_fails("not valid for name");
        ask(&other, server.address(), &time).assert_fails("invalid peer certificate");
        // Nor does a refusal count that nobody vouches for.
        let url = format!("https://{}/nothing", server.address());
        ask_url(&other, &url, &time).assert_fails("invalid peer certificate");
    }
}

#[test]
fn servers_that_do_not_offer_time_are_left_alone() {
    let pki = Pki::new();
    let Some(server) = WebServer::nginx(&pki, 0.0) else {
        return;
    };
    let at = |path: &str| format!("https://{}{path}", server.address());
    ask_url(&pki, &at("/nothing"), "").assert_fails("does not offer time: status 404");
    ask_url(&pki, &at("/moved"), "").assert_fails("does not offer time: status 302");
    told(
        &ask_url(&pki, &at("/nothing"), "--any-status --rounds 2"),
        0.0,
    );
    // A page offers it, and its body does not come with HEAD.
    told(&ask_url(&pki, &at("/page"), "--rounds 2"), 0.0);

    let file = Scratch::new();
    let remember = format!("--remember {}", file.path().join("refusals").display());
    ask_url(&pki, &at("/nothing"), &remember).assert_fails("status 404");
    ask_url(&pki, &at("/nothing"), &remember).assert_fails("was not asked");
    told(
        &ask_url(&pki, &at(""), &format!("{remember} --rounds 1")),
        0.0,
    );
}

/// What a program says when it is ready.
fn first_line(daemon: &mut Daemon) -> String {
    use std::io::{BufRead as _, BufReader};
    let mut line = String::new();
    let stdout = daemon.child().stdout.as_mut().expect("it is piped");
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("a line of text");
    line.trim().to_owned()
}

/// A server of ours, and where it serves.
fn serve(pki: &Pki, arguments: &str) -> (Daemon, String) {
    let mut command = std::process::Command::new(program("httpstime"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--cert"])
        .arg(pki.certificate())
        .arg("--key")
        .arg(pki.key())
        .args(arguments.split_whitespace());
    let mut daemon = Daemon::start(&mut command);
    let line = first_line(&mut daemon);
    let address = line.strip_prefix("ready https=").expect("it is ready");
    let url = format!("https://{address}");
    (daemon, url)
}

#[test]
fn our_server_is_measured_and_counts() {
    let pki = Pki::new();
    let (daemon, url) = serve(&pki, "");
    let record = narrow(0.005, 0.0, || ask_url(&pki, &url, ""));
    assert_eq!(record["x_httpstime"], true);
    ask_url(&pki, &format!("{url}/x"), "").assert_fails("status 404");
    let exit = daemon.terminate();
    assert!(exit.status.success());
    let counters: Value = serde_json::from_str(exit.stdout.trim()).expect("counters");
    assert!(number(&counters, "answered") >= 1.0);
    assert_eq!(counters["refused"], 1);

    let (_daemon, url) = serve(&pki, "--no-x-httpstime");
    let record = told(&ask_url(&pki, &url, "--rounds 3"), 0.0);
    assert_eq!(record["x_httpstime"], false);
    assert_eq!(record["rounds"], 3);
}

#[test]
fn a_signal_ends_it_with_what_was_measured() {
    use std::io::{BufRead as _, BufReader, Read as _};
    let pki = Pki::new();
    let (_daemon, url) = serve(&pki, "--no-x-httpstime");
    let mut command = std::process::Command::new(program("httpstime"));
    command
        .args(["client", &url, "--rounds", "32", "--ca"])
        .arg(pki.authority());
    let mut client = Daemon::start(&mut command);
    let mut stdout = BufReader::new(client.child().stdout.take().expect("it is piped"));
    let mut text = String::new();
    stdout.read_line(&mut text).expect("a round");
    assert!(text.contains("  round  1  "), "{text}");
    client.signal("INT");
    let status = wait_for("the client to end", || {
        client.child().try_wait().ok().flatten()
    });
    stdout.read_to_string(&mut text).expect("text");
    assert!(status.success(), "{text}");
    assert!(text.contains(" rounds, no X-HTTPSTIME"), "{text}");
    assert!(!text.contains("after 32 rounds"), "{text}");
}

/// curl and nginx agree on what we answer: this is what curl sees.
#[test]
fn curl_has_the_time_from_our_server() {
    let pki = Pki::new();
    let (_daemon, url) = serve(&pki, "");
    let curl = |arguments: &[&str]| {
        let output = std::process::Command::new("curl")
            .args(["-sS", "--http1.1", "-D", "-", "--cacert"])
            .arg(pki.authority())
            .args(arguments)
            .output();
        output.map(|output| String::from_utf8(output.stdout).expect("text"))
    };
    let place = format!("{url}/.well-known/time");
    let Ok(head) = curl(&["--head", "-o", "/dev/null", &place]) else {
        let _: Option<()> = missing("curl is not installed");
        return;
    };
    assert!(
        head.starts_with("HTTP/1.1 204 No Content\r\nDate: "),
        "{head}"
    );
    assert!(head.contains("\r\nX-HTTPSTIME: ") && head.contains("\r\nCache-Control: no-cache\r\n"));
    assert!(
        curl(&[&place])
            .unwrap()
            .starts_with("HTTP/1.1 405 Method Not Allowed\r\n")
    );
    assert!(
        curl(&["--head", "-o", "/dev/null", &url])
            .unwrap()
            .starts_with("HTTP/1.1 404 Not Found\r\n")
    );
    let twice = curl(&[
        "--head",
        "-o",
        "/dev/null",
        "-w",
        "%{num_connects} ",
        &place,
        "-o",
        "/dev/null",
        &place,
    ]);
    assert!(
        twice.unwrap().ends_with("\r\n\r\n0 "),
        "the connection is kept"
    );
}

/// The seconds of each round's `width 12.34 ms`.
fn widths(text: &str) -> Vec<f64> {
    let rounds = text.lines().filter(|line| line.contains("  round "));
    rounds
        .map(|line| {
            let (_, width) = line.split_once("  width ").expect("a width");
            let mut words = width.split_whitespace();
            let number: f64 = words.next().expect("a number").parse().expect("a number");
            let unit = match words.next().expect("a unit") {
                "s" => 1.0,
                "ms" => 1e-3,
                "us" => 1e-6,
                other => panic!("{other}"),
            };
            number * unit
        })
        .collect()
}

#[test]
fn without_arguments_the_interval_shrinks_round_by_round() {
    let shrinks = || {
        let output = Program::new("httpstime").run();
        assert_eq!(output.status, Some(0), "{output:?}");
        assert!(output.stdout.contains("no X-HTTPSTIME"), "{output:?}");
        let widths = widths(&output.stdout);
        // A second and a round trip at first, and nothing is forgotten.
        assert!(widths[0] >= 1.0, "{output:?}");
        assert!(widths.is_sorted_by(|one, next| next <= one), "{output:?}");
        let last = widths[widths.len() - 1];
        widths.len() > 5 && last < widths[0] / 10.0
    };
    // On a busy machine round trips may be too long for that.
    assert!((0..5).any(|_| shrinks()));
}

#[test]
fn a_certificate_made_on_the_spot_serves_and_stays() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("pki");
    let arguments = format!(
        "serve --listen 127.0.0.1:0 --self-signed {}",
        folder.display()
    );
    let mut authorities = Vec::new();
    for _ in 0..2 {
        let mut command = std::process::Command::new(program("httpstime"));
        command.args(arguments.split_whitespace());
        let mut daemon = Daemon::start(&mut command);
        let line = first_line(&mut daemon);
        let (address, ca) = line
            .strip_prefix("ready https=")
            .and_then(|line| line.split_once(" ca="))
            .unwrap_or_else(|| panic!("{line}"));
        assert!(ca.starts_with(&folder.display().to_string()), "{line}");
        let output = Program::new("httpstime")
            .args(&format!(
                "client https://{address} --rounds 1 --json --ca {ca}"
            ))
            .run();
        told(&output, 0.0);
        authorities.push(std::fs::read(ca).expect("the authority"));
        assert!(daemon.terminate().status.success());
    }
    assert_eq!(authorities[0], authorities[1]);
}

#[test]
fn query_compares_ntp_with_https() {
    let pki = Pki::new();
    let query = |url: &str, arguments: &str| {
        Program::new("query")
            .args(&format!(
                "--samples 1 {arguments} --check-https {url} --https-ca"
            ))
            .arg(pki.authority())
            .run()
    };
    let check = |output: &Output| {
        let lines = output.json();
        let check = lines
            .into_iter()
            .find(|line| line.get("check_https").is_some());
        check.unwrap_or_else(|| panic!("{output:?}"))
    };
    let Some(right) = WebServer::nginx(&pki, 0.0) else {
        return;
    };
    let url = format!("https://{}", right.address());
    let output = query(&url, "--json");
    assert_eq!(output.status, Some(0), "{output:?}");
    let record = check(&output);
    assert_eq!(
        (&record["result"], &record["error"]),
        (&"agrees".into(), &Value::Null)
    );
    assert!(number(&record, "low") <= 0.0 && 0.0 <= number(&record, "high"));

    let Some(wrong) = WebServer::nginx(&pki, 3.0) else {
        return;
    };
    let output = query(&format!("https://{}", wrong.address()), "");
    output.assert_fails("contradicts: NTP's offset is in ");
    assert!(!output.stdout.contains("agrees"), "{output:?}");

    let nothing = format!("{url}/nothing");
    let output = query(&nothing, "--json");
    assert_eq!(output.status, Some(0), "{output:?}");
    let record = check(&output);
    assert_eq!(record["result"], "cannot-say");
    assert_eq!(
        record["error"],
        "the server does not offer time: status 404"
    );
    let output = query(&nothing, "");
    assert!(output.stderr.contains("cannot say"), "{output:?}");
    let output = Program::new("query").args("--https-ca x").run();
    assert_eq!(output.status, Some(2));
    let output = Program::new("query")
        .args(&format!("--check-https {url} --https-ca /nowhere"))
        .run();
    output.assert_fails("cannot read certificates /nowhere: ");
    assert_eq!(output.stdout, "");
}

#[test]
fn wrong_usage_is_told() {
    for arguments in [
        "client",
        "client http://a.example",
        "client https://a.example --rounds 0",
        "client https://a.example --cert-time never",
        "serve --listen 127.0.0.1:0",
        "serve --listen 127.0.0.1:0 --cert x",
    ] {
        let output = Program::new("httpstime").args(arguments).run();
        assert_eq!(output.status, Some(2), "{arguments}: {output:?}");
    }
}
