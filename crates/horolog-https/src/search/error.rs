use horolog_time::OffsetBounds;
use thiserror::Error;

use crate::{FieldError, HeadError, StatusCode};

/// A search that found nothing, by whose fault it is.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SearchError {
    /// The server does not offer time, and asks by that not to be asked again
    /// ([`RefusalList`](crate::RefusalList)).
    #[error("the server does not offer time: status {status}")]
    NotOffered {
        /// What it answered.
        status: StatusCode,
    },
    /// The response tells no time.
    #[error("the response has no Date")]
    NoDate,
    /// A field that tells time cannot be read.
    #[error(transparent)]
    Field(FieldError),
    /// The octets are no response to a HEAD request.
    #[error(transparent)]
    Malformed(#[from] HeadError),
    /// A response came before it was asked for.
    #[error("the server answers what it was not asked")]
    Unasked,
    /// What the server tells cannot all be true: its clock was set, several servers stand behind one
    /// name, or it keeps a Date that has passed.
    #[error(
        "the server contradicts itself in round {round}: offset {:+} to {:+} s before, {:+} to {:+} s now",
        known.low(), known.high(), told.low(), told.high()
    )]
    Inconsistent {
        /// Which response contradicts those before it, from 1 on.
        round: u32,
        /// What all before it allow.
        known: OffsetBounds,
        /// What it allows.
        told: OffsetBounds,
    },
    /// The connection was closed before the search was over.
    #[error("the server closed the connection after {rounds} rounds")]
    ClosedEarly {
        /// How many responses came.
        rounds: u32,
    },
    /// The clocks are more than 68 years apart, which no offset can say.
    #[error("the clocks are more than 68 years apart")]
    TooFar,
    /// The caller's clock went back between a request and its response. It has to be one that is
    /// never set.
    #[error("the local clock went back")]
    LocalClock,
}

impl From<FieldError> for SearchError {
    fn from(error: FieldError) -> Self {
        match error {
            FieldError::Missing { .. } => Self::NoDate,
            error => Self::Field(error),
        }
    }
}
