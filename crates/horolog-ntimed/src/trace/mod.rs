//! Traces: text, one event a line.

mod decode;
mod error;
mod line;
mod packet;
mod reader;
#[cfg(test)]
mod tests;

pub use error::TraceError;
pub use line::{Trace, TracePeer};
pub use packet::TracePacket;
pub use reader::TraceReader;
