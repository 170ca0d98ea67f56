//! Evaluating exchanges: combining, filtering, traces read, written and replayed.
//!
//! There is no peer: the original is a program that replays one trace and ends. The limit of combining
//! is a plain sort of the bounds.

mod combine;
mod evaluate;
mod poll_trace;
mod replay;
mod trace;

pub use poll_trace::PollTrace;
pub use replay::{Replayed, replay, replays};

use crate::Operation;

/// All of them but the replays, group by group.
///
/// # Panics
///
/// Where a result is wrong.
#[must_use]
pub fn operations() -> Vec<Operation> {
    [
        combine::operations(),
        evaluate::operations(),
        trace::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
