use thiserror::Error;

use crate::ke::KePhase;
use crate::{
    AeadAlgorithm, DecodeError, ErrorCode, ExportError, MessageError, NextProtocol, ResponseError,
};

/// A key establishment that gave a client no keys, by whose fault it is.
///
/// # Examples
///
/// ```
/// use horolog_nts::{ErrorCode, KeError, RetryAdvice};
///
/// let error = KeError::Refused { code: ErrorCode::BAD_REQUEST };
/// assert_eq!(error.to_string(), "the server says error 1 (bad-request)");
/// assert_eq!(error.retry_advice(), RetryAdvice::Modified);
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeError {
    /// The connection ended before the response did.
    #[error("the connection ended after {received} octets of a response")]
    ClosedEarly {
        /// Octets of the response that came.
        received: usize,
    },
    /// The TLS session gives no keys: its handshake is not over, or it is not the right session.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The response's octets are not records, or a body is not what its type demands.
    #[error(transparent)]
    Malformed(DecodeError),
    /// The server broke the protocol.
    #[error(transparent)]
    Misbehaved(Misbehavior),
    /// The server supports none of the algorithms that were offered.
    #[error("the server supports none of the AEAD algorithms")]
    NoCommonAlgorithm,
    /// The server supports none of the protocols that were offered.
    #[error("the server supports none of the protocols")]
    NoCommonProtocol,
    /// The server says an error.
    #[error("the server says error {}", code.in_words())]
    Refused {
        /// Which.
        code: ErrorCode,
    },
    /// A deadline passed.
    #[error("the server took too long for {}", match phase {
        KePhase::Handshake => "the TLS handshake",
        KePhase::Message => "its response",
    })]
    TimedOut {
        /// What was waited for.
        phase: KePhase,
    },
    /// The server gives a warning. None are known, and unknown ones count as errors.
    #[error("the server says warning {number}")]
    Warned {
        /// Which.
        number: u16,
    },
}

/// What a server did against the protocol.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Misbehavior {
    /// It chose an algorithm that was not offered.
    #[error("the server chose AEAD algorithm {algorithm}, which was not offered")]
    AlgorithmNotOffered {
        /// Which.
        algorithm: AeadAlgorithm,
    },
    /// Its response breaks the rules for its records: some are missing, there twice, or not known
    /// but critical.
    #[error(transparent)]
    Message(MessageError),
    /// It chose a protocol that was not offered.
    #[error("the server chose protocol {protocol}, which was not offered")]
    ProtocolNotOffered {
        /// Which.
        protocol: NextProtocol,
    },
}

/// What may be tried after a failure, when [`RetrySchedule`](crate::RetrySchedule) permits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RetryAdvice {
    /// The same request: the fault may pass.
    Same,
    /// Another request, or another server. Who has none should wait long, for instance
    /// [`RetrySchedule::MAX_INTERVAL`](crate::RetrySchedule::MAX_INTERVAL).
    Modified,
}

impl KeError {
    /// What may be tried next.
    ///
    /// After errors 0 and 1 a client should not send the same request again, after error 2 it may
    /// ([RFC 8915 § 4.1.3](https://www.rfc-editor.org/rfc/rfc8915#section-4.1.3)). Where there is no
    /// common ground the same request finds none either.
    #[must_use]
    pub const fn retry_advice(&self) -> RetryAdvice {
        match *self {
            Self::NoCommonAlgorithm
            | Self::NoCommonProtocol
            | Self::Refused {
                code: ErrorCode::UNRECOGNIZED_CRITICAL_RECORD | ErrorCode::BAD_REQUEST,
            } => RetryAdvice::Modified,
            _ => RetryAdvice::Same,
        }
    }
}

impl From<ResponseError> for KeError {
    fn from(error: ResponseError) -> Self {
        match error {
            ResponseError::Message(MessageError::Malformed(error)) => Self::Malformed(error),
            ResponseError::Message(error) => Self::Misbehaved(Misbehavior::Message(error)),
            ResponseError::Error { code } => Self::Refused { code },
            ResponseError::Warning { number } => Self::Warned { number },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_8915_section_4_1_3_what_may_be_retried() {
        for (number, advice) in [
            (0, RetryAdvice::Modified),
            (1, RetryAdvice::Modified),
            (2, RetryAdvice::Same),
            (40_000, RetryAdvice::Same),
        ] {
            let code = ErrorCode::from_number(number);
            assert_eq!(KeError::Refused { code }.retry_advice(), advice);
        }
        let advice = KeError::NoCommonAlgorithm.retry_advice();
        assert_eq!(advice, RetryAdvice::Modified);
        let error = KeError::ClosedEarly { received: 0 };
        assert_eq!(error.retry_advice(), RetryAdvice::Same);
    }

    #[test]
    fn errors_that_are_known_are_named() {
        for (number, expected) in [
            (0, "the server says error 0 (unrecognized-critical-record)"),
            (2, "the server says error 2 (internal-server-error)"),
            (40_000, "the server says error 40000"),
        ] {
            let code = ErrorCode::from_number(number);
            let said = ResponseError::Error { code };
            assert_eq!(said.to_string(), expected);
            assert_eq!(KeError::from(said).to_string(), expected);
        }
    }
}
