use core::fmt;
use core::net::IpAddr;

use md5::{Digest, Md5};

use crate::error::write_hex;

/// A reference ID of version 5, 120 bits: what stands for a server in [`ReferenceIds`].
///
/// A server of version 5 makes one up at random. One of an earlier version has that of its address,
/// and a reference clock that of its name.
///
/// [`ReferenceIds`]: super::ReferenceIds
///
/// Defined in draft-ietf-ntp-ntpv5, "Reference IDs Request and Response Extension Fields".
///
/// # Examples
///
/// ```
/// use horolog_ntp::v5::ReferenceId;
///
/// let id = ReferenceId::from_address([192, 0, 2, 1].into());
/// assert_eq!(id.to_string(), "b201f143e9c4d4048c4bf61e78b8ee");
/// assert_eq!(id.positions(), [2848, 497, 1086, 2500, 3392, 1164, 1215, 1566, 1931, 2286]);
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct ReferenceId([u8; Self::LENGTH]);

impl ReferenceId {
    /// Octets of a reference ID.
    pub const LENGTH: usize = 15;
    /// Bits that a reference ID sets in a filter, at most.
    pub const POSITIONS: usize = 10;

    /// Takes 15 octets, which should be random.
    #[must_use]
    pub const fn from_octets(octets: [u8; Self::LENGTH]) -> Self {
        Self(octets)
    }

    /// Of a server of an earlier version: the first 120 bits of the MD5 of its address.
    #[must_use]
    pub fn from_address(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::md5(&address.octets()),
            IpAddr::V6(address) => Self::md5(&address.octets()),
        }
    }

    /// Of a reference clock: the first 120 bits of the MD5 of its reference ID in version 4.
    #[must_use]
    pub fn from_clock(reference_id: crate::ReferenceId) -> Self {
        Self::md5(&reference_id.to_octets())
    }

    /// The octets.
    #[must_use]
    pub const fn to_octets(self) -> [u8; Self::LENGTH] {
        self.0
    }

    /// The bits that it sets in a filter: ten numbers of 12 bits, the first in the first octets.
    #[must_use]
    pub fn positions(self) -> [u16; Self::POSITIONS] {
        let mut positions = [0; Self::POSITIONS];
        let (places, _) = positions.as_chunks_mut::<2>();
        let (triples, _) = self.0.as_chunks::<3>();
        for ([first, second], &[a, b, c]) in places.iter_mut().zip(triples) {
            *first = u16::from(a) << 4 | u16::from(b >> 4);
            *second = u16::from(b & 0x0f) << 8 | u16::from(c);
        }
        positions
    }

    fn md5(octets: &[u8]) -> Self {
        let [id @ .., _]: [u8; 16] = Md5::digest(octets).into();
        Self(id)
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
        write!(f, "v5::ReferenceId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::Ipv6Addr;
    use hex_literal::hex;

    #[test]
    fn positions_take_all_bits_in_order() {
        let id = ReferenceId::from_octets(hex!("001002003004005006007008009fff"));
        assert_eq!(id.positions(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 4095]);
    }

    /// The first four octets are the reference ID of version 4.
    #[test]
    fn an_ipv6_address_begins_as_in_version_4() {
        let address: Ipv6Addr = "2001:db8::1".parse().unwrap();
        let id = ReferenceId::from_address(address.into());
        assert_eq!(id.to_octets()[..4], hex!("39ab9b37"));
    }

    /// MD5 of the four octets, computed with Python's hashlib.
    #[test]
    fn a_clock_has_the_hash_of_its_name() {
        let id = ReferenceId::from_clock(crate::ReferenceId::from_octets(*b"GPS\0"));
        assert_eq!(id.to_octets(), hex!("9e887a87f4a23ce5b489a78b30137a"));
    }
}
