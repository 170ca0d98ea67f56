//! Cookies: what a client keeps of them.

mod jar;

pub use jar::{CookieJar, JarError};
