use core::fmt;
use core::net::{IpAddr, Ipv6Addr};

use horolog_time::Month;
use thiserror::Error;

/// An address that is no last second of a month.
///
/// Groups are counted from 0; their numbers are what their hexadecimal digits say in decimal.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum AddressError {
    /// The address is of IPv4.
    #[error("{address} is not an address of IPv6")]
    NotIpv6 {
        /// The address.
        address: IpAddr,
    },
    /// Not six groups have a number, or the last of the eight has none.
    #[error("{address} has {found} groups that are not zero, expected six, one of them the last")]
    Groups {
        /// The address.
        address: Ipv6Addr,
        /// How many groups have a number.
        found: usize,
    },
    /// A group has a digit from a to f.
    #[error("group {group} of {address} is {found:x}, expected decimal digits")]
    Digits {
        /// The address.
        address: Ipv6Addr,
        /// Which group.
        group: usize,
        /// What it is.
        found: u16,
    },
    /// A number is not what the last second of a month has.
    #[error("{field} of {address} is {found} in group {group}, expected {expected}")]
    Field {
        /// The address.
        address: Ipv6Addr,
        /// What the number is.
        field: &'static str,
        /// Which group it stands in.
        group: usize,
        /// What it is.
        found: u16,
        /// What it can be.
        expected: Expected,
    },
    /// No leap second or expiry can be there.
    #[error("month of {address} is {month}, expected one from 1972-01 to 9999-11")]
    Month {
        /// The address.
        address: Ipv6Addr,
        /// Its month.
        month: Month,
    },
}

/// The numbers that a field can have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Expected {
    /// The least.
    pub min: u16,
    /// The greatest.
    pub max: u16,
}

/// `23`, or `58 to 60`.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max {
            write!(f, "{}", self.min)
        } else {
            write!(f, "{} to {}", self.min, self.max)
        }
    }
}
