use alloc::vec::Vec;

use super::{Answer, AnswerKind};
use crate::head::says;
use crate::{MAX_FIELDS, MAX_HEAD_LENGTH, PATH};

/// Collects the octets of requests on one connection, and says what to answer.
///
/// The path is compared as it stands; a query makes it another one. It holds no more than one head and
/// what came with its end. A request that has a body is answered, and the connection closed: the body
/// is not read.
///
/// # Examples
///
/// ```
/// use horolog_https::{AnswerKind, RequestReader};
///
/// let mut reader = RequestReader::new();
/// reader.handle_octets(b"GET /.well-known/time HTTP/1.1\r\nHost: a\r\n\r\nHEAD /");
/// assert_eq!(reader.poll_answer().unwrap().kind, AnswerKind::MethodNotAllowed);
/// assert_eq!(reader.poll_answer(), None);
/// reader.handle_octets(b" HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert_eq!(reader.poll_answer().unwrap().kind, AnswerKind::NotFound);
/// ```
#[derive(Debug, Default)]
pub struct RequestReader {
    octets: Vec<u8>,
    is_over: bool,
}

impl RequestReader {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            octets: Vec::new(),
            is_over: false,
        }
    }

    /// Takes octets. Ask for all answers before giving more; behind an answer that closes nothing
    /// counts.
    pub fn handle_octets(&mut self, octets: &[u8]) {
        if !self.is_over {
            self.octets.extend_from_slice(octets);
        }
    }

    /// The answer to the oldest request that is whole, or cannot be one.
    #[must_use]
    pub fn poll_answer(&mut self) -> Option<Answer> {
        if self.is_over {
            return None;
        }
        let (answer, length) = answer(&self.octets)?;
        self.octets.drain(..length.min(self.octets.len()));
        if answer.closes {
            self.is_over = true;
            self.octets = Vec::new();
        }
        Some(answer)
    }

    /// Whether part of a request is there.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}

/// The answer to the request at the start, and the length of its head.
fn answer(octets: &[u8]) -> Option<(Answer, usize)> {
    let refuse = |kind| {
        let answer = Answer { kind, closes: true };
        Some((answer, octets.len()))
    };
    let head = octets.get(..MAX_HEAD_LENGTH).unwrap_or(octets);
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let length = match request.parse(head) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if head.len() < MAX_HEAD_LENGTH => return None,
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            return refuse(AnswerKind::TooLong);
        }
        Err(_) => return refuse(AnswerKind::BadRequest),
    };
    let fields = &*request.headers;
    let named = |name: &'static str| {
        let fields = fields.iter();
        fields.filter(move |one| one.name.eq_ignore_ascii_case(name))
    };
    let is_old = request.version == Some(0);
    if named("Host").count() > 1 || (!is_old && named("Host").count() == 0) {
        return refuse(AnswerKind::BadRequest); // RFC 9112 § 3.2.
    }
    let has_body = named("Transfer-Encoding").count() > 0
        || named("Content-Length").any(|one| one.value.trim_ascii() != b"0");
    let keeps_open = if is_old {
        says(fields, "Connection", "keep-alive")
    } else {
        !says(fields, "Connection", "close")
    };
    let kind = match (request.path.map(path), request.method) {
        (Some(PATH), Some("HEAD")) => AnswerKind::Time,
        (Some(PATH), _) => AnswerKind::MethodNotAllowed,
        _ => AnswerKind::NotFound,
    };
    let answer = Answer {
        kind,
        // HTTP/1.0 would have to be told that it stays open.
        closes: has_body || is_old || !keeps_open,
    };
    Some((answer, length))
}

