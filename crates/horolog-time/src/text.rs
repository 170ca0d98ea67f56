//! What the text forms of this crate share.

use core::fmt;

use crate::TimeError;
use crate::epoch::NANOSECONDS_PER_SECOND;

/// Reads a text from left to right and knows where it stands.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self {
            rest: text.as_bytes(),
            offset: 0,
        }
    }

    /// Exactly two digits.
    pub(crate) const fn two_digits(&mut self, expected: &'static str) -> Result<u8, TimeError> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.rest else {
            return Err(self.expected(expected));
        };
        self.rest = rest;
        self.offset += 2;
        Ok((*tens - b'0') * 10 + (*ones - b'0'))
    }

    /// Exactly four digits.
    pub(crate) fn four_digits(&mut self, expected: &'static str) -> Result<u16, TimeError> {
        let hundreds = self.two_digits(expected)?;
        let ones = self.two_digits(expected)?;
        Ok(u16::from(hundreds) * 100 + u16::from(ones))
    }

    /// Exactly this octet.
    pub(crate) fn octet(&mut self, octet: u8, expected: &'static str) -> Result<(), TimeError> {
        if self.skip(octet) {
            Ok(())
        } else {
            Err(self.expected(expected))
        }
    }

    /// A point and one to nine decimals, as nanoseconds; 0 where there is no point.
    pub(crate) fn nanoseconds(&mut self) -> Result<u32, TimeError> {
        if !self.skip(b'.') {
            return Ok(0);
        }
        let count = self.rest.iter().take_while(|o| o.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(count).unwrap_or_default();
        let nanoseconds = decimals(digits).ok_or(self.expected(DECIMALS))?;
        self.rest = rest;
        self.offset += count;
        Ok(nanoseconds)
    }

    /// Nothing more.
    pub(crate) const fn end(&self) -> Result<(), TimeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.expected("the end of the text"))
        }
    }

    fn skip(&mut self, octet: u8) -> bool {
        match self.rest.split_first() {
            Some((found, rest)) if *found == octet => {
                self.rest = rest;
                self.offset += 1;
                true
            }
            _ => false,
        }
    }

    const fn expected(&self, expected: &'static str) -> TimeError {
        TimeError::Text {
            expected,
            offset: self.offset,
        }
    }
}

const DECIMALS: &str = "one to nine decimals";

/// Writes seconds with nine decimals; `nanoseconds` count forward also from a negative second.
pub(crate) fn write_seconds(
    f: &mut fmt::Formatter<'_>,
    seconds: i64,
    nanoseconds: u32,
) -> fmt::Result {
    if seconds < 0 && nanoseconds > 0 {
        let rest = NANOSECONDS_PER_SECOND - nanoseconds;
        write!(f, "-{}.{rest:09}", (seconds + 1).unsigned_abs())
    } else {
        write!(f, "{seconds}.{nanoseconds:09}")
    }
}

/// Reads an optional minus sign, digits, and at most nine decimals.
pub(crate) fn read_seconds(text: &str) -> Result<(i64, u32), TimeError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let sign = whole.len() - digits.len();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(TimeError::Text {
            expected: "decimal seconds",
            offset: sign,
        });
    }
    let nanoseconds = decimals(fraction.as_bytes()).ok_or(TimeError::Text {
        expected: DECIMALS,
        offset: whole.len() + 1,
    })?;
    let overflow = TimeError::Overflow("seconds");
    let seconds: i64 = whole.parse().map_err(|_| overflow)?;
    if sign == 1 && nanoseconds > 0 {
        let seconds = seconds.checked_sub(1).ok_or(overflow)?;
        return Ok((seconds, NANOSECONDS_PER_SECOND - nanoseconds));
    }
    Ok((seconds, nanoseconds))
}

/// The nanoseconds of one to nine decimals.
fn decimals(text: &[u8]) -> Option<u32> {
    if !(1..=9).contains(&text.len()) || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let nine = text.iter().chain(core::iter::repeat(&b'0')).take(9);
    Some(nine.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}
