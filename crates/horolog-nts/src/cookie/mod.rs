//! Cookies: the keys that a server makes them with, and what a client keeps of them.

mod cookie_key;
mod error;
mod jar;
mod keyring;
mod keyring_file;
mod rotation;

pub use error::CookieError;
pub use jar::{CookieJar, JarError};
pub use keyring::Keyring;
pub use rotation::{KeyRotation, RotationError};
