#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

#[cfg(feature = "ke")]
extern crate alloc;

pub mod clock;
mod error;
#[cfg(feature = "ke")]
pub mod ke;
pub mod udp;

pub use error::NetError;
