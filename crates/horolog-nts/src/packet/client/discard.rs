use horolog_ntp::{Discard, ExtensionType};
use thiserror::Error;

use crate::{DecodeError, OpenError};

/// A datagram that is no answer to the protected request. The client goes on waiting; its state is as
/// before.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NtsDiscard {
    /// It is no NTP packet, or a field of NTS in it is not as it should be.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// Its header does not answer the request: wrong version, mode or origin timestamp, or none is
    /// outstanding.
    #[error(transparent)]
    Header(#[from] Discard),
    /// A field stands there more than once that may stand there once.
    #[error("more than one field of type {0}")]
    Repeated(ExtensionType),
    /// It has no Unique Identifier.
    #[error("no unique identifier")]
    NoIdentifier,
    /// The Unique Identifier is not the request's.
    #[error("unique identifier is not that of the request")]
    Identifier,
    /// Nothing protects it, and it is not a kiss code.
    #[error("not protected")]
    Unprotected,
    /// Nothing protects the kiss code, and there was one before in answer to this request.
    #[error("another kiss code that nothing protects")]
    RepeatedKiss,
    /// The authenticator does not open.
    #[error("authenticator: {0}")]
    NotAuthentic(#[from] OpenError),
    /// The authenticator opens, but what it hides are not extension fields. The offset counts from
    /// the start of the plaintext.
    #[error("encrypted extension fields: {0}")]
    Plaintext(#[source] DecodeError),
}
