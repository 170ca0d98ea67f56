//! What `ntimed` is made of: polls, the client, replays of traces, and parameters as people and
//! scripts see them.

mod answer_record;
mod bump;
mod client;
mod leap;
mod leap_dispute;
mod packet;
mod param_record;
mod pause;
mod poll;
mod poll_record;
mod poll_trace;
mod rejected_record;
mod replay;
mod replay_record;
mod run_plot;
mod steering_record;
mod trace_input;

pub use bump::BumpArgument;
pub use client::{Client, ServerList, SteerError};
pub use leap::{KernelLeap, KernelOrder, KnownLeaps, LeapAgreement, LeapStatus, LeapWatch};
pub use param_record::ParamRecord;
pub use poll::{Poll, Polled};
pub use poll_record::{PollRecord, PolledRecord};
pub use replay::Replay;
pub use replay_record::ReplaySummaryRecord;
pub use run_plot::RunPlot;
