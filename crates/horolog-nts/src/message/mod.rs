//! Messages of NTS key establishment: which records there must and must not be.

mod error_code;
mod next_protocol;
mod request;

pub use error_code::ErrorCode;
pub use next_protocol::NextProtocol;
pub use request::{KeRequest, RequestError};
