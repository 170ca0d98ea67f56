//! The client's side.

mod discard;
mod error;
mod expanded_keys;
mod nts_client;
mod reply;
mod request;

pub use discard::NtsDiscard;
pub use error::{AssociationError, ProtectError};
pub use nts_client::NtsClient;
pub use reply::{AuthenticReply, NtsReply};