/// The path of a target, which may be a whole URL (RFC 9112 § 3.2.2).
fn path(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    match rest.find('/') {
        Some(start) if !target.starts_with('/') => rest.get(start..).unwrap_or(target),
        _ => target,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(octets: &str) -> Option<(AnswerKind, bool)> {
        let mut reader = RequestReader::new();
        reader.handle_octets(octets.as_bytes());
        reader
            .poll_answer()
            .map(|answer| (answer.kind, answer.closes))
    }

    #[test]
    fn requests_get_what_they_ask_for() {
        use AnswerKind::{BadRequest, MethodNotAllowed, NotFound, Time};
        for (line, fields, kind, closes) in [
            (
                "HEAD /.well-known/time HTTP/1.1",
                "Host: a\r\n",
                Time,
                false,
            ),
            (
                "HEAD https://a/.well-known/time HTTP/1.1",
                "Host: a\r\n",
                Time,
                false,
            ),
            (
                "HEAD /.well-known/time HTTP/1.1",
                "Host: a\r\nConnection: close\r\n",
                Time,
                true,
            ),
            ("HEAD /.well-known/time HTTP/1.0", "", Time, true),
            (
                "HEAD /.well-known/time HTTP/1.1",
                "Host: a\r\nContent-Length: 5\r\n",
                Time,
                true,
            ),
            (
                "HEAD /.well-known/time HTTP/1.1",
                "Host: a\r\nContent-Length: 0\r\n",
                Time,
                false,
            ),
            (
                "HEAD /.well-known/time HTTP/1.1",
                "Host: a\r\nTransfer-Encoding: chunked\r\n",
                Time,
                true,
            ),
            (
                "GET /.well-known/time HTTP/1.1",
                "Host: a\r\n",
                MethodNotAllowed,
                false,
            ),
            (
                "OPTIONS /.well-known/time HTTP/1.1",
                "Host: a\r\n",
                MethodNotAllowed,
                false,
            ),
            ("HEAD / HTTP/1.1", "Host: a\r\n", NotFound, false),
            (
                "HEAD /.well-known/time?x HTTP/1.1",
                "Host: a\r\n",
                NotFound,
                false,
            ),
            (
                "HEAD /x://a/.well-known/time HTTP/1.1",
                "Host: a\r\n",
                NotFound,
                false,
            ),
            ("HEAD * HTTP/1.1", "Host: a\r\n", NotFound, false),
            ("HEAD /.well-known/time HTTP/1.1", "", BadRequest, true),
            (
                "HEAD /.well-known/time HTTP/1.1",
                "Host: a\r\nhost: b\r\n",
                BadRequest,
                true,
            ),
            ("HEAD /.well-known/time", "Host: a\r\n", BadRequest, true),
            (
                "HEAD /.well-known/time HTTP/2.0",
                "Host: a\r\n",
                BadRequest,
                true,
            ),
            ("\u{1}\u{2}", "", BadRequest, true),
        ] {
            let request = format!("{line}\r\n{fields}\r\n");
            assert_eq!(read(&request), Some((kind, closes)), "{request}");
        }
    }

    #[test]
    fn long_heads_are_refused_once() {
        let fields = "a: b\r\n".repeat(MAX_FIELDS + 1);
        let request = format!("HEAD / HTTP/1.1\r\n{fields}\r\n");
        assert_eq!(read(&request), Some((AnswerKind::TooLong, true)));

        let mut reader = RequestReader::new();
        reader.handle_octets(b"HEAD / HTTP/1.1\r\nHost: ");
        let mut answers = Vec::new();
        for _ in 0..1000 {
            reader.handle_octets(&[b'a'; 100]);
            answers.extend(reader.poll_answer());
            assert!(reader.octets.len() < MAX_HEAD_LENGTH + 100);
        }
        let kinds: Vec<_> = answers.iter().map(|answer| answer.kind).collect();
        assert_eq!(kinds, [AnswerKind::TooLong]);
    }

    #[test]
    fn every_beginning_wants_more() {
        let request = "HEAD /.well-known/time HTTP/1.1\r\nHost: a\r\n\r\n";
        for length in 0..request.len() {
            assert_eq!(read(&request[..length]), None, "{length}");
        }
    }

    #[test]
    fn no_answer_has_a_body() {
        let time = super::super::TimeFields::new(horolog_time::UnixTime::EPOCH).unwrap();
        for kind in [
            AnswerKind::Time,
            AnswerKind::MethodNotAllowed,
            AnswerKind::NotFound,
            AnswerKind::BadRequest,
            AnswerKind::TooLong,
        ] {
            for closes in [false, true] {
                let mut octets = Vec::new();
                Answer { kind, closes }.encode(&time, &mut octets);
                let (response, length) = crate::Response::decode(&octets).unwrap().unwrap();
                assert_eq!(length, octets.len());
                assert_eq!(response.status, kind.status());
                assert_eq!(response.keeps_open, !closes);
                assert_eq!(response.date, Ok(horolog_time::UnixTime::EPOCH));
                let text = String::from_utf8(octets).unwrap();
                let has_length = text.contains("Content-Length: 0\r\n");
                assert_eq!(has_length, kind != AnswerKind::Time);
            }
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_taken(octets: Vec<u8>) {
            let mut reader = RequestReader::new();
            reader.handle_octets(&octets);
            while reader.poll_answer().is_some() {}
        }
    }
}
