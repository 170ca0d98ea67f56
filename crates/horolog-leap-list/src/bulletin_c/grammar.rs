//! The lines of a Bulletin C.
//!
//! ```text
//! line         = ( number / step / announcement / marker / range / other ) end
//! number       = "Bulletin C" 1*digit
//! step         = "on the 1st of" month year
//! announcement = event "leap second will be introduced at the end of" month year [ "." ]
//! event        = "NO" [ "positive" ] / "A positive" / "A negative"
//! marker       = date "," 1*2digit "h" 1*2digit "m" 1*2digit "s"
//! range        = "from" date zero-hours "," ( "to" date zero-hours / "until further notice" ) ":"
//!                "UTC" "-" "TAI" "=" [ "-" ] 1*digit "s"
//! zero-hours   = [ "," ] "0h UTC"
//! date         = year month-name day
//! other        = anything else
//! ```
//!
//! Words may have any white space between them, in sentences also line ends; case does not matter.

use horolog_time::{CivilDate, LeapSign, Month};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take_till, take_while};
use nom::character::complete::{i32, u8, u16};
use nom::combinator::{cut, not, opt, peek, value, verify};
use nom::sequence::{preceded, terminated};

use crate::fault::{Fault, Parsed, expect};
use crate::steps::At;
use crate::text::{end, month, white, white1};

/// What a line says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line<'a> {
    Number(At<'a, u16>),
    /// The month that begins after the leap second.
    Step(At<'a, Month>),
    Announcement(At<'a, Announcement>),
    Marker(At<'a, Marker>),
    Range(At<'a, Range>),
    Other,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Announcement {
    pub(super) event: Option<LeapSign>,
    /// The month at whose end it is.
    pub(super) month: Month,
}

/// A second of UTC that exists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Marker {
    pub(super) date: CivilDate,
    pub(super) time: (u8, u8, u8),
}

/// UTC-TAI from one day to another, or until further notice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) from: CivilDate,
    pub(super) to: Option<CivilDate>,
    pub(super) utc_tai: i32,
}

/// Reads one line with its end.
pub(super) fn line(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let (at, _) = white(input)?;
    let content = alt((
        number.map(|value| Line::Number(At { at, value })),
        step.map(|value| Line::Step(At { at, value })),
        announcement.map(|value| Line::Announcement(At { at, value })),
        marker.map(|value| Line::Marker(At { at, value })),
        range.map(|value| Line::Range(At { at, value })),
        other,
    ));
    terminated(content, cut(expect("the end of the line", end))).parse(at)
}

fn number(input: &[u8]) -> Parsed<'_, u16> {
    let start = (tag_no_case("Bulletin"), white1, tag_no_case("C"), white1);
    preceded(start, terminated(u16, peek(end))).parse(input)
}

fn step(input: &[u8]) -> Parsed<'_, Month> {
    preceded((words("on the 1st of"), gap), cut(month_year)).parse(input)
}

fn announcement(input: &[u8]) -> Parsed<'_, Announcement> {
    let no = words("NO").and(not(preceded(gap, words("negative"))));
    let event = alt((
        value(None, no.and(opt(preceded(gap, words("positive"))))),
        value(Some(LeapSign::Positive), words("A positive")),
        value(Some(LeapSign::Negative), words("A negative")),
    ));
    let (rest, event) = terminated(event, (gap, words(SENTENCE))).parse(input)?;
    let (rest, month) = cut(preceded(gap, month_year)).parse(rest)?;
    let (rest, _) = opt(tag(".")).parse(rest)?;
    Ok((rest, Announcement { event, month }))
}

const SENTENCE: &str = "leap second will be introduced at the end of";

fn marker(input: &[u8]) -> Parsed<'_, Marker> {
    // The address has lines that begin with digits too, but no month after them.
    let year = verify(u16, |year| (1000..=9999).contains(year));
    peek((year, gap, month)).parse(input)?;
    let part = |unit| terminated(preceded(gap, u8), (white, tag_no_case(unit)));
    let (rest, date) = cut(date).parse(input)?;
    let time = preceded((gap, tag(",")), (part("h"), part("m"), part("s")));
    let (rest, time) = cut(expect("a comma and a time such as 23h 59m 59s", time)).parse(rest)?;
    Ok((rest, Marker { date, time }))
}

