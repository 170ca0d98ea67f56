//! The client of time over HTTPS and web servers that answer badly: an error by name for each, on one
//! connection, in bounded time.

use core::time::Duration;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Instant, SystemTime};

use horolog_tests::httpstime::{ask, told};
use horolog_tests::{BadWebServer, Daemon, Output, Pki, Scratch, program, read_request};

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
    let endless = "a: b\r\n".repeat(1 << 18);
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
            format!("HTTP/1.1 204 No Content\r\n{endless}\r\n"),
            "the head ",
        ),
        (
            "SSH-2.0-OpenSSH_9.2\r\n".to_owned(),
            "no HTTP/1.1: bad version",
        ),
        (good("").repeat(2), "octets behind the head"),
        (
            "HTTP/1.1 101 Switching Protocols\r\n\r\n".to_owned(),
            "status 101",
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000),
            "longer than 8192 octets",
        ),
    ] {
        let server = BadWebServer::saying(&pki, response);
        let output = ask(&pki, server.address(), "");
        output.assert_fails(error);
        assert_eq!(output.stdout, "", "{error}");
        assert_eq!(server.connections(), 1, "{error}");
    }
}

/// The client takes 4096 octets at once, and the head is as long.
#[test]
fn a_body_behind_what_is_taken_at_once_is_refused_too() {
    let pki = Pki::new();
    let padding = "a".repeat(4096 - good("a: \r\n").len());
    let response = format!("{}<html>", good(&format!("a: {padding}\r\n")));
    assert_eq!(response.len(), 4096 + 6);
    let server = BadWebServer::saying(&pki, response);
    ask(&pki, server.address(), "").assert_fails("6 octets behind the head");
}

#[test]
fn interim_responses_are_passed_over() {
    let pki = Pki::new();
    let server = BadWebServer::start(&pki, |mut stream| {
        while read_request(&mut stream) {
            let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
            for octets in [hints, &good("")] {
                let written = stream.write_all(octets.as_bytes());
                if written.and_then(|()| stream.flush()).is_err() {
                    return;
                }
            }
        }
    });
    told(&ask(&pki, server.address(), "--rounds 2"), 0.0);
}

/// A client that waits for the answer to a certain request ends at a signal.
fn interrupted(answers: usize) -> (Option<i32>, String, String) {
    let pki = Pki::new();
    let (sender, receiver) = mpsc::channel();
    let server = BadWebServer::start(&pki, move |mut stream| {
        for _ in 0..answers {
            let _ = read_request(&mut stream);
            let _ = stream
                .write_all(good("").as_bytes())
                .and_then(|()| stream.flush());
        }
        let _ = read_request(&mut stream);
        let _ = sender.send(());
        let _ = read_request(&mut stream); // It says nothing.
    });
    let mut command = Command::new(program("httpstime"));
    let url = format!("https://{}", server.address());
    command.args(["client", &url, "--json", "--ca"]);
    command.arg(pki.authority());
    let scratch = Scratch::new();
    let log = scratch.path().join("stderr");
    let client = Daemon::start_with_errors_in(&mut command, &log);
    receiver.recv().expect("the last request");
    let exit = client.terminate();
    let stderr = fs::read_to_string(log).expect("text");
    (exit.status.code(), exit.stdout, stderr)
}

#[test]
fn a_signal_ends_the_wait_for_an_answer() {
    // On a busy machine the signal may come too late.
    let in_time = |answers| {
        (0..5)
            .map(|_| interrupted(answers))
            .find(|(.., stderr)| !stderr.contains("takes too long"))
            .expect("one of five")
    };
    let (status, stdout, stderr) = in_time(0);
    assert_eq!((status, &*stdout), (Some(1), ""));
    assert!(stderr.ends_with(": interrupted by a signal\n"), "{stderr}");

    let (status, stdout, stderr) = in_time(1);
    assert_eq!((status, &*stderr), (Some(0), ""));
    assert!(stdout.contains(r#""rounds":1,"#), "{stdout}");
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

/// The client has timeouts of its own: ten seconds to connect, five for a response.
#[test]
fn silence_ends_before_and_after_the_handshake() {
    let pki = Pki::new();
    let silent = BadWebServer::start(&pki, |mut stream| {
        // It shakes hands, hears the request, and says nothing until the client has gone.
        while read_request(&mut stream) {}
    });
    let start = Instant::now();
    ask(&pki, silent.address(), "").assert_fails("the response takes too long");
    assert_eq!(silent.connections(), 1);

    // The system accepts what nobody takes up.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    ask(&pki, address, "").assert_fails("connecting takes too long");
    assert!(start.elapsed() < Duration::from_mins(1));
    let (mut stream, _) = listener.accept().expect("a client");
    let mut octets = Vec::new();
    stream.read_to_end(&mut octets).expect("its first words");
    // A handshake record of TLS.
    assert_eq!(octets.first(), Some(&22));
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
