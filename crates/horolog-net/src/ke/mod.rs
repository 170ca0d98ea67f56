//! NTS key establishment over TCP and TLS (RFC 8915 § 4), both sides.
//!
//! [`establish`] is a client: it blocks, within its timeouts. [`KeListener`] is a server: one thread
//! for any number of clients, who each get a bounded time and memory.

mod client;
mod connection;
mod error;
mod handler;
mod limits;
mod listener;
#[cfg(test)]
mod testing;
mod timed;

pub use client::establish;
pub use error::KeNetError;
pub use handler::{KeEvent, KeHandler};
pub use limits::KeLimits;
pub use listener::KeListener;
