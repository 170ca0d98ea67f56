//! What the text formats share.
//!
//! ```text
//! remark = "#" *octet
//! month  = "January" / "February" / … / "December"
//! end    = LF / the end of the text
//! white  = *( SP / HT / CR / VT / FF )
//! ```

use horolog_time::Month;
use memchr::memchr;
use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case};
use nom::combinator::{eof, verify};
use nom::error::ParseError;
use nom::sequence::preceded;
use nom::{IResult, Input as _, Parser};

use crate::fault::{Fault, Parsed};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The English name of a month.
pub(crate) fn month_name(month: Month) -> &'static str {
    let at = usize::from(month.month()).checked_sub(1);
    at.and_then(|at| MONTHS.get(at))
        .copied()
        .unwrap_or_default()
}

/// The number of a month from its English name.
pub(crate) fn month(input: &[u8]) -> Parsed<'_, u8> {
    for (name, number) in MONTHS.into_iter().zip(1..) {
        if let Ok((rest, _)) = tag_no_case::<_, _, Fault<'_>>(name).parse(input) {
            return Ok((rest, number));
        }
    }
    let expected = "the English name of a month";
    Err(nom::Err::Error(Fault {
        at: input,
        expected,
    }))
}

#[inline]
pub(crate) fn remark<'a, E: ParseError<&'a [u8]>>(
    input: &'a [u8],
) -> IResult<&'a [u8], &'a [u8], E> {
    let [b'#', text @ ..] = input else {
        return tag("#").parse(input);
    };
    // Comments are most of a list; this search takes many octets at a time.
    let end = memchr(b'\n', text);
    let (text, rest) = text
        .split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or_default();
    Ok((rest, text))
}

pub(crate) fn end(input: &[u8]) -> Parsed<'_, &[u8]> {
    preceded(white, alt((tag("\n"), eof))).parse(input)
}

#[inline]
pub(crate) fn white<'a, E: ParseError<&'a [u8]>>(
    input: &'a [u8],
) -> IResult<&'a [u8], &'a [u8], E> {
    input.split_at_position_complete(|octet| !is_white(octet))
}

#[inline]
pub(crate) fn white1<'a, E: ParseError<&'a [u8]>>(
    input: &'a [u8],
) -> IResult<&'a [u8], &'a [u8], E> {
    verify(white, |white: &[u8]| !white.is_empty()).parse(input)
}

const fn is_white(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | 0x0b | 0x0c)
}
