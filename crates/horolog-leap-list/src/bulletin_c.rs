mod grammar;
#[cfg(test)]
mod tests;

pub(crate) use grammar::announces;

use alloc::vec::Vec;
use core::str::FromStr;

use horolog_time::{CivilDate, LeapSign, Month, TaiUtc};

use self::grammar::{Announcement, Line, Marker, Range};
use crate::LeapListError;
use crate::fault::Fault;
use crate::steps::At;

/// A Bulletin C of the IERS: whether a month ends with a leap second.
///
/// ```text
///                                    UTC TIME STEP
///                             on the 1st of January 2017
///  A positive leap second will be introduced at the end of December 2016.
///  The sequence of dates of the UTC second markers will be:
///                           2016 December 31, 23h 59m 59s
///                           2016 December 31, 23h 59m 60s
///                           2017 January   1,  0h  0m  0s
///  The difference between UTC and the International Atomic Time TAI is:
///   from 2015 July 1, 0h UTC, to 2017 January 1 0h UTC    : UTC-TAI = - 36s
///   from 2017 January 1, 0h UTC, until further notice     : UTC-TAI = - 37s
/// ```
///
/// These lines are looked for, in the English text or in a mail that holds it; what else it says is
/// passed over. All that they say must agree: the months, the second markers, the days between which
/// UTC-TAI holds, and its step. A text cut off before the last of them is an error. Where there is no
/// leap second, older bulletins say "NO positive leap second", and that is read as none at all.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::BulletinC;
/// use horolog_time::{LeapSign, TaiUtc};
///
/// let bulletin: BulletinC = "
///     Bulletin C 50
///     NO leap second will be introduced at the end of December 2015.
///     from 2015 July 1, 0h UTC, until further notice : UTC-TAI = -36 s
/// ".parse()?;
/// assert_eq!((bulletin.number(), bulletin.event()), (Some(50), None));
/// assert_eq!(bulletin.month(), "2015-12".parse()?);
/// assert_eq!(bulletin.tai_utc_after(), TaiUtc::from_seconds(36));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct BulletinC {
    number: Option<u16>,
    month: Month,
    event: Option<LeapSign>,
    tai_utc: TaiUtc,
}

impl BulletinC {
    /// Reads the text of a bulletin.
    ///
    /// # Errors
    ///
    /// [`LeapListError::Malformed`] where one of its lines is malformed, is missing, stands twice, or
    /// says other than those before it.
    pub fn decode(text: &[u8]) -> Result<Self, LeapListError> {
        read(text).map_err(|fault| fault.in_text(text))
    }

    /// The number of the bulletin, if the text has it.
    #[must_use]
    pub const fn number(self) -> Option<u16> {
        self.number
    }

    /// The month at whose end the leap second is, or is not.
    #[must_use]
    pub const fn month(self) -> Month {
        self.month
    }

    /// The leap second; `None` where there is none.
    #[must_use]
    pub const fn event(self) -> Option<LeapSign> {
        self.event
    }

    /// TAI-UTC until the month ends.
    #[must_use]
    pub const fn tai_utc(self) -> TaiUtc {
        self.tai_utc
    }

    /// TAI-UTC after the month has ended.
    #[must_use]
    pub const fn tai_utc_after(self) -> TaiUtc {
        match self.event {
            Some(sign) => self.tai_utc.after(sign),
            None => self.tai_utc,
        }
    }
}

/// As [`BulletinC::decode`].
impl FromStr for BulletinC {
    type Err = LeapListError;

    fn from_str(text: &str) -> Result<Self, LeapListError> {
        Self::decode(text.as_bytes())
    }
}

/// What the lines have said so far.
#[derive(Default)]
struct Lines<'a> {
    number: Option<At<'a, u16>>,
    step: Option<At<'a, Month>>,
    announcement: Option<At<'a, Announcement>>,
    markers: Vec<At<'a, Marker>>,
    ranges: Vec<At<'a, Range>>,
}

fn read(text: &[u8]) -> Result<BulletinC, Fault<'_>> {
    let mut lines = Lines::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (after, line) = grammar::line(rest)?;
        match line {
            Line::Number(number) => {
                once(&mut lines.number, number, "one bulletin, not a second")?;
            }
            Line::Step(step) => once(&mut lines.step, step, "one time step, not a second")?,
            Line::Announcement(announcement) => {
                let expected = "one announcement, not a second";
                once(&mut lines.announcement, announcement, expected)?;
            }
            Line::Marker(marker) => lines.markers.push(marker),
            Line::Range(range) => lines.ranges.push(range),
            Line::Other => {}
        }
        rest = after;
    }
    lines.finish()
}

