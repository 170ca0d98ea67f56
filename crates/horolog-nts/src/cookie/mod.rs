//! Cookies: the keys that a server makes them with, and what a client keeps of them.

mod cookie_key;
mod error;
mod jar;
mod keyring;

pub use error::CookieError;
pub use jar::{CookieJar, JarError};
pub use keyring::Keyring;
