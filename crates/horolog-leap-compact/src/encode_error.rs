use horolog_time::{LeapTableError, Month};
use thiserror::Error;

/// What these forms cannot say, or have no room for.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The table does not say until when it is complete, and these forms have to.
    #[error("the table has no expiry")]
    NoExpiry,
    /// A gap is shorter or longer than a list can say.
    ///
    /// A gap of 0 is that from the last leap second to an expiry within a month after it.
    #[error("the gap before {month} is {months} months, expected 1 to 999")]
    Gap {
        /// The month that starts after the gap.
        month: Month,
        /// Its length in months.
        months: u32,
    },
    /// The month is before 1972, or nothing can follow it.
    #[error("month {month} is not in {min}..=9999-11")]
    Month {
        /// The month given.
        month: Month,
        /// The first that can be said: 1972-01 for leap seconds, 1971-12 for the expiry.
        min: Month,
    },
    /// The buffer is too short for the list.
    #[error("the list needs {needed} octets of buffer, {left} are left")]
    BufferTooSmall {
        /// Octets of the list.
        needed: usize,
        /// Octets of buffer that are left.
        left: usize,
    },
    /// The leap seconds and the cut expiry make no table.
    #[error(transparent)]
    Table(#[from] LeapTableError),
}
