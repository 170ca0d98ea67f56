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

/// All that are quick enough to be counted and timed together.
///
/// # Panics
///
/// Where a result is wrong.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let mut operations = ntp::operations();
    operations.extend(nts::operations());
    operations.extend(leap::operations());
    operations.extend(ntimed::operations());
    operations
}
