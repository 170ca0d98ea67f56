//! Both sides of the key establishment, without I/O.

mod client;
mod config_error;
mod deadline;
mod reception;
mod retry;
mod server;

pub use client::{KeClient, KeClientConfig, KeError, Misbehavior, RetryAdvice};
pub use config_error::KeConfigError;
pub use deadline::{KePhase, KeTimeouts};
pub use reception::KeProgress;
pub use retry::RetrySchedule;
pub use server::{KeOutcome, KeServer, KeServerConfig, KeServerError};
