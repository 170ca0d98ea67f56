//! What `ntimed` is made of: replays of traces, and parameters as people and scripts see them.

mod bump;
mod param_record;
mod replay;

pub use bump::BumpArgument;
pub use param_record::ParamRecord;
pub use replay::Replay;
