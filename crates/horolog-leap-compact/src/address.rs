use core::net::Ipv6Addr;

use horolog_time::{LeapSecond, LeapSign, Month};

use crate::address_error::Expected;
use crate::{AddressError, EncodeError, StepEvent};

/// The last second of a month as an AAAA record: a leap second, or the end of what is known.
///
/// The groups of the address are year, month, day, hour, minute and second, in decimal, with two
/// groups of zeros among them: `1972:6:30::23:59:60`. Hour and minute are 23:59. Second 60 is one
/// inserted, 58 the last one before one removed, 59 the last of which anything is known.
///
/// Tony Finch has published leap seconds so since 2015, later with the zeros in another place. Where
/// they stand does not matter here, but the second is in the last group.
///
/// # Examples
///
/// ```
/// use core::net::Ipv6Addr;
/// use horolog_leap_compact::{AddressLayout, LastSecond, StepEvent};
/// use horolog_time::LeapSign;
///
/// let address: Ipv6Addr = "1972:6:30::23:59:60".parse()?;
/// let second = LastSecond::from_addr(address)?;
/// assert_eq!(second.month().to_string(), "1972-06");
/// assert_eq!(second.event(), StepEvent::Leap(LeapSign::Positive));
///
/// assert_eq!(second.to_addr(AddressLayout::default()), address);
/// let other = second.to_addr(AddressLayout::ZerosFirst);
/// assert_eq!(other, "::1972:6:30:23:59:60".parse::<Ipv6Addr>()?);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LastSecond {
    /// Checked for its event.
    month: Month,
    event: StepEvent,
}

/// Where in an address the groups of zeros stand.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AddressLayout {
    /// Between date and time, `1972:6:30::23:59:60`, as published in January 2015.
    #[default]
    ZerosInside,
    /// In front, `::1972:6:30:23:59:60`. No address that is used on the Internet looks so.
    ZerosFirst,
}

impl LastSecond {
    /// Takes a month and what happens at its end.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Month`] for a leap second before 1972-01, an expiry before 1971-12, and for
    /// 9999-12.
    pub fn new(month: Month, event: StepEvent) -> Result<Self, EncodeError> {
        let min = match event {
            StepEvent::Leap(_) => LeapSecond::FIRST_MONTH,
            // An expiry as 1972 begins.
            StepEvent::Expiry => LeapSecond::FIRST_MONTH
                .checked_add(-1)
                .unwrap_or(Month::MIN),
        };
        if month < min || month == Month::MAX {
            return Err(EncodeError::Month { month, min });
        }
        Ok(Self { month, event })
    }

    /// Reads an address.
    ///
    /// # Errors
    ///
    /// * [`AddressError::Groups`] where not six groups have a number, or the last has none.
    /// * [`AddressError::Digits`] for a digit that is not decimal.
    /// * [`AddressError::Field`] where this is not the last second of a month.
    /// * [`AddressError::Month`] for a leap second before 1972-01, an expiry before 1971-12, and
    ///   for 9999-12.
    pub fn from_addr(address: Ipv6Addr) -> Result<Self, AddressError> {
        let numbers = |(_, digits): &(usize, u16)| *digits != 0;
        let mut groups = (0..).zip(address.segments()).filter(numbers);
        let fields: [_; 6] = core::array::from_fn(|_| groups.next().unwrap_or_default());
        let [.., (last, _)] = fields;
        if last != 7 || groups.next().is_some() {
            let found = address.segments().into_iter();
            let found = found.filter(|group| *group != 0).count();
            return Err(AddressError::Groups { address, found });
        }
        let read = |(group, digits), field, expected: Expected| {
            let found = decimal(digits).ok_or(AddressError::Digits {
                address,
                group,
                found: digits,
            })?;
            if found < expected.min || found > expected.max {
                return Err(AddressError::Field {
                    address,
                    field,
                    group,
                    found,
                    expected,
                });
            }
            Ok(found)
        };
        let [year, month, day, hour, minute, second] = fields;
        let year = read(year, "year", range(1, 9999))?;
        let month = read(month, "month", range(1, 12))?;
        let month = year_month(year, month);
        let last_day = month.last_day().day().into();
        read(day, "day", range(last_day, last_day))?;
        read(hour, "hour", range(23, 23))?;
        read(minute, "minute", range(59, 59))?;
        let event = match read(second, "second", range(58, 60))? {
            60 => StepEvent::Leap(LeapSign::Positive),
            58 => StepEvent::Leap(LeapSign::Negative),
            _ => StepEvent::Expiry,
        };
        Self::new(month, event).map_err(|_| AddressError::Month { address, month })
    }

