use horolog_time::UnixTime;

use super::{HeadError, StatusCode};
use crate::constants::{DATE, HTTPSTIME};
use crate::{FieldError, HttpsTime, MAX_FIELDS, MAX_HEAD_LENGTH, decode_date};

/// What the head of a response says of time.
///
/// Each field is read on its own, so that a server which does not offer time at all is known by its
/// [`status`](Self::status), whatever it has for a date.
///
/// # Examples
///
/// ```
/// use horolog_https::{Response, StatusCode};
///
/// let head = b"HTTP/1.1 204 No Content\r\n\
///     Date: Sun, 22 Nov 2026 09:08:38 GMT\r\n\
///     X-HTTPSTIME: 1795338518.444\r\n\r\n";
/// let (response, length) = Response::decode(head)?.expect("a whole head");
/// assert_eq!((response.status, length), (StatusCode::NO_CONTENT, head.len()));
/// assert_eq!(response.date.unwrap().seconds(), 1_795_338_518);
/// assert_eq!(response.httpstime.unwrap().unwrap().decimals(), 3);
/// assert!(response.keeps_open);
/// # Ok::<(), horolog_https::HeadError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Response {
    /// Whether time is offered.
    pub status: StatusCode,
    /// The server's time, whole seconds, cut off; or why there is none.
    pub date: Result<UnixTime, FieldError>,
    /// The server's time with decimals, where it tells it so.
    pub httpstime: Result<Option<HttpsTime>, FieldError>,
    /// Whether the server takes another request on the same connection
    /// ([RFC 9112 § 9.3](https://www.rfc-editor.org/rfc/rfc9112#section-9.3)).
    pub keeps_open: bool,
}

impl Response {
    /// Reads the head at the start of these octets, and tells how long it is; `None` where it is not
    /// over yet.
    ///
    /// # Errors
    ///
    /// * [`HeadError::Syntax`] where it is no head of HTTP/1.
    /// * [`HeadError::TooManyFields`], and [`HeadError::TooLong`] where it does not end within
    ///   [`MAX_HEAD_LENGTH`] octets.
    pub fn decode(octets: &[u8]) -> Result<Option<(Self, usize)>, HeadError> {
        let head = octets.get(..MAX_HEAD_LENGTH).unwrap_or(octets);
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut parsed = httparse::Response::new(&mut fields);
        let httparse::Status::Complete(length) = parsed.parse(head)? else {
            return if head.len() < MAX_HEAD_LENGTH {
                Ok(None)
            } else {
                Err(HeadError::TooLong)
            };
        };
        let fields = &*parsed.headers;
        let httpstime = match single(fields, HTTPSTIME) {
            Err(FieldError::Missing { .. }) => Ok(None),
            found => found.and_then(HttpsTime::decode).map(Some),
        };
        // A later version than 1.1 is taken for 1.1, as RFC 9110 § 2.5 has it.
        let keeps_open = match parsed.version {
            Some(0) => says(fields, "Connection", "keep-alive"),
            _ => !says(fields, "Connection", "close"),
        };
        let response = Self {
            status: StatusCode::new(parsed.code.unwrap_or_default()),
            date: single(fields, DATE).and_then(decode_date),
            httpstime,
            keeps_open,
        };
        Ok(Some((response, length)))
    }
}

/// The value of a field that may stand there once.
fn single<'a>(
    fields: &[httparse::Header<'a>],
    field: &'static str,
) -> Result<&'a [u8], FieldError> {
    let mut found = fields
        .iter()
        .filter(|one| one.name.eq_ignore_ascii_case(field));
    match (found.next(), found.next()) {
        (None, _) => Err(FieldError::Missing { field }),
        (Some(one), None) => Ok(one.value.trim_ascii()),
        (Some(_), Some(_)) => Err(FieldError::Repeated { field }),
    }
}

