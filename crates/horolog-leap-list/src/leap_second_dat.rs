mod grammar;
#[cfg(test)]
mod tests;
mod writer;

pub use writer::LeapSecondDatWriter;

use core::str::FromStr;

use horolog_time::{LeapTable, UtcInstant};

use self::grammar::Line;
use crate::LeapListError;
use crate::fault::Fault;
use crate::steps::{At, StepReader, Wording};

/// The contents of a `Leap_Second.dat` of the IERS.
///
/// ```text
/// #  File expires on 28 June 2027
/// #    MJD        Date        TAI-UTC (s)
/// #           day month year
///     41317.0    1  1 1972       10       the start: TAI-UTC is 10 s
///     41499.0    1  7 1972       11       the first day after a leap second, TAI-UTC from then on
/// ```
///
/// Everything else after a `#` at the start of a line is a comment. The expiry is at 0 h UTC of its
/// day and must be there, and so must one leap second. The MJD and the date of a line must agree.
/// The format does not say when it was updated.
///
/// Nothing in it tells where it ends: a file cut off between two of its lines reads as a shorter one.
/// Cut off within a line, or before its first leap second, it is an error. Where that is not enough,
/// [`LeapSecondsList`](crate::LeapSecondsList) has a hash.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::LeapSecondDat;
/// use horolog_time::TaiUtc;
///
/// let text = "#  File expires on 28 December 1972\n\
///     41317.0    1  1 1972       10\n\
///     41499.0    1  7 1972       11\n";
/// let dat: LeapSecondDat = text.parse()?;
/// let at = "1972-07-01T00:00:00Z".parse()?;
/// assert_eq!(dat.table().tai_utc(at), Ok(TaiUtc::from_seconds(11)));
///
/// let wrong = text.replace("41499", "41500").parse::<LeapSecondDat>();
/// assert_eq!(
///     wrong.unwrap_err().to_string(),
///     "line 3, offset 66: expected the MJD of the date in its line",
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeapSecondDat {
    table: LeapTable,
}

const START: &str = "the start, 41317.0 1 1 1972 10";

impl LeapSecondDat {
    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// * [`LeapListError::Malformed`] where the text does not follow the format or is cut off, and
    ///   where MJD and date of a line differ.
    /// * [`LeapListError::Table`] where dates do not ascend, or the expiry is too early.
    pub fn decode(text: &[u8]) -> Result<Self, LeapListError> {
        Self::read(text).map_err(|fault| fault.in_text(text))?
    }

    fn read(text: &[u8]) -> Result<Result<Self, LeapListError>, Fault<'_>> {
        let mut expires = None;
        let mut steps = StepReader::new(Wording {
            start: START,
            first_of_month: "the first day of a month",
        });
        let mut rest = text;
        while !rest.is_empty() {
            let (after, line) = grammar::line(rest)?;
            match line {
                Line::Comment | Line::Blank => {}
                Line::Expires(date) => {
                    let instant = UtcInstant::midnight(date.value);
                    let expiry = At {
                        at: date.at,
                        value: instant,
                    };
                    if expires.replace(expiry).is_some() {
                        return Err(date.expected("one expiry, not a second"));
                    }
                }
                Line::Data { mjd, date, tai_utc } => {
                    if mjd.value != Some(date.value.mjd()) {
                        return Err(mjd.expected("the MJD of the date in its line"));
                    }
                    let instant = UtcInstant::midnight(date.value);
                    let instant = At {
                        at: mjd.at,
                        value: instant,
                    };
                    steps.take(instant, tai_utc)?;
                }
            }
            rest = after;
        }
        steps.check_start()?;
        let expires = expires.ok_or(Fault::at_end("# File expires on, and the expiry"))?;
        if steps.is_empty() {
            return Err(Fault::at_end("a leap second"));
        }
        Ok(steps
            .finish(text, expires, None)
            .map(|table| Self { table }))
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

/// As [`LeapSecondDat::decode`].
impl FromStr for LeapSecondDat {
    type Err = LeapListError;

    fn from_str(text: &str) -> Result<Self, LeapListError> {
        Self::decode(text.as_bytes())
    }
}
