//! Time over HTTPS, both sides.
//!
//! [`measure`] is a client: it asks a server on one connection until it knows bounds on the offset of
//! the system clock. [`TimeListener`] is a server: a thread for each of a bounded number of clients.

mod client;
mod server;
mod stamped;

pub use client::{CertificateTime, HttpsConfig, HttpsNetError, Phase, measure};
pub use server::{TimeEvent, TimeLimits, TimeListener, server_config};

#[cfg(test)]
mod tests;

/// The protocol of the sessions, as ALPN has it ([RFC 7301](https://www.rfc-editor.org/rfc/rfc7301)).
const ALPN: &[u8] = b"http/1.1";

/// Octets that are taken at once.
const PORTION: usize = 4096;
