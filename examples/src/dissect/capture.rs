//! Packets of pcap and pcapng files, one after the other, with no more than one in memory.

mod section;

use std::io::{self, Read};

use horolog_time::UnixTime;
use pcap_parser::nom::Err as NomError;
use pcap_parser::{
    LegacyPcapBlock, PcapError, PcapHeader, parse_pcap_frame, parse_pcap_frame_be,
    parse_pcap_frame_modified, parse_pcap_header,
};
use thiserror::Error;

use self::section::Section;
use super::input::Input;

/// Reads a capture.
#[derive(Debug)]
pub struct Capture<R> {
    input: Input<R>,
    format: Format,
    packets: u64,
}

/// A packet as it was captured.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Frame {
    /// Its number, from 1, as other programs count.
    pub index: u64,
    /// When it was captured, if the file tells.
    pub time: Option<UnixTime>,
    /// The number of its link type.
    pub link: i32,
    /// What was captured of it.
    pub octets: Vec<u8>,
}

/// Why a file cannot be read, or not any further.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// The system refuses.
    #[error("cannot read")]
    Io(#[from] io::Error),
    /// The file has another format.
    #[error("neither pcap nor pcapng")]
    Format,
    /// The file ends too early.
    #[error("the file ends in the middle of what starts at octet {0}")]
    Truncated(u64),
    /// What stands there is no packet or block.
    #[error("malformed at octet {0}")]
    Malformed(u64),
    /// A packet or block is longer than any real one.
    #[error("longer than {LONGEST} octets at octet {0}")]
    TooLong(u64),
    /// A packet of an interface that was not described.
    #[error("unknown interface at octet {0}")]
    Interface(u64),
}

/// The longest packet or block that is read.
const LONGEST: usize = 16 << 20;
/// The first octets of a pcapng file.
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

#[derive(Debug)]
enum Format {
    Pcap(PcapHeader),
    Pcapng(Section),
}

/// What one step of reading gives.
enum Step {
    /// A packet.
    Packet,
    /// Something else.
    Other,
}

impl<R: Read> Capture<R> {
    /// Reads the start of a capture and tells its format.
    ///
    /// # Errors
    ///
    /// [`CaptureError::Format`], [`CaptureError::Truncated`], [`CaptureError::Io`].
    pub fn new(reader: R) -> Result<Self, CaptureError> {
        let mut input = Input::new(reader);
        while input.data().len() < SECTION.len() {
            if !input.fill()? {
                return Err(CaptureError::Format);
            }
        }
        let format = if input.data().starts_with(&SECTION) {
            Format::Pcapng(Section::default())
        } else {
            let header = loop {
                match parse_pcap_header(input.data()).map_err(Stop::from) {
                    Ok((_, header)) => break header,
                    Err(Stop::Incomplete) => {}
                    Err(_) => return Err(CaptureError::Format),
                }
                if !input.fill()? {
                    return Err(CaptureError::Truncated(0));
                }
            };
            input.consume(header.size());
            Format::Pcap(header)
        };
        Ok(Self {
            input,
            format,
            packets: 0,
        })
    }

    /// Reads the next packet into `frame`; `false` at the end.
    ///
    /// # Errors
    ///
    /// All but [`CaptureError::Format`].
    pub fn read(&mut self, frame: &mut Frame) -> Result<bool, CaptureError> {
        loop {
            let offset = self.input.offset();
            if self.input.data().is_empty() && !self.input.fill()? {
                return Ok(false);
            }
            let step = match &mut self.format {
                Format::Pcap(header) => packet(header, self.input.data(), frame),
                Format::Pcapng(section) => section.block(self.input.data(), frame),
            };
            match step {
                Ok((octets, step)) => {
                    self.input.consume(octets);
                    if let Step::Packet = step {
                        self.packets += 1;
                        frame.index = self.packets;
                        return Ok(true);
                    }
                }
                Err(Stop::Incomplete) if self.input.data().len() > LONGEST => {
                    return Err(CaptureError::TooLong(offset));
                }
                Err(Stop::Incomplete) => {
                    if !self.input.fill()? {
                        return Err(CaptureError::Truncated(offset));
                    }
                }
                Err(Stop::Malformed) => return Err(CaptureError::Malformed(offset)),
                Err(Stop::Interface) => return Err(CaptureError::Interface(offset)),
            }
        }
    }
}

/// Why a step could not be made.
enum Stop {
    Incomplete,
    Malformed,
    Interface,
}

impl From<NomError<PcapError<&[u8]>>> for Stop {
    fn from(error: NomError<PcapError<&[u8]>>) -> Self {
        match error {
            NomError::Incomplete(_) => Self::Incomplete,
            NomError::Error(_) | NomError::Failure(_) => Self::Malformed,
        }
    }
}

/// The octets of the next packet of a pcap file.
fn packet(header: &PcapHeader, data: &[u8], frame: &mut Frame) -> Result<(usize, Step), Stop> {
    let (rest, packet): (_, LegacyPcapBlock<'_>) = if header.is_modified_format() {
        parse_pcap_frame_modified(data)?
    } else if header.is_bigendian() {
        parse_pcap_frame_be(data)?
    } else {
        parse_pcap_frame(data)?
    };
    let scale = if header.is_nanosecond_precision() {
        1
    } else {
        1000
    };
    let nanoseconds = packet.ts_usec.checked_mul(scale);
    frame.time =
        nanoseconds.and_then(|nanoseconds| UnixTime::new(packet.ts_sec.into(), nanoseconds).ok());
    // The upper half may tell of a frame check sequence.
    frame.link = header.network.0 & 0xffff;
    frame.octets.clear();
    frame.octets.extend_from_slice(packet.data);
    Ok((data.len() - rest.len(), Step::Packet))
}

#[cfg(test)]
mod tests;
