use horolog_ntp::{EncodeError, Version};
use thiserror::Error;

use crate::NextProtocol;

/// An association that a client of protected NTPv4 cannot use.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum AssociationError {
    /// Its keys are for another protocol.
    #[error("the keys are for protocol {0}, not for NTPv4")]
    NextProtocol(NextProtocol),
    /// Requests are to be of a version that has no extension fields.
    #[error("requests are to be of version {0}, not 4")]
    Version(Version),
}

/// A request that is not written.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ProtectError {
    /// Every cookie was used once: run the key establishment.
    #[error("no cookie is left: run the key establishment")]
    NoCookie,
    /// The shortest request, without placeholders, would be longer than was allowed.
    #[error("request of {length} octets is longer than {max}")]
    TooLong {
        /// Octets of the request.
        length: usize,
        /// The most there may be.
        max: usize,
    },
    /// It does not fit the buffer.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}
