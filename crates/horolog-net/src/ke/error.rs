use horolog_nts::KeError;
use horolog_nts::tls::SessionError;
use thiserror::Error;

use crate::NetError;

/// A key establishment over the network that failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeNetError {
    /// The network fails, or a signal came first.
    #[error(transparent)]
    Net(#[from] NetError),
    /// TLS fails: the certificate is not good, or the server does not speak TLS 1.3.
    #[error("TLS fails")]
    Tls(#[source] rustls::Error),
    /// There is a TLS session, but not one for the key establishment.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// There is a TLS session, or not in time, but no keys come of it.
    #[error(transparent)]
    Ke(#[from] KeError),
}

impl From<rustls::Error> for KeNetError {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(error)
    }
}
