//! Protected NTPv4 packets: [RFC 8915 § 5](https://www.rfc-editor.org/rfc/rfc8915#section-5).

mod authenticator;
mod client;
mod fields;
mod server;
#[cfg(test)]
mod testing;

pub use client::{AssociationError, AuthenticReply, NtsClient, NtsDiscard, NtsReply, ProtectError};
pub use server::{
    NtsRefusal, NtsRequest, NtsResponse, NtsServer, ProtectedResponse, SealedRequest,
};
