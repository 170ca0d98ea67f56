use horolog_time::{Month, TaiUtc, UtcInstant};
use thiserror::Error;

/// A leap-second table that a file's format cannot say.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum LeapWriteError {
    /// The table has no expiry, without which no file of leap seconds is of use.
    #[error("the table has no expiry")]
    NoExpiry,
    /// The table does not say when it was updated, and nobody else did.
    #[error("the table has no time of update")]
    NoUpdateTime,
    /// The table has no leap seconds: the file would look like one cut off.
    #[error("the table has no leap seconds")]
    NoLeapSeconds,
    /// The format tells instants in whole units and from a start on.
    #[error("the {field} {instant} is not a {unit}")]
    Instant {
        /// Which instant.
        field: &'static str,
        /// What it was.
        instant: UtcInstant,
        /// What the format can say.
        unit: &'static str,
    },
    /// The format has no negative TAI-UTC.
    #[error("TAI-UTC is {tai_utc} after {month}")]
    NegativeTaiUtc {
        /// The month that ends with the leap second.
        month: Month,
        /// TAI-UTC after it.
        tai_utc: TaiUtc,
    },
}