fn once<'a, T: Copy>(
    place: &mut Option<At<'a, T>>,
    found: At<'a, T>,
    expected: &'static str,
) -> Result<(), Fault<'a>> {
    match place.replace(found) {
        Some(_) => Err(found.expected(expected)),
        None => Ok(()),
    }
}

impl<'a> Lines<'a> {
    fn finish(self) -> Result<BulletinC, Fault<'a>> {
        let missing = "the announcement that a leap second, or none, will be introduced";
        let announcement = self.announcement.ok_or(Fault::at_end(missing))?;
        let Announcement { event, month } = announcement.value;
        let year = announcement.expected("a month before 9999-12");
        let next = month.checked_add(1).ok_or(year)?;
        self.check_step(event, next)?;
        self.check_markers(event, month.last_day(), next.first_day())?;
        let tai_utc = match event {
            Some(sign) => self.stepping(sign, next.first_day())?,
            None => self.staying(next.first_day())?,
        };
        Ok(BulletinC {
            number: self.number.map(|number| number.value),
            month,
            event,
            tai_utc,
        })
    }

    fn check_step(&self, event: Option<LeapSign>, next: Month) -> Result<(), Fault<'a>> {
        match self.step {
            Some(step) if event.is_none() => {
                Err(step.expected("no time step, as no leap second is announced"))
            }
            Some(step) if step.value != next => {
                Err(step.expected("the month after the leap second"))
            }
            _ => Ok(()),
        }
    }

    /// The second markers are the last second of the month, an inserted one, and the next midnight.
    fn check_markers(
        &self,
        event: Option<LeapSign>,
        last: CivilDate,
        next: CivilDate,
    ) -> Result<(), Fault<'a>> {
        let marker = |date, time| Marker { date, time };
        let positive = [
            marker(last, (23, 59, 59)),
            marker(last, (23, 59, 60)),
            marker(next, (0, 0, 0)),
        ];
        let negative = [marker(last, (23, 59, 58)), marker(next, (0, 0, 0))];
        let expected = match event {
            Some(LeapSign::Positive) => positive.as_slice(),
            Some(LeapSign::Negative) => negative.as_slice(),
            None => &[],
        };
        let mut expected = expected.iter();
        for found in &self.markers {
            if expected.next() != Some(&found.value) {
                let around = "the UTC second markers around the leap second that is announced";
                return Err(found.expected(around));
            }
        }
        match expected.next() {
            Some(_) => Err(Fault::at_end(
                "all UTC second markers around the leap second",
            )),
            None => Ok(()),
        }
    }

    /// TAI-UTC before a leap second, from two lines.
    fn stepping(&self, sign: LeapSign, next: CivilDate) -> Result<TaiUtc, Fault<'a>> {
        let [before, after, more @ ..] = self.ranges.as_slice() else {
            return Err(Fault::at_end(
                "two lines of UTC-TAI, before and after the leap second",
            ));
        };
        if before.value.to != Some(next) || before.value.from >= next {
            return Err(before.expected("UTC-TAI until the leap second ends"));
        }
        let to = after.value.to;
        if (after.value.from, to) != (next, None) {
            return Err(
                after.expected("UTC-TAI from the end of the leap second until further notice")
            );
        }
        let tai_utc = tai_utc(before);
        if self::tai_utc(after) != tai_utc.after(sign) {
            return Err(after.expected("UTC-TAI that differs by the leap second that is announced"));
        }
        no_more(more)?;
        Ok(tai_utc)
    }

    /// TAI-UTC where it stays, from one line.
    fn staying(&self, next: CivilDate) -> Result<TaiUtc, Fault<'a>> {
        let [now, more @ ..] = self.ranges.as_slice() else {
            return Err(Fault::at_end("a line of UTC-TAI until further notice"));
        };
        if now.value.to.is_some() || now.value.from >= next {
            return Err(
                now.expected("UTC-TAI until further notice, as no leap second is announced")
            );
        }
        no_more(more)?;
        Ok(tai_utc(now))
    }
}

fn tai_utc(range: &At<'_, Range>) -> TaiUtc {
    TaiUtc::from_seconds(-range.value.utc_tai)
}

fn no_more<'a>(more: &[At<'a, Range>]) -> Result<(), Fault<'a>> {
    match more {
        [] => Ok(()),
        [range, ..] => Err(range.expected("no further line of UTC-TAI")),
    }
}
