#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

extern crate alloc;

mod error;
mod hash_state;
mod leap_seconds_list;
mod list_hash;

pub use error::LeapListError;
pub use hash_state::HashState;
pub use leap_seconds_list::LeapSecondsList;
pub use list_hash::ListHash;
