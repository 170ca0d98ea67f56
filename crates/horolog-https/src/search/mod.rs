//! The search for the second's edge.

mod action;
mod config;
mod error;
mod interval;
mod round;
#[expect(clippy::module_inception, reason = "a file has the name of its type")]
mod search;

pub use action::Action;
pub use config::SearchConfig;
pub use error::SearchError;
pub use round::Round;
pub use search::Search;
