//! The client of time over HTTPS and web servers that answer badly: an error by name for each, on one
//! connection, in bounded time.

use core::time::Duration;
use std::io::Write as _;
use std::thread;
use std::time::{Instant, SystemTime};

use horolog_tests::httpstime::{ask, told};
use horolog_tests::{BadWebServer, Output, Pki, read_request};

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
            // The client asks again half a second later at the earliest.
            thread::sleep(Duration::from_millis(100));
            let _ = stream
                .write_all(good("").as_bytes())
                .and_then(|()| stream.flush());
            let _ = read_request(&mut stream);
        }
    });
    // On a busy machine it may not be that early.
    let is_early = |output: &Output| output.stderr.contains("answers what it was not asked");
    let outputs = (0..5).map(|_| ask(&pki, eager.address(), ""));
    let early = outputs.into_iter().find(is_early);
    early
        .expect("one of five")
        .assert_fails("answers what it was not asked");
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
