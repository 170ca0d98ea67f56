// The example of the front page needs `alloc`.
#![cfg_attr(feature = "alloc", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "alloc"), doc = "See README.md.")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "rustls"),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "the front page names all that there is with every feature"
    )
)]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod aead;
#[cfg(feature = "alloc")]
mod association;
#[cfg(feature = "alloc")]
mod association_file;
mod constants;
#[cfg(feature = "alloc")]
mod cookie;
#[cfg(feature = "alloc")]
mod ke;
mod key;
mod message;
#[cfg(feature = "alloc")]
mod packet;
mod record;
#[cfg(feature = "alloc")]
mod saved;
#[cfg(feature = "rustls")]
pub mod tls;

pub use aead::{AeadAlgorithm, AeadKey, KeyError, OpenError, SealError};
#[cfg(feature = "alloc")]
pub use association::Association;
pub use constants::{KE_ALPN, KE_PORT};
#[cfg(feature = "alloc")]
pub use cookie::{CookieError, CookieJar, JarError, KeyRotation, Keyring, RotationError};
pub use horolog_ntp::{DecodeError, DecodeErrorKind, EncodeError};
#[cfg(feature = "alloc")]
pub use ke::{
    KeClient, KeClientConfig, KeConfigError, KeError, KeOutcome, KePhase, KeProgress, KeServer,
    KeServerConfig, KeServerError, KeTimeouts, Misbehavior, RetryAdvice, RetrySchedule,
};
pub use key::{
    EXPORTER_LABEL, ExportError, ExporterSecret, KeyExporter, SessionKeys, exporter_context,
};
pub use message::{ErrorCode, KeRequest, KeResponse, MessageError, NextProtocol, ResponseError};
#[cfg(feature = "unstable-leap-ef")]
pub use packet::LeapListOffer;
#[cfg(feature = "alloc")]
pub use packet::{
    AssociationError, AuthenticReply, NtsClient, NtsDiscard, NtsRefusal, NtsReply, NtsRequest,
    NtsResponse, NtsServer, ProtectError, ProtectedResponse, SealedRequest,
};
pub use record::{
    MAX_COOKIE_LENGTH, MAX_MESSAGE_LENGTH, MAX_SERVER_NAME_LENGTH, NextRecord, NumberList, Record,
    RecordReader, RecordType,
};
