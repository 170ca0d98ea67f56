#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

pub mod clock;
mod error;
pub mod udp;

pub use error::NetError;
