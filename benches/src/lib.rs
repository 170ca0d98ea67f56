//! What is measured, apart from how: each [`Operation`] can be timed by criterion and counted by
//! callgrind.

mod group;
pub mod leap;
pub mod ntimed;
pub mod ntp;
pub mod nts;
mod operation;
pub mod time;

pub use operation::Operation;
