use thiserror::Error;

use super::AeadAlgorithm;

/// A secret that cannot be used as a key.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeyError {
    /// The algorithm is not spoken here.
    #[error("aead algorithm {algorithm} is not supported")]
    Unsupported {
        /// Which algorithm.
        algorithm: AeadAlgorithm,
    },
    /// The algorithm demands another length.
    #[error("key of aead algorithm {algorithm} has {length} octets, needs {needed}")]
    Length {
        /// For which algorithm.
        algorithm: AeadAlgorithm,
        /// Octets given.
        length: usize,
        /// Octets needed.
        needed: usize,
    },
}

/// A plaintext that cannot be sealed as asked.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SealError {
    /// The algorithm demands a nonce of another length.
    #[error("nonce of aead algorithm {algorithm} has {length} octets, needs {least} or more")]
    NonceTooShort {
        /// Which algorithm.
        algorithm: AeadAlgorithm,
        /// Octets given.
        length: usize,
        /// The least there may be.
        least: usize,
    },
    /// The algorithm demands a nonce of another length.
    #[error("nonce of aead algorithm {algorithm} has {length} octets, needs {most} or less")]
    NonceTooLong {
        /// Which algorithm.
        algorithm: AeadAlgorithm,
        /// Octets given.
        length: usize,
        /// The most there may be.
        most: usize,
    },
    /// The buffer has no room for the tag.
    #[error("buffer has {length} octets, the tag alone needs {needed}")]
    BufferTooSmall {
        /// Octets of buffer.
        length: usize,
        /// Octets of the tag.
        needed: usize,
    },
    /// The plaintext or the associated data are longer than the algorithm allows.
    #[error("plaintext or associated data are too long for aead algorithm {algorithm}")]
    TooLong {
        /// Which algorithm.
        algorithm: AeadAlgorithm,
    },
}

/// What was to be opened is not authentic, or cannot be. It does not say why.
#[derive(Clone, Copy, Debug, Default, Eq, Error, PartialEq)]
#[error("not authentic")]
pub struct OpenError;
