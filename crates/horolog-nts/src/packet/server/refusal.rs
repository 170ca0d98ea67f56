use horolog_ntp::{EncodeError, ExtensionType, Refusal};
use thiserror::Error;

use crate::{AeadAlgorithm, CookieError, DecodeError, OpenError};

/// Why a request gets no protected response.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NtsRefusal {
    /// It is no NTP packet, or a field of NTS in it is not as it should be.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// There are fields of NTS, but not this one where it must stand: before the authenticator, or
    /// the authenticator itself.
    #[error("no field of type {0}")]
    Missing(ExtensionType),
    /// A field stands there more than once that may stand there once.
    #[error("more than one field of type {0}")]
    Repeated(ExtensionType),
    /// A field is encrypted that must not be.
    #[error("field of type {0} is encrypted")]
    Encrypted(ExtensionType),
    /// The cookie does not open. The answer is an NTS NAK.
    #[error(transparent)]
    Cookie(#[from] CookieError),
    /// The authenticator does not open. The answer is an NTS NAK.
    #[error("authenticator: {0}")]
    NotAuthentic(#[from] OpenError),
    /// The nonce and the additional padding leave too little room for the nonce of a response.
    #[error(
        "{length} octets for a nonce are below {needed}, which aead algorithm {algorithm} needs"
    )]
    ShortNonce {
        /// The algorithm in the cookie.
        algorithm: AeadAlgorithm,
        /// Octets of the nonce, padded, and of the additional padding.
        length: usize,
        /// The least there may be.
        needed: usize,
    },
    /// The authenticator opens, but what it hides are not extension fields. The offset counts from
    /// the start of the plaintext.
    #[error("encrypted extension fields: {0}")]
    Plaintext(#[source] DecodeError),
    /// What the authenticator hides does not fit the buffer for it.
    #[error("ciphertext of {needed} octets does not fit a buffer of {length}")]
    ScratchTooSmall {
        /// Octets of the ciphertext.
        needed: usize,
        /// Octets of the buffer.
        length: usize,
    },
    /// The client asks too often.
    #[error("above the rate limit")]
    RateLimited,
    /// A response with a single cookie would be longer than the request.
    #[error("response of {length} octets is longer than the request of {request}")]
    TooLong {
        /// Octets of the response.
        length: usize,
        /// Octets of the request, up to the end of its authenticator.
        request: usize,
    },
    /// The response does not fit the buffer.
    #[error("response cannot be written")]
    Response(#[from] EncodeError),
    /// It has no field of NTS, and gets no response without either.
    #[error(transparent)]
    Plain(#[from] Refusal),
}

impl NtsRefusal {
    /// Whether the answer is an NTS NAK: the cookie or the authenticator does not open
    /// ([RFC 8915 § 5.7](https://www.rfc-editor.org/rfc/rfc8915#section-5.7)). In all other cases
    /// there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_nts::{NtsRefusal, OpenError};
    ///
    /// assert!(NtsRefusal::NotAuthentic(OpenError).is_nak());
    /// assert!(!NtsRefusal::RateLimited.is_nak());
    /// ```
    #[must_use]
    pub const fn is_nak(&self) -> bool {
        matches!(self, Self::Cookie(_) | Self::NotAuthentic(_))
    }
}
