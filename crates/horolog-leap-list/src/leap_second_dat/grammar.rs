//! The lines of `Leap_Second.dat`.
//!
//! ```text
//! line    = ( expires / comment / blank / data ) white LF
//! expires = "#" white "File expires on" 1*white day 1*white month-name 1*white year
//! comment = white remark
//! blank   = white
//! data    = white mjd 1*white day 1*white month 1*white year 1*white tai-utc
//! mjd     = 1*digit [ "." 1*"0" ]
//! tai-utc = [ "+" / "-" ] 1*digit
//! ```

use horolog_time::CivilDate;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{i32, u8, u16, u64};
use nom::combinator::{cut, opt, peek, value};
use nom::sequence::{delimited, preceded, terminated};

use crate::fault::{Fault, Parsed, expect};
use crate::steps::At;
use crate::text::{month, remark, white, white1};

/// What a line says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line<'a> {
    Expires(At<'a, CivilDate>),
    Data {
        /// `None` where it is too large.
        mjd: At<'a, Option<i32>>,
        date: At<'a, CivilDate>,
        tai_utc: At<'a, Option<i32>>,
    },
    Comment,
    Blank,
}

/// Reads one line with its end, which the last line has too.
pub(super) fn line(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let content = alt((expires, comment, blank, data));
    let end = preceded(white, tag("\n"));
    terminated(content, cut(expect("the end of the line", end))).parse(input)
}

fn expires(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let date = (u8, delimited(white1, month, white1), u16);
    let date = expect("the expiry as day, name of the month and year", date);
    let start = (tag("#"), white, tag("File expires on"));
    let (at, _) = (start, cut(expect("white space", white1))).parse(input)?;
    let (rest, (day, month, year)) = cut(date).parse(at)?;
    Ok((rest, Line::Expires(civil(at, year, month, day)?)))
}

fn comment(input: &[u8]) -> Parsed<'_, Line<'_>> {
    value(Line::Comment, (white, remark)).parse(input)
}

fn blank(input: &[u8]) -> Parsed<'_, Line<'_>> {
    value(Line::Blank, (white, peek(tag("\n")))).parse(input)
}

fn data(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let (at_mjd, _) = white(input)?;
    let zeros = (tag("."), take_while1(|octet| octet == b'0'));
    let mjd = terminated(u64, opt(zeros));
    let (rest, mjd) = expect("a comment or a whole MJD", mjd).parse(at_mjd)?;
    let date = (
        preceded(white1, u8),
        preceded(white1, u8),
        preceded(white1, u16),
    );
    let (at_date, _) =
        cut(expect("white space and the date", peek(white1).and(white))).parse(rest)?;
    let date = expect("day, month and year", date);
    let (rest, (day, month, year)) = cut(date).parse(rest)?;
    let (at, _) = cut(expect("white space and TAI-UTC", white1)).parse(rest)?;
    let (rest, tai_utc) = cut(expect("TAI-UTC in seconds", i32)).parse(at)?;
    Ok((
        rest,
        Line::Data {
            mjd: At {
                at: at_mjd,
                value: mjd.try_into().ok(),
            },
            date: civil(at_date, year, month, day)?,
            tai_utc: At {
                at,
                value: Some(tai_utc),
            },
        },
    ))
}

fn civil(
    at: &[u8],
    year: u16,
    month: u8,
    day: u8,
) -> Result<At<'_, CivilDate>, nom::Err<Fault<'_>>> {
    let expected = "a date of the calendar";
    match CivilDate::new(year, month, day) {
        Ok(value) => Ok(At { at, value }),
        Err(_) => Err(nom::Err::Failure(Fault { at, expected })),
    }
}
