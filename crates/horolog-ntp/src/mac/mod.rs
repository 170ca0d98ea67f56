//! Message authentication codes with symmetric keys.

mod algorithm;
mod key;
#[cfg(feature = "alloc")]
mod key_file;
mod key_id;
#[cfg(feature = "alloc")]
mod keys;
mod trailer;

pub use algorithm::MacAlgorithm;
pub use key::{KeyError, MacDigest, MacKey};
#[cfg(feature = "alloc")]
pub use key_file::{KeyFileError, KeyFileErrorKind, KeyFileFormat};
pub use key_id::KeyId;
#[cfg(feature = "alloc")]
pub use keys::MacKeys;
pub use trailer::MacTrailer;
pub(crate) use trailer::mac_trailer;
