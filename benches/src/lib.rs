//! What is measured, apart from how: each [`Operation`] can be timed by criterion and counted by
//! callgrind.

mod limit;
pub mod ntp;
mod operation;
mod samples;
mod sntpc_socket;

pub use operation::Operation;
