//! The client's side of the key establishment.

#[expect(
    clippy::module_inception,
    reason = "the client is what the folder is about"
)]
mod client;
mod config;
mod error;

pub use client::KeClient;
pub use config::KeClientConfig;
pub use error::{KeError, Misbehavior, RetryAdvice};