    /// The address that says this.
    #[must_use]
    pub fn to_addr(self, layout: AddressLayout) -> Ipv6Addr {
        let date = self.month.last_day();
        let year = digits(date.year());
        let [month, day] = [date.month(), date.day()].map(|number| digits(number.into()));
        let second = match self.event {
            StepEvent::Leap(LeapSign::Positive) => 0x60,
            StepEvent::Leap(LeapSign::Negative) => 0x58,
            StepEvent::Expiry => 0x59,
        };
        match layout {
            AddressLayout::ZerosInside => Ipv6Addr::new(year, month, day, 0, 0, 0x23, 0x59, second),
            AddressLayout::ZerosFirst => Ipv6Addr::new(0, 0, year, month, day, 0x23, 0x59, second),
        }
    }

    /// The month.
    #[must_use]
    pub const fn month(self) -> Month {
        self.month
    }

    /// What happens at its end.
    #[must_use]
    pub const fn event(self) -> StepEvent {
        self.event
    }
}

/// As [`LastSecond::from_addr`].
impl TryFrom<Ipv6Addr> for LastSecond {
    type Error = AddressError;

    fn try_from(address: Ipv6Addr) -> Result<Self, AddressError> {
        Self::from_addr(address)
    }
}

const fn range(min: u16, max: u16) -> Expected {
    Expected { min, max }
}

/// The month of a year from 1 to 9999, with a month from 1 to 12.
fn year_month(year: u16, month: u16) -> Month {
    let [_, month] = month.to_be_bytes();
    Month::from_year_month(year, month).unwrap_or(Month::MIN)
}

/// What four hexadecimal digits say as decimal ones.
fn decimal(digits: u16) -> Option<u16> {
    [12, 8, 4, 0].iter().try_fold(0, |number, shift| {
        let digit = (digits >> shift) & 0xf;
        (digit < 10).then_some(number * 10 + digit)
    })
}