/// Whether a field whose value is a list holds this word.
pub(crate) fn says(fields: &[httparse::Header<'_>], field: &str, word: &str) -> bool {
    fields
        .iter()
        .filter(|one| one.name.eq_ignore_ascii_case(field))
        .flat_map(|one| one.value.split(|&octet| octet == b','))
        .any(|one| one.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source: nginx 1.22.1, captured (`https-time-nginx`).
    const NGINX: &[u8] = b"HTTP/1.1 204 No Content\r\n\
        Server: nginx/1.22.1\r\n\
        Date: Sun, 22 Nov 2026 09:08:38 GMT\r\n\
        Connection: keep-alive\r\n\
        X-HTTPSTIME: 1795338518.444\r\n\r\n";

    fn decode(head: &str) -> Response {
        Response::decode(head.as_bytes()).unwrap().unwrap().0
    }

    #[test]
    fn every_beginning_wants_more() {
        for length in 0..NGINX.len() {
            assert_eq!(Response::decode(&NGINX[..length]), Ok(None), "{length}");
        }
        let (response, length) = Response::decode(&[NGINX, b"HTTP"].concat())
            .unwrap()
            .unwrap();
        assert_eq!(length, NGINX.len());
        assert_eq!(response.date, Ok(UnixTime::from_seconds(1_795_338_518)));
    }

    #[test]
    fn fields_that_do_not_tell_time_are_told_apart() {
        let response = decode("HTTP/1.1 204 No Content\r\n\r\n");
        assert_eq!(response.date, Err(FieldError::Missing { field: "Date" }));
        assert_eq!(response.httpstime, Ok(None));

        let date = "date: Sun, 22 Nov 2026 09:08:38 GMT\r\n";
        let twice = decode(&format!("HTTP/1.1 204 No Content\r\n{date}{date}\r\n"));
        assert_eq!(twice.date, Err(FieldError::Repeated { field: "Date" }));
        let both = "Date: now\r\nX-HttpsTime: 1\r\nx-httpstime: 1\r\n";
        let bad = decode(&format!("HTTP/1.1 200 OK\r\n{both}\r\n"));
        assert!(matches!(bad.date, Err(FieldError::Malformed { .. })));
        assert!(matches!(bad.httpstime, Err(FieldError::Repeated { .. })));
    }

    #[test]
    fn rfc_9112_section_9_3_persistence() {
        for (line, fields, keeps_open) in [
            ("HTTP/1.1", "", true),
            ("HTTP/1.1", "Connection: keep-alive\r\n", true),
            ("HTTP/1.1", "Connection: foo, Close\r\n", false),
            ("HTTP/1.1", "Connection: foo\r\nconnection:close\r\n", false),
            ("HTTP/1.0", "", false),
            ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ] {
            let head = format!("{line} 204 No Content\r\n{fields}\r\n");
            assert_eq!(decode(&head).keeps_open, keeps_open, "{head}");
        }
    }

    #[test]
    fn no_head_is_an_error() {
        for (octets, part) in [
            ("SSH-2.0-OpenSSH_9.2\r\n", "version"),
            ("HTTP/2.0 200 OK\r\n\r\n", "version"),
            ("HTTP/1.1 20x OK\r\n\r\n", "status code"),
            ("HTTP/1.1 200 OK\r\nDate\r\n\r\n", "name of a field"),
            (
                "HTTP/1.1 200 OK\r\nDate: a\r\n folded\r\n\r\n",
                "name of a field",
            ),
        ] {
            let error = Response::decode(octets.as_bytes());
            assert_eq!(error, Err(HeadError::Syntax { part }), "{octets}");
        }
    }

    #[test]
    fn long_heads_are_refused() {
        let fields = "a: b\r\n".repeat(MAX_FIELDS + 1);
        let head = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        assert_eq!(
            Response::decode(head.as_bytes()),
            Err(HeadError::TooManyFields)
        );

        let head = |length: usize| {
            let empty = "HTTP/1.1 200 OK\r\na: \r\n\r\n".len();
            format!(
                "HTTP/1.1 200 OK\r\na: {}\r\n\r\n",
                "b".repeat(length - empty)
            )
        };
        assert!(matches!(
            Response::decode(head(MAX_HEAD_LENGTH).as_bytes()),
            Ok(Some((_, MAX_HEAD_LENGTH)))
        ));
        let longer = head(MAX_HEAD_LENGTH + 1);
        assert_eq!(Response::decode(longer.as_bytes()), Err(HeadError::TooLong));
    }

    proptest! {
        #[test]
        fn any_octets_are_taken(octets: Vec<u8>) {
            let _ = Response::decode(&octets);
            let _ = Response::decode(&[b"HTTP/1.1 200 OK\r\nDate:", &octets[..]].concat());
        }
    }
}
