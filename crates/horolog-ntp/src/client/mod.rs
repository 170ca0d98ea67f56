//! The client's side of an exchange, without I/O.

mod exchange;
mod measurement;
mod reply;

pub use exchange::{ClientConfig, ClientExchange};
pub use measurement::Measurement;
pub use reply::{Discard, Reply, Unusable};
