use thiserror::Error;

use crate::{Month, UtcInstant};

/// A value or a text that one of this crate's types cannot hold.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum TimeError {
    /// A number lies outside of what its field can say.
    #[error("{field} {value} is not in {min}..={max}")]
    OutOfRange {
        /// Which field.
        field: &'static str,
        /// What was given.
        value: i64,
        /// The smallest value allowed.
        min: i64,
        /// The largest value allowed.
        max: i64,
    },
    /// The result of a conversion does not fit its type.
    #[error("{0} overflows")]
    Overflow(
        /// Which quantity.
        &'static str,
    ),
    /// A text does not follow its form.
    #[error("expected {expected} at offset {offset}")]
    Text {
        /// What should have stood there.
        expected: &'static str,
        /// Octets from the start of the text.
        offset: usize,
    },
}

impl TimeError {
    /// `value`, if it lies in `min..=max`.
    pub(crate) const fn check(
        field: &'static str,
        value: i64,
        min: i64,
        max: i64,
    ) -> Result<i64, Self> {
        if value < min || value > max {
            return Err(Self::OutOfRange {
                field,
                value,
                min,
                max,
            });
        }
        Ok(value)
    }
}

/// Leap seconds and an expiry that make no table.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum LeapTableError {
    /// No leap second can be at the end of this month.
    #[error("no leap second can be at the end of {month}")]
    Month {
        /// The month given.
        month: Month,
    },
    /// A leap second does not come after the one given before it, or is given twice.
    #[error("the leap second at the end of {month} does not follow that at the end of {previous}")]
    NotAscending {
        /// The month given.
        month: Month,
        /// The month given before it.
        previous: Month,
    },
    /// The table would end before its last leap second does.
    #[error("the expiry {expires} is before {earliest}")]
    Expiry {
        /// The expiry given.
        expires: UtcInstant,
        /// The end of the last leap second, or 1972-01-01T00:00:00Z.
        earliest: UtcInstant,
    },
}

/// What a leap-second table cannot answer.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum LookupError {
    /// The instant is before 1972-01-01T00:00:00Z, where UTC had no whole offset from TAI.
    #[error("there are no leap seconds before 1972")]
    BeforeStart,
    /// The instant is not before the end of what the table knows.
    #[error("the leap-second table is valid only until {expires}")]
    Expired {
        /// The end of what the table knows.
        expires: UtcInstant,
    },
    /// UTC had no such second: 23:59:60 without leap second, or a removed 23:59:59.
    #[error("the second does not exist in UTC")]
    NoSuchSecond,
}
