#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

mod aead;
mod error;
mod message;
mod record;

pub use aead::{AeadAlgorithm, AeadKey, KeyError, OpenError, SealError};
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use message::{ErrorCode, KeRequest, NextProtocol, RequestError};
pub use record::{
    MAX_COOKIE_LENGTH, MAX_MESSAGE_LENGTH, MAX_SERVER_NAME_LENGTH, NextRecord, NumberList, Record,
    RecordReader, RecordType,
};
