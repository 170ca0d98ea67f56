// The example of the front page needs `alloc`.
#![cfg_attr(feature = "alloc", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "alloc"), doc = "See README.md.")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod client;
pub mod constants;
pub mod control;
mod datagram;
mod error;
mod extension;
mod header;
mod kiss_code;
mod leap_indicator;
mod mac;
mod mode;
mod packet;
mod packet_writer;
mod parse;
mod reference_id;
#[cfg(feature = "alloc")]
mod server;
mod stratum;
#[cfg(feature = "unstable-ntpv5")]
pub mod v5;
mod version;

pub use client::{ClientConfig, ClientExchange, Discard, Measurement, Reply, Unusable};
pub use datagram::Datagram;
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use extension::{
    AutokeyType, ChecksumComplement, ChronyMonoRoot, ExtensionField, ExtensionType, FieldLayout,
    FieldValue, FieldWalker, NetworkCorrection, NtsAuthenticator, NtsCookie, NtsCookiePlaceholder,
    Trailing, UniqueIdentifier,
};
#[cfg(feature = "unstable-leap-ef")]
pub use extension::{LeapListField, NotPrivateError, PrivateExtensionType};
pub use header::Header;
pub use kiss_code::{KissAction, KissCode};
pub use leap_indicator::LeapIndicator;
pub use mac::{KeyError, KeyId, MacAlgorithm, MacDigest, MacKey, MacTrailer};
#[cfg(feature = "alloc")]
pub use mac::{KeyFileError, KeyFileErrorKind, KeyFileFormat, MacKeys};
pub use mode::Mode;
pub use packet::Packet;
pub use packet_writer::PacketWriter;
pub use reference_id::ReferenceId;
#[cfg(feature = "alloc")]
pub use server::{
    Answer, Arrival, InterleavedTable, RateDecision, RateLimit, RateLimiter, Refusal, Response,
    ResponseKind, SavedReply, ServerResponder, SystemState,
};
pub use stratum::Stratum;
pub use version::Version;
