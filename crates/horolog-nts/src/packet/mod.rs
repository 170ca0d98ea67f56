//! Protected NTPv4 packets: [RFC 8915 § 5](https://www.rfc-editor.org/rfc/rfc8915#section-5).

mod authenticator;
mod client;
mod fields;
mod inside;
mod server;
#[cfg(test)]
mod testing;

pub use client::{AssociationError, AuthenticReply, NtsClient, NtsDiscard, NtsReply, ProtectError};
#[cfg(feature = "unstable-leap-ef")]
pub use server::LeapListOffer;
pub use server::{
    NtsRefusal, NtsRequest, NtsResponse, NtsServer, ProtectedResponse, SealedRequest,
};
