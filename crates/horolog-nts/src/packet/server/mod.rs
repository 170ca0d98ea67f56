//! The server's side.

#[cfg(feature = "unstable-leap-ef")]
mod leap_list;
mod nts_request;
mod nts_server;
mod refusal;
mod sealed_request;

#[cfg(feature = "unstable-leap-ef")]
pub use leap_list::LeapListOffer;
pub use nts_request::{NtsRequest, ProtectedResponse};
pub use nts_server::{NtsResponse, NtsServer};
pub use refusal::NtsRefusal;
pub use sealed_request::SealedRequest;
