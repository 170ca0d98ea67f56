#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::indexing_slicing)]

extern crate alloc;

mod c_format;
mod clock;
mod combiner;
mod date;
mod density;
mod evaluator;
mod exchange;
mod filter;
mod number;
mod param;
mod pll;
mod poll_schedule;
mod refusal;
mod simulated_clock;
mod simulator;
mod trace;

pub use clock::{Adjustment, Clock};
pub use combiner::{Combiner, Peak, SourceId};
pub use density::{Density, DensityError};
pub use evaluator::{Estimate, Evaluation, Evaluator};
pub use exchange::Exchange;
pub use filter::{Filter, FilterBranch, FilterReport, trust_of};
pub use param::{Param, ParamError, Params};
pub use pll::{Pll, PllAction, PllMode, PllReport, PllUpdate};
pub use poll_schedule::{PollSchedule, ScheduledPoll};
pub use refusal::Refusal;
pub use simulated_clock::SimulatedClock;
pub use simulator::{Bump, Simulator, SimulatorError};
pub use trace::{Trace, TraceError, TracePacket, TracePeer, TraceReader};
