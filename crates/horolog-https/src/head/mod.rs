//! The heads of requests and responses on a client's side.

mod error;
mod reader;
mod request;
mod response;
mod status_code;

pub use error::HeadError;
pub use reader::ResponseReader;
pub use request::encode_request;
pub use response::Response;
pub(crate) use response::says;
pub use status_code::StatusCode;
