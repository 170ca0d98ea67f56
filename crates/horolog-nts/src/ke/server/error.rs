use thiserror::Error;

use crate::ke::KePhase;
use crate::{EncodeError, ErrorCode, ExportError, MessageError};

/// A request that a server answers with an Error record.
///
/// # Examples
///
/// ```
/// use horolog_nts::{ErrorCode, ExportError, KeServerError};
///
/// let error = KeServerError::from(ExportError::Refused);
/// assert_eq!(error.error_code(), ErrorCode::INTERNAL_SERVER_ERROR);
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeServerError {
    /// No cookie could be made, or not all of the response could be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The TLS session gives no keys.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The request breaks the rules, or ended before its End of Message.
    #[error(transparent)]
    Request(#[from] MessageError),
    /// A deadline passed.
    #[error("the client took too long for {}", match phase {
        KePhase::Handshake => "the TLS handshake",
        KePhase::Message => "its request",
    })]
    TimedOut {
        /// What was waited for.
        phase: KePhase,
    },
}

impl KeServerError {
    /// What is said to the client: that it is at fault, or that the server is.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self {
            Self::Encode(_) | Self::Export(_) => ErrorCode::INTERNAL_SERVER_ERROR,
            Self::Request(error) => error.error_code(),
            Self::TimedOut { .. } => ErrorCode::BAD_REQUEST,
        }
    }
}
