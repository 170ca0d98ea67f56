//! The server.

mod connection;
mod event;
mod limits;
mod listener;

pub use event::TimeEvent;
pub use limits::TimeLimits;
pub use listener::{TimeListener, server_config};
