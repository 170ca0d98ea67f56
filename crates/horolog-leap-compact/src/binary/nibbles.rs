//! Octets as nibbles, the high one first, and parsers of them.

use nom::combinator::opt;
use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Parser};

use super::code::Code;

/// What is left of a binary list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nibbles<'a> {
    octets: &'a [u8],
    /// How many nibbles have been read.
    pub(super) offset: usize,
}

impl<'a> Nibbles<'a> {
    pub(super) const fn new(octets: &'a [u8]) -> Self {
        Self { octets, offset: 0 }
    }

    /// The next one, if there is one.
    #[inline]
    pub(super) fn first(self) -> Option<u8> {
        let octet = *self.octets.get(self.offset / 2)?;
        Some(if self.offset.is_multiple_of(2) {
            octet >> 4
        } else {
            octet & 0xf
        })
    }
}

/// That a parser stopped, at the end of the list: no other failure is possible.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ended;

impl ParseError<Nibbles<'_>> for Ended {
    fn from_error_kind(_: Nibbles<'_>, _: ErrorKind) -> Self {
        Self
    }

    fn append(_: Nibbles<'_>, _: ErrorKind, other: Self) -> Self {
        other
    }
}

pub(super) type Parsed<'a, T> = IResult<Nibbles<'a>, T, Ended>;

#[inline]
fn nibble(input: Nibbles<'_>) -> Parsed<'_, u8> {
    let nibble = input.first().ok_or(nom::Err::Error(Ended))?;
    let offset = input.offset + 1;
    Ok((Nibbles { offset, ..input }, nibble))
}

/// `0GGG`, `1MNP GGGG`, or `1MNP` and the end.
#[inline]
pub(super) fn code(input: Nibbles<'_>) -> Parsed<'_, Code> {
    let (rest, first) = nibble(input)?;
    if first < 8 {
        return Ok((rest, Code::from_nibbles(first, None)));
    }
    let (rest, second) = opt(nibble).parse(rest)?;
    Ok((rest, Code::from_nibbles(first, second)))
}
