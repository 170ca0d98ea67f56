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
    boundary: Month,
    is_done: bool,
}

impl<'a> BinarySteps<'a> {
    /// Reads from the start of the octets.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self {
            rest: Nibbles::new(octets),
            boundary: Month::JANUARY_1972,
            is_done: false,
        }
    }

    /// The next step; `is_done` is for the caller to keep.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<Step, DecodeError> {
        // Carrying an error's octets costs more than the step, so the first try has none.
        match self.next_step(|_, _| ()) {
            Ok((rest, step)) => {
                self.rest = rest;
                self.boundary = step.boundary();
                Ok(step)
            }
            Err(()) => self.explain(),
        }
    }

    #[cold]
    #[inline(never)]
    fn explain(&self) -> Result<Step, DecodeError> {
        self.next_step(fault).map(|(_, step)| step)
    }

    /// Reads the next step, and what follows it.
    #[inline]
    fn next_step<E>(
        &self,
        fault: impl Fn(Nibbles<'a>, Fault) -> E,
    ) -> Result<(Nibbles<'a>, Step), E> {
        let (mut start, mut gap) = (self.rest, 0);
        loop {
            let (rest, code) = code(start).map_err(|_| fault(start, Fault::NoCode))?;
            gap += code.gap();
            if gap > MAX_GAP {
                return Err(fault(start, Fault::Gap(gap)));
            }
            let Some(event) = code.event() else {
                start = rest;
                continue;
            };
            let Some(step) = Step::after(self.boundary, gap, event) else {
                return Err(fault(start, Fault::PastCalendar(gap, self.boundary)));
            };
            if event == StepEvent::Expiry && rest.first().is_some() {
                return Err(fault(rest, Fault::NotTheEnd));
            }
            return Ok((rest, step));
        }
    }
}

/// Why there is no step.
#[derive(Clone, Copy)]
enum Fault {
    NoCode,
    Gap(u32),
    PastCalendar(u32, Month),
    NotTheEnd,
}

impl Iterator for BinarySteps<'_> {
    type Item = Result<Step, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let step = self.step();
        self.is_done = step.is_err() || step.is_ok_and(|step| step.event() == StepEvent::Expiry);
        Some(step)
    }
}

impl FusedIterator for BinarySteps<'_> {}

fn fault(at: Nibbles<'_>, fault: Fault) -> DecodeError {
    let found = at.first().map_or(Found::End, Found::Nibble);
    let unexpected = |expected| DecodeErrorKind::Unexpected { expected, found };
    let kind = match fault {
        Fault::NoCode => unexpected("a code"),
        Fault::Gap(months) => DecodeErrorKind::Gap { months },
        Fault::PastCalendar(gap, month) => DecodeErrorKind::PastCalendar { gap, month },
        Fault::NotTheEnd => unexpected("the end of the list"),
    };
    DecodeError::new(kind, position(at))
}

const fn position(at: Nibbles<'_>) -> Position {
    Position::Nibble(at.offset)
}

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
