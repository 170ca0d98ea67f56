//! What end-to-end tests share: the example programs as processes, real servers beside them, free
//! ports, places to put files, and captured packets.
//!
//! Daemons run without the right to set the clock. A peer that is not installed makes its tests
//! pass with a loud line, unless `HOROLOG_REQUIRE_PEERS` is set, as it is in CI.

mod chrony;
mod daemon;
mod frame;
mod leap;
mod place;
mod program;

pub use chrony::{Chrony, ChronyServer};
pub use daemon::{Daemon, Exit, wait_for};
pub use frame::{Frame, Row};
pub use leap::{convert_leap, leap, leap_data};
pub use place::{Scratch, free_port};
pub use program::{Output, Program, Serve, program};
