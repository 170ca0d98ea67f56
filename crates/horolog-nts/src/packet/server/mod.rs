//! The server's side.

mod nts_request;
mod nts_server;
mod refusal;
mod sealed_request;

pub use nts_request::{NtsRequest, ProtectedResponse};
pub use nts_server::{NtsResponse, NtsServer};
pub use refusal::NtsRefusal;
pub use sealed_request::SealedRequest;
