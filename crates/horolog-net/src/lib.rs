#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "https", feature = "ke")),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "the front page names all that there is with every feature"
    )
)]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

#[cfg(any(feature = "https", feature = "ke"))]
extern crate alloc;

pub mod clock;
mod error;
#[cfg(feature = "https")]
pub mod https;
#[cfg(feature = "ke")]
pub mod ke;
#[cfg(any(feature = "https", feature = "ke"))]
mod timed;
pub mod udp;

pub use error::NetError;
