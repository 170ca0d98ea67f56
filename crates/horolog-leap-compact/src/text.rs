//! The text form.

use core::iter::FusedIterator;

use horolog_time::{LeapSign, Month};
use nom::error::{ErrorKind, ParseError};
use nom::multi::fold_many_m_n;
use nom::{IResult, Parser};

use crate::step::StepEvent;
use crate::{DecodeError, DecodeErrorKind, Found, Position, Step};

const GAP: &str = "a gap of 1 to 999 months";
const MARK: &str = "+, - or ? after at most three digits";
const END: &str = "the end of the list";

/// Reads a list in its text form step by step, without allocation.
///
/// ```text
/// leaps   = *leap end
/// leap    = gap sign
/// sign    = "+" / "-"
/// end     = gap "?"
/// gap     = nonzero 0*2digit      ; 1..999, no leading zero
/// ```
///
/// The last step is the expiry or an error; after it there is none. Nothing may follow the `?`.
///
/// # Examples
///
/// ```
/// use horolog_leap_compact::TextSteps;
///
/// let months: Result<Vec<_>, _> = TextSteps::new(b"6+6+12+5?")
///     .map(|step| step.map(|step| step.month().to_string()))
///     .collect();
/// assert_eq!(months?, ["1972-06", "1972-12", "1973-12", "1974-05"]);
/// # Ok::<(), horolog_leap_compact::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TextSteps<'a> {
    rest: &'a [u8],
    length: usize,
    boundary: Month,
    is_done: bool,
}

impl<'a> TextSteps<'a> {
    /// Reads from the start of a text.
    #[must_use]
    pub const fn new(text: &'a [u8]) -> Self {
        Self {
            rest: text,
            length: text.len(),
            boundary: Month::JANUARY_1972,
            is_done: false,
        }
    }

    /// The next step, where the last has not been taken.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<Step, DecodeError> {
        self.advance().ok_or_else(|| {
            self.is_done = true;
            self.clone().explain()
        })
    }

    /// Goes on to the next step, or stays where it cannot.
    #[inline]
    fn advance(&mut self) -> Option<Step> {
        let (rest, (gap, event)) = step::<Refused>(self.rest).ok()?;
        let step = Step::after(self.boundary, gap, event)?;
        if event == StepEvent::Expiry {
            if !rest.is_empty() {
                return None;
            }
            self.is_done = true;
        }
        self.rest = rest;
        self.boundary = step.boundary();
        Some(step)
    }

    /// Why it does not go on. Takes a copy: with a reference to the original every step would be
    /// written to memory.
    #[cold]
    fn explain(self) -> DecodeError {
        match step::<Fault<'_>>(self.rest) {
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => {
                self.unexpected(fault.at, fault.expected)
            }
            // No parser here is a streaming one.
            Err(nom::Err::Incomplete(_)) => self.unexpected(&[], GAP),
            Ok((rest, (gap, event))) if Step::after(self.boundary, gap, event).is_some() => {
                self.unexpected(rest, END)
            }
            Ok((_, (gap, _))) => {
                let month = self.boundary;
                let kind = DecodeErrorKind::PastCalendar { gap, month };
                DecodeError::new(kind, self.position_of(self.rest))
            }
        }
    }

    fn unexpected(&self, at: &[u8], expected: &'static str) -> DecodeError {
        let found = at.first().map_or(Found::End, |at| Found::Octet(*at));
        let kind = DecodeErrorKind::Unexpected { expected, found };
        DecodeError::new(kind, self.position_of(at))
    }

    /// Where `rest`, the end of the text, begins.
    fn position_of(&self, rest: &[u8]) -> Position {
        Position::Octet(self.length.saturating_sub(rest.len()))
    }
}

impl Iterator for TextSteps<'_> {
    type Item = Result<Step, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        Some(self.step())
    }
}

impl FusedIterator for TextSteps<'_> {}

/// What a parser can fail with.
trait Failure<'a>: ParseError<&'a [u8]> {
    /// Something else was expected at the start of `at`, which reaches to the end of the text.
    fn new(at: &'a [u8], expected: &'static str) -> Self;
}

/// That a parser stopped. To carry more costs more than the parsing.
struct Refused;

/// Where a parser stopped, and why.
struct Fault<'a> {
    at: &'a [u8],
    expected: &'static str,
}

impl Failure<'_> for Refused {
    fn new(_: &[u8], _: &'static str) -> Self {
        Self
    }
}

impl<'a> Failure<'a> for Fault<'a> {
    fn new(at: &'a [u8], expected: &'static str) -> Self {
        Self { at, expected }
    }
}

