use horolog_leap_a::{AddressError, SetError};
use horolog_leap_compact::{AddressSetError, DecodeError};
use horolog_time::Month;
use thiserror::Error;

use crate::RecordType;

/// Records that say nothing of leap seconds, or contradict each other.
///
/// Records are counted from 0 in the order in which they were given.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum RrsetError {
    /// There is no record.
    #[error("there is no {record_type} record")]
    Empty {
        /// The type that was expected.
        record_type: RecordType,
    },
    /// A record is longer or shorter than those of its type are.
    #[error("record {index} has {found} octets, expected the {expected} of {record_type}")]
    Length {
        /// Which record.
        index: usize,
        /// Its type.
        record_type: RecordType,
        /// Its octets.
        found: usize,
        /// Those that an address has.
        expected: usize,
    },
    /// A record is not made of character-strings, or not of as many as its type has.
    #[error("record {index}: expected {expected} at octet {offset}")]
    CharacterStrings {
        /// Which record.
        index: usize,
        /// Octets before the fault.
        offset: usize,
        /// What should have stood there.
        expected: &'static str,
    },
    /// All addresses are those of hosts: it is likely that a resolver lies, or that nothing of
    /// leap seconds is published at the name.
    #[error("none of the {count} addresses is a leap-second record, the first is {first}")]
    Foreign {
        /// How many there are.
        count: usize,
        /// What is wrong with the first.
        first: AddressError,
    },
    /// An address of class E is no record, or none that can stand there.
    #[error("record {index}")]
    Address {
        /// Which record.
        index: usize,
        /// What is wrong with it.
        source: AddressError,
    },
    /// Two announcements of one month differ.
    #[error("two announcements of {month} differ")]
    Announcements {
        /// Their month.
        month: Month,
    },
    /// The A records make no list.
    #[error("the A records are no list")]
    Set(#[source] SetError),
    /// An AAAA record is no last second of a month.
    #[error("record {index}")]
    LastSecond {
        /// Which record.
        index: usize,
        /// What is wrong with it.
        source: horolog_leap_compact::AddressError,
    },
    /// The AAAA records make no list.
    #[error("the AAAA records are no list")]
    LastSeconds(#[source] AddressSetError),
    /// No record has a list. This is the fault of the first, in all its character-strings together.
    #[error("record {index} is no list")]
    List {
        /// Which record.
        index: usize,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// Two records have lists that differ.
    #[error("records {first} and {second} have lists that differ")]
    Lists {
        /// The first of them.
        first: usize,
        /// The second.
        second: usize,
    },
}
