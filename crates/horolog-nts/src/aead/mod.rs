//! AEAD: the algorithms' numbers, and keys that seal and open.

mod algorithm;
mod error;
mod gcm_siv;
mod key;
mod secret;
mod siv;

pub use algorithm::AeadAlgorithm;
pub use error::{KeyError, OpenError, SealError};
pub use key::AeadKey;
pub(crate) use secret::Secret;
#[cfg(feature = "alloc")]
pub(crate) use siv::{AesSiv, AesSivCmac256};

/// Octets of the tag, the same in all algorithms that are spoken here.
const TAG_LENGTH: usize = 16;

/// Octets of the longest key of any algorithm that is spoken here.
pub(crate) const MAX_KEY_LENGTH: usize = 64;
