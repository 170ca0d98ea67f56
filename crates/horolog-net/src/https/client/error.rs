use core::fmt;

use horolog_https::{SearchError, StatusCode};
use thiserror::Error;

use crate::NetError;

/// A search over the network that failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HttpsNetError {
    /// The network fails, or a signal came first.
    #[error(transparent)]
    Net(#[from] NetError),
    /// TLS fails: the certificate is not good, at the time that was chosen for it, or there is no
    /// common ground.
    #[error("TLS fails")]
    Tls(#[from] rustls::Error),
    /// The host is no name that a certificate could be for.
    #[error("the host is no name that a certificate could be for")]
    Name,
    /// The server took too long.
    #[error("{phase} takes too long")]
    TimedOut {
        /// What for.
        phase: Phase,
    },
    /// The server answered lately that it does not offer time, so it was not asked.
    #[error(
        "the server was not asked: it does not offer time, it said lately with status {status}"
    )]
    LeftAlone {
        /// What it answered then.
        status: StatusCode,
    },
    /// The server tells no time, or none that can be true.
    #[error(transparent)]
    Search(#[from] SearchError),
}

/// What a client waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Phase {
    /// The TCP connection and the TLS handshake.
    Connect,
    /// A response.
    Response,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Response => "the response",
        })
    }
}
