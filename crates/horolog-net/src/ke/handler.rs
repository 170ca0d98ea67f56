use core::net::SocketAddr;

use horolog_nts::tls::SessionError;
use horolog_nts::{KeOutcome, KeServer, KeServerError};
use rustls::ServerConnection;

/// What a [`KeListener`](super::KeListener) asks and tells while it serves.
///
/// The keys of the cookies and the random numbers are here, so that others can use them meanwhile:
/// nothing is asked while the listener waits.
pub trait KeHandler {
    /// Writes the response to a request, as [`KeServer::respond`] does.
    ///
    /// # Errors
    ///
    /// What [`KeServer::respond`] says.
    fn respond(
        &mut self,
        server: &KeServer<'_>,
        session: &ServerConnection,
        response: &mut Vec<u8>,
    ) -> Result<KeOutcome, KeServerError>;

    /// Hears what became of a client. Each is told of once.
    fn handle_event(&mut self, client: SocketAddr, event: &KeEvent);
}

/// What became of a client.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum KeEvent {
    /// It got a response.
    Answered(Result<KeOutcome, KeServerError>),
    /// It had as many connections as one client may have, so this one was closed.
    TooMany,
    /// The TLS handshake failed: no TLS 1.3, a protocol that is not `ntske/1`, or no TLS at all.
    Tls(rustls::Error),
    /// There was a TLS session, but not one for the key establishment: no protocol was named.
    Session(SessionError),
    /// It took too long for the TLS handshake.
    Slow,
    /// It hung up before it had sent a request.
    HungUp,
}
