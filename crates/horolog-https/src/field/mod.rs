//! The fields that tell time.

mod date;
mod error;
mod httpstime;

pub use date::decode_date;
pub(crate) use date::system_time;
pub use error::FieldError;
pub use httpstime::HttpsTime;
