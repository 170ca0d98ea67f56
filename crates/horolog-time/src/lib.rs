// The front page tells of leap-second tables too, which need `alloc`.
#![cfg_attr(feature = "alloc", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "alloc"), doc = "See README.md.")]
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
mod leap_second;
mod leap_sign;
#[cfg(feature = "alloc")]
mod leap_table;
mod log2;
mod losses;
mod month;
mod short;
mod tai;
mod tai_utc;
mod text;
mod time32;
mod timestamp;
mod unix;
mod unsigned_span;
mod utc;

pub use bounds::OffsetBounds;
pub use civil::CivilDate;
pub use date::NtpDate;
pub use duration::NtpDuration;
pub use error::{LeapTableError, LookupError, TimeError};
pub use leap_second::LeapSecond;
pub use leap_sign::LeapSign;
#[cfg(feature = "alloc")]
pub use leap_table::{LeapTable, LeapTableBuilder};
pub use log2::{Poll, Precision};
pub use losses::Losses;
pub use month::Month;
pub use short::NtpShort;
pub use tai::TaiInstant;
pub use tai_utc::TaiUtc;
pub use time32::Time32;
pub use timestamp::NtpTimestamp;
pub use unix::UnixTime;
pub use utc::UtcInstant;
