//! Messages of NTS key establishment: which records there must and must not be.

mod error_code;
mod fields;
mod message_error;
mod next_protocol;
mod numbers;
mod request;
mod response;

pub use error_code::ErrorCode;
#[cfg(feature = "alloc")]
pub(crate) use fields::server_name;
pub use message_error::MessageError;
pub use next_protocol::NextProtocol;
pub use request::KeRequest;
#[cfg(feature = "alloc")]
pub(crate) use response::error_record;
pub use response::{KeResponse, ResponseError};
