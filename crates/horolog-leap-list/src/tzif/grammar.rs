//! The parts of a `TZif` file, [RFC 9636 § 3](https://www.rfc-editor.org/rfc/rfc9636#section-3).

use nom::Parser;
use nom::bytes::complete::{tag, take, take_till};
use nom::combinator::eof;
use nom::number::complete::{be_i32, be_i64, be_u32, u8};
use nom::sequence::delimited;

use crate::fault::{Fault, Parsed, expect};
use crate::steps::At;

/// Octets of a time: four in the first data block, eight in the second.
#[derive(Clone, Copy, Debug)]
pub(super) enum TimeSize {
    Four,
    Eight,
}

impl TimeSize {
    const fn octets(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
        }
    }
}

/// A header of 44 octets (§ 3.1).
///
/// ```text
/// +---------------+---+
/// |  magic    (4) |ver|
/// +---------------+---+---------------------------------------+
/// |           [unused - reserved for future use] (15)         |
/// +---------------+---------------+---------------+-----------+
/// |  isutcnt  (4) |  isstdcnt (4) |  leapcnt  (4) |
/// +---------------+---------------+---------------+
/// |  timecnt  (4) |  typecnt  (4) |  charcnt  (4) |
/// +---------------+---------------+---------------+
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// 1 to 4.
    pub(super) version: u8,
    ut_indicators: u32,
    standard_indicators: u32,
    leaps: u32,
    transitions: u32,
    types: u32,
    designation_octets: u32,
}

pub(super) fn header(input: &[u8]) -> Parsed<'_, Header> {
    let (rest, _) = expect("TZif", tag("TZif")).parse(input)?;
    let (rest, version) = expect("version 1 to 4", version).parse(rest)?;
    let counts = (
        take(15_usize),
        be_u32,
        be_u32,
        be_u32,
        be_u32,
        be_u32,
        be_u32,
    );
    let (rest, counts) = expect("a header of 44 octets", counts).parse(rest)?;
    let (_, ut_indicators, standard_indicators, leaps, transitions, types, designations) = counts;
    let header = Header {
        version,
        ut_indicators,
        standard_indicators,
        leaps,
        transitions,
        types,
        designation_octets: designations,
    };
    Ok((rest, header))
}

fn version(input: &[u8]) -> Parsed<'_, u8> {
    u8.map_opt(|octet| match octet {
        0 => Some(1),
        b'2'..=b'4' => Some(octet - b'0'),
        _ => None,
    })
    .parse(input)
}

/// A data block (§ 3.2), as far as it says something of leap seconds.
///
/// ```text
/// +---------------------------------------------------------+
/// |  transition times          (timecnt x TIME_SIZE)        |
/// |  transition types          (timecnt)                    |
/// |  local time type records   (typecnt x 6)                |
/// |  time zone designations    (charcnt)                    |
/// |  leap-second records       (leapcnt x (TIME_SIZE + 4))  |
/// |  standard/wall indicators  (isstdcnt)                   |
/// |  UT/local indicators       (isutcnt)                    |
/// +---------------------------------------------------------+
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    pub(super) last_transition: Option<At<'a, i64>>,
    /// The local time never changes.
    pub(super) has_one_type: bool,
    /// From the leap-second records on.
    leaps_at: &'a [u8],
    leaps: u32,
    size: TimeSize,
}

pub(super) fn block<'a>(
    header: &Header,
    size: TimeSize,
) -> impl Parser<&'a [u8], Output = Block<'a>, Error = Fault<'a>> {
    let header = *header;
    move |input| {
        let expected = "as many transition times as the header says";
        let (rest, last_transition) = match header.transitions.checked_sub(1) {
            None => (input, None),
            Some(before) => {
                let (at, _) = expect(expected, records(before, size.octets())).parse(input)?;
                let (rest, value) = expect(expected, time(size)).parse(at)?;
                (rest, Some(At { at, value }))
            }
        };
        let types = (records(header.transitions, 1), records(header.types, 6));
        let (rest, _) = expect("as many time types as the header says", types).parse(rest)?;
        let designations = records(header.designation_octets, 1);
        let expected = "as many octets of designations as the header says";
        let (leaps_at, _) = expect(expected, designations).parse(rest)?;
        let leaps = records(header.leaps, size.octets() + 4);
        let expected = "as many leap-second records as the header says";
        let (rest, _) = expect(expected, leaps).parse(leaps_at)?;
        let indicators = (
            records(header.standard_indicators, 1),
            records(header.ut_indicators, 1),
        );
        let (rest, _) = expect("as many indicators as the header says", indicators).parse(rest)?;
        let block = Block {
            last_transition,
            has_one_type: header.types == 1,
            leaps_at,
            leaps: header.leaps,
            size,
        };
        Ok((rest, block))
    }
}

/// A leap-second record (§ 3.2).
///
/// ```text
/// +---------------------------+---------------+
/// |  occurrence (TIME_SIZE)   |  corr     (4) |
/// +---------------------------+---------------+
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct LeapRecord<'a> {
    pub(super) at: &'a [u8],
    /// Seconds since 1970-01-01T00:00:00Z, those inserted counted too.
    pub(super) occurrence: i64,
    /// The seconds inserted from then on.
    pub(super) correction: i32,
}

impl<'a> Block<'a> {
    /// The leap-second records. They were found to be there.
    pub(super) fn leaps(&self) -> impl Iterator<Item = LeapRecord<'a>> {
        let size = self.size;
        let length = usize::try_from(self.leaps).unwrap_or_default();
        let mut rest = self.leaps_at;
        (0..length).map_while(move |_| {
            let at = rest;
            let record = (time(size), be_i32::<_, Fault<'_>>).parse(at);
            let (after, (occurrence, correction)) = record.ok()?;
            rest = after;
            Some(LeapRecord {
                at,
                occurrence,
                correction,
            })
        })
    }
}

/// The footer (§ 3.3), with which a file ends: a TZ string between line feeds.
///
/// ```text
/// +---+--------------------+---+
/// | NL|  TZ string (0...)  |NL |
/// +---+--------------------+---+
/// ```
pub(super) fn footer(input: &[u8]) -> Parsed<'_, &[u8]> {
    let text = delimited(tag("\n"), take_till(|octet| octet == b'\n'), tag("\n"));
    let (rest, text) = expect("a footer between line feeds", text).parse(input)?;
    let (rest, _) = end(rest)?;
    Ok((rest, text))
}

pub(super) fn end(input: &[u8]) -> Parsed<'_, &[u8]> {
    expect("the end of the file", eof).parse(input)
}

fn time<'a>(size: TimeSize) -> impl Parser<&'a [u8], Output = i64, Error = Fault<'a>> {
    move |input| match size {
        TimeSize::Four => be_i32.map(i64::from).parse(input),
        TimeSize::Eight => be_i64(input),
    }
}

fn records<'a>(
    count: u32,
    size: usize,
) -> impl Parser<&'a [u8], Output = &'a [u8], Error = Fault<'a>> {
    let octets = usize::try_from(count)
        .ok()
        .and_then(|count| count.checked_mul(size));
    // More than a file can have.
    take(octets.unwrap_or(usize::MAX))
}
