use core::net::IpAddr;
use core::time::Duration;

/// What a [`KeListener`](super::KeListener) spends on connections.
///
/// A connection keeps 2 KiB while nothing comes, some 10 KiB once TLS has shaken hands, and at most
/// [`MEMORY`](Self::MEMORY) whatever the client sends, so the number of connections bounds the memory
/// of all. Whatever a client does or does not do, it holds its place no longer than the
/// [timeouts](horolog_nts::KeTimeouts) of the configuration and a [`farewell`](Self::farewell).
///
/// # Examples
///
/// ```
/// use horolog_net::ke::KeLimits;
///
/// let limits = KeLimits { connections: 1000, ..KeLimits::default() };
/// assert_eq!(limits.per_address, 16);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeLimits {
    /// Connections at once; the others wait in the system's queue.
    pub connections: usize,
    /// Connections at once of one client, which is an IPv4 address or an IPv6 network of 64 bits; the
    /// others are closed.
    pub per_address: usize,
    /// Time for the client to take the response and to close the connection.
    pub farewell: Duration,
}

impl KeLimits {
    /// Octets that one connection keeps at most, without what the system keeps for its socket.
    ///
    /// Most of it is for a TLS handshake of 64 KiB, which rustls lets pass. While what came is looked
    /// at, one connection at a time takes up to eight times as much.
    pub const MEMORY: usize = 256 * 1024;
}

/// 256 connections, 16 of one client, two seconds for the farewell.
impl Default for KeLimits {
    fn default() -> Self {
        Self {
            connections: 256,
            per_address: 16,
            farewell: Duration::from_secs(2),
        }
    }
}

/// Who counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address.
pub(super) fn client(address: IpAddr) -> u64 {
    match address.to_canonical() {
        // No network has the prefix 0:1::/32.
        IpAddr::V4(address) => u64::from(address.to_bits()) | 1 << 32,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d]
                .into_iter()
                .fold(0, |bits, segment| bits << 16 | u64::from(segment))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_addresses_and_networks() {
        let of = |text: &str| client(text.parse().unwrap());
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.2"), of("192.0.2.1"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::2:0:0:9"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    }
}
