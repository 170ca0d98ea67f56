//! A whole list of leap seconds as a set of AAAA records.

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv6Addr};

use horolog_time::{LeapTable, LeapTableError, Losses, Month};
use thiserror::Error;

use crate::outline::{Outline, start_of};
use crate::{AddressError, AddressLayout, EncodeError, LastSecond, StepEvent};

/// Addresses that make no list of leap seconds.
///
/// # Examples
///
/// ```
/// use core::net::Ipv6Addr;
/// use horolog_leap_compact::{AddressSetError, decode_addresses};
///
/// let nothing: [Ipv6Addr; 0] = [];
/// assert_eq!(decode_addresses(nothing), Err(AddressSetError::Empty));
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum AddressSetError {
    /// An address is no last second of a month.
    #[error("address {index}: {source}")]
    Address {
        /// How many addresses came before it.
        index: usize,
        /// What is wrong with it.
        source: AddressError,
    },
    /// There is no address.
    #[error("there is no address, expected at least the end of the list")]
    Empty,
    /// Two addresses are of the same month.
    #[error("two addresses are of {month}")]
    DuplicateMonth {
        /// Their month.
        month: Month,
    },
    /// Something comes after the address that ends the list.
    #[error("an address of {month} follows the end of the list in {end}")]
    AfterEnd {
        /// The month of the address that ends the list.
        end: Month,
        /// The month of the address after it.
        month: Month,
    },
    /// The addresses make no table.
    #[error(transparent)]
    Table(#[from] LeapTableError),
}

/// Reads a set of addresses, in any order, as a leap-second table.
///
/// The table expires at the end of the last month that has an address: with a second 59, or with a
/// leap second, as the set says no more where the two are one. So a set of which the end was lost
/// is not noticed; it makes a table that expires too early.
///
/// # Errors
///
/// * [`AddressSetError::Address`] for an address that is no last second of a month.
/// * [`AddressSetError::Empty`] without addresses.
/// * [`AddressSetError::DuplicateMonth`] for two addresses of one month.
/// * [`AddressSetError::AfterEnd`] for an address after a second 59.
///
/// # Examples
///
/// ```
/// use core::net::Ipv6Addr;
/// use horolog_leap_compact::decode_addresses;
///
/// let addresses: Result<Vec<Ipv6Addr>, _> = ["1973:5:31::23:59:59", "1972:6:30::23:59:60"]
///     .into_iter()
///     .map(str::parse)
///     .collect();
/// let table = decode_addresses(addresses?)?;
/// assert_eq!(table.leaps().len(), 1);
/// assert_eq!(table.valid_until().to_string(), "1973-06-01T00:00:00Z");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn decode_addresses<I>(addresses: I) -> Result<LeapTable, AddressSetError>
where
    I: IntoIterator<Item: Into<IpAddr>>,
{
    let seconds = sorted(addresses)?;
    let mut table = LeapTable::builder().reserve(seconds.len());
    let mut end: Option<LastSecond> = None;
    for second in seconds {
        let month = second.month();
        match end {
            Some(end) if end.month() == month => {
                return Err(AddressSetError::DuplicateMonth { month });
            }
            Some(end) if end.event() == StepEvent::Expiry => {
                let end = end.month();
                return Err(AddressSetError::AfterEnd { end, month });
            }
            _ => {}
        }
        if let StepEvent::Leap(sign) = second.event() {
            table.push(month, sign);
        }
        end = Some(second);
    }
    // The month of an address is never the last of the calendar.
    let expiry = end.and_then(|end| end.month().checked_add(1));
    let expires = start_of(expiry.ok_or(AddressSetError::Empty)?);
    Ok(table.expires(expires).build()?)
}

/// Writes a leap-second table as a set of addresses, by month.
///
/// The expiry is cut to the start of its month, and the time of update is left out; both are told
/// as [`Losses`]. Where the list ends with a leap second, no address is needed for its end.
///
/// # Errors
///
/// [`EncodeError::NoExpiry`] for a table without expiry.
///
/// # Examples
///
/// ```
/// use horolog_leap_compact::{AddressLayout, encode_addresses};
/// use horolog_time::{LeapSign, LeapTable};
///
/// let table = LeapTable::builder()
///     .leap("2016-12".parse()?, LeapSign::Positive)
///     .expires("2027-06-28T00:00:00Z".parse()?)
///     .build()?;
/// let (addresses, losses) = encode_addresses(&table, AddressLayout::default())?;
/// let addresses: Vec<_> = addresses.iter().map(|address| address.to_string()).collect();
/// assert_eq!(addresses, ["2016:12:31::23:59:60", "2027:5:31::23:59:59"]);
/// assert_eq!(losses.expires(), table.expires());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn encode_addresses(
    table: &LeapTable,
    layout: AddressLayout,
) -> Result<(Vec<Ipv6Addr>, Losses), EncodeError> {
    let (outline, losses) = Outline::cut(table)?;
    let mut addresses = Vec::with_capacity(outline.leaps().len().saturating_add(1));
    for leap in outline.leaps() {
        let second = LastSecond::new(leap.month(), StepEvent::Leap(leap.sign()))?;
        addresses.push(second.to_addr(layout));
    }
    let last_leap = outline.leaps().last().map(|leap| leap.month());
    let end = outline.expiry().checked_add(-1).unwrap_or(Month::MIN);
    if last_leap != Some(end) {
        addresses.push(LastSecond::new(end, StepEvent::Expiry)?.to_addr(layout));
    }
    Ok((addresses, losses))
}

