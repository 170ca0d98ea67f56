#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(all(feature = "std", not(test)))]
extern crate std;

mod bounds;
mod civil;
mod date;
mod duration;
pub mod epoch;
mod error;
mod fraction;
mod int;
mod log2;
mod month;
mod short;
mod text;
mod time32;
mod timestamp;
mod unix;
mod utc;

pub use bounds::OffsetBounds;
pub use civil::CivilDate;
pub use date::NtpDate;
pub use duration::NtpDuration;
pub use error::TimeError;
pub use log2::{Poll, Precision};
pub use month::Month;
pub use short::NtpShort;
pub use time32::Time32;
pub use timestamp::NtpTimestamp;
pub use unix::UnixTime;
pub use utc::UtcInstant;
