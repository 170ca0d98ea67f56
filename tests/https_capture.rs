//! Requests and responses of nginx and curl, captured: `data/https-time-nginx.csv`.

use horolog_https::{AnswerKind, RequestReader, Response, Search, SearchConfig, StatusCode};
use horolog_time::{NtpDuration, UnixTime};

struct Row {
    connection: &'static str,
    sent: UnixTime,
    received: UnixTime,
    request: Vec<u8>,
    response: Vec<u8>,
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let octet = |pair: &[Option<u32>]| u8::try_from(pair[0]? * 16 + pair[1]?).ok();
    let octets: Option<_> = digits.chunks_exact(2).map(octet).collect();
    octets.expect("pairs of digits")
}

fn time(text: &str) -> UnixTime {
    text.parse().expect("Unix seconds")
}

fn rows() -> impl Iterator<Item = Row> {
    let lines = include_str!("data/https-time-nginx.csv").lines().skip(1);
    lines.map(|line| {
        let cells: Vec<_> = line.split(',').collect();
        Row {
            connection: cells[0],
            sent: time(cells[1]),
            received: time(cells[2]),
            request: hex(cells[3]),
            response: hex(cells[4]),
        }
    })
}

#[test]
fn every_response_tells_the_time() {
    assert!(rows().count() > 10);
    for row in rows() {
        let (response, length) = Response::decode(&row.response).unwrap().unwrap();
        assert_eq!(length, row.response.len());
        assert_eq!(response.status, StatusCode::NO_CONTENT);
        assert!(response.keeps_open);
        let httpstime = response.httpstime.unwrap().unwrap();
        assert_eq!(httpstime.decimals(), 3);
        assert_eq!(response.date.unwrap().seconds(), httpstime.time().seconds());
        let text = String::from_utf8(row.response).unwrap();
        assert!(
            text.contains(&format!("X-HTTPSTIME: {httpstime}\r\n")),
            "{text}"
        );
    }
}

#[test]
fn our_server_would_answer_every_request() {
    for row in rows() {
        let mut reader = RequestReader::new();
        reader.handle_octets(&row.request);
        let answer = reader.poll_answer().unwrap();
        assert_eq!((answer.kind, answer.closes), (AnswerKind::Time, false));
        assert!(reader.is_empty());
    }
}

/// Both sides had one clock.
#[test]
fn the_bounds_hold_the_true_offset() {
    for connection in ["0", "2"] {
        for decimals in [false, true] {
            let mut search = Search::new(SearchConfig::new().with_rounds(32));
            for row in rows().filter(|row| row.connection == connection) {
                let (mut response, _) = Response::decode(&row.response).unwrap().unwrap();
                if !decimals {
                    response.httpstime = Ok(None);
                }
                search.handle_connected(row.sent);
                search.handle_sent(row.sent);
                search.handle_response(&response, row.received);
                let bounds = search.bounds().unwrap();
                assert!(bounds.contains(NtpDuration::ZERO), "{bounds:?}");
            }
            let width = search.bounds().unwrap().width().as_seconds_f64();
            match (connection, decimals) {
                (_, true) => assert!(width < 0.0025, "{width}"),
                ("2", false) => assert!(width < 0.01, "{width}"), // It aimed at edges.
                _ => assert!((0.99..1.01).contains(&width), "{width}"),
            }
        }
    }
}
