use alloc::vec::Vec;

use super::{HeadError, Response};
use crate::MAX_HEAD_LENGTH;

/// Collects the octets of a response, never more than [`MAX_HEAD_LENGTH`] of them.
///
/// Interim responses in front of it, such as 103 Early Hints, are passed over
/// ([RFC 9110 § 15.2](https://www.rfc-editor.org/rfc/rfc9110#section-15.2)); their octets count.
///
/// # Examples
///
/// ```
/// use horolog_https::{HeadError, ResponseReader};
///
/// let mut reader = ResponseReader::new();
/// assert_eq!(reader.handle_octets(b"HTTP/1.1 404 Not"), Ok(None));
/// let response = reader.handle_octets(b" Found\r\n\r\n")?.expect("it is whole");
/// assert_eq!(response.status.get(), 404);
///
/// // A response to HEAD has no body.
/// let error = reader.handle_octets(b"HTTP/1.1 200 OK\r\n\r\n<html>").unwrap_err();
/// assert_eq!(error, HeadError::Body { octets: 6 });
/// # Ok::<(), HeadError>(())
/// ```
#[derive(Debug, Default)]
pub struct ResponseReader {
    octets: Vec<u8>,
    /// Octets of interim responses among them, all at the start.
    interim: usize,
}

impl ResponseReader {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            octets: Vec::new(),
            interim: 0,
        }
    }

    /// Takes octets and gives the response when its head is whole; then it waits for the next one.
    ///
    /// # Errors
    ///
    /// [`HeadError`], [`HeadError::Body`] included. Nothing more can come of the connection then.
    pub fn handle_octets(&mut self, octets: &[u8]) -> Result<Option<Response>, HeadError> {
        let room = MAX_HEAD_LENGTH.saturating_sub(self.octets.len());
        let (taken, left) = octets.split_at_checked(room).unwrap_or((octets, &[]));
        self.octets.extend_from_slice(taken);
        let (response, length) = loop {
            let rest = self.octets.get(self.interim..).unwrap_or_default();
            match Response::decode(rest)? {
                Some((response, length)) if response.status.is_interim() => {
                    self.interim = self.interim.saturating_add(length);
                }
                Some(whole) => break whole,
                None if self.octets.len() < MAX_HEAD_LENGTH => return Ok(None),
                None => return Err(HeadError::TooLong),
            }
        };
        let whole = self.interim.saturating_add(length);
        let behind = self.octets.len().saturating_sub(whole);
        let octets = behind.saturating_add(left.len());
        if octets > 0 {
            return Err(HeadError::Body { octets });
        }
        *self = Self::new();
        Ok(Some(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_may_come_one_by_one_and_responses_one_after_the_other() {
        let mut reader = ResponseReader::new();
        for code in [204, 404] {
            let head = format!("HTTP/1.1 {code} X\r\nServer: y\r\n\r\n");
            let (last, first) = head.as_bytes().split_last().unwrap();
            for octet in first {
                assert_eq!(reader.handle_octets(&[*octet]), Ok(None));
            }
            let response = reader.handle_octets(&[*last]).unwrap().unwrap();
            assert_eq!(response.status.get(), code);
        }
    }

    #[test]
    fn rfc_9110_section_15_2_interim_responses_are_passed_over() {
        let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        let head = "HTTP/1.1 204 No Content\r\nServer: y\r\n\r\n";
        let mut reader = ResponseReader::new();
        for _ in 0..2 {
            let octets = [interim, head].concat();
            let response = reader.handle_octets(octets.as_bytes()).unwrap().unwrap();
            assert_eq!(response.status, crate::StatusCode::NO_CONTENT);
            assert_eq!(reader.handle_octets(interim.as_bytes()), Ok(None));
            let (last, first) = head.as_bytes().split_last().unwrap();
            assert_eq!(reader.handle_octets(first), Ok(None));
            let response = reader.handle_octets(&[*last]).unwrap().unwrap();
            assert_eq!(response.status, crate::StatusCode::NO_CONTENT);
        }
        let octets = [interim, head, "x"].concat();
        let error = reader.handle_octets(octets.as_bytes());
        assert_eq!(error, Err(HeadError::Body { octets: 1 }));

        // The protocol does not go on behind this one.
        let mut reader = ResponseReader::new();
        let response = reader.handle_octets(b"HTTP/1.1 101 Switching Protocols\r\n\r\n");
        assert_eq!(response.unwrap().unwrap().status.get(), 101);

        let mut endless = ResponseReader::new();
        let error = (0..1000).find_map(|_| endless.handle_octets(interim.as_bytes()).err());
        assert_eq!(error, Some(HeadError::TooLong));
        assert!(endless.octets.len() <= MAX_HEAD_LENGTH);
    }

    #[test]
    fn memory_is_bounded() {
        let mut reader = ResponseReader::new();
        assert_eq!(reader.handle_octets(b"HTTP/1.1 200 OK\r\na: "), Ok(None));
        let mut error = None;
        for _ in 0..1000 {
            error = reader.handle_octets(&[b'a'; 1000]).err();
            assert!(reader.octets.len() <= MAX_HEAD_LENGTH);
        }
        assert_eq!(error, Some(HeadError::TooLong));
    }

    #[test]
    fn a_body_beyond_the_limit_is_counted() {
        let mut reader = ResponseReader::new();
        let mut octets = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        octets.resize(octets.len() + 2 * MAX_HEAD_LENGTH, 0);
        let error = reader.handle_octets(&octets);
        let octets = 2 * MAX_HEAD_LENGTH;
        assert_eq!(error, Err(HeadError::Body { octets }));
    }
}
