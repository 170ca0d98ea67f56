//! UDP payloads in hexadecimal digits, one a line.

use std::io::{self, BufRead};

use thiserror::Error;

use super::bounded_lines::{BoundedLines, Line};
use crate::mac_key::octets;

/// Reads the lines.
#[derive(Debug)]
pub struct HexLines<R>(BoundedLines<R>);

/// Why a line is no payload.
#[derive(Debug, Error)]
pub enum HexError {
    /// The system refuses.
    #[error("cannot read")]
    Io(#[from] io::Error),
    /// There are other characters, or one digit is left over.
    #[error("line {0} is not an even number of hexadecimal digits")]
    Digits(u64),
    /// The payload is longer than a datagram can be.
    #[error("line {0} is longer than any datagram")]
    TooLong(u64),
}

/// The most octets of a UDP payload.
const LONGEST_PAYLOAD: usize = 65_527;
/// The most octets of a line: three for each of the payload, and some more.
const LONGEST_LINE: u64 = 256 * 1024;

impl<R: BufRead> HexLines<R> {
    /// Starts with the first line.
    pub const fn new(reader: R) -> Self {
        Self(BoundedLines::new(reader, LONGEST_LINE))
    }

    /// The number of the line that was read last, from 1.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.0.number()
    }

    /// The next line that is not blank; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`HexError`]; reading can go on after [`HexError::Digits`] alone.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>, HexError> {
        loop {
            let digits: Vec<_> = match self.0.read()? {
                None => return Ok(None),
                Some(Line::TooLong) => return Err(HexError::TooLong(self.number())),
                Some(Line::Whole(line)) => {
                    let digits = line.iter().filter(|octet| !octet.is_ascii_whitespace());
                    digits.copied().collect()
                }
            };
            if digits.is_empty() {
                continue;
            }
            let payload = str::from_utf8(&digits)
                .ok()
                .and_then(octets)
                .ok_or(HexError::Digits(self.number()))?;
            if payload.len() > LONGEST_PAYLOAD {
                return Err(HexError::TooLong(self.number()));
            }
            return Ok(Some(payload));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn white_space_and_blank_lines_do_not_count() {
        let mut lines = HexLines::new(&b"\n 23 00\t0A \r\n\nff"[..]);
        assert_eq!(lines.read().unwrap(), Some(vec![0x23, 0, 0x0a]));
        assert_eq!(lines.number(), 2);
        assert_eq!(lines.read().unwrap(), Some(vec![0xff]));
        assert_eq!(lines.number(), 4);
        assert_eq!(lines.read().unwrap(), None);
    }

    #[test]
    fn a_line_that_is_not_hex_is_an_error_and_the_next_is_read() {
        let mut lines = HexLines::new(&b"23 0\nzz\n\xff\xff\n23"[..]);
        for number in 1..=3 {
            let error = lines.read().unwrap_err();
            assert!(
                matches!(error, HexError::Digits(line) if line == number),
                "{error}"
            );
        }
        assert_eq!(lines.read().unwrap(), Some(vec![0x23]));
    }

    #[test]
    fn lines_are_bounded() {
        let endless = io::repeat(b'0').take(1 << 30);
        let mut lines = HexLines::new(io::BufReader::new(endless));
        assert!(matches!(lines.read(), Err(HexError::TooLong(1))));
        let long = "00".repeat(LONGEST_PAYLOAD + 1);
        let mut lines = HexLines::new(long.as_bytes());
        assert!(matches!(lines.read(), Err(HexError::TooLong(1))));
    }
}
