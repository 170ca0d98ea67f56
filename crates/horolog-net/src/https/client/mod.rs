//! The client.

mod certificate_time;
mod config;
mod connection;
mod error;
mod measure;

pub use certificate_time::CertificateTime;
pub use config::HttpsConfig;
pub use error::{HttpsNetError, Phase};
pub use measure::measure;
