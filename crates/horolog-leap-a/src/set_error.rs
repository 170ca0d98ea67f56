use horolog_time::{LeapTableError, Month, TaiUtc};
use thiserror::Error;

use crate::{AddressError, LeapAnnouncement};

/// Addresses that make no list of leap seconds.
///
/// # Examples
///
/// ```
/// use core::net::Ipv4Addr;
/// use horolog_leap_a::{SetError, decode_set};
///
/// let first_leap = Ipv4Addr::new(240, 15, 10, 108);
/// assert_eq!(decode_set([first_leap]), Err(SetError::NoEnd));
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SetError {
    /// An address is no record.
    #[error("address {index}: {source}")]
    Record {
        /// How many addresses came before it.
        index: usize,
        /// What is wrong with it.
        source: AddressError,
    },
    /// Two records are of the same month.
    #[error("two records are of {month}")]
    DuplicateMonth {
        /// Their month.
        month: Month,
    },
    /// No record ends the list: it may be incomplete.
    #[error("no record ends the list")]
    NoEnd,
    /// Something comes after the record that ends the list.
    #[error("a record of {month} follows the end of the list in {end}")]
    AfterEnd {
        /// The month of the record that ends the list.
        end: Month,
        /// The month of the record after it.
        month: Month,
    },
    /// A record says that nothing happens. Such months have no record in a set.
    #[error("nothing happens in {month}, expected a leap second")]
    NoEvent {
        /// Its month.
        month: Month,
    },
    /// A record's TAI-UTC is not what the records before it lead to: one is missing or wrong.
    #[error("TAI-UTC in {month} is {found}, expected {expected}")]
    Contradiction {
        /// Its month.
        month: Month,
        /// Its TAI-UTC.
        found: TaiUtc,
        /// What the records before it lead to.
        expected: TaiUtc,
    },
    /// The record of 1971-12, which may stand in front, does not say how 1972 began.
    #[error("the front record is {found}, expected dtai=9 delta=+1")]
    Front {
        /// What it says.
        found: LeapAnnouncement,
    },
    /// The records make no table.
    #[error(transparent)]
    Table(#[from] LeapTableError),
}
