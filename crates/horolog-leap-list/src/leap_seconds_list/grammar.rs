//! The lines of leap-seconds.list.
//!
//! ```text
//! line    = ( updated / expires / hash / comment / blank / data ) end
//! updated = "#$" white number white
//! expires = "#@" white number white
//! hash    = "#h" 5( 1*white word ) white
//! comment = white remark
//! blank   = white
//! data    = white number 1*white number white [ remark ]
//! number  = 1*digit
//! word    = 1*8hexdigit        ; leading zeros may be missing
//! ```

use horolog_time::epoch::UNIX_EPOCH_IN_NTP_SECONDS;
use horolog_time::{UnixTime, UtcInstant};
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n};
use nom::character::complete::u64;
use nom::combinator::{consumed, cut, opt, peek, recognize, value};
use nom::multi::fill;
use nom::sequence::{preceded, separated_pair, terminated};
use nom::{IResult, Parser};

use crate::ListHash;
use crate::fault::{Fault, Parsed, expect};
use crate::steps::At;
use crate::text::{end, remark, white, white1};

/// A number, its digits as they stand, and the text from there on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number<'a> {
    pub(super) at: &'a [u8],
    pub(super) digits: &'a [u8],
    pub(super) value: u64,
}

impl<'a> Number<'a> {
    /// This number is not what it should be.
    pub(super) const fn expected(self, expected: &'static str) -> Fault<'a> {
        Fault {
            at: self.at,
            expected,
        }
    }
}

/// What a line says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line<'a> {
    Updated(Number<'a>),
    Expires(Number<'a>),
    Hash {
        at: &'a [u8],
        hash: ListHash,
    },
    Data {
        second: Number<'a>,
        tai_utc: Number<'a>,
    },
    Comment {
        at: &'a [u8],
        /// Without its end, but with a CR before that.
        line: &'a [u8],
    },
    Blank,
}

/// Reads one line with its end.
pub(super) fn line(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let (rest, content) = match input {
        [b'#', b'$', ..] => updated(input),
        [b'#', b'@', ..] => expires(input),
        [b'#', b'h', ..] => alt((hash, comment)).parse(input),
        [b'#', ..] => comment(input),
        [b'0'..=b'9', ..] => data(input),
        _ => alt((comment, blank, data)).parse(input),
    }?;
    if let [b'\n', rest @ ..] = rest {
        return Ok((rest, content));
    }
    let (rest, _) = cut(expect("the end of the line", end)).parse(rest)?;
    Ok((rest, content))
}

fn updated(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let number = number("the time of the last update in seconds since 1900");
    let (rest, number) = preceded((tag("#$"), white), cut(number)).parse(input)?;
    Ok((rest, Line::Updated(number)))
}

fn expires(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let number = number("the expiry in seconds since 1900");
    let (rest, number) = preceded((tag("#@"), white), cut(number)).parse(input)?;
    Ok((rest, Line::Expires(number)))
}

fn hash(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let (rest, _) = (tag("#h"), peek(white1)).parse(input)?;
    let mut words = [0; 5];
    let word = expect(
        "five hash words of at most eight hexadecimal digits",
        preceded(white1, terminated(word, peek(alt((white1, end))))),
    );
    let (rest, ()) = cut(fill(word, &mut words)).parse(rest)?;
    let hash = ListHash::from_words(words);
    Ok((rest, Line::Hash { at: input, hash }))
}

fn word(input: &[u8]) -> Parsed<'_, u32> {
    let is_digit = |octet: u8| octet.is_ascii_hexdigit();
    let (rest, digits) = take_while_m_n(1, 8, is_digit).parse(input)?;
    let digits = digits
        .iter()
        .filter_map(|digit| char::from(*digit).to_digit(16));
    Ok((rest, digits.fold(0, |word, digit| word << 4 | digit)))
}

fn comment(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let line = recognize((white, remark));
    line.map(|line| Line::Comment { at: input, line })
        .parse(input)
}

fn blank(input: &[u8]) -> Parsed<'_, Line<'_>> {
    value(Line::Blank, (white, peek(end))).parse(input)
}

fn data(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let second = number("a comment or seconds since 1900");
    let (rest, second) = preceded(white, second).parse(input)?;
    let (rest, _) = cut(expect("white space and TAI-UTC", white1)).parse(rest)?;
    let (rest, tai_utc) = cut(number("TAI-UTC in seconds")).parse(rest)?;
    let (rest, _) = (white, opt(remark)).parse(rest)?;
    Ok((rest, Line::Data { second, tai_utc }))
}

fn number<'a>(
    expected: &'static str,
) -> impl Parser<&'a [u8], Output = Number<'a>, Error = Fault<'a>> {
    expect(expected, |at: &'a [u8]| {
        let (rest, (digits, value)) = consumed(u64).parse(at)?;
        Ok((rest, Number { at, digits, value }))
    })
}

/// Reads all lines of `text`, one after the other.
#[inline]
pub(super) fn lines<'a>(
    text: &'a [u8],
    mut take: impl FnMut(Line<'a>) -> Result<(), Fault<'a>>,
) -> Result<(), Fault<'a>> {
    let mut rest = text;
    while !rest.is_empty() {
        // Nearly all lines are of these two kinds. To say which costs more than to read them.
        rest = if let Ok((after, line)) = plain_comment(rest) {
            take(Line::Comment { at: rest, line })?;
            after
        } else if let Ok((after, (second, tai_utc))) = plain_data(rest) {
            take(Line::Data { second, tai_utc })?;
            after
        } else {
            let (after, line) = line(rest)?;
            take(line)?;
            after
        };
    }
    Ok(())
}

/// A comment from the line's start to its LF.
#[inline]
fn plain_comment(input: &[u8]) -> IResult<&[u8], &[u8], ()> {
    match input {
        [b'#', b'$' | b'@' | b'h', ..] => Err(nom::Err::Error(())),
        _ => terminated(recognize(remark), tag("\n")).parse(input),
    }
}

/// A data line from its first digit to its LF.
#[inline]
fn plain_data(input: &[u8]) -> IResult<&[u8], (Number<'_>, Number<'_>), ()> {
    let end = (white, opt(remark), tag("\n"));
    (separated_pair(plain_number, white1, plain_number), end)
        .map(|(numbers, _)| numbers)
        .parse(input)
}

#[inline]
fn plain_number(at: &[u8]) -> IResult<&[u8], Number<'_>, ()> {
    let (rest, (digits, value)) = consumed(u64).parse(at)?;
    Ok((rest, Number { at, digits, value }))
}

/// The instant that a number of seconds since 1900 stands for.
pub(super) fn instant(second: Number<'_>) -> Result<At<'_, UtcInstant>, Fault<'_>> {
    i64::try_from(second.value)
        .ok()
        .map(|seconds| seconds - i64::from(UNIX_EPOCH_IN_NTP_SECONDS))
        .and_then(|seconds| UtcInstant::from_unix(UnixTime::from_seconds(seconds)).ok())
        .map(|value| At {
            at: second.at,
            value,
        })
        .ok_or(second.expected("a second before the year 10000"))
}
