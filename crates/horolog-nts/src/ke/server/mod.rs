//! The server's side of the key establishment.

mod config;
mod error;
#[expect(
    clippy::module_inception,
    reason = "the server is what the folder is about"
)]
mod server;

pub use config::KeServerConfig;
pub use error::KeServerError;
pub use server::{KeOutcome, KeServer};
