use alloc::vec::Vec;

use super::{HeadError, Response};
use crate::MAX_HEAD_LENGTH;

/// Collects the octets of a response, never more than [`MAX_HEAD_LENGTH`] of them.
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
}

impl ResponseReader {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { octets: Vec::new() }
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
        let Some((response, length)) = Response::decode(&self.octets)? else {
            return Ok(None);
        };
        let behind = self.octets.len().saturating_sub(length);
        let octets = behind.saturating_add(left.len());
        if octets > 0 {
            return Err(HeadError::Body { octets });
        }
        self.octets.clear();
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