/// What the addresses say, by month.
fn sorted<I>(addresses: I) -> Result<Vec<LastSecond>, AddressSetError>
where
    I: IntoIterator<Item: Into<IpAddr>>,
{
    let mut seconds = Vec::new();
    for (index, address) in addresses.into_iter().enumerate() {
        let second = match address.into() {
            IpAddr::V6(address) => LastSecond::from_addr(address),
            address @ IpAddr::V4(_) => Err(AddressError::NotIpv6 { address }),
        };
        seconds.push(second.map_err(|source| AddressSetError::Address { index, source })?);
    }
    seconds.sort_unstable_by_key(|second| second.month());
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CompactList;
    use proptest::prelude::*;

    fn address(text: &&str) -> IpAddr {
        text.parse().unwrap()
    }

    fn decode(addresses: &[&str]) -> Result<LeapTable, AddressSetError> {
        decode_addresses(addresses.iter().map(address))
    }

    #[test]
    fn the_whole_list_survives() {
        let text =
            "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+125?";
        let list: CompactList = text.parse().unwrap();
        for layout in [AddressLayout::ZerosInside, AddressLayout::ZerosFirst] {
            let (addresses, losses) = encode_addresses(list.table(), layout).unwrap();
            assert!(losses.is_empty());
            assert_eq!(addresses.len(), 28);
            let backwards = addresses.iter().rev().copied();
            assert_eq!(decode_addresses(backwards).as_ref(), Ok(list.table()));
        }
        let (addresses, _) = encode_addresses(list.table(), AddressLayout::default()).unwrap();
        assert_eq!(addresses[0].to_string(), "1972:6:30::23:59:60");
        assert_eq!(addresses[27].to_string(), "2027:5:31::23:59:59");
    }

    #[test]
    fn what_a_set_does_not_say_is_told() {
        let updated = "2026-07-06T07:44:57Z".parse().unwrap();
        let table = LeapTable::builder()
            .expires("2027-06-28T00:00:00Z".parse().unwrap())
            .updated(updated)
            .build()
            .unwrap();
        let (addresses, losses) = encode_addresses(&table, AddressLayout::default()).unwrap();
        assert_eq!(losses.expires(), table.expires());
        assert_eq!(losses.updated(), Some(updated));
        let read = decode_addresses(addresses).unwrap();
        assert_eq!(read.valid_until().to_string(), "2027-06-01T00:00:00Z");
        let endless = LeapTable::builder().build().unwrap();
        let error = encode_addresses(&endless, AddressLayout::default());
        assert_eq!(error, Err(EncodeError::NoExpiry));
    }

    /// Here the list says more than the other forms can.
    #[test]
    fn a_list_can_end_with_a_leap_second_or_before_the_first_month() {
        let table = decode(&["1972:6:30::23:59:60"]).unwrap();
        assert_eq!(table.valid_until().to_string(), "1972-07-01T00:00:00Z");
        let (addresses, _) = encode_addresses(&table, AddressLayout::default()).unwrap();
        assert_eq!(addresses.len(), 1);
        let table = decode(&["1971:12:31::23:59:59"]).unwrap();
        assert_eq!(table.valid_until().to_string(), "1972-01-01T00:00:00Z");
        let (addresses, _) = encode_addresses(&table, AddressLayout::default()).unwrap();
        assert_eq!(addresses[0].to_string(), "1971:12:31::23:59:59");
    }

    #[test]
    fn sets_that_are_no_list_are_refused() {
        for (addresses, message) in [
            (
                &[][..],
                "there is no address, expected at least the end of the list",
            ),
            (
                &["1972:6:30::23:59:60", "192.0.2.1"],
                "address 1: 192.0.2.1 is not an address of IPv6",
            ),
            (
                &["::1"],
                "address 0: ::1 has 1 groups that are not zero, expected six, one of them the last",
            ),
            (
                &[
                    "1972:6:30::23:59:60",
                    "1972:12:31::23:59:59",
                    "1972:6:30::23:59:60",
                ],
                "two addresses are of 1972-06",
            ),
            (
                &["1972:6:30::23:59:60", "1972:6:30::23:59:59"],
                "two addresses are of 1972-06",
            ),
            (
                &["1972:12:31::23:59:60", "1972:6:30::23:59:59"],
                "an address of 1972-12 follows the end of the list in 1972-06",
            ),
            (
                &["1973:6:30::23:59:59", "1972:6:30::23:59:59"],
                "an address of 1973-06 follows the end of the list in 1972-06",
            ),
        ] {
            let error = decode(addresses).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn lists_survive(text in "([1-9][0-9]{0,1}[-+]){0,60}[1-9]\\?", zeros_first: bool) {
            let list: CompactList = text.parse().unwrap();
            let layout = if zeros_first { AddressLayout::ZerosFirst } else { AddressLayout::ZerosInside };
            let (addresses, losses) = encode_addresses(list.table(), layout).unwrap();
            prop_assert!(losses.is_empty());
            prop_assert_eq!(decode_addresses(addresses), Ok(list.into_table()));
        }
    }
}
