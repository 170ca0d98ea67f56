//! Time over HTTPS against real web servers, bad ones, a slow link, and clocks that are wrong.

use core::net::SocketAddr;
use core::time::Duration;
use std::io::Write as _;
use std::thread;
use std::time::{Instant, SystemTime};

use horolog_tests::{
    BadWebServer, Daemon, Output, Pki, Program, SlowLink, WebServer, program, read_request,
    wait_for,
};
use serde_json::Value;

const YEAR: f64 = 365.0 * 86_400.0;

fn ask(pki: &Pki, address: SocketAddr, arguments: &str) -> Output {
    ask_url(pki, &format!("https://{address}"), arguments)
}

fn ask_url(pki: &Pki, url: &str, arguments: &str) -> Output {
    Program::new("httpstime")
        .args(&format!("client {url} --json --ca"))
        .arg(pki.authority())
        .args(arguments)
        .run()
}

fn number(record: &Value, name: &str) -> f64 {
    record[name]
        .as_f64()
        .unwrap_or_else(|| panic!("no {name} in {record}"))
}

/// The one record, whose bounds hold a true offset.
fn told(output: &Output, truth: f64) -> Value {
    assert_eq!(output.status, Some(0), "{output:?}");
    let [record] = &output.json()[..] else {
        panic!("{output:?}")
    };
    let (low, high) = (number(record, "low"), number(record, "high"));
    assert!(
        low <= truth && truth <= high,
        "{truth} is not inside: {record}"
    );
    let width = number(record, "width");
    assert!((high - low - width).abs() < 1e-6 && width > 0.0, "{record}");
    record.clone()
}

/// Asks until the bounds are as narrow as this: other work on the machine makes them wider, never
/// wrong.
fn narrow(limit: f64, truth: f64, mut ask: impl FnMut() -> Output) -> Value {
    let mut record = Value::Null;
    for _ in 0..5 {
        record = told(&ask(), truth);
        if number(&record, "width") < limit {
            return record;
        }
    }
    panic!("not within {limit} s in five runs: {record}");
}

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

    let file = horolog_tests::Scratch::new();
    let remember = format!("--remember {}", file.path().join("refusals").display());
    ask_url(&pki, &at("/nothing"), &remember).assert_fails("status 404");
    ask_url(&pki, &at("/nothing"), &remember).assert_fails("was not asked");
    told(
        &ask_url(&pki, &at(""), &format!("{remember} --rounds 1")),
        0.0,
    );
}

/// A good response of now, with further lines.
fn good(lines: &str) -> String {
    let date = httpdate::fmt_http_date(SystemTime::now());
    format!("HTTP/1.1 204 No Content\r\nDate: {date}\r\n{lines}\r\n")
}

