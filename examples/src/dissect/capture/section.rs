use horolog_time::UnixTime;
use pcap_parser::nom::Err as NomError;
use pcap_parser::traits::PcapNGPacketBlock as _;
use pcap_parser::{Block, InterfaceDescriptionBlock, parse_block_be, parse_block_le};

use super::{Frame, SECTION, Step, Stop};

/// A section of a pcapng file: its octet order and its interfaces.
#[derive(Debug, Default)]
pub(super) struct Section {
    big_endian: bool,
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: i32,
    snap_length: u32,
    /// Units of a timestamp in a second, `None` where they are too fine for 64 bits.
    resolution: Option<u64>,
    /// Seconds to add.
    offset: i64,
}

/// The most interfaces of a section.
const MOST_INTERFACES: usize = 1 << 16;
const NANOSECONDS: u128 = 1_000_000_000;

impl Section {
    /// Takes the next block of the file.
    pub(super) fn block(&mut self, data: &[u8], frame: &mut Frame) -> Result<(usize, Step), Stop> {
        let parsed = if self.big_endian {
            parse_block_be(data)
        } else {
            parse_block_le(data)
        };
        let (rest, block) = match parsed {
            // The whole block is there, so what its inside lacks will not come.
            Err(NomError::Incomplete(_)) if is_whole(self.big_endian, data) => {
                return Err(Stop::Malformed);
            }
            parsed => parsed?,
        };
        let octets = data.len() - rest.len();
        match block {
            Block::SectionHeader(section) => {
                self.big_endian = section.big_endian();
                self.interfaces.clear();
                return Ok((octets, Step::Other));
            }
            Block::InterfaceDescription(description) => {
                if self.interfaces.len() == MOST_INTERFACES {
                    return Err(Stop::Malformed);
                }
                self.interfaces
                    .push(Interface::new(&description, self.big_endian));
                return Ok((octets, Step::Other));
            }
            Block::EnhancedPacket(packet) => {
                let number = usize::try_from(packet.if_id).map_err(|_| Stop::Interface)?;
                let interface = self.interfaces.get(number).ok_or(Stop::Interface)?;
                frame.time =
                    interface.time(u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low));
                frame.link = interface.link;
                frame.octets.clear();
                frame.octets.extend_from_slice(packet.packet_data());
            }
            Block::SimplePacket(packet) => {
                let interface = self.interfaces.first().ok_or(Stop::Interface)?;
                let captured = match interface.snap_length {
                    0 => usize::MAX,
                    length => usize::try_from(length).unwrap_or(usize::MAX),
                };
                let packet = packet.packet_data();
                frame.time = None;
                frame.link = interface.link;
                frame.octets.clear();
                frame
                    .octets
                    .extend_from_slice(packet.get(..captured).unwrap_or(packet));
            }
            _ => return Ok((octets, Step::Other)),
        }
        Ok((octets, Step::Packet))
    }
}

/// Whether all of a block is there that is no section header.
fn is_whole(big_endian: bool, data: &[u8]) -> bool {
    let Some(&[.., a, b, c, d]) = data.first_chunk::<8>() else {
        return false;
    };
    let length = if big_endian {
        u32::from_be_bytes([a, b, c, d])
    } else {
        u32::from_le_bytes([a, b, c, d])
    };
    !data.starts_with(&SECTION) && usize::try_from(length).is_ok_and(|length| length <= data.len())
}

impl Interface {
    fn new(description: &InterfaceDescriptionBlock<'_>, big_endian: bool) -> Self {
        let exponent = u32::from(description.if_tsresol & 0x7f);
        let base: u64 = if description.if_tsresol & 0x80 == 0 {
            10
        } else {
            2
        };
        // The parser reads this option as little-endian always.
        let offset = if big_endian {
            description.if_tsoffset.swap_bytes()
        } else {
            description.if_tsoffset
        };
        Self {
            link: description.linktype.0,
            snap_length: description.snaplen,
            resolution: base.checked_pow(exponent),
            offset,
        }
    }

    fn time(&self, units: u64) -> Option<UnixTime> {
        let resolution = self.resolution?;
        let seconds = i64::try_from(units / resolution).ok()?;
        let rest = u128::from(units % resolution) * NANOSECONDS / u128::from(resolution);
        let nanoseconds = u32::try_from(rest).ok()?;
        UnixTime::new(seconds.checked_add(self.offset)?, nanoseconds).ok()
    }
}
