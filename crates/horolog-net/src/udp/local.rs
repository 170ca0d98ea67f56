use core::net::IpAddr;

/// The address of this host that a datagram was sent to, and over which interface it came.
///
/// A reply sent [from](super::ServerSocket::send_to) it leaves with that address as its source,
/// whatever the routing table would have chosen.
///
/// # Examples
///
/// See [`ServerSocket`](super::ServerSocket).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LocalAddress {
    address: IpAddr,
    interface: u32,
}

impl LocalAddress {
    /// An address of this host; `interface` is the system's index, 0 for any.
    ///
    /// The interface matters for IPv6 link-local addresses only, which exist once per link.
    #[must_use]
    pub const fn new(address: IpAddr, interface: u32) -> Self {
        Self { address, interface }
    }

    /// The address.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// The system's index of the interface, 0 for any or unknown.
    #[must_use]
    pub const fn interface(self) -> u32 {
        self.interface
    }
}