/// Decimal digits of a number up to 9999 as hexadecimal ones.
const fn digits(number: u16) -> u16 {
    let [thousands, hundreds] = [number / 1000, number / 100 % 10];
    let [tens, ones] = [number / 10 % 10, number % 10];
    (thousands << 12) | (hundreds << 8) | (tens << 4) | ones
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POSITIVE: StepEvent = StepEvent::Leap(LeapSign::Positive);
    const NEGATIVE: StepEvent = StepEvent::Leap(LeapSign::Negative);

    fn address(text: &str) -> Ipv6Addr {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_are_read_wherever_their_zeros_stand() {
        for (text, month, event) in [
            ("1972:6:30::23:59:60", "1972-06", POSITIVE),
            ("1972:12:31::23:59:60", "1972-12", POSITIVE),
            ("2027:5:31::23:59:59", "2027-05", StepEvent::Expiry),
            ("1971:12:31::23:59:59", "1971-12", StepEvent::Expiry),
            ("2028:2:29::23:59:58", "2028-02", NEGATIVE),
            ("::1972:6:30:23:59:60", "1972-06", POSITIVE),
            ("0:1972:6:30:0:23:59:60", "1972-06", POSITIVE),
            ("1972:0:6:30:0:23:59:60", "1972-06", POSITIVE),
            ("1972:6:30:23:59::60", "1972-06", POSITIVE),
            ("9999:11:30::23:59:60", "9999-11", POSITIVE),
        ] {
            let second = LastSecond::try_from(address(text)).unwrap();
            assert_eq!(second.month().to_string(), month);
            assert_eq!(second.event(), event, "{text}");
            if text.contains("::23") {
                assert_eq!(second.to_addr(AddressLayout::ZerosInside), address(text));
            }
            if text.starts_with("::") {
                assert_eq!(second.to_addr(AddressLayout::ZerosFirst), address(text));
            }
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for (text, message) in [
            ("::", "groups"),
            ("::1", "groups"),
            ("1972:6:30::23:59:0", "groups"),
            ("1972:6:30:23:59:60::", "groups"),
            ("1972:6:30:1::23:59:60", "groups"),
            ("1972:6:30:1:2:23:59:60", "groups"),
            (
                "2001:db8:1::2:3:4",
                "group 1 of 2001:db8:1::2:3:4 is db8, expected decimal digits",
            ),
            (
                "1972:6:30::23:59:a",
                "group 7 of 1972:6:30::23:59:a is a, expected decimal digits",
            ),
            (
                "1972:13:30::23:59:60",
                "month of 1972:13:30::23:59:60 is 13 in group 1, expected 1 to 12",
            ),
            (
                "1972:6:29::23:59:60",
                "day of 1972:6:29::23:59:60 is 29 in group 2, expected 30",
            ),
            (
                "1972:2:28::23:59:60",
                "day of 1972:2:28::23:59:60 is 28 in group 2, expected 29",
            ),
            (
                "1972:6:30::22:59:60",
                "hour of 1972:6:30::22:59:60 is 22 in group 5, expected 23",
            ),
            (
                "1972:6:30::23:58:60",
                "minute of 1972:6:30::23:58:60 is 58 in group 6, expected 59",
            ),
            (
                "1972:6:30::23:59:57",
                "second of 1972:6:30::23:59:57 is 57 in group 7, expected 58 to 60",
            ),
            (
                "1972:6:30::23:59:61",
                "second of 1972:6:30::23:59:61 is 61 in group 7, expected 58 to 60",
            ),
            (
                "1971:12:31::23:59:60",
                "month of 1971:12:31::23:59:60 is 1971-12, expected one from",
            ),
            (
                "1971:11:30::23:59:59",
                "month of 1971:11:30::23:59:59 is 1971-11, expected one from",
            ),
            (
                "9999:12:31::23:59:59",
                "month of 9999:12:31::23:59:59 is 9999-12, expected one from",
            ),
        ] {
            let error = LastSecond::from_addr(address(text))
                .unwrap_err()
                .to_string();
            let is_told = match message {
                "groups" => error.ends_with("expected six, one of them the last"),
                _ => error.starts_with(message),
            };
            assert!(is_told, "{text} gave {error}");
        }
    }

    #[test]
    fn months_that_cannot_be_said_are_refused() {
        for (month, event, ok) in [
            ("1971-12", POSITIVE, false),
            ("1971-12", StepEvent::Expiry, true),
            ("1971-11", StepEvent::Expiry, false),
            ("9999-11", NEGATIVE, true),
            ("9999-12", NEGATIVE, false),
        ] {
            let second = LastSecond::new(month.parse().unwrap(), event);
            assert_eq!(second.is_ok(), ok, "{month}");
            assert!(matches!(second, Ok(_) | Err(EncodeError::Month { .. })));
        }
    }

    proptest! {
        #[test]
        fn last_seconds_survive(number in 0..96_335_i32, event in 0..3_u8, zeros_first: bool) {
            let month = Month::from_number(number).unwrap();
            let event = [POSITIVE, NEGATIVE, StepEvent::Expiry][usize::from(event)];
            let second = LastSecond::new(month, event).unwrap();
            let layout = if zeros_first { AddressLayout::ZerosFirst } else { AddressLayout::ZerosInside };
            prop_assert_eq!(LastSecond::from_addr(second.to_addr(layout)), Ok(second));
        }

        #[test]
        fn any_address_is_answered(bits: u128, mask: u128) {
            let _ = LastSecond::from_addr(Ipv6Addr::from_bits(bits & mask & 0x9999_0019_0039_0000_0000_0023_0059_0069));
            let _ = LastSecond::from_addr(Ipv6Addr::from_bits(bits));
        }
    }
}
