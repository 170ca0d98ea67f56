use bytes::BufMut;
use nom::Parser;

use super::{OpCode, Variables};
use crate::error::reserve;
use crate::mac::{MacTrailer, mac_trailer};
use crate::parse::{self, Parsed, array, octets, u8, u16};
use crate::{DecodeError, DecodeErrorKind, EncodeError, LeapIndicator, Mode, Version};

/// A control message, mode 6, as it stands in one datagram.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |LI | VN  |Mode |R|E|M| OpCode  |       Sequence Number         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |            Status             |       Association ID          |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |            Offset             |            Count              |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .                    Data (up to 468 octets)                    .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    Padding (optional)                         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .              Authenticator (optional, 20 or 24)               .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// Programs differ from the text in three things that a decoder has to take:
///
/// * The leap indicator should be 0 in a request; `ntpq` sends 3, and servers answer with that of
///   their clock.
/// * The padding should be zero; NTPsec answers with what the last message left in its buffer. It
///   is kept, so that encoding gives back the same octets.
/// * The text pads to four octets; programs pad an authenticated message to eight, and look for
///   the authenticator only there.
///
/// Defined in [RFC 9327 § 2](https://www.rfc-editor.org/rfc/rfc9327#section-2), figure 1.
///
/// # Examples
///
/// ```
/// use horolog_ntp::control::{ControlMessage, OpCode};
///
/// let octets = b"\xd6\x82\x00\x07\xc0\x16\x00\x00\x00\x00\x00\x0css_uptime=43";
/// let message = ControlMessage::decode(octets)?;
/// assert!(message.response && !message.error && !message.more);
/// assert_eq!((message.opcode, message.sequence), (OpCode::READ_VARIABLES, 7));
/// assert_eq!(message.data, b"ss_uptime=43");
///
/// let mut written = Vec::new();
/// message.encode(&mut written)?;
/// assert_eq!(written, octets);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ControlMessage<'a> {
    /// The leap indicator's place; of no use here.
    pub leap: LeapIndicator,
    /// Version number, 1 to 4. `ntpq` sends 2; servers answer in the version of the request.
    pub version: Version,
    /// Whether this is an answer.
    pub response: bool,
    /// Whether the request was refused; the status is an [`ErrorStatus`](super::ErrorStatus).
    pub error: bool,
    /// Whether more of the answer follows behind this part.
    pub more: bool,
    /// What is asked for or answered.
    pub opcode: OpCode,
    /// The number that an answer has in common with its request.
    pub sequence: u16,
    /// The status word of the system, of a peer or of a clock; 0 in requests.
    pub status: u16,
    /// Which peer or clock is meant: 0 for the system as a whole.
    pub association: u16,
    /// Where in the whole of the data this part starts.
    pub offset: u16,
    /// The data, up to 468 octets.
    pub data: &'a [u8],
    /// Key identifier and digest.
    pub authenticator: Option<MacTrailer<'a>>,
    /// The padding as it was decoded. `None` is the zeros that [`encode`](Self::encode) makes up,
    /// as it does where these octets could not be read as padding.
    pub padding: Option<&'a [u8]>,
}

impl<'a> ControlMessage<'a> {
    /// Octets of the header.
    pub const HEADER_LENGTH: usize = 12;
    /// The most octets of data in a message.
    ///
    /// Real servers fill their answers up to this, and none goes beyond.
    pub const MAX_DATA: usize = 468;
    /// The association ID that means the system as a whole.
    pub const SYSTEM: u16 = 0;

    /// A request without data, of version 2 as `ntpq` sends it. See also
    /// [`read_variables`](Self::read_variables) and its like.
    #[must_use]
    pub const fn request(opcode: OpCode, sequence: u16) -> Self {
        Self {
            leap: LeapIndicator::NoWarning,
            version: Version::V2,
            response: false,
            error: false,
            more: false,
            opcode,
            sequence,
            status: 0,
            association: Self::SYSTEM,
            offset: 0,
            data: &[],
            authenticator: None,
            padding: None,
        }
    }

    /// Decodes all of `octets`.
    ///
    /// # Errors
    ///
    /// * [`DecodeErrorKind::Truncated`] names the first part that is not whole: the message can end
    ///   in its header, in the data that it counts, or in its padding.
    /// * [`DecodeErrorKind::Value`] for a version other than 1 to 4 and a mode other than 6.
    /// * [`DecodeErrorKind::Length`] for a count above 468.
    /// * [`DecodeErrorKind::Trailing`] where more follows than padding, and it is no authenticator
    ///   of 20 or 24 octets.
    pub fn decode(octets: &'a [u8]) -> Result<Self, DecodeError> {
        parse::all(octets, "control message", message)
    }

