#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

mod aead;

pub use aead::{AeadAlgorithm, AeadKey, KeyError, OpenError, SealError};
