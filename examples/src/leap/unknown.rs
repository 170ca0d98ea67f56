use horolog_time::{LookupError, UtcInstant};
use thiserror::Error;

/// Why nothing is known of leap seconds at an instant.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum LeapUnknown {
    /// The list does not know.
    #[error(transparent)]
    List(#[from] LookupError),
    /// The announcement is of a later time.
    #[error("the announcement is good only from {since} on")]
    TooEarly {
        /// The start of its half-year.
        since: UtcInstant,
    },
    /// The announcement is too old.
    #[error("the announcement is good only until {until}")]
    Over {
        /// When the one after it takes its place.
        until: UtcInstant,
    },
}
