//! What end-to-end tests share: the example programs as processes, real servers beside them, free
//! ports, places to put files, and captured packets.
//!
//! Daemons run without the right to set the clock. A peer that is not installed makes its tests
//! pass with a loud line, unless `HOROLOG_REQUIRE_PEERS` is set, as it is in CI.

extern crate alloc;

mod chrony;
mod daemon;
mod dns;
mod frame;
mod knot;
mod leap;
mod leap_zone;
mod place;
mod program;

pub use chrony::{Chrony, ChronyServer};
pub use daemon::{Daemon, Exit, wait_for};
pub use dns::{DnsRequest, FakeDns, ask_dns, private_network};
pub use frame::{Frame, Row};
pub use knot::{Knot, KnotServer, SignedZone};
pub use leap::{convert_leap, leap, leap_data};
pub use leap_zone::{LEAP_NOW, LEAP_ZONE, fetch_validated, iers_list, leap_zone, signed_leap_zone};
pub use place::{Scratch, free_port};
pub use program::{Output, Program, Serve, program};
