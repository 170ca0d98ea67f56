//! Octets as nibbles, the high one first, and parsers of them.

use horolog_time::LeapSign;
use nom::combinator::opt;
use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Parser};

use super::code::Code;
use crate::StepEvent;

/// What is left of a binary list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nibbles<'a> {
    octets: &'a [u8],
    /// Whether the high nibble of the first octet has been read.
    is_odd: bool,
}

impl<'a> Nibbles<'a> {
    pub(super) const fn new(octets: &'a [u8]) -> Self {
        Self {
            octets,
            is_odd: false,
        }
    }

    /// How many there are.
    pub(super) const fn len(self) -> usize {
        // Of octets there are never more than half of the numbers.
        let nibbles = self.octets.len() * 2;
        if self.is_odd { nibbles - 1 } else { nibbles }
    }

    /// The next one, and the rest.
    #[inline]
    pub(super) fn split_first(self) -> Option<(u8, Self)> {
        let (octet, rest) = self.octets.split_first()?;
        Some(if self.is_odd {
            (
                octet & 0xf,
                Self {
                    octets: rest,
                    is_odd: false,
                },
            )
        } else {
            (
                octet >> 4,
                Self {
                    is_odd: true,
                    ..self
                },
            )
        })
    }

    /// The next one.
    #[inline]
    pub(super) fn first(self) -> Option<u8> {
        self.split_first().map(|(nibble, _)| nibble)
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
    let (nibble, rest) = input.split_first().ok_or(nom::Err::Error(Ended))?;
    Ok((rest, nibble))
}

/// What a code says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    pub(super) gap: u32,
    /// `None` where the gap goes on.
    pub(super) event: Option<StepEvent>,
}

/// `0GGG`, `1MNP GGGG`, or `1MNP` and the end.
#[inline]
pub(super) fn code(input: Nibbles<'_>) -> Parsed<'_, Meaning> {
    let (rest, first) = nibble(input)?;
    if first < 8 {
        let gap = 6 * (u32::from(first) + 1);
        let event = Some(StepEvent::Leap(LeapSign::Positive));
        return Ok((rest, Meaning { gap, event }));
    }
    let (rest, second) = opt(nibble).parse(rest)?;
    let code = Code::from_nibbles(first, second);
    let (gap, event) = (code.gap(), code.event());
    Ok((rest, Meaning { gap, event }))
}
