use core::net::SocketAddr;
use std::io;

use thiserror::Error;

/// What can go wrong at a socket.
///
/// The system's own error is the [`source`](std::error::Error::source) where there is one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NetError {
    /// No socket could be had.
    #[error("cannot open a socket")]
    Open(#[source] io::Error),
    /// The system refuses an option that cannot be done without.
    #[error("cannot set {option}")]
    Option {
        /// The option's name in the system's own words.
        option: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The local address is in use, not ours, or needs more rights.
    #[error("cannot bind to {address}")]
    Bind {
        /// The local address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There is no way to the server.
    #[error("cannot connect to {address}")]
    Connect {
        /// The server.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Octets were not sent.
    #[error("cannot send to {address}")]
    Send {
        /// Where to.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Nothing could be received.
    #[error("cannot receive")]
    Receive(#[source] io::Error),
    /// The server's host says that nothing listens there (ICMP port unreachable).
    ///
    /// Anyone who can guess the port can forge this message: a reason to wait longer, not to
    /// believe that the server is gone.
    #[error("{address} refuses")]
    Refused {
        /// The server.
        address: SocketAddr,
    },
    /// A datagram was longer than the buffer and is lost.
    #[error("datagram longer than the buffer of {capacity} octets")]
    Truncated {
        /// The length of the buffer.
        capacity: usize,
    },
    /// A signal came while waiting; nothing is lost, and the call may be made again.
    ///
    /// It is not made again here, so that a program which was asked to end can do so.
    #[error("interrupted by a signal")]
    Interrupted,
}
/// The error of an option that the system refuses.
pub(crate) fn option<E: Into<io::Error>>(option: &'static str) -> impl FnOnce(E) -> NetError {
    move |source| NetError::Option {
        option,
        source: source.into(),
    }
}
