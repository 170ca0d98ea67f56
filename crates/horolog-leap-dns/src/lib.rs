#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

extern crate alloc;

mod newest;
mod zone;

pub use newest::newest_announcement;
pub use zone::{ZoneError, ZoneFragment};
