use core::net::{IpAddr, Ipv4Addr};

use horolog_time::{Month, TaiUtc};
use thiserror::Error;

/// An address that is no leap-second record.
///
/// The checks are made in this order, and the first that fails is told.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum AddressError {
    /// The first four bits are not ones. Likely a resolver answered with an address of its own.
    #[error("not class E: {address} is not in 240.0.0.0/4")]
    NotClassE {
        /// The address, of IPv6 too.
        address: IpAddr,
    },
    /// The last octet is not the CRC of what is before it.
    #[error("CRC mismatch: {address} should end with {expected}")]
    CrcMismatch {
        /// The address.
        address: Ipv4Addr,
        /// The CRC of its other octets.
        expected: u8,
    },
    /// The two bits of the event are 3, which is no announcement. In a set it ends the list.
    #[error("illegal delta: {address} has delta 3, expected 0, 1 or 2")]
    IllegalDelta {
        /// The address.
        address: Ipv4Addr,
    },
    /// The month is 0, before the first that means something.
    #[error("illegal month: {address} has month 0, expected 1 to 2047")]
    IllegalMonth {
        /// The address.
        address: Ipv4Addr,
    },
}

/// What cannot be said in A records.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The month does not fit into 11 bits.
    #[error("month {month} is not in 1971-12..=2142-06")]
    Month {
        /// The month given.
        month: Month,
    },
    /// TAI-UTC does not fit into 7 bits.
    #[error("TAI-UTC {tai_utc} is not in 0..=127")]
    TaiUtc {
        /// The TAI-UTC given.
        tai_utc: TaiUtc,
    },
    /// The table does not say until when it is complete, and a set has to.
    #[error("the table has no expiry")]
    NoExpiry,
    /// The list would end in the month of its last leap second, and a month has only one record.
    #[error("the table ends with the leap second of {month}, expected at least a month after it")]
    EndsWithLeap {
        /// The month of the last leap second.
        month: Month,
    },
}
