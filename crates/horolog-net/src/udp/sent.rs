use super::Stamp;

/// A datagram that left, or was handed to the kernel to leave.
///
/// The `id` counts the datagrams a socket has sent, from 0 and wrapping. A later report of the
/// kernel about the same datagram has the same `id`.
///
/// # Examples
///
/// ```
/// use horolog_net::udp::{ClientSocket, ServerSocket};
///
/// let server = ServerSocket::bind("127.0.0.1:0".parse()?)?;
/// let mut client = ClientSocket::connect(server.local_address()?)?;
/// assert_eq!(client.send(b"first")?.id, 0);
/// assert_eq!(client.send(b"second")?.id, 1);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Sent {
    /// Which datagram of this socket.
    pub id: u32,
    /// When it went.
    pub stamp: Stamp,
}
