//! `SERVER[:PORT]` as people type it.

use core::fmt;
use core::net::{Ipv6Addr, SocketAddr};
use core::str::FromStr;
use std::io;
use std::net::ToSocketAddrs;

use horolog_ntp::constants::PORT;

/// A host by name or address, and a port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostPort {
    host: String,
    port: u16,
}

/// An address of this machine and a port to serve at.
///
/// # Errors
///
/// What was expected instead.
pub fn listen_address(text: &str) -> Result<SocketAddr, &'static str> {
    let expected = "expected an IP address and a port, such as 127.0.0.1:123 or [::1]:123";
    text.parse().map_err(|_| expected)
}

/// Which addresses of a host to use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Family {
    /// The first one.
    Any,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}

impl Family {
    /// From the options `-4` and `-6`.
    #[must_use]
    pub const fn from_options(v4: bool, v6: bool) -> Self {
        match (v4, v6) {
            (true, _) => Self::V4,
            (_, true) => Self::V6,
            _ => Self::Any,
        }
    }

    fn allows(self, address: &SocketAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

impl HostPort {
    /// A host by name or address.
    #[must_use]
    pub fn new(host: &str, port: u16) -> Self {
        Self {
            host: host.to_owned(),
            port,
        }
    }

    /// The name or address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The same host with another port.
    #[must_use]
    pub fn with_port(&self, port: u16) -> Self {
        Self::new(&self.host, port)
    }

    /// Asks the system's resolver for an address.
    ///
    /// # Errors
    ///
    /// Where the resolver fails or has no address of the family.
    pub fn resolve(&self, family: Family) -> io::Result<SocketAddr> {
        let none = || {
            io::Error::new(
                io::ErrorKind::NotFound,
                "no address of the family asked for",
            )
        };
        let found = self.resolve_all(family)?;
        found.first().copied().ok_or_else(none)
    }

    /// Asks the system's resolver for all addresses of the family.
    ///
    /// # Errors
    ///
    /// Where the resolver fails.
    pub fn resolve_all(&self, family: Family) -> io::Result<Vec<SocketAddr>> {
        let found = (self.host.as_str(), self.port).to_socket_addrs()?;
        Ok(found.filter(|address| family.allows(address)).collect())
    }
}

/// Whether this is an address of IPv6, perhaps with a zone behind it: `fe80::1%eth0`.
fn is_v6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty()
}

/// `host`, `host:port`, `1.2.3.4:port`, `2001:db8::1`, `[2001:db8::1]:port`, `[fe80::1%eth0]:port`.
impl FromStr for HostPort {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const BAD_PORT: &str = "the port must be a number from 1 to 65535";
        let port = |digits: &str| digits.parse().ok().filter(|&port| port > 0).ok_or(BAD_PORT);
        let bare = |host: &str, port| Self {
            host: host.to_owned(),
            port,
        };
        if let Some(behind) = text.strip_prefix('[') {
            const BAD_BRACKETS: &str =
                "expected an address of IPv6 in brackets, and a port from 1 on behind them";
            let (inner, behind) = behind.split_once(']').ok_or(BAD_BRACKETS)?;
            if !is_v6(inner) {
                return Err(BAD_BRACKETS);
            }
            return match (behind, behind.strip_prefix(':')) {
                ("", _) => Ok(bare(inner, PORT)),
                (_, Some(digits)) => Ok(bare(inner, port(digits).map_err(|_| BAD_BRACKETS)?)),
                _ => Err(BAD_BRACKETS),
            };
        }
        if is_v6(text) {
            return Ok(bare(text, PORT));
        }
        match text.split_once(':') {
            _ if text.is_empty() => Err("the host must not be empty"),
            Some(("", _)) => Err("the host must not be empty"),
            Some((host, digits)) => Ok(bare(host, port(digits)?)),
            None => Ok(bare(text, PORT)),
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, self.host.contains(':')) {
            (PORT, _) => f.write_str(&self.host),
            (port, true) => write!(f, "[{}]:{port}", self.host),
            (port, false) => write!(f, "{}:{port}", self.host),
        }
    }
}

/// An address to ask, known already.
impl From<SocketAddr> for HostPort {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: address.ip().to_string(),
            port: address.port(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for (text, host, port, shown) in [
            ("time.example", "time.example", 123, "time.example"),
            (
                "time.example:11123",
                "time.example",
                11_123,
                "time.example:11123",
            ),
            ("192.0.2.1:124", "192.0.2.1", 124, "192.0.2.1:124"),
            ("2001:db8::1", "2001:db8::1", 123, "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1", 123, "2001:db8::1"),
            ("[2001:db8::1]:124", "2001:db8::1", 124, "[2001:db8::1]:124"),
            ("fe80::1%eth0", "fe80::1%eth0", 123, "fe80::1%eth0"),
            ("[fe80::1%2]:124", "fe80::1%2", 124, "[fe80::1%2]:124"),
        ] {
            let parsed: HostPort = text.parse().unwrap();
            assert_eq!((parsed.host.as_str(), parsed.port), (host, port));
            assert_eq!(parsed.to_string(), shown);
        }
        for bad in ["", ":123", "host:", "host:0", "host:65536", "1.2.3.4:0"] {
            assert!(bad.parse::<HostPort>().is_err(), "{bad}");
        }
        for bad in [
            "[::1",
            "[::1]:x",
            "[::1]:0",
            "[::1]124",
            "[host]",
            "[1.2.3.4]:124",
            "[fe80::1%]:124",
        ] {
            let error = bad.parse::<HostPort>().unwrap_err();
            assert!(error.contains("in brackets"), "{bad}: {error}");
        }
    }

    #[test]
    fn a_zone_stays_with_its_address() {
        let host: HostPort = "[fe80::1%1]:124".parse().unwrap();
        let Ok(SocketAddr::V6(address)) = host.resolve(Family::Any) else {
            panic!("{host}")
        };
        assert_eq!((address.scope_id(), address.port()), (1, 124));
    }

    #[test]
    fn servers_listen_at_addresses() {
        assert_eq!(listen_address("[::1]:0").unwrap().port(), 0);
        for bad in [
            "127.0.0.1",
            "localhost:123",
            "::1:123",
            "127.0.0.1:65536",
            "",
        ] {
            assert!(
                listen_address(bad).unwrap_err().contains("such as"),
                "{bad}"
            );
        }
    }

    #[test]
    fn an_address_of_the_wrong_family_is_an_error() {
        let host: HostPort = "127.0.0.1".parse().unwrap();
        assert!(host.resolve(Family::V4).is_ok());
        assert_eq!(host.resolve_all(Family::V6).unwrap(), []);
        assert_eq!(
            host.resolve(Family::V6).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
