use core::iter::FusedIterator;

use horolog_time::Month;

use super::nibbles::{Nibbles, code};
use crate::{DecodeError, DecodeErrorKind, Found, MAX_GAP, Position, Step, StepEvent};

/// Reads a list in its binary form step by step, without allocation.
///
/// ```text
/// 0GGG            (GGG + 1) * 6 months, then a positive leap second
/// 1MNP GGGG       (GGGG + 1) * (M ? 1 : 6) months, then
///                 NP = 01 a positive leap second, 10 a negative one, 11 the expiry, 00 further codes
/// 1MNP            at the very end: as 1MNP 0100
/// ```
///
/// Nibbles are taken from each octet high one first; codes need not begin with an octet. Whatever a
/// writer may have chosen is read, but gaps are 1 to 999 months, and nothing may follow the expiry.
/// The last step is the expiry or an error; after it there is none.
///
/// # Examples
///
/// ```
/// use horolog_leap_compact::BinarySteps;
///
/// let gaps: Result<Vec<_>, _> = BinarySteps::new(&[0x81, 0xe4, 0xf2])
///     .map(|step| step.map(|step| step.gap()))
///     .collect();
/// assert_eq!(gaps?, [17, 3]);
/// # Ok::<(), horolog_leap_compact::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct BinarySteps<'a> {
    rest: Nibbles<'a>,
    /// In nibbles.
    length: usize,
    boundary: Month,
    is_done: bool,
}

impl<'a> BinarySteps<'a> {
    /// Reads from the start of the octets.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        let rest = Nibbles::new(octets);
        Self {
            rest,
            length: rest.len(),
            boundary: Month::JANUARY_1972,
            is_done: false,
        }
    }

    /// The next step, where the last has not been taken.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<Step, DecodeError> {
        self.advance().ok_or_else(|| {
            self.is_done = true;
            self.clone().explain()
        })
    }

    /// Goes on to the next step, or stays where it cannot.
    #[inline]
    fn advance(&mut self) -> Option<Step> {
        let (mut rest, mut gap) = (self.rest, 0);
        let event = loop {
            let (after, code) = code(rest).ok()?;
            rest = after;
            gap += code.gap;
            if gap > MAX_GAP {
                return None;
            }
            if let Some(event) = code.event {
                break event;
            }
        };
        let step = Step::after(self.boundary, gap, event)?;
        if event == StepEvent::Expiry {
            if rest.first().is_some() {
                return None;
            }
            self.is_done = true;
        }
        self.rest = rest;
        self.boundary = step.boundary();
        Some(step)
    }

    /// Why it does not go on. Takes a copy: with a reference to the original every step would be
    /// written to memory.
    #[cold]
    fn explain(self) -> DecodeError {
        let (mut start, mut gap) = (self.rest, 0);
        loop {
            let Ok((rest, code)) = code(start) else {
                return self.unexpected(start, "a code");
            };
            gap += code.gap;
            if gap > MAX_GAP {
                let kind = DecodeErrorKind::Gap { months: gap };
                return DecodeError::new(kind, self.position_of(start));
            }
            match code.event {
                None => start = rest,
                Some(event) if Step::after(self.boundary, gap, event).is_some() => {
                    return self.unexpected(rest, "the end of the list");
                }
                Some(_) => {
                    let month = self.boundary;
                    let kind = DecodeErrorKind::PastCalendar { gap, month };
                    return DecodeError::new(kind, self.position_of(start));
                }
            }
        }
    }

    fn unexpected(&self, at: Nibbles<'_>, expected: &'static str) -> DecodeError {
        let found = at.first().map_or(Found::End, Found::Nibble);
        let kind = DecodeErrorKind::Unexpected { expected, found };
        DecodeError::new(kind, self.position_of(at))
    }

    /// Where `rest`, the end of the list, begins.
    const fn position_of(&self, rest: Nibbles<'_>) -> Position {
        Position::Nibble(self.length.saturating_sub(rest.len()))
    }
}

impl Iterator for BinarySteps<'_> {
    type Item = Result<Step, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        Some(self.step())
    }
}

