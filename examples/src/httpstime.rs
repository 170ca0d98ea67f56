//! What `httpstime` does, and what `query --check-https` needs of it.

mod ask;
mod client;
mod counters;
mod demonstration;
mod record;
mod refusal_file;
mod serve;

pub use ask::{Asked, CertTime, ask, config};
pub use client::{ClientOptions, client};
pub use demonstration::demonstrate;
pub use serve::{ServeOptions, serve};
