//! The server's side of an exchange, without I/O.

mod interleaved;
mod rate_limit;
mod responder;
mod system;

pub use interleaved::InterleavedTable;
pub use rate_limit::{RateDecision, RateLimit, RateLimiter};
pub use responder::{
    Answer, Arrival, Refusal, Response, ResponseKind, SavedReply, ServerResponder,
};
pub use system::SystemState;
