#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(all(feature = "std", not(test)))]
extern crate std;

mod bounds;
mod date;
mod duration;
pub mod epoch;
mod error;
mod fraction;
mod int;
mod log2;
mod short;
mod time32;
mod timestamp;
mod unix;

pub use bounds::OffsetBounds;
pub use date::NtpDate;
pub use duration::NtpDuration;
pub use error::TimeError;
pub use log2::{Poll, Precision};
pub use short::NtpShort;
pub use time32::Time32;
pub use timestamp::NtpTimestamp;
pub use unix::UnixTime;
