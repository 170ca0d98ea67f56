use core::fmt;

use bytes::BufMut;

use super::fields::put;
use crate::{EncodeError, Record, RecordType};

/// The number in an NTS-KE Error record.
///
/// Unknown numbers are kept as they stand.
///
/// Defined in [RFC 8915 § 4.1.3](https://www.rfc-editor.org/rfc/rfc8915#section-4.1.3).
///
/// # Examples
///
/// ```
/// use horolog_nts::ErrorCode;
///
/// assert_eq!(ErrorCode::from_number(1), ErrorCode::BAD_REQUEST);
/// assert_eq!(ErrorCode::BAD_REQUEST.name(), Some("bad-request"));
/// assert_eq!(ErrorCode::from_number(40_000).name(), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ErrorCode(u16);

impl ErrorCode {
    /// A critical record of a type that the server does not know.
    pub const UNRECOGNIZED_CRITICAL_RECORD: Self = Self(0);
    /// A request that is not as it should be.
    pub const BAD_REQUEST: Self = Self(1);
    /// The server is at fault; the client may try again.
    pub const INTERNAL_SERVER_ERROR: Self = Self(2);

    /// Takes the number as it stands on the wire.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// The number as it stands on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Octets that [`encode_response`](Self::encode_response) writes.
    pub const RESPONSE_LENGTH: usize = 2 * Record::HEADER_LENGTH + 2;

    /// Appends the whole response of a server that refuses a request: an Error record and an End of
    /// Message.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`]; then nothing was written.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_nts::{ErrorCode, KeResponse, ResponseError};
    ///
    /// let mut message = Vec::new();
    /// ErrorCode::BAD_REQUEST.encode_response(&mut message)?;
    /// assert_eq!(message, [0x80, 2, 0, 2, 0, 1, 0x80, 0, 0, 0]);
    ///
    /// let code = ErrorCode::BAD_REQUEST;
    /// assert_eq!(KeResponse::decode(&message), Err(ResponseError::Error { code }));
    /// # Ok::<(), horolog_nts::EncodeError>(())
    /// ```
    pub fn encode_response(self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        let left = buffer.remaining_mut();
        if left < Self::RESPONSE_LENGTH {
            return Err(EncodeError::BufferTooSmall {
                field: "message",
                needed: Self::RESPONSE_LENGTH,
                left,
            });
        }
        put(
            true,
            RecordType::ERROR,
            &self.number().to_be_bytes(),
            buffer,
        )?;
        Record::END_OF_MESSAGE.encode(buffer)
    }

    /// The name, if the number has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::UNRECOGNIZED_CRITICAL_RECORD => Some("unrecognized-critical-record"),
            Self::BAD_REQUEST => Some("bad-request"),
            Self::INTERNAL_SERVER_ERROR => Some("internal-server-error"),
            _ => None,
        }
    }

    /// The number for people, with its name if it has one: `1 (bad-request)`.
    pub(crate) fn in_words(self) -> impl fmt::Display {
        InWords(self)
    }
}

struct InWords(ErrorCode);

impl fmt::Display for InWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => self.0.fmt(f),
        }
    }
}

/// The number.
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
