mod error;
mod grammar;
#[cfg(test)]
mod tests;

pub use error::TzifError;

use alloc::vec::Vec;

use horolog_time::{LeapSign, LeapTable, Month, UnixTime, UtcInstant};

use self::grammar::{Block, LeapRecord, TimeSize};
use crate::fault::{Fault, offset};
use crate::steps::{build, month_before};

/// The leap seconds of a `TZif` file ([RFC 9636]), such as those under `right/` in a time-zone package.
///
/// Versions 1 to 4 are read; from version 2 on it is the data block with times of 64 bits. The times
/// of such a file count the seconds inserted since 1972: what it calls 1483228826 is 2016-12-31T23:59:60Z,
/// 26 s more than POSIX time says.
///
/// The expiry is that of a version 4 file. Other versions have none; but where zic makes a file
/// without daylight-saving time from a list that expires, it ends the zone then, by a last transition
/// to the same local time and an empty footer, and that is taken as the expiry too. A table without
/// one answers only until its last leap second. Of an update the file says nothing.
///
/// A table cut off at its start, as version 4 allows, is an error: what was before is not known. So
/// is a file without leap seconds, and one with anything after its end.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::TzifLeapSeconds;
/// use horolog_time::{TaiInstant, UtcInstant};
///
/// // The file right/UTC of a time-zone package.
/// let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/right-UTC.tzif"));
/// let leaps = TzifLeapSeconds::decode(file)?;
/// assert_eq!(leaps.version(), 2);
/// assert_eq!(leaps.table().expires(), Some("2026-06-28T00:00:00Z".parse()?));
/// let leap: UtcInstant = "2016-12-31T23:59:60Z".parse()?;
/// let tai = TaiInstant::from_seconds(1_483_228_826 + 10);
/// assert_eq!(leaps.table().to_utc(tai)?, leap);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// [RFC 9636]: https://www.rfc-editor.org/rfc/rfc9636
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TzifLeapSeconds {
    version: u8,
    table: LeapTable,
}

impl TzifLeapSeconds {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// * [`TzifError::Malformed`] where the file does not follow the format or is cut off, its leap
    ///   seconds are not at the end of a month or not one by one, or begin after the first.
    /// * [`TzifError::NoLeapSeconds`] where it has none.
    /// * [`TzifError::Table`] where the table expires before its last leap second ends, or leap
    ///   seconds are before 1972 or do not ascend.
    pub fn decode(file: &[u8]) -> Result<Self, TzifError> {
        let malformed = |fault: Fault<'_>| TzifError::Malformed {
            offset: offset(file, fault.at),
            expected: fault.expected,
        };
        let (version, block, footer) = blocks(file).map_err(malformed)?;
        let found = read_records(version, &block).map_err(malformed)?;
        let Some(last) = found.last else {
            return Err(TzifError::NoLeapSeconds);
        };
        let cut = || end_of_zone(&block, footer, &last).transpose();
        let expires = found.expires.map(Ok).or_else(cut).transpose();
        let expires = expires.map_err(malformed)?;
        let table = build(found.leaps.into_iter(), expires, None);
        let table = table.map_err(|source| TzifError::Table {
            offset: offset(file, last.at),
            source,
        })?;
        Ok(Self { version, table })
    }

    /// The version of the file, 1 to 4.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// The leap seconds.
    #[must_use]
    pub const fn table(&self) -> &LeapTable {
        &self.table
    }

    /// The leap seconds, without the file around them.
    #[must_use]
    pub fn into_table(self) -> LeapTable {
        self.table
    }
}

/// Version, the block to be read, and the footer, if the version has one.
fn blocks(file: &[u8]) -> Result<(u8, Block<'_>, Option<&[u8]>), Fault<'_>> {
    use nom::Parser;

    let (rest, first) = grammar::header(file)?;
    let (rest, block) = grammar::block(&first, TimeSize::Four).parse(rest)?;
    if first.version == 1 {
        grammar::end(rest)?;
        return Ok((1, block, None));
    }
    let (after, second) = grammar::header(rest)?;
    if second.version != first.version {
        let expected = "the version of the first header";
        return Err(Fault { at: rest, expected });
    }
    let (rest, block) = grammar::block(&second, TimeSize::Eight).parse(after)?;
    let (_, footer) = grammar::footer(rest)?;
    Ok((second.version, block, Some(footer)))
}

/// What the leap-second records say.
#[derive(Default)]
struct Found<'a> {
    leaps: Vec<(Month, LeapSign)>,
    expires: Option<UtcInstant>,
    last: Option<LeapRecord<'a>>,
}

fn read_records<'a>(version: u8, block: &Block<'a>) -> Result<Found<'a>, Fault<'a>> {
    let mut found = Found::default();
    let mut records = block.leaps().peekable();
    while let Some(record) = records.next() {
        let at = record.at;
        let before = found.last.map_or(0, |last| last.correction);
        let step = i64::from(record.correction) - i64::from(before);
        let sign = match step {
            1 => LeapSign::Positive,
            -1 => LeapSign::Negative,
            // "with the occurrence of the last record indicating the expiration time"
            0 if version == 4 && records.peek().is_none() && found.last.is_some() => {
                found.expires = Some(utc(at, record.occurrence, record.correction)?);
                found.last = Some(record);
                break;
            }
            _ => {
                let expected = if found.last.is_none() {
                    "a first correction of 1 or -1: the table is cut off at its start"
                } else {
                    "a correction one more or less than the one before"
                };
                return Err(Fault { at, expected });
            }
        };
        // An inserted second occurs before the new correction holds; a removed one never occurs.
        let instant = utc(at, record.occurrence, record.correction.min(before))?;
        let expected = "a leap second at the end of a month";
        let month = month_before(instant).ok_or(Fault { at, expected })?;
        found.leaps.push((month, sign));
        found.last = Some(record);
    }
    Ok(found)
}

/// The UTC of a time that counts the inserted seconds.
fn utc(at: &[u8], time: i64, inserted: i32) -> Result<UtcInstant, Fault<'_>> {
    time.checked_sub(inserted.into())
        .and_then(|seconds| UtcInstant::from_unix(UnixTime::from_seconds(seconds)).ok())
        .ok_or(Fault {
            at,
            expected: "a time in the years 1 to 9999",
        })
}

/// Where a zone that never changes ends after its last leap second: see [`TzifLeapSeconds`].
fn end_of_zone<'a>(
    block: &Block<'a>,
    footer: Option<&[u8]>,
    last: &LeapRecord<'a>,
) -> Result<Option<UtcInstant>, Fault<'a>> {
    match block.last_transition {
        Some(transition)
            if footer == Some(b"") && block.has_one_type && transition.value > last.occurrence =>
        {
            utc(transition.at, transition.value, last.correction).map(Some)
        }
        _ => Ok(None),
    }
}
