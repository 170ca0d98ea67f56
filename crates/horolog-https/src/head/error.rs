use thiserror::Error;

use crate::{MAX_FIELDS, MAX_HEAD_LENGTH};

/// Octets that are no response to a HEAD request.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum HeadError {
    /// The head does not end within [`MAX_HEAD_LENGTH`] octets.
    #[error("the head is longer than {MAX_HEAD_LENGTH} octets")]
    TooLong,
    /// The head has more than [`MAX_FIELDS`] fields.
    #[error("the head has more than {MAX_FIELDS} fields")]
    TooManyFields,
    /// The octets do not follow HTTP/1.1.
    #[error("the head is no HTTP/1.1: bad {part}")]
    Syntax {
        /// What is wrong.
        part: &'static str,
    },
    /// There are octets behind the head: a body, which the response to HEAD has not, or a response
    /// that nobody asked for.
    #[error("{octets} octets behind the head, where a response to HEAD ends")]
    Body {
        /// How many came with the head.
        octets: usize,
    },
}

impl From<httparse::Error> for HeadError {
    fn from(error: httparse::Error) -> Self {
        let part = match error {
            httparse::Error::TooManyHeaders => return Self::TooManyFields,
            httparse::Error::HeaderName => "name of a field",
            httparse::Error::HeaderValue => "value of a field",
            httparse::Error::NewLine => "end of a line",
            httparse::Error::Status => "status code",
            httparse::Error::Token => "token",
            httparse::Error::Version => "version",
        };
        Self::Syntax { part }
    }
}
