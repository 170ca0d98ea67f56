//! What `ntimed` is made of: polls, replays of traces, and parameters as people and scripts see them.

mod bump;
mod param_record;
mod poll;
mod replay;
mod run_plot;

pub use bump::BumpArgument;
pub use param_record::ParamRecord;
pub use poll::{Poll, Polled};
pub use replay::Replay;
pub use run_plot::RunPlot;