fn range(input: &[u8]) -> Parsed<'_, Range> {
    peek((words("from"), gap, u16)).parse(input)?;
    let (rest, _) = (words("from"), gap).parse(input)?;
    let (rest, from) = cut(terminated(date, zero_hours)).parse(rest)?;
    let (rest, _) = (gap, opt(tag(",")), gap).parse(rest)?;
    let to = preceded((words("to"), gap), cut(terminated(date, zero_hours))).map(Some);
    let open = value(None, words("until further notice"));
    let (rest, to) = cut(expect_here(
        "`to` and a date, or `until further notice`",
        alt((to, open)),
    ))
    .parse(rest)?;
    let equals = (
        (gap, tag(":"), gap),
        (words("UTC"), gap, tag("-"), gap, words("TAI")),
        (gap, tag("="), gap),
    );
    let (rest, _) = cut(expect("`: UTC-TAI =`", equals)).parse(rest)?;
    let sign = terminated(opt(tag("-")), gap);
    let seconds = (
        sign,
        verify(i32, |seconds| *seconds >= 0),
        white,
        tag_no_case("s"),
    );
    let (rest, (sign, seconds, ..)) = cut(expect("seconds such as -37 s", seconds)).parse(rest)?;
    let utc_tai = if sign.is_some() { -seconds } else { seconds };
    Ok((rest, Range { from, to, utc_tai }))
}

fn other(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let (rest, text) = take_till(|octet| octet == b'\n').parse(input)?;
    if announces(text) {
        let expected = "`NO`, `A positive` or `A negative` and the month of the leap second";
        return Err(nom::Err::Failure(Fault {
            at: input,
            expected,
        }));
    }
    Ok((rest, Line::Other))
}

/// Whether a text has, anywhere, the words of an announcement.
pub(crate) fn announces(text: &[u8]) -> bool {
    let begins = |octet: &u8| octet.eq_ignore_ascii_case(&b'l');
    let starts = text.iter().enumerate().filter(|(_, octet)| begins(octet));
    starts
        .filter_map(|(at, _)| text.get(at..))
        .any(|at| words("leap second will be introduced").parse(at).is_ok())
}

fn zero_hours(input: &[u8]) -> Parsed<'_, ()> {
    let text = (
        gap,
        opt(tag(",")),
        gap,
        tag_no_case("0h"),
        gap,
        tag_no_case("UTC"),
    );
    expect("0h UTC", value((), text)).parse(input)
}

fn month_year(input: &[u8]) -> Parsed<'_, Month> {
    let text = (month, gap, u16);
    let (rest, (month, _, year)) = expect("the name of a month and a year", text).parse(input)?;
    let expected = "a year that is not 0";
    let month = Month::from_year_month(year, month);
    let month = month.map_err(|_| {
        nom::Err::Error(Fault {
            at: input,
            expected,
        })
    })?;
    Ok((rest, month))
}

fn date(input: &[u8]) -> Parsed<'_, CivilDate> {
    let text = (u16, gap, month, gap, u8);
    let (rest, (year, _, month, _, day)) =
        expect("year, name of the month and day", text).parse(input)?;
    let expected = "a date of the calendar";
    let date = CivilDate::new(year, month, day);
    let date = date.map_err(|_| {
        nom::Err::Error(Fault {
            at: input,
            expected,
        })
    })?;
    Ok((rest, date))
}

/// The words of a phrase.
fn words<'a>(phrase: &'static str) -> impl Parser<&'a [u8], Output = (), Error = Fault<'a>> {
    move |input| {
        let mut rest = input;
        for (at, word) in phrase.split(' ').enumerate() {
            let before = if at == 0 { rest } else { gap(rest)?.0 };
            (rest, _) = tag_no_case(word).parse(before)?;
        }
        Ok((rest, ()))
    }
}

/// Says what was expected where no branch began, but keeps what a branch expected.
fn expect_here<'a, T>(
    expected: &'static str,
    mut parser: impl Parser<&'a [u8], Output = T, Error = Fault<'a>>,
) -> impl Parser<&'a [u8], Output = T, Error = Fault<'a>> {
    move |input| match parser.parse(input) {
        Err(nom::Err::Error(_)) => Err(nom::Err::Error(Fault {
            at: input,
            expected,
        })),
        parsed => parsed,
    }
}

/// White space and line ends.
fn gap(input: &[u8]) -> Parsed<'_, &[u8]> {
    take_while(|octet: u8| octet.is_ascii_whitespace() || octet == 0x0b).parse(input)
}
