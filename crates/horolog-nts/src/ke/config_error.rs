use alloc::vec::Vec;

use thiserror::Error;

use crate::{AeadAlgorithm, DecodeError};

/// A configuration that one side of the key establishment cannot work with.
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, KeClientConfig, KeConfigError};
///
/// let algorithm = AeadAlgorithm::from_number(1);
/// let refused = KeClientConfig::new().with_algorithms(&[algorithm]);
/// assert_eq!(refused.unwrap_err(), KeConfigError::Unsupported { algorithm });
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeConfigError {
    /// There is no algorithm to offer.
    #[error("no AEAD algorithm")]
    NoAlgorithm,
    /// The name of a server cannot be said in a record.
    #[error("server name: {0}")]
    ServerName(DecodeError),
    /// No keys can be made for an algorithm.
    #[error("AEAD algorithm {algorithm} is not supported")]
    Unsupported {
        /// The algorithm.
        algorithm: AeadAlgorithm,
    },
}

/// Takes a list of algorithms, each once.
pub(super) fn supported(algorithms: &[AeadAlgorithm]) -> Result<Vec<AeadAlgorithm>, KeConfigError> {
    let mut list = Vec::new();
    for &algorithm in algorithms {
        if !algorithm.is_supported() {
            return Err(KeConfigError::Unsupported { algorithm });
        }
        if !list.contains(&algorithm) {
            list.push(algorithm);
        }
    }
    Ok(list)
}
