//! AEAD: the algorithms' numbers, and keys that seal and open.

mod algorithm;
mod error;
#[cfg(feature = "alloc")]
mod expanded;
mod gcm_siv;
mod key;
#[cfg(feature = "alloc")]
mod sealing_key;
mod secret;
mod siv;
#[cfg(test)]
mod wycheproof;

pub use algorithm::AeadAlgorithm;
pub use error::{KeyError, OpenError, SealError};
#[cfg(feature = "alloc")]
pub(crate) use expanded::ExpandedKey;
pub use key::AeadKey;
#[cfg(feature = "alloc")]
pub(crate) use sealing_key::SealingKey;
pub(crate) use secret::Secret;
#[cfg(feature = "alloc")]
pub(crate) use siv::{AesSiv, SharedAesSivCmac256};

/// Octets of the tag, the same in all algorithms that are spoken here.
pub(crate) const TAG_LENGTH: usize = 16;

/// Octets of the longest key of any algorithm that is spoken here.
pub(crate) const MAX_KEY_LENGTH: usize = 64;
