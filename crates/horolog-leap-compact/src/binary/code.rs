use horolog_time::LeapSign;

use crate::StepEvent;

/// Eight bits of the list's language.
///
/// ```text
///   7   6   5   4   3       0
/// +---+---+---+---+-----------+
/// | W | M | N | P |  G G G G  |     gap = (GGGG + 1) * (M ? 1 : 6) months
/// +---+---+---+---+-----------+
/// ```
///
/// N and P are as NTP's leap indicator: 00 nothing, 01 a positive leap second, 10 a negative one,
/// 11 the expiry. W is 1 where the code is written as two nibbles; here it always is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Code(u8);

/// W.
const WIDE: u8 = 0x80;
/// M.
const MONTHS: u8 = 0x40;
/// N and P of a positive leap second.
const POSITIVE: u8 = 0x10;
/// N and P of a negative leap second.
const NEGATIVE: u8 = 0x20;
/// N and P of the expiry.
const EXPIRY: u8 = 0x30;
/// The GGGG that is meant where the list ends with the first nibble of a code.
const OMITTED: u8 = 4;

impl Code {
    /// A code whose second nibble may be left out at the end: an expiry after five months.
    #[cfg(feature = "alloc")]
    pub(super) const EXPIRY_AFTER_5: Self = Self(WIDE | MONTHS | EXPIRY | OMITTED);

    /// Takes the nibbles as they stand: one below 8 stands alone, another has a second one or is
    /// the last of all.
    #[inline]
    pub(super) const fn from_nibbles(first: u8, second: Option<u8>) -> Self {
        match second {
            _ if first < WIDE >> 4 => Self(WIDE | POSITIVE | first),
            Some(second) => Self(first << 4 | second),
            None => Self(first << 4 | OMITTED),
        }
    }

    /// Months, or half years, up to an event or just to the next code; `count` is 1 to 16.
    #[cfg(feature = "alloc")]
    pub(super) const fn new(unit: Unit, count: u32, event: Option<StepEvent>) -> Self {
        let [gap, ..] = count.wrapping_sub(1).to_le_bytes();
        let unit = match unit {
            Unit::HalfYear => 0,
            Unit::Month => MONTHS,
        };
        let event = match event {
            None => 0,
            Some(StepEvent::Leap(LeapSign::Positive)) => POSITIVE,
            Some(StepEvent::Leap(LeapSign::Negative)) => NEGATIVE,
            Some(StepEvent::Expiry) => EXPIRY,
        };
        Self(WIDE | unit | event | gap & 0xf)
    }

    /// The gap in months, 1 to 96.
    #[inline]
    pub(super) fn gap(self) -> u32 {
        let count = u32::from(self.0 & 0xf) + 1;
        let unit = if self.0 & MONTHS == 0 { 6 } else { 1 };
        count * unit
    }

    /// What happens after it; `None` where the gap goes on.
    #[inline]
    pub(super) const fn event(self) -> Option<StepEvent> {
        match self.0 & EXPIRY {
            POSITIVE => Some(StepEvent::Leap(LeapSign::Positive)),
            NEGATIVE => Some(StepEvent::Leap(LeapSign::Negative)),
            EXPIRY => Some(StepEvent::Expiry),
            _ => None,
        }
    }

    /// Both nibbles.
    #[cfg(feature = "alloc")]
    pub(super) const fn nibbles(self) -> [u8; 2] {
        [self.0 >> 4, self.0 & 0xf]
    }

    /// The one nibble that is enough: half years, up to eight, to a positive leap second.
    #[cfg(feature = "alloc")]
    pub(super) const fn short(self) -> Option<u8> {
        if self.0 & (MONTHS | EXPIRY | 8) == POSITIVE {
            Some(self.0 & 7)
        } else {
            None
        }
    }
}

/// What a code counts.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    HalfYear,
    Month,
}
