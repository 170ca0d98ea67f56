use rustls::{CommonState, ProtocolVersion};
use thiserror::Error;

use crate::KE_ALPN;

/// A TLS session that is not one of NTS key establishment.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SessionError {
    /// The handshake is not over.
    #[error("the TLS handshake is not over")]
    Handshaking,
    /// The other side did not agree to `ntske/1`.
    #[error("ALPN ntske/1 was not negotiated")]
    NoAlpn,
    /// Not TLS 1.3.
    #[error("the TLS version is not 1.3")]
    Version,
}

/// Checks that a session is over TLS 1.3 and for `ntske/1`.
///
/// Both sides have to call it once the handshake is over, and close where it fails. A client MUST
/// verify that the server chose `ntske/1`
/// ([RFC 8915 § 3](https://www.rfc-editor.org/rfc/rfc8915#section-3)), and a server that answers a
/// client without ALPN may be talking to someone who means another protocol: chrony hangs up then,
/// NTPsec and ntpd-rs answer.
///
/// It takes the [`ClientConnection`](rustls::ClientConnection) and
/// [`ServerConnection`](rustls::ServerConnection) as they are.
///
/// # Errors
///
/// [`SessionError`].
///
/// # Examples
///
/// See [the module](crate::tls).
pub fn check_session(session: &CommonState) -> Result<(), SessionError> {
    if session.is_handshaking() {
        Err(SessionError::Handshaking)
    } else if session.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        Err(SessionError::Version)
    } else if session.alpn_protocol() != Some(KE_ALPN) {
        Err(SessionError::NoAlpn)
    } else {
        Ok(())
    }
}
