#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

extern crate alloc;

mod bulletin_c;
mod error;
mod fault;
mod file_format;
mod hash_rule;
mod hash_state;
mod leap_second_dat;
mod leap_seconds_list;
mod list_hash;
mod steps;
#[cfg(test)]
mod tests;
mod text;
mod tzif;
mod write_error;

pub use bulletin_c::BulletinC;
pub use error::LeapListError;
pub use file_format::LeapFileFormat;
pub use hash_rule::HashRule;
pub use hash_state::HashState;
pub use leap_second_dat::{LeapSecondDat, LeapSecondDatWriter};
pub use leap_seconds_list::{CommentPlace, LeapSecondsList, ListComments, ListWriter};
pub use list_hash::ListHash;
pub use tzif::{TzifError, TzifLeapSeconds};
pub use write_error::LeapWriteError;
