/// How a [`ServerSocket`](super::ServerSocket) is opened.
///
/// # Examples
///
/// ```
/// use horolog_net::udp::{ServerOptions, ServerSocket};
///
/// // Two workers on one port.
/// let options = ServerOptions::new().reuse_port(true);
/// let first = ServerSocket::bind_with("127.0.0.1:0".parse()?, options)?;
/// let second = ServerSocket::bind_with(first.local_address()?, options)?;
/// # let _ = second;
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ServerOptions {
    pub(super) reuse_port: bool,
    pub(super) transmit_stamps: bool,
}

impl ServerOptions {
    /// One socket on its port, without transmit timestamps.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            reuse_port: false,
            transmit_stamps: false,
        }
    }

    /// Lets several sockets of one user listen at the same address (`SO_REUSEPORT`).
    ///
    /// Linux spreads clients over them by a hash of the addresses, so one client always meets the
    /// same socket while their number stays. Other systems may give everything to one of them.
    #[must_use]
    pub const fn reuse_port(self, reuse_port: bool) -> Self {
        Self { reuse_port, ..self }
    }

    /// Asks the kernel when each datagram really left.
    ///
    /// The reports queue at the socket and take room from the datagrams received, so whoever asks
    /// for them must fetch them with [`poll_sent`](super::ServerSocket::poll_sent), best after each
    /// batch. Linux only; elsewhere no report ever comes.
    #[must_use]
    pub const fn transmit_stamps(self, transmit_stamps: bool) -> Self {
        Self {
            transmit_stamps,
            ..self
        }
    }
}
