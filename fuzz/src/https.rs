//! Time over HTTPS: heads of both sides, the field with decimals, the search.

use horolog_https::{
    Action, HttpsTime, MAX_HEAD_LENGTH, RefusalList, RequestReader, Response, ResponseReader,
    Search, SearchConfig, TimeFields, TimeUrl,
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

/// A search, whatever clocks say and whoever calls: what it knows never gets wider, and what is over
/// stays over. Each event is an octet and a time of 12.
pub fn https_search(octets: &[u8]) {
    let Some((&rounds, mut octets)) = octets.split_first() else {
        return;
    };
    let config = SearchConfig::new().with_rounds(rounds.into());
    let mut search = Search::new(config);
    let mut width = NtpDuration::MAX;
    while let Some((event, rest)) = octets.split_first_chunk::<13>() {
        octets = rest;
        let [what, s @ .., a, b, c, d] = *event;
        let nanoseconds = u32::from_be_bytes([a, b, c, d]) % 1_000_000_000;
        let time = UnixTime::new(i64::from_be_bytes(s), nanoseconds).expect("below a second");
        let before = search.poll_action();
        match what % 8 {
            0 => search.handle_connected(time),
            1 | 2 => search.handle_sent(time),
            3 => search.handle_closed(),
            _ => {
                let fields = TimeFields::new(time).map_or(String::new(), |fields| {
                    if what & 8 == 0 {
                        fields
                    } else {
                        fields.with_httpstime()
                    }
                    .to_string()
                });
                let head = format!("HTTP/1.1 204 X\r\n{fields}\r\n");
                let (response, _) = Response::decode(head.as_bytes())
                    .expect("a head")
                    .expect("whole");
                search.handle_response(&response, time);
            }
        }
        if let Some(bounds) = search.bounds() {
            assert!(bounds.width() <= width);
            width = bounds.width();
        }
        if matches!(before, Action::Done(_) | Action::Failed(_)) {
            assert_eq!(search.poll_action(), before);
        }
        assert!(search.rounds() <= config.rounds());
    }
}
