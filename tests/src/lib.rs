//! What end-to-end tests share: the example programs as processes, real servers beside them, free
//! ports, and places to put files.
//!
//! Daemons run without the right to set the clock. A peer that is not installed makes its tests
//! pass with a loud line, unless `HOROLOG_REQUIRE_PEERS` is set, as it is in CI.

mod chrony;
mod daemon;
mod place;
mod program;

pub use chrony::{Chrony, ChronyServer};
pub use daemon::{Daemon, Exit, wait_for};
pub use place::{Scratch, free_port};
pub use program::{Output, Program, Serve, program};