    /// Appends the message, its data padded with zeros, or as it was when it was decoded.
    ///
    /// # Errors
    ///
    /// * [`EncodeError::TooLong`] for more than 468 octets of data.
    /// * [`EncodeError::Ambiguous`] for an authenticator whose digest has neither 16 nor 20 octets.
    /// * [`EncodeError::BufferTooSmall`].
    ///
    /// Then nothing was written.
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        let count = u16::try_from(self.data.len())
            .ok()
            .filter(|_| self.data.len() <= Self::MAX_DATA)
            .ok_or(EncodeError::TooLong {
                field: "data",
                length: self.data.len(),
                max: Self::MAX_DATA,
            })?;
        if let Some(mac) = self.authenticator
            && !AUTHENTICATORS.contains(&mac.encoded_len())
        {
            let (field, reason) = ("authenticator", "it has neither 20 nor 24 octets");
            return Err(EncodeError::Ambiguous { field, reason });
        }
        reserve(buffer, self.encoded_len(), "control message")?;
        buffer.put_u8(
            self.leap.to_bits() << 6 | self.version.to_bits() << 3 | Mode::CONTROL.to_bits(),
        );
        buffer.put_u8(
            u8::from(self.response) << 7
                | u8::from(self.error) << 6
                | u8::from(self.more) << 5
                | self.opcode.to_bits(),
        );
        buffer.put_u16(self.sequence);
        buffer.put_u16(self.status);
        buffer.put_u16(self.association);
        buffer.put_u16(self.offset);
        buffer.put_u16(count);
        buffer.put_slice(self.data);
        match self.kept_padding() {
            Some(padding) => buffer.put_slice(padding),
            None => buffer.put_bytes(0, self.padding_len()),
        }
        self.authenticator.map_or(Ok(()), |mac| mac.encode(buffer))
    }

    /// Octets that [`encode`](Self::encode) writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.authenticated_len() + self.authenticator.map_or(0, |mac| mac.encoded_len())
    }

    /// Octets that an authenticator covers: header, data and padding.
    ///
    /// To sign a message, encode it with an authenticator of zeros, compute the digest over so
    /// many octets, and encode it with that.
    #[must_use]
    pub fn authenticated_len(&self) -> usize {
        Self::HEADER_LENGTH + self.data.len() + self.padding_len()
    }

    /// The data as a list of variables.
    #[must_use]
    pub const fn variables(&self) -> Variables<'a> {
        Variables::new(self.data)
    }

    /// Whether this is an answer to `request`, or a part of one, by opcode, sequence number and
    /// association ID.
    ///
    /// That is all that ties them together: whoever can guess them can answer in a server's place.
    #[must_use]
    pub fn answers(&self, request: &ControlMessage<'_>) -> bool {
        self.response
            && self.opcode == request.opcode
            && self.sequence == request.sequence
            && self.association == request.association
    }

    /// Octets between data and authenticator.
    fn padding_len(&self) -> usize {
        self.kept_padding().map_or_else(
            || canonical_padding(self.data.len(), self.authenticator.is_some()),
            <[u8]>::len,
        )
    }

    /// The padding as it was decoded, unless data or authenticator are others since and it would
    /// no longer be read as padding.
    fn kept_padding(&self) -> Option<&'a [u8]> {
        self.padding.filter(|padding| {
            let trailer = padding.len() + self.authenticator.map_or(0, |mac| mac.encoded_len());
            padding_in(self.data.len(), trailer) == Some(padding.len())
        })
    }
}

/// The lengths of an authenticator: a key identifier, and a digest of 16 or 20 octets.
const AUTHENTICATORS: [usize; 2] = [20, 24];

/// Octets of padding behind `data` octets, where the message is padded to a multiple of `unit`.
const fn padding_to(unit: usize, data: usize) -> usize {
    let end = ControlMessage::HEADER_LENGTH + data;
    end.next_multiple_of(unit) - end
}

const fn canonical_padding(data: usize, authenticated: bool) -> usize {
    padding_to(if authenticated { 8 } else { 4 }, data)
}

/// How many of the `trailer` octets behind `data` octets are padding; the others are an
/// authenticator. `None` where they cannot be told apart.
///
/// One case can be read in two ways, as 4 octets of padding and 20 of authenticator, or as 24 of
/// authenticator. Programs take the former.
fn padding_in(data: usize, trailer: usize) -> Option<usize> {
    let units = [padding_to(8, data), padding_to(4, data)];
    units.into_iter().find(|&padding| {
        trailer
            .checked_sub(padding)
            .is_some_and(|left| left == 0 || AUTHENTICATORS.contains(&left))
    })
}

fn message(input: &[u8]) -> Parsed<'_, ControlMessage<'_>> {
    let start = input;
    let (input, first) = u8("leap indicator, version and mode").parse(input)?;
    let version = Version::from_bits(first >> 3);
    if !version.has_v4_header() {
        let value = version.to_bits().into();
        return Err(parse::unexpected(start, "version", value, "1 to 4"));
    }
    let mode = Mode::from_bits(first);
    if mode != Mode::CONTROL {
        let value = mode.to_bits().into();
        return Err(parse::unexpected(start, "mode", value, "6"));
    }
    let (input, second) = u8("response, error and more bits and opcode").parse(input)?;
    let (input, sequence) = u16("sequence number").parse(input)?;
    let (input, status) = u16("status").parse(input)?;
    let (input, association) = u16("association ID").parse(input)?;
    let (input, offset) = u16("offset").parse(input)?;
    let (rest, count) = array("count").map(u16::from_be_bytes).parse(input)?;
    let count = usize::from(count);
    if count > ControlMessage::MAX_DATA {
        let kind = DecodeErrorKind::Length {
            field: "data",
            length: count,
            rule: "468 or less",
        };
        return Err(parse::fail(input, kind));
    }
    let (trailer, data) = octets("data", count).parse(rest)?;
    let padding = padding_in(count, trailer.len()).unwrap_or(padding_to(4, count));
    let (rest, padding) = octets("padding", padding).parse(trailer)?;
    let (rest, authenticator) = if AUTHENTICATORS.contains(&rest.len()) {
        mac_trailer.map(Some).parse(rest)?
    } else {
        (rest, None)
    };
    let is_canonical = padding.len() == canonical_padding(count, authenticator.is_some())
        && padding.iter().all(|&octet| octet == 0);
    let message = ControlMessage {
        leap: LeapIndicator::from_bits(first >> 6),
        version,
        response: second & 0x80 != 0,
        error: second & 0x40 != 0,
        more: second & 0x20 != 0,
        opcode: OpCode::from_bits(second),
        sequence,
        status,
        association,
        offset,
        data,
        authenticator,
        padding: (!is_canonical).then_some(padding),
    };
    Ok((rest, message))
}

#[cfg(test)]
mod tests;
