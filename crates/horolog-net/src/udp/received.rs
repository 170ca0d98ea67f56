use super::Stamp;

/// A datagram that stands in the caller's buffer.
///
/// # Examples
///
/// See [`ClientSocket`](super::ClientSocket).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Received {
    /// The octets of the buffer that are the datagram, from its start.
    pub length: usize,
    /// When it came: the destination timestamp.
    pub stamp: Stamp,
}
