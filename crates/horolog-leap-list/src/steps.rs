//! The steps of TAI-UTC, as the lines of leap-seconds.list and of `Leap_Second.dat` give them.

use alloc::vec::Vec;

use horolog_time::{LeapSecond, LeapSign, LeapTable, LeapTableError, Month, TaiUtc, UtcInstant};

use crate::LeapListError;
use crate::fault::{Fault, position};

/// The first lines' instants and TAI-UTC from then on: the start, and each leap second's end.
pub(crate) fn steps(table: &LeapTable) -> impl Iterator<Item = (UtcInstant, TaiUtc)> {
    let leaps = table.leaps().iter();
    core::iter::once((start(), TaiUtc::AT_1972))
        .chain(leaps.map(|leap| (leap.end(), leap.tai_utc())))
}

fn start() -> UtcInstant {
    UtcInstant::midnight(LeapSecond::FIRST_MONTH.first_day())
}

/// A value and where it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a, T> {
    pub(crate) at: &'a [u8],
    pub(crate) value: T,
}

impl<'a, T> At<'a, T> {
    /// This value is not what it should be.
    pub(crate) const fn expected(&self, expected: &'static str) -> Fault<'a> {
        Fault {
            at: self.at,
            expected,
        }
    }
}

/// How a format's errors name what should stand in its lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wording {
    pub(crate) start: &'static str,
    pub(crate) first_of_month: &'static str,
}

/// The steps that lines have given so far.
#[derive(Debug)]
pub(crate) struct StepReader<'a> {
    wording: Wording,
    /// TAI-UTC of the last line.
    tai_utc: Option<TaiUtc>,
    leaps: Vec<At<'a, (Month, LeapSign)>>,
}

impl<'a> StepReader<'a> {
    pub(crate) const fn new(wording: Wording) -> Self {
        Self {
            wording,
            tai_utc: None,
            leaps: Vec::new(),
        }
    }

    /// Whether no line gave a leap second.
    pub(crate) const fn is_empty(&self) -> bool {
        self.leaps.is_empty()
    }

    /// Takes the first instant of a step, and TAI-UTC from then on; `None` where it is too large.
    pub(crate) fn take(
        &mut self,
        instant: At<'a, UtcInstant>,
        tai_utc: At<'a, Option<i32>>,
    ) -> Result<(), Fault<'a>> {
        let found = tai_utc.value.map(TaiUtc::from_seconds);
        let Some(before) = self.tai_utc else {
            if instant.value != start() {
                return Err(instant.expected(self.wording.start));
            }
            if found != Some(TaiUtc::AT_1972) {
                return Err(tai_utc.expected("TAI-UTC 10 at the start"));
            }
            self.tai_utc = found;
            return Ok(());
        };
        let month = month_before(instant.value)
            .ok_or_else(|| instant.expected(self.wording.first_of_month))?;
        let sign = [LeapSign::Positive, LeapSign::Negative]
            .into_iter()
            .find(|sign| found == Some(before.after(*sign)))
            .ok_or(tai_utc.expected("TAI-UTC one more or less than in the line before"))?;
        self.tai_utc = found;
        self.leaps.push(At {
            at: instant.at,
            value: (month, sign),
        });
        Ok(())
    }

    /// Makes the table of all lines of `text`, of which the start's is one.
    pub(crate) fn finish(
        self,
        text: &[u8],
        expires: At<'a, UtcInstant>,
        updated: Option<UtcInstant>,
    ) -> Result<LeapTable, LeapListError> {
        let leaps = self.leaps.iter().map(|leap| leap.value);
        build(leaps, Some(expires.value), updated).map_err(|source| {
            let at = self.line_of(source).unwrap_or(expires.at);
            let (line, offset) = position(text, at);
            LeapListError::Table {
                line,
                offset,
                source,
            }
        })
    }

    /// Whether the start's line was there.
    pub(crate) fn check_start(&self) -> Result<(), Fault<'static>> {
        match self.tai_utc {
            Some(_) => Ok(()),
            None => Err(Fault::at_end(self.wording.start)),
        }
    }

    /// The line that the table refuses; `None` where it is the expiry.
    fn line_of(&self, error: LeapTableError) -> Option<&'a [u8]> {
        let mut pairs = self.leaps.iter().zip(self.leaps.iter().skip(1));
        match error {
            LeapTableError::Month { month } => self.leaps.iter().find(|leap| leap.value.0 == month),
            LeapTableError::NotAscending { month, previous } => pairs
                .find(|(first, second)| (first.value.0, second.value.0) == (previous, month))
                .map(|(_, second)| second),
            _ => None,
        }
        .map(|leap| leap.at)
    }
}

/// The month that ends at an instant, if one does.
pub(crate) fn month_before(instant: UtcInstant) -> Option<Month> {
    let month = Month::from(instant.date());
    let first = UtcInstant::midnight(month.first_day());
    month.checked_add(-1).filter(|_| instant == first)
}

pub(crate) fn build(
    leaps: impl ExactSizeIterator<Item = (Month, LeapSign)>,
    expires: Option<UtcInstant>,
    updated: Option<UtcInstant>,
) -> Result<LeapTable, LeapTableError> {
    let mut builder = LeapTable::builder().reserve(leaps.len());
    for (month, sign) in leaps {
        builder.push(month, sign);
    }
    let builder = match expires {
        Some(expires) => builder.expires(expires),
        None => builder,
    };
    match updated {
        Some(updated) => builder.updated(updated),
        None => builder,
    }
    .build()
}
