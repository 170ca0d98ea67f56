//! UDP as NTP needs it: every datagram with the time it came or went.

mod answer;
mod batch;
mod client;
mod controls;
mod datagram;
mod local;
mod options;
mod received;
mod sent;
mod server;
mod stamp;
#[cfg(test)]
mod testing;
mod transmitter;
mod wire;

pub use batch::Batch;
pub use client::ClientSocket;
pub use datagram::Datagram;
pub use local::LocalAddress;
pub use options::ServerOptions;
pub use received::Received;
pub use sent::Sent;
pub use server::ServerSocket;
pub use stamp::{Stamp, StampSource};
