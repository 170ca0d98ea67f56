use core::net::SocketAddr;

use super::{LocalAddress, Stamp};

/// One datagram of a [`Batch`](super::Batch).
///
/// # Examples
///
/// See [`ServerSocket`](super::ServerSocket).
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    pub(super) payload: &'a [u8],
    pub(super) origin: Origin,
}

/// What is known of a datagram beside its octets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) source: SocketAddr,
    pub(super) local: Option<LocalAddress>,
    pub(super) stamp: Stamp,
}

impl<'a> Datagram<'a> {
    /// Its octets, all of them.
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Who sent it, as far as an unauthenticated address can say.
    #[must_use]
    pub const fn source(&self) -> SocketAddr {
        self.origin.source
    }

    /// The address it was sent to, from which the reply should leave.
    ///
    /// For an IPv4 broadcast or multicast it is the address of the receiving interface. `None` for
    /// an IPv6 multicast, and where the system does not say.
    #[must_use]
    pub const fn local(&self) -> Option<LocalAddress> {
        self.origin.local
    }

    /// When it came: the receive timestamp.
    #[must_use]
    pub const fn stamp(&self) -> Stamp {
        self.origin.stamp
    }
}
