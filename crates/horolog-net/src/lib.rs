#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

#[cfg(any(feature = "https", feature = "ke"))]
extern crate alloc;

pub mod clock;
mod error;
#[cfg(feature = "https")]
pub mod https;
#[cfg(feature = "ke")]
pub mod ke;
pub mod udp;

pub use error::NetError;
