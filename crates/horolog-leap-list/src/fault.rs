//! Where the parsers of this crate say what they expected.

use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Parser};

use crate::LeapListError;

/// Where something else was expected: `at` reaches to the end of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault<'a> {
    pub(crate) at: &'a [u8],
    pub(crate) expected: &'static str,
}

pub(crate) type Parsed<'a, T> = IResult<&'a [u8], T, Fault<'a>>;

impl Fault<'_> {
    pub(crate) const fn at_end(expected: &'static str) -> Self {
        Self { at: &[], expected }
    }

    /// The fault as an error about the whole of the text.
    pub(crate) fn in_text(self, text: &[u8]) -> LeapListError {
        let (line, offset) = position(text, self.at);
        LeapListError::Malformed {
            line,
            offset,
            expected: self.expected,
        }
    }
}

impl<'a> ParseError<&'a [u8]> for Fault<'a> {
    fn from_error_kind(at: &'a [u8], _: ErrorKind) -> Self {
        Self { at, expected: "" }
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// nom's errors are ours; its request for more never comes from a complete parser.
impl From<nom::Err<Self>> for Fault<'_> {
    fn from(error: nom::Err<Self>) -> Self {
        match error {
            nom::Err::Error(fault) | nom::Err::Failure(fault) => fault,
            nom::Err::Incomplete(_) => Self::at_end("more"),
        }
    }
}

/// Says what was expected where `parser` fails.
pub(crate) fn expect<'a, T>(
    expected: &'static str,
    mut parser: impl Parser<&'a [u8], Output = T, Error = Fault<'a>>,
) -> impl Parser<&'a [u8], Output = T, Error = Fault<'a>> {
    move |input| {
        let parsed = parser.parse(input);
        parsed.map_err(|error| error.map(|fault: Fault<'a>| Fault { expected, ..fault }))
    }
}

/// Line and offset at which `rest`, the end of `text`, begins.
pub(crate) fn position(text: &[u8], rest: &[u8]) -> (usize, usize) {
    let offset = offset(text, rest);
    let line_feeds = text.iter().take(offset).filter(|octet| **octet == b'\n');
    (1 + line_feeds.count(), offset)
}

/// Offset at which `rest`, the end of `file`, begins.
pub(crate) const fn offset(file: &[u8], rest: &[u8]) -> usize {
    file.len() - rest.len()
}
