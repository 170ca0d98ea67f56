#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::indexing_slicing)]

extern crate alloc;

mod answer;
mod boost;
mod c_format;
mod classic_evaluator;
mod clock;
mod combiner;
mod date;
mod density;
mod evaluator;
mod exchange;
mod filter;
mod leap_vote;
mod number;
mod param;
mod params;
mod peak;
mod pll;
mod poll_schedule;
mod refusal;
mod sample_window;
mod simulated_clock;
mod simulator;
mod source;
mod source_id;
mod steering;
mod trace;

pub use answer::{Answer, Quorum, Rejection};
pub use classic_evaluator::{ClassicEstimate, ClassicEvaluation, ClassicEvaluator};
pub use clock::{Adjustment, Clock};
pub use combiner::Combiner;
pub use density::{Density, DensityError};
pub use evaluator::{Evaluation, Evaluator};
pub use exchange::Exchange;
pub use filter::{Filter, FilterBranch, FilterReport, trust_of};
pub use leap_vote::{LeapVerdict, LeapVote};
pub use param::{Param, ParamError};
pub use params::Params;
pub use peak::Peak;
pub use pll::{Pll, PllAction, PllMode, PllReport, PllUpdate};
pub use poll_schedule::{PollSchedule, ScheduledPoll};
pub use refusal::Refusal;
pub use simulated_clock::SimulatedClock;
pub use simulator::{Bump, Simulator, SimulatorError};
pub use source::{Source, Trust};
pub use source_id::SourceId;
pub use trace::{Trace, TraceError, TracePacket, TracePeer, TraceReader};
