use alloc::format;

use bytes::BufMut;

use super::{AnswerKind, TimeFields};

/// The answer to a request, but for the time in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// What it says.
    pub kind: AnswerKind,
    /// Whether the connection is to be closed behind it.
    pub closes: bool,
}

impl Answer {
    /// Writes it. Take the time just before, and send it just after; no answer has a body.
    ///
    /// All answers have a Date, which a client can ask for by `--any-status` if it must.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_https::{RequestReader, TimeFields};
    /// use horolog_time::UnixTime;
    ///
    /// let mut reader = RequestReader::new();
    /// reader.handle_octets(b"HEAD /.well-known/time HTTP/1.1\r\nHost: a\r\n\r\n");
    /// let answer = reader.poll_answer().expect("a whole request");
    ///
    /// let now = UnixTime::from_seconds(784_111_777);
    /// let mut octets = Vec::new();
    /// answer.encode(&TimeFields::new(now)?, &mut octets);
    /// assert_eq!(
    ///     octets,
    ///     b"HTTP/1.1 204 No Content\r\n\
    ///     Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
    ///     Cache-Control: no-cache\r\n\r\n"
    /// );
    /// # Ok::<(), horolog_time::TimeError>(())
    /// ```
    pub fn encode(&self, time: &TimeFields, out: &mut impl BufMut) {
        // A 204 has no length (RFC 9110 § 8.6), the others have that of no body.
        let allow = match self.kind {
            AnswerKind::Time => "",
            AnswerKind::MethodNotAllowed => "Allow: HEAD\r\nContent-Length: 0\r\n",
            _ => "Content-Length: 0\r\n",
        };
        let close = if self.closes {
            "Connection: close\r\n"
        } else {
            ""
        };
        let (status, reason) = (self.kind.status(), self.kind.reason());
        let head = format!(
            "HTTP/1.1 {status} {reason}\r\n{time}Cache-Control: no-cache\r\n{allow}{close}\r\n"
        );
        out.put_slice(head.as_bytes());
    }
}
