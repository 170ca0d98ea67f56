//! What is measured, apart from how: each [`Operation`] can be timed by criterion and counted by
//! callgrind.

pub mod leap;
mod leap_limit;
mod limit;
pub mod ntp;
pub mod nts;
mod operation;
mod samples;
mod sntpc_socket;
pub mod time;

pub use operation::Operation;
