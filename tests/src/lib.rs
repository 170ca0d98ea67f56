//! What end-to-end tests share: the example programs as processes, real servers beside them, free
//! ports and networks, certificates, a lossy link, places to put files, and captured packets.
//!
//! Daemons run without the right to set the clock. A peer that is not installed makes its tests
//! pass with a loud line, unless `HOROLOG_REQUIRE_PEERS` is set, as it is in CI.

extern crate alloc;

mod bad_web;
mod chrony;
mod chrony_nts;
mod clock_change;
mod daemon;
mod dns;
mod frame;
pub mod httpstime;
mod ke_prober;
mod knot;
mod leap;
mod leap_zone;
mod markup;
mod network;
mod ntimed;
mod ntpd_rs;
mod ntpsec;
mod nts_query;
mod patience;
mod peer;
mod pki;
mod place;
mod program;
mod redis;
mod relay;
mod running;
mod serve;
mod slow_link;
mod slow_path;
mod survey_pictures;
mod virtual_clock;
mod web;

pub use bad_web::{BadWebServer, TlsStream, read_request};
pub use chrony::{Chrony, ChronyServer};
pub use chrony_nts::ChronyAuthData;
pub use clock_change::ClockChange;
pub use daemon::{Daemon, Exit, wait_for};
pub use dns::{DnsRequest, FakeDns, ask_dns, private_network};
pub use frame::{Frame, Row};
pub use ke_prober::{Heard, KeProber, Way};
pub use knot::{Knot, KnotServer, SignedZone};
pub use leap::{convert_leap, leap, leap_data};
pub use leap_zone::{LEAP_NOW, LEAP_ZONE, fetch_validated, iers_list, leap_zone, signed_leap_zone};
pub use markup::assert_whole;
pub use network::{Namespace, Network};
pub use ntimed::{ntimed, ntimed_trace};
pub use ntpd_rs::{NtpdRs, NtpdRsDaemon};
pub use ntpsec::{Ntpsec, NtpsecDaemon};
pub use nts_query::{assert_best_close, assert_excused, assert_protected};
pub use patience::{measure_close, up_to_three_times, with_patience};
pub use peer::missing;
pub use pki::Pki;
pub use place::{Scratch, free_port};
pub use program::{Output, Program, count_lines, program};
pub use redis::{Redis, RedisServer};
pub use relay::{Direction, Passage, Relay};
pub use running::Running;
pub use serve::Serve;
pub use slow_link::SlowLink;
pub use slow_path::SlowPath;
pub use survey_pictures::assert_survey_pictures;
pub use virtual_clock::VirtualClock;
pub use web::WebServer;