impl ParseError<&[u8]> for Refused {
    fn from_error_kind(_: &[u8], _: ErrorKind) -> Self {
        Self
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl<'a> ParseError<&'a [u8]> for Fault<'a> {
    fn from_error_kind(at: &'a [u8], _: ErrorKind) -> Self {
        Self::new(at, MARK)
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// `leap / end`
#[inline]
fn step<'a, E: Failure<'a>>(input: &'a [u8]) -> IResult<&'a [u8], (u32, StepEvent), E> {
    (gap, mark).parse(input)
}

/// `nonzero 0*2digit`
#[inline]
fn gap<'a, E: Failure<'a>>(input: &'a [u8]) -> IResult<&'a [u8], u32, E> {
    let (rest, first) = nonzero(input)?;
    fold_many_m_n(0, 2, digit, || first, |gap, digit| gap * 10 + digit).parse(rest)
}

/// `"+" / "-" / "?"`
#[inline]
fn mark<'a, E: Failure<'a>>(input: &'a [u8]) -> IResult<&'a [u8], StepEvent, E> {
    match input {
        [b'+', rest @ ..] => Ok((rest, StepEvent::Leap(LeapSign::Positive))),
        [b'-', rest @ ..] => Ok((rest, StepEvent::Leap(LeapSign::Negative))),
        [b'?', rest @ ..] => Ok((rest, StepEvent::Expiry)),
        _ => Err(nom::Err::Error(E::new(input, MARK))),
    }
}

/// `"1"` to `"9"`
#[inline]
fn nonzero<'a, E: Failure<'a>>(input: &'a [u8]) -> IResult<&'a [u8], u32, E> {
    match input {
        [digit @ b'1'..=b'9', rest @ ..] => Ok((rest, u32::from(digit - b'0'))),
        _ => Err(nom::Err::Error(E::new(input, GAP))),
    }
}

/// `"0"` to `"9"`
#[inline]
fn digit<'a, E: Failure<'a>>(input: &'a [u8]) -> IResult<&'a [u8], u32, E> {
    match input {
        [digit @ b'0'..=b'9', rest @ ..] => Ok((rest, u32::from(digit - b'0'))),
        _ => Err(nom::Err::Error(E::new(input, MARK))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let error = TextSteps::new(text.as_bytes()).find_map(Result::err);
        error
            .unwrap_or_else(|| panic!("{text:?} is read"))
            .to_string()
    }

    #[test]
    fn faults_say_what_where_and_instead_of_what() {
        for (text, message) in [
            (
                "",
                "expected a gap of 1 to 999 months, found the end, at octet 0",
            ),
            (
                "?",
                "expected a gap of 1 to 999 months, found '?', at octet 0",
            ),
            (
                "0?",
                "expected a gap of 1 to 999 months, found '0', at octet 0",
            ),
            (
                "6+0+5?",
                "expected a gap of 1 to 999 months, found '0', at octet 2",
            ),
            (
                "6+05?",
                "expected a gap of 1 to 999 months, found '0', at octet 2",
            ),
            (
                "6+",
                "expected a gap of 1 to 999 months, found the end, at octet 2",
            ),
            (
                "6++",
                "expected a gap of 1 to 999 months, found '+', at octet 2",
            ),
            (
                "6+\u{e9}",
                "expected a gap of 1 to 999 months, found '\\xc3', at octet 2",
            ),
            (
                " 6+5?",
                "expected a gap of 1 to 999 months, found ' ', at octet 0",
            ),
            (
                "6",
                "expected +, - or ? after at most three digits, found the end, at octet 1",
            ),
            (
                "999",
                "expected +, - or ? after at most three digits, found the end, at octet 3",
            ),
            (
                "1000?",
                "expected +, - or ? after at most three digits, found '0', at octet 3",
            ),
            (
                "6+12 ?",
                "expected +, - or ? after at most three digits, found ' ', at octet 4",
            ),
            (
                "6+12\0?",
                "expected +, - or ? after at most three digits, found '\\x00', at octet 4",
            ),
            (
                "6+5?\n",
                "expected the end of the list, found '\\n', at octet 4",
            ),
            (
                "6+5?6+5?",
                "expected the end of the list, found '6', at octet 4",
            ),
            (
                "6+5??",
                "expected the end of the list, found '?', at octet 4",
            ),
        ] {
            assert_eq!(error(text), message, "{text:?}");
        }
    }

    #[test]
    fn the_calendar_ends_with_9999() {
        // 96 * 999 + 431 months lead to 9999-12, which can be the first unknown month.
        let start = "999+".repeat(96);
        let last = TextSteps::new((start.clone() + "431?").as_bytes())
            .last()
            .unwrap();
        assert_eq!(last.unwrap().boundary(), Month::MAX);
        assert_eq!(
            error(&(start.clone() + "432?")),
            "expected a month before 9999-12, found 432 months from 9964-01 on, at octet 384"
        );
        assert_eq!(
            error(&(start + "431+1?")),
            "expected a month before 9999-12, found 1 months from 9999-12 on, at octet 388"
        );
    }

    #[test]
    fn nothing_comes_after_the_last_step_or_an_error() {
        for text in ["5?", "6+", "5?x"] {
            let mut steps = TextSteps::new(text.as_bytes());
            let read = steps.by_ref().count();
            assert!(read <= 2, "{text}");
            assert_eq!(steps.next(), None);
        }
    }

    #[test]
    fn every_truncation_is_refused() {
        let text = "6+6+12+12-999-18+59?";
        for end in 0..text.len() {
            let part = TextSteps::new(&text.as_bytes()[..end]);
            assert!(part.last().unwrap().is_err(), "{end}");
        }
    }
}
