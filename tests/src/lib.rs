//! What end-to-end tests share: the example programs as processes, real servers beside them, free
//! ports and networks, certificates, a lossy link, places to put files, and captured packets.
//!
//! Daemons run without the right to set the clock. A peer that is not installed makes its tests
//! pass with a loud line, unless `HOROLOG_REQUIRE_PEERS` is set, as it is in CI.

extern crate alloc;

mod bad_web;
mod chrony;
mod chrony_nts;
mod daemon;
mod frame;
pub mod httpstime;
mod leap;
mod network;
mod ntpd_rs;
mod ntpsec;
mod peer;
mod pki;
mod place;
mod program;
mod relay;
mod slow_link;
mod web;

pub use bad_web::{BadWebServer, TlsStream, read_request};
pub use chrony::{Chrony, ChronyServer};
pub use chrony_nts::ChronyAuthData;
pub use daemon::{Daemon, Exit, wait_for};
pub use frame::{Frame, Row};
pub use leap::{convert_leap, leap, leap_data};
pub use network::{Namespace, Network};
pub use ntpd_rs::{NtpdRs, NtpdRsDaemon};
pub use ntpsec::{Ntpsec, NtpsecDaemon};
pub use pki::Pki;
pub use place::{Scratch, free_port};
pub use program::{Output, Program, Serve, program};
pub use relay::{Direction, Passage, Relay};
pub use slow_link::SlowLink;
pub use web::WebServer;