impl FusedIterator for BinarySteps<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use horolog_time::LeapSign;

    fn error(octets: &[u8]) -> String {
        let error = BinarySteps::new(octets).find_map(Result::err);
        error
            .unwrap_or_else(|| panic!("{octets:x?} is read"))
            .to_string()
    }

    /// Gap and mark of each step.
    fn steps(octets: &[u8]) -> String {
        let step = |step: Result<Step, _>| {
            let step = step.unwrap();
            let mark = match step.event() {
                StepEvent::Leap(LeapSign::Positive) => "+",
                StepEvent::Leap(LeapSign::Negative) => "-",
                StepEvent::Expiry => "?",
            };
            [step.gap().to_string(), mark.into()].concat()
        };
        BinarySteps::new(octets).map(step).collect()
    }

    #[test]
    fn forms_that_no_encoder_writes_are_read() {
        for (octets, text) in [
            // Months where half years would do, and the other way.
            (&hex!("D5 DB F4")[..], "6+12+5?"),
            // A wide code where a nibble would do, and codes off the octets.
            (&hex!("90 F4"), "6+5?"),
            (&hex!("09 0F"), "6+6+5?"),
            // Gaps in pieces of any order.
            (&hex!("C0 80 C1 D0 F4"), "10+5?"),
            (&hex!("80 0F"), "12+5?"),
            // A last nibble alone stands for GGGG = 4, with half years too.
            (&hex!("0F"), "6+5?"),
            (&hex!("0B"), "6+30?"),
            (&hex!("BF"), "96?"),
        ] {
            assert_eq!(steps(octets), text, "{octets:x?}");
        }
    }

    #[test]
    fn faults_say_what_where_and_instead_of_what() {
        for (octets, message) in [
            (&hex!("")[..], "expected a code, found the end, at nibble 0"),
            (&hex!("00"), "expected a code, found the end, at nibble 2"),
            // A gap that leads nowhere, whole and with its last nibble left out.
            (&hex!("84"), "expected a code, found the end, at nibble 2"),
            (&hex!("08"), "expected a code, found the end, at nibble 2"),
            (&hex!("09"), "expected a code, found the end, at nibble 2"),
            (
                &hex!("F400"),
                "expected the end of the list, found 0x0, at nibble 2",
            ),
            (
                &hex!("0F40"),
                "expected the end of the list, found 0x0, at nibble 3",
            ),
            (
                &hex!("0F4F"),
                "expected the end of the list, found 0xf, at nibble 3",
            ),
            (
                &hex!("F4F4"),
                "expected the end of the list, found 0xf, at nibble 2",
            ),
            (
                &hex!("8F8F8F8F8F8F8F8F8F8F85F3"),
                "expected a gap of 1 to 999 months, found 1000, at nibble 22",
            ),
            (
                &hex!("8F8F8F8F8F8F8F8F8F8F8F8F8F8F"),
                "expected a gap of 1 to 999 months, found 1056, at nibble 20",
            ),
        ] {
            assert_eq!(error(octets), message, "{octets:x?}");
        }
    }

    #[test]
    fn the_calendar_ends_with_9999() {
        // 48 months at a nibble: 2006 of them lead to 9996-01.
        let mut octets = vec![0x77; 1003];
        octets.extend(hex!("84 FF"));
        assert!(BinarySteps::new(&octets).all(|step| step.is_ok()));
        octets.splice(1003.., hex!("85 FF"));
        assert_eq!(
            error(&octets),
            "expected a month before 9999-12, found 52 months from 9996-01 on, at nibble 2008"
        );
    }

    /// Also shows that an endless list of leap seconds ends with the calendar.
    #[test]
    fn nothing_comes_after_the_last_step_or_an_error() {
        for octets in [&[0xf4][..], &[0xf4, 0], &[0], &[0; 10_000]] {
            let mut steps = BinarySteps::new(octets);
            assert!(steps.by_ref().count() <= 16_056);
            assert_eq!(steps.next(), None);
        }
    }

    #[test]
    fn every_truncation_is_refused_or_ends_with_the_expiry() {
        let octets = hex!("00111111121134312112229D56528F81F4");
        for end in 0..octets.len() {
            assert!(BinarySteps::new(&octets[..end]).last().unwrap().is_err());
        }
    }
}
