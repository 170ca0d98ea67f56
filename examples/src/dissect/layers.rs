//! From a captured frame to the UDP payload in it.

use core::net::SocketAddr;

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice, UdpHeader, UdpSlice};

/// A UDP datagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Datagram<'a> {
    /// Its sender.
    pub source: SocketAddr,
    /// Its receiver.
    pub destination: SocketAddr,
    /// What was captured of its payload.
    pub payload: &'a [u8],
    /// Octets of its payload.
    pub length: usize,
    /// Whether its checksum is right; `None` where it has none or is not whole.
    pub checksum: Option<bool>,
}

/// What else a frame may hold.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Other {
    /// A part of an IP packet.
    Fragment,
    /// A TCP segment.
    Tcp,
    /// Something that is not IP, neither UDP nor TCP in it, or cut off before.
    NotUdp,
    /// A link type that is not known here.
    Link(i32),
}

impl<'a> Datagram<'a> {
    /// Takes a frame of a link type apart.
    ///
    /// The link types are Ethernet with or without VLAN tags, Linux cooked capture version 1 and 2,
    /// raw IP, and BSD loopback.
    ///
    /// # Errors
    ///
    /// What else it is.
    pub fn decode(link: i32, octets: &'a [u8]) -> Result<Self, Other> {
        let packet = match link {
            1 => LaxSlicedPacket::from_ethernet(octets).ok(),
            // A family of four octets, whose numbers differ between systems; IP tells itself.
            0 | 108 => octets.get(4..).and_then(ip),
            12 | 14 | 101 | 228 | 229 => ip(octets),
            113 => cooked(octets, 14, 16),
            276 => cooked(octets, 0, 20),
            link => return Err(Other::Link(link)),
        };
        let packet = packet.ok_or(Other::NotUdp)?;
        let net = packet.net.as_ref().ok_or(Other::NotUdp)?;
        let payload = net.ip_payload_ref().ok_or(Other::NotUdp)?;
        if payload.fragmented {
            return Err(Other::Fragment);
        }
        match &packet.transport {
            Some(TransportSlice::Udp(udp)) => Self::new(net, udp, payload.incomplete),
            Some(TransportSlice::Tcp(_)) => Err(Other::Tcp),
            _ => Err(Other::NotUdp),
        }
    }

    /// Whether one of the ports is among these.
    #[must_use]
    pub fn has_port(&self, ports: &[u16]) -> bool {
        ports.contains(&self.source.port()) || ports.contains(&self.destination.port())
    }

    /// Whether the capture holds all of it.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.payload.len() >= self.length
    }

    fn new(net: &LaxNetSlice<'_>, udp: &UdpSlice<'a>, incomplete: bool) -> Result<Self, Other> {
        let header = udp.to_header();
        let payload = udp.payload();
        let told = usize::from(header.length).saturating_sub(UdpHeader::LEN);
        let length = if incomplete {
            // The end of the datagram is lost, so it has more octets than there are.
            told.max(payload.len() + 1)
        } else {
            told.max(payload.len())
        };
        let (source, destination, sum) = match net {
            LaxNetSlice::Ipv4(ip) => {
                let ip = ip.header();
                let sum = header.calc_checksum_ipv4_raw(ip.source(), ip.destination(), payload);
                (ip.source_addr().into(), ip.destination_addr().into(), sum)
            }
            LaxNetSlice::Ipv6(ip) => {
                let ip = ip.header();
                let sum = header.calc_checksum_ipv6_raw(ip.source(), ip.destination(), payload);
                (ip.source_addr().into(), ip.destination_addr().into(), sum)
            }
            LaxNetSlice::Arp(_) => return Err(Other::NotUdp),
        };
        let checksum = sum
            .ok()
            .filter(|_| header.checksum != 0 && payload.len() == length)
            .map(|sum| sum == header.checksum);
        Ok(Self {
            source: SocketAddr::new(source, header.source_port),
            destination: SocketAddr::new(destination, header.destination_port),
            payload,
            length,
            checksum,
        })
    }
}

fn ip(octets: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    LaxSlicedPacket::from_ip(octets).ok()
}

/// Linux cooked capture: an `EtherType` at one place, what it tells of at another.
fn cooked(octets: &[u8], ether_type: usize, payload: usize) -> Option<LaxSlicedPacket<'_>> {
    let ether_type = octets.get(ether_type..)?.first_chunk()?;
    let ether_type = EtherType(u16::from_be_bytes(*ether_type));
    let payload = octets.get(payload..)?;
    Some(LaxSlicedPacket::from_ether_type(ether_type, payload))
}

#[cfg(test)]
mod tests;
