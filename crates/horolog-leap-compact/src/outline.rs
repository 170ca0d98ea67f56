use alloc::string::String;

use horolog_time::{LeapSecond, LeapSign, LeapTable, Losses, Month, UtcInstant};

use crate::{EncodeError, MAX_GAP, StepEvent};

/// What a compact list says of a table: its leap seconds and the month of its expiry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outline<'a> {
    leaps: &'a [LeapSecond],
    expiry: Month,
}

impl<'a> Outline<'a> {
    /// Takes leap seconds and an expiry whose gaps have been [checked](Self::check_gaps).
    pub(crate) const fn from_checked(leaps: &'a [LeapSecond], expiry: Month) -> Self {
        Self { leaps, expiry }
    }

    /// Takes what a list can say of a table, and tells what it cannot. Gaps are not checked.
    pub(crate) fn cut(table: &'a LeapTable) -> Result<(Self, Losses), EncodeError> {
        let expires = table.expires().ok_or(EncodeError::NoExpiry)?;
        let expiry = Month::from(expires.date());
        let mut losses = Losses::none();
        if expires != start_of(expiry) {
            losses = losses.with_expires(expires);
        }
        if let Some(updated) = table.updated() {
            losses = losses.with_updated(updated);
        }
        let leaps = table.leaps();
        Ok((Self { leaps, expiry }, losses))
    }

    /// As [`cut`](Self::cut), and checks the gaps.
    pub(crate) fn of(table: &'a LeapTable) -> Result<(Self, Losses), EncodeError> {
        let (outline, losses) = Self::cut(table)?;
        outline.check_gaps()?;
        Ok((outline, losses))
    }

    fn check_gaps(self) -> Result<(), EncodeError> {
        let mut number = 0;
        for (months, _) in self.gaps() {
            number += months.cast_signed();
            if months == 0 || months > MAX_GAP {
                // The gaps lead from month to month, the last of which is the expiry's.
                let month = Month::from_number(number).unwrap_or(self.expiry);
                return Err(EncodeError::Gap { month, months });
            }
        }
        Ok(())
    }

    pub(crate) const fn leaps(self) -> &'a [LeapSecond] {
        self.leaps
    }

    /// The first month of which nothing is known.
    pub(crate) const fn expiry(self) -> Month {
        self.expiry
    }

    /// Gap and event of each step.
    #[inline]
    pub(crate) fn gaps(self) -> impl Iterator<Item = (u32, StepEvent)> + use<'a> {
        let leap = |leap: &LeapSecond| {
            let boundary = leap.month().number() + 1;
            (boundary, StepEvent::Leap(leap.sign()))
        };
        let expiry = (self.expiry.number(), StepEvent::Expiry);
        let mut previous = 0;
        let steps = self.leaps.iter().map(leap).chain([expiry]);
        steps.map(move |(boundary, event)| {
            // Neither leap seconds nor the expiry of a table go back.
            let gap = (boundary - previous).cast_unsigned();
            previous = boundary;
            (gap, event)
        })
    }

    /// The octets of the text form.
    pub(crate) fn text_len(self) -> usize {
        let length = |(gap, _)| match gap {
            100.. => 4,
            10.. => 3,
            _ => 2,
        };
        self.gaps().map(length).sum()
    }

    pub(crate) fn to_text(self) -> String {
        let mut text = String::with_capacity(self.text_len());
        // A string takes every character.
        let _ = self.write_text(&mut text);
        text
    }

    pub(crate) fn write_text(self, out: &mut impl core::fmt::Write) -> core::fmt::Result {
        for (gap, event) in self.gaps() {
            if gap >= 100 {
                out.write_char(digit(gap / 100))?;
            }
            if gap >= 10 {
                out.write_char(digit(gap / 10 % 10))?;
            }
            out.write_char(digit(gap % 10))?;
            out.write_char(match event {
                StepEvent::Leap(LeapSign::Positive) => '+',
                StepEvent::Leap(LeapSign::Negative) => '-',
                StepEvent::Expiry => '?',
            })?;
        }
        Ok(())
    }
}

/// The start of a month.
pub(crate) fn start_of(month: Month) -> UtcInstant {
    UtcInstant::midnight(month.first_day())
}

/// The digit of a number below 10.
fn digit(number: u32) -> char {
    char::from_digit(number, 10).unwrap_or('?')
}
