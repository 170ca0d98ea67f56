#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "alloc"),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "the front page names all that there is with every feature"
    )
)]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(all(feature = "std", not(test)))]
extern crate std;

mod announcement;
mod announcements;
mod crc;
mod error;
mod fields;
mod list_end;
mod record;
#[cfg(feature = "alloc")]
mod set;
#[cfg(feature = "alloc")]
mod set_error;

pub use announcement::LeapAnnouncement;
pub use announcements::Announcements;
pub use error::{AddressError, EncodeError};
pub use list_end::ListEnd;
pub use record::LeapRecord;
#[cfg(feature = "alloc")]
pub use set::{decode_set, encode_set};
#[cfg(feature = "alloc")]
pub use set_error::SetError;
