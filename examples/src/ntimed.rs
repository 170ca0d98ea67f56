//! What `ntimed` is made of: polls, the client, replays of traces, and parameters as people and
//! scripts see them.

mod bump;
mod client;
mod leap;
mod packet;
mod param_record;
mod pause;
mod poll;
mod poll_trace;
mod replay;
mod run_plot;
mod trace_input;

pub use bump::BumpArgument;
pub use client::{Client, ServerList, SteerError};
pub use leap::{KernelLeap, KernelOrder, KnownLeaps, LeapAgreement, LeapStatus, LeapWatch};
pub use param_record::ParamRecord;
pub use poll::{Poll, Polled};
pub use replay::Replay;
pub use run_plot::RunPlot;
