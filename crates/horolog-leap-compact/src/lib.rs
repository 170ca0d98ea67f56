// The example of the front page needs `alloc`.
#![cfg_attr(feature = "alloc", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "alloc"), doc = "See README.md.")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(all(feature = "std", not(test)))]
extern crate std;

mod address;
mod address_error;
#[cfg(feature = "alloc")]
mod address_set;
mod binary;
mod character_strings;
mod decode_error;
mod encode_error;
mod hinfo;
#[cfg(feature = "alloc")]
mod list;
#[cfg(feature = "alloc")]
mod outline;
mod step;
mod text;

pub use address::{AddressLayout, LastSecond};
pub use address_error::{AddressError, Expected};
#[cfg(feature = "alloc")]
pub use address_set::{AddressSetError, decode_addresses, encode_addresses};
pub use binary::BinarySteps;
pub use character_strings::character_strings;
pub use decode_error::{DecodeError, DecodeErrorKind, Found, Position};
pub use encode_error::EncodeError;
pub use hinfo::{HINFO, HostInfo};
#[cfg(feature = "alloc")]
pub use list::{CompactList, encode_binary, encode_text};
pub use step::{MAX_GAP, Step, StepEvent};
pub use text::TextSteps;
