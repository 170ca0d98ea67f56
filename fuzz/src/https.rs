//! Time over HTTPS: heads of both sides, the field with decimals, the search.

use core::time::Duration;

use horolog_https::{
    Action, HeadError, HttpsTime, MAX_HEAD_LENGTH, RefusalList, RequestReader, Response,
    ResponseReader, Search, SearchConfig, SearchError, TimeFields, TimeUrl,
};
use horolog_time::{NtpDuration, UnixTime};

/// A response's head, whole and in portions: the same comes of it.
pub fn https_response(octets: &[u8]) {
    let Some((&length, octets)) = octets.split_first() else {
        return;
    };
    let whole = Response::decode(octets);
    if let Ok(Some((response, length))) = whole {
        assert!(length <= octets.len().min(MAX_HEAD_LENGTH));
        // What its fields say is written as they are read.
        if let (Ok(date), Ok(httpstime)) = (response.date, response.httpstime) {
            let mut head = format!(
                "HTTP/1.1 204 X\r\n{}",
                TimeFields::new(date).expect("a date")
            );
            if let Some(httpstime) = httpstime {
                head.push_str(&format!("X-HTTPSTIME: {httpstime}\r\n"));
            }
            head.push_str("\r\n");
            let (again, _) = Response::decode(head.as_bytes())
                .expect("a head")
                .expect("whole");
            assert_eq!((again.date, again.httpstime), (Ok(date), Ok(httpstime)));
        }
    }
    let mut reader = ResponseReader::new();
    let mut portions = octets.chunks(usize::from(length).max(1));
    let first = portions.find_map(|portion| reader.handle_octets(portion).transpose());
    if let Ok(Some((response, _))) = whole
        && matches!(response.status.get(), 100 | 102..=199)
    {
        return; // The reader waits for the one behind it.
    }
    match (whole, first) {
        // Nothing behind it came with its last portion.
        (Ok(Some((response, _))), Some(Ok(read))) => assert_eq!(response, read),
        (Ok(Some(_)) | Err(_), Some(Err(_))) | (Ok(None), None) => {}
        other => panic!("{other:?}"),
    }
}

/// A server's side of a connection: every answer decodes as a response.
pub fn https_request(octets: &[u8]) {
    let time = TimeFields::new(UnixTime::EPOCH)
        .expect("1970")
        .with_httpstime();
    let mut reader = RequestReader::new();
    let mut closed = false;
    for portion in octets.chunks(1000) {
        reader.handle_octets(portion);
        while let Some(answer) = reader.poll_answer() {
            assert!(!closed, "an answer behind the last");
            closed = answer.closes;
            let mut written = Vec::new();
            answer.encode(&time, &mut written);
            let decoded = Response::decode(&written).expect("a head");
            let (response, length) = decoded.expect("it is whole");
            assert_eq!(
                (response.status, length),
                (answer.kind.status(), written.len())
            );
            assert_eq!(response.keeps_open, !answer.closes);
        }
    }
}

/// The value of X-HTTPSTIME, a URL, and a list of refusals.
pub fn https_text(octets: &[u8]) {
    if let Ok(time) = HttpsTime::decode(octets) {
        assert_eq!(HttpsTime::decode(time.to_string().as_bytes()), Ok(time));
    }
    let Ok(text) = str::from_utf8(octets) else {
        return;
    };
    if let Ok(url) = text.parse::<TimeUrl>() {
        assert!(
            url.to_string()
                .bytes()
                .all(|octet| octet.is_ascii_graphic())
        );
        assert_eq!(url.to_string().parse(), Ok(url));
    }
    if let Ok(list) = text.parse::<RefusalList>() {
        assert!(list.len() <= RefusalList::CAPACITY);
        assert_eq!(list.to_string().parse(), Ok(list));
    }
}

/// A search, whatever clocks say and whoever calls. The first octet is the number of rounds, the second
/// whether any status is taken and how late a Date may be, in halves of a second; each event is an octet
/// and two times of 12, the local one and the server's.
pub fn https_search(octets: &[u8]) {
    https_search_end(octets);
}

/// The same, and what is to be done at the end: what is known never gets wider, and what is over stays
/// over.
pub fn https_search_end(octets: &[u8]) -> Action {
    let Some((&[rounds, options], mut octets)) = octets.split_first_chunk() else {
        return Action::Wait;
    };
    let mut config = SearchConfig::new()
        .with_rounds(rounds.into())
        .with_lateness(Duration::from_millis(u64::from(options >> 1) * 500));
    if options & 1 != 0 {
        config = config.with_any_status();
    }
    let mut search = Search::new(config);
    let mut width = NtpDuration::MAX;
    while let Some((event, rest)) = octets.split_first_chunk::<25>() {
        octets = rest;
        let [what, times @ ..] = event;
        let (local, server) = times.split_at(12);
        let (now, server) = (time(local), time(server));
        let before = search.poll_action();
        match what % 8 {
            0 => search.handle_connected(now),
            1 | 2 => search.handle_sent(now),
            3 if what & 8 == 0 => search.handle_closed(),
            3 => search.handle_malformed(HeadError::TooLong),
            _ => search.handle_response(&search_response(*what, server), now),
        }
        if let Some(bounds) = search.bounds() {
            assert!(bounds.width() <= width);
            width = bounds.width();
        }
        let after = search.poll_action();
        match before {
            Action::Done(_) | Action::Failed(_) => assert_eq!(after, before),
            _ => check_end(&search, after),
        }
        assert!(search.rounds() <= config.rounds());
    }
    search.poll_action()
}

/// What has just ended ends with what is known, or with a contradiction that is one.
fn check_end(search: &Search, action: Action) {
    match action {
        Action::Done(bounds) => assert_eq!(search.bounds(), Some(bounds)),
        Action::Failed(SearchError::Inconsistent { round, known, told }) => {
            assert_eq!(round, search.rounds() + 1);
            assert!(known.high() < told.low() || told.high() < known.low());
        }
        _ => {}
    }
}

/// Seconds and nanoseconds of 12 octets.
fn time(octets: &[u8]) -> UnixTime {
    let (seconds, nanoseconds) = octets.split_at(8);
    let seconds = i64::from_be_bytes(seconds.try_into().expect("8 octets"));
    let nanoseconds = u32::from_be_bytes(nanoseconds.try_into().expect("4 octets"));
    UnixTime::new(seconds, nanoseconds % 1_000_000_000).expect("below a second")
}

/// A response of a time, as the upper bits of an event say; without a Date where none can say it.
fn search_response(what: u8, server: UnixTime) -> Response {
    let status = [204, 200, 404, 503][usize::from(what >> 6)];
    let fields = TimeFields::new(server).map_or(String::new(), |fields| {
        if what & 8 == 0 {
            fields
        } else {
            fields.with_httpstime()
        }
        .to_string()
    });
    let further = match (what >> 4) & 3 {
        0 => "",
        1 => "Connection: close\r\n",
        2 => "X-HTTPSTIME: 1x\r\n",
        _ => "X-HTTPSTIME: 1448839000.123456\r\n",
    };
    let head = format!("HTTP/1.1 {status} X\r\n{fields}{further}\r\n");
    let (response, _) = Response::decode(head.as_bytes())
        .expect("a head")
        .expect("whole");
    response
}
