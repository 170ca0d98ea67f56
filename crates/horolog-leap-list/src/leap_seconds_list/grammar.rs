//! The lines of leap-seconds.list.
//!
//! ```text
//! line    = ( updated / expires / hash / comment / blank / data ) end
//! updated = "#$" white number white
//! expires = "#@" white number white
//! hash    = "#h" 5( 1*white word ) white
//! comment = white "#" *octet
//! blank   = white
//! data    = white number 1*white number white [ "#" *octet ]
//! number  = 1*digit
//! word    = 1*8hexdigit        ; leading zeros may be missing
//! end     = LF / the end of the text
//! white   = *( SP / HT / CR / VT / FF )
//! ```

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::character::complete::u64;
use nom::combinator::{consumed, cut, eof, opt, peek, value};
use nom::error::{ErrorKind, ParseError};
use nom::multi::fill;
use nom::number::complete::hex_u32;
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

use crate::ListHash;

/// Where in the text something else was expected: `at` reaches to the end of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault<'a> {
    pub(super) at: &'a [u8],
    pub(super) expected: &'static str,
}

impl<'a> ParseError<&'a [u8]> for Fault<'a> {
    fn from_error_kind(at: &'a [u8], _: ErrorKind) -> Self {
        Self { at, expected: "" }
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

type Parsed<'a, T> = IResult<&'a [u8], T, Fault<'a>>;

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
    Nothing,
}

/// Reads one line with its end.
pub(super) fn line(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let content = alt((updated, expires, hash, comment, blank, data));
    terminated(content, cut(expect("the end of the line", end))).parse(input)
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
        preceded(white1, terminated(hex_u32, peek(alt((white1, end))))),
    );
    let (rest, ()) = cut(fill(word, &mut words)).parse(rest)?;
    let hash = ListHash::from_words(words);
    Ok((rest, Line::Hash { at: input, hash }))
}

fn comment(input: &[u8]) -> Parsed<'_, Line<'_>> {
    value(Line::Nothing, (white, remark)).parse(input)
}

fn blank(input: &[u8]) -> Parsed<'_, Line<'_>> {
    value(Line::Nothing, (white, peek(end))).parse(input)
}

fn data(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let second = number("a comment or seconds since 1900");
    let (rest, second) = preceded(white, second).parse(input)?;
    let (rest, _) = cut(expect("white space and TAI-UTC", white1)).parse(rest)?;
    let (rest, tai_utc) = cut(number("TAI-UTC in seconds")).parse(rest)?;
    let (rest, _) = (white, opt(remark)).parse(rest)?;
    Ok((rest, Line::Data { second, tai_utc }))
}

fn remark(input: &[u8]) -> Parsed<'_, &[u8]> {
    preceded(tag("#"), take_till(|octet| octet == b'\n')).parse(input)
}

fn end(input: &[u8]) -> Parsed<'_, &[u8]> {
    preceded(white, alt((tag("\n"), eof))).parse(input)
}

fn number<'a>(
    expected: &'static str,
) -> impl Parser<&'a [u8], Output = Number<'a>, Error = Fault<'a>> {
    expect(expected, |at: &'a [u8]| {
        let (rest, (digits, value)) = consumed(u64).parse(at)?;
        Ok((rest, Number { at, digits, value }))
    })
}

fn white(input: &[u8]) -> Parsed<'_, &[u8]> {
    take_while(is_white).parse(input)
}

fn white1(input: &[u8]) -> Parsed<'_, &[u8]> {
    take_while1(is_white).parse(input)
}

const fn is_white(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | 0x0b | 0x0c)
}

/// Says what was expected where `parser` fails.
fn expect<'a, T>(
    expected: &'static str,
    mut parser: impl Parser<&'a [u8], Output = T, Error = Fault<'a>>,
) -> impl Parser<&'a [u8], Output = T, Error = Fault<'a>> {
    move |input| {
        let parsed = parser.parse(input);
        parsed.map_err(|error| error.map(|fault: Fault<'a>| Fault { expected, ..fault }))
    }
}
