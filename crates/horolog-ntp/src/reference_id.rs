use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use md5::{Digest, Md5};

use crate::error::write_hex;
use crate::{KissCode, Stratum};

/// The four octets that name a server's source of time.
///
/// What they mean depends on the stratum: a kiss code at stratum 0, the name of a reference clock
/// at stratum 1, the address of the server's own server above: an IPv4 address, or the first four
/// octets of the MD5 hash of an IPv6 address. Real servers put other things here too, so nothing
/// is assumed of the octets.
///
/// Defined in [RFC 5905 § 7.3](https://www.rfc-editor.org/rfc/rfc5905#section-7.3), figure 12, and
/// [RFC 9748 § 4.1](https://www.rfc-editor.org/rfc/rfc9748#section-4.1).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ReferenceId, Stratum};
///
/// let gps = ReferenceId::from_octets(*b"GPS\0");
/// assert_eq!(gps, ReferenceId::GPS);
/// assert_eq!(gps.describe(Stratum::PRIMARY).to_string(), "GPS");
/// assert_eq!(gps.describe(Stratum::new(2)).to_string(), "71.80.83.0");
///
/// let upstream = ReferenceId::from_ipv6("2001:db8::1".parse()?);
/// assert_eq!(upstream.to_string(), "39ab9b37");
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct ReferenceId([u8; 4]);

impl ReferenceId {
    /// Nothing named.
    pub const NONE: Self = Self([0; 4]);
    /// Global Positioning System.
    pub const GPS: Self = Self(*b"GPS\0");
    /// The local clock, as several servers name it; not registered.
    pub const LOCAL: Self = Self(*b"LOCL");
    /// Generic pulse per second.
    pub const PPS: Self = Self(*b"PPS\0");

    /// Takes the octets as they stand in a packet.
    #[must_use]
    pub const fn from_octets(octets: [u8; 4]) -> Self {
        Self(octets)
    }

    /// The reference ID of a server that is synchronised to an IPv4 server.
    #[must_use]
    pub const fn from_ipv4(address: Ipv4Addr) -> Self {
        Self(address.octets())
    }

    /// The reference ID of a server that is synchronised to an IPv6 server: the first four octets
    /// of the MD5 hash of the address.
    #[must_use]
    pub fn from_ipv6(address: Ipv6Addr) -> Self {
        let [a, b, c, d, ..]: [u8; 16] = Md5::digest(address.octets()).into();
        Self([a, b, c, d])
    }

    /// The octets as they stand in a packet.
    #[must_use]
    pub const fn to_octets(self) -> [u8; 4] {
        self.0
    }

    /// The octets as a kiss code, which they are at stratum 0.
    #[must_use]
    pub const fn kiss_code(self) -> KissCode {
        KissCode::from_octets(self.0)
    }

    /// The octets as text, if they are printable ASCII, left-justified and padded with zeros.
    #[must_use]
    pub fn as_ascii(&self) -> Option<&str> {
        let length = self
            .0
            .iter()
            .rposition(|&octet| octet != 0)
            .map_or(0, |last| last + 1);
        let text = self
            .0
            .get(..length)
            .filter(|text| text.iter().all(u8::is_ascii_graphic))?;
        core::str::from_utf8(text)
            .ok()
            .filter(|text| !text.is_empty())
    }

    /// Shows the octets as what they mean at a stratum: text up to 1 (where they are text), an
    /// IPv4 address above.
    #[must_use]
    pub const fn describe(self, stratum: Stratum) -> impl fmt::Display {
        Described { id: self, stratum }
    }
}

/// The octets in hexadecimal.
impl fmt::Display for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReferenceId({self})")
    }
}

struct Described {
    id: ReferenceId,
    stratum: Stratum,
}

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id.as_ascii() {
            Some(text) if self.stratum <= Stratum::PRIMARY => f.write_str(text),
            None if self.stratum <= Stratum::PRIMARY => fmt::Display::fmt(&self.id, f),
            _ => fmt::Display::fmt(&Ipv4Addr::from(self.id.0), f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_that_are_no_text_are_shown_in_hex() {
        for (octets, shown) in [
            (*b"GP\0S", "47500053"),
            ([0; 4], "00000000"),
            ([0x7f; 4], "7f7f7f7f"),
            (*b"LOCL", "LOCL"),
        ] {
            let id = ReferenceId::from_octets(octets);
            assert_eq!(id.describe(Stratum::PRIMARY).to_string(), shown);
            assert_eq!(id.describe(Stratum::UNSPECIFIED).to_string(), shown);
        }
    }

    #[test]
    fn addresses_are_shown_above_stratum_1() {
        let id = ReferenceId::from_ipv4(Ipv4Addr::new(192, 0, 2, 1));
        assert_eq!(id.describe(Stratum::new(2)).to_string(), "192.0.2.1");
    }
}
