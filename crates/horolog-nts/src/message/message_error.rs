use thiserror::Error;

use super::ErrorCode;
use crate::{DecodeError, RecordType};

/// A message that breaks the rules for its records.
///
/// [`error_code`](Self::error_code) is what a server says to a client whose request it is.
///
/// # Examples
///
/// ```
/// use horolog_nts::{ErrorCode, KeRequest};
///
/// let error = KeRequest::decode(&[0xbf, 0xff, 0, 0, 0x80, 0, 0, 0]).unwrap_err();
/// assert_eq!(error.to_string(), "critical record of unknown type 16383, at offset 0");
/// assert_eq!(error.error_code(), ErrorCode::UNRECOGNIZED_CRITICAL_RECORD);
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum MessageError {
    /// The octets are not records, or a body is not what its type demands.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// A critical record has a type that is not known.
    #[error("critical record of unknown type {record_type}, at offset {offset}")]
    UnknownCritical {
        /// The type.
        record_type: RecordType,
        /// Where the record starts.
        offset: usize,
    },
    /// A record stands there that the message must not have, or must not have twice, empty, or with
    /// that many numbers.
    #[error("record of type {record_type} is {fault}, at offset {offset}")]
    Misplaced {
        /// The type.
        record_type: RecordType,
        /// What is wrong with it.
        fault: &'static str,
        /// Where the record starts.
        offset: usize,
    },
    /// A record that the message must have is missing.
    #[error("no record of type {record_type}")]
    Missing {
        /// The type.
        record_type: RecordType,
    },
    /// Octets are left over behind the End of Message.
    #[error("{left} octets are left over after the end of the message, at offset {offset}")]
    Trailing {
        /// How many.
        left: usize,
        /// Where they start.
        offset: usize,
    },
}

impl MessageError {
    /// What a server says to the client in an Error record.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self {
            Self::UnknownCritical { .. } => ErrorCode::UNRECOGNIZED_CRITICAL_RECORD,
            _ => ErrorCode::BAD_REQUEST,
        }
    }
}