#[test]
fn bad_responses_are_told_by_name() {
    let pki = Pki::new();
    let date = "Date: Sun, 22 Nov 2026 09:08:38 GMT\r\n";
    let many = "a: b\r\n".repeat(100);
    let long = "a".repeat(1 << 20);
    for (response, error) in [
        ("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), "no Date"),
        (
            format!("HTTP/1.1 204 No Content\r\n{date}{date}\r\n"),
            "more than one Date",
        ),
        (
            "HTTP/1.1 204 No Content\r\nDate: Sunday, 06-Nov-94 08:49:37 GMT\r\n\r\n".to_owned(),
            "Date: expected an IMF-fixdate at offset 0",
        ),
        (
            good("X-HTTPSTIME: 1.5x\r\n"),
            "X-HTTPSTIME: expected the end at offset 3",
        ),
        (
            good("X-HTTPSTIME: 1795338518.444\r\n"),
            "contradicts itself in round 1",
        ),
        (format!("{}<html>", good("")), "6 octets behind the head"),
        (
            format!("HTTP/1.1 204 No Content\r\na: {long}\r\n\r\n"),
            "longer than 8192 octets",
        ),
        (
            format!("HTTP/1.1 204 No Content\r\n{many}\r\n"),
            "more than 64 fields",
        ),
        (
            "SSH-2.0-OpenSSH_9.2\r\n".to_owned(),
            "no HTTP/1.1: bad version",
        ),
        (good("").repeat(2), "octets behind the head"),
        ("HTTP/1.1 100 Continue\r\n\r\n".to_owned(), "status 100"),
    ] {
        let server = BadWebServer::saying(&pki, response);
        let output = ask(&pki, server.address(), "");
        output.assert_fails(error);
        assert_eq!(output.stdout, "", "{error}");
        assert_eq!(server.connections(), 1, "{error}");
    }
}

#[test]
fn servers_that_close_are_not_asked_again() {
    let pki = Pki::new();
    let closed = "closed the connection after";
    let says = BadWebServer::start(&pki, |mut stream| {
        if read_request(&mut stream) {
            let _ = stream.write_all(good("Connection: close\r\n").as_bytes());
        }
    });
    ask(&pki, says.address(), "").assert_fails(&format!("{closed} 1 rounds"));
    assert_eq!(says.connections(), 1);
    told(&ask(&pki, says.address(), "--rounds 1"), 0.0);

    let silent = BadWebServer::start(&pki, |mut stream| {
        if read_request(&mut stream) {
            let _ = stream.write_all(good("").as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    ask(&pki, silent.address(), "").assert_fails(&format!("{closed} 1 rounds"));
    assert_eq!(silent.connections(), 1);

    let rude = BadWebServer::start(&pki, |mut stream| {
        let _ = read_request(&mut stream);
    });
    ask(&pki, rude.address(), "").assert_fails(&format!("{closed} 0 rounds"));
    assert_eq!(rude.connections(), 1);
}

#[test]
fn an_octet_a_second_and_silence_take_too_long() {
    let pki = Pki::new();
    let trickling = BadWebServer::start(&pki, |mut stream| {
        if read_request(&mut stream) {
            for octet in good("").as_bytes() {
                if stream
                    .write_all(&[*octet])
                    .and_then(|()| stream.flush())
                    .is_err()
                {
                    return;
                }
                thread::sleep(Duration::from_secs(1));
            }
        }
    });
    let start = Instant::now();
    ask(&pki, trickling.address(), "").assert_fails("the response takes too long");
    // It would have taken more than a minute.
    assert!(start.elapsed() < Duration::from_secs(45));
}

#[test]
fn what_comes_before_it_is_asked_for_is_refused() {
    let pki = Pki::new();
    let eager = BadWebServer::start(&pki, |mut stream| {
        if read_request(&mut stream) {
            let _ = stream
                .write_all(good("").as_bytes())
                .and_then(|()| stream.flush());
            thread::sleep(Duration::from_millis(100));
            let _ = stream
                .write_all(good("").as_bytes())
                .and_then(|()| stream.flush());
            let _ = read_request(&mut stream);
        }
    });
    ask(&pki, eager.address(), "").assert_fails("answers what it was not asked");
}

#[test]
fn two_clocks_behind_one_name_contradict_each_other() {
    let pki = Pki::new();
    let server = BadWebServer::start(&pki, |mut stream| {
        for offset in [0, 60] {
            if !read_request(&mut stream) {
                return;
            }
            let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(offset));
            let head = format!("HTTP/1.1 204 No Content\r\nDate: {date}\r\n\r\n");
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.flush());
        }
        let _ = read_request(&mut stream);
    });
    ask(&pki, server.address(), "").assert_fails("contradicts itself in round 2");
}

/// A server of ours, and what it prints.
fn serve(pki: &Pki, arguments: &str) -> (Daemon, String) {
    use std::io::{BufRead as _, BufReader};
    let mut command = std::process::Command::new(program("httpstime"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--cert"])
        .arg(pki.certificate())
        .arg("--key")
        .arg(pki.key())
        .args(arguments.split_whitespace());
    let mut daemon = Daemon::start(&mut command);
    let mut line = String::new();
    let stdout = daemon.child().stdout.as_mut().expect("it is piped");
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("a line of text");
    let address = line
        .trim()
        .strip_prefix("ready https=")
        .expect("it is ready");
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
        eprintln!("SKIPPED: curl is not installed");
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

#[test]
fn without_arguments_both_sides_are_shown() {
    let output = Program::new("httpstime").run();
    assert_eq!(output.status, Some(0), "{output:?}");
    let widths: Vec<_> = output
        .stdout
        .lines()
        .filter(|line| line.contains("  round "))
        .collect();
    assert!(widths.len() > 5, "{output:?}");
    assert!(output.stdout.contains("no X-HTTPSTIME"), "{output:?}");
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
    for (offset, status, result) in [(0.0, 0, "agrees"), (3.0, 1, "contradicts")] {
        let Some(server) = WebServer::nginx(&pki, offset) else {
            return;
        };
        let url = format!("https://{}", server.address());
        let output = query(&url, "--json");
        assert_eq!(output.status, Some(status), "{output:?}");
        let record = check(&output);
        assert_eq!(
            (&record["result"], &record["error"]),
            (&result.into(), &Value::Null)
        );
        assert!(number(&record, "low") <= offset && offset <= number(&record, "high"));
        assert_eq!(
            output.stderr.contains("contradicts"),
            status == 1,
            "{output:?}"
        );
        let output = query(&url, "");
        assert_eq!(output.status, Some(status), "{output:?}");
        assert_eq!(
            output.stdout.contains(" agrees: offset is in "),
            status == 0,
            "{output:?}"
        );

        let output = query(&format!("{url}/nothing"), "--json");
        assert_eq!(output.status, Some(0), "{output:?}");
        let record = check(&output);
        assert_eq!(record["result"], "cannot-say");
        assert_eq!(
            record["error"],
            "the server does not offer time: status 404"
        );
        let output = query(&format!("{url}/nothing"), "");
        assert!(output.stderr.contains("cannot say"), "{output:?}");
    }
    let output = Program::new("query").args("--https-ca x").run();
    assert_eq!(output.status, Some(2));
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
