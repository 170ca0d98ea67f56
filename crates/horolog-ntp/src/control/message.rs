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
        return Err(wrong(start, "version", version.to_bits(), "1 to 4"));
    }
    let mode = Mode::from_bits(first);
    if mode != Mode::CONTROL {
        return Err(wrong(start, "mode", mode.to_bits(), "6"));
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

#[cold]
fn wrong(
    input: &[u8],
    field: &'static str,
    value: u8,
    expected: &'static str,
) -> nom::Err<parse::Fault> {
    let value = value.into();
    parse::fail(
        input,
        DecodeErrorKind::Value {
            field,
            value,
            expected,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::{KeyId, MacAlgorithm, MacKey};
    use hex_literal::hex;
    use proptest::prelude::*;

    /// `ntpq` against NTPsec 1.2.3, frame 31 of tests/data/mode6-ntpq-ntpsec123.hex: the octet
    /// behind the data is left over from an earlier answer.
    const ANSWER: [u8; 28] = hex!("d682000c c0160000 0000000f 746f7461 6c5f7262 75663d31 300d0a33");

    fn error(octets: &[u8]) -> String {
        ControlMessage::decode(octets).unwrap_err().to_string()
    }

    fn with(data: usize, trailer: &[u8]) -> Vec<u8> {
        let mut octets = hex!("16020001 00000000 00000000").to_vec();
        octets[11] = u8::try_from(data).unwrap();
        octets.resize(12 + data, b'x');
        octets.extend(trailer);
        octets
    }

    #[test]
    fn rfc_9327_section_2_captured_answer() {
        let message = ControlMessage::decode(&ANSWER).unwrap();
        assert_eq!(
            message,
            ControlMessage {
                leap: LeapIndicator::Unknown,
                response: true,
                status: 0xc016,
                data: b"total_rbuf=10\r\n",
                padding: Some(b"3"),
                ..ControlMessage::request(OpCode::READ_VARIABLES, 12)
            }
        );
        let mut written = [0xa5; 30];
        message.encode(&mut written.as_mut_slice()).unwrap();
        assert_eq!(written[..28], ANSWER);
        assert_eq!(written[28..], [0xa5; 2]);
    }

    #[test]
    fn pads_with_zeros_over_a_dirty_buffer() {
        let message = ControlMessage {
            data: b"x",
            ..ControlMessage::request(OpCode::READ_MRU, 1)
        };
        let mut written = [0xa5; 16];
        message.encode(&mut written.as_mut_slice()).unwrap();
        assert_eq!(written, hex!("160a0001 00000000 00000001 78000000"));
    }

    #[test]
    fn rejects_every_truncation() {
        for length in 0..ANSWER.len() {
            let error = ControlMessage::decode(&ANSWER[..length]).unwrap_err();
            assert!(
                matches!(error.kind(), DecodeErrorKind::Truncated { .. }),
                "{length}: {error}"
            );
        }
        assert_eq!(
            error(&ANSWER[..11]),
            "count needs 2 octets, 1 are left, at offset 10"
        );
        assert_eq!(
            error(&ANSWER[..26]),
            "data needs 15 octets, 14 are left, at offset 12"
        );
        assert_eq!(
            error(&ANSWER[..27]),
            "padding needs 1 octets, 0 are left, at offset 27"
        );
    }

    #[test]
    fn rejects_other_versions_and_modes() {
        for (first, message) in [
            (0x06, "version is 0x0, expected 1 to 4, at offset 0"),
            (0x2e, "version is 0x5, expected 1 to 4, at offset 0"),
            (0x17, "mode is 0x7, expected 6, at offset 0"),
        ] {
            let mut octets = ANSWER;
            octets[0] = first;
            assert_eq!(error(&octets), message);
        }
    }

    #[test]
    fn rejects_a_count_above_468() {
        let mut octets = vec![0; 12 + 472];
        octets[0] = 0x16;
        octets[10..12].copy_from_slice(&468_u16.to_be_bytes());
        assert!(ControlMessage::decode(&octets[..480]).is_ok());
        octets[11] += 1;
        assert_eq!(
            error(&octets),
            "data length 469 is not 468 or less, at offset 10"
        );
    }

    #[test]
    fn rejects_what_is_no_authenticator() {
        let trailing = "8 octets are left over after control message, at offset 12";
        assert_eq!(error(&with(0, &[1; 8])), trailing);
        for length in (0..40).filter(|length| ![0, 4, 20, 24, 28].contains(length)) {
            assert!(
                ControlMessage::decode(&with(0, &vec![1; length])).is_err(),
                "{length}"
            );
        }
    }

    #[test]
    fn authenticators_stand_behind_a_multiple_of_eight_or_of_four() {
        for (data, trailer, padding, digest) in [
            (0, 20, 0, 16),
            (0, 24, 4, 16),
            (0, 28, 4, 20),
            (4, 20, 0, 16),
            (4, 24, 0, 20),
            (5, 27, 7, 16),
            (5, 31, 7, 20),
            (5, 23, 3, 16),
        ] {
            let octets = with(data, &vec![7; trailer]);
            let message = ControlMessage::decode(&octets).unwrap();
            assert_eq!(message.authenticated_len(), 12 + data + padding);
            assert_eq!(message.authenticator.unwrap().digest.len(), digest);
            let mut written = Vec::new();
            message.encode(&mut written).unwrap();
            assert_eq!(written, octets);
        }
    }

    #[test]
    fn a_signed_message_verifies() {
        let key = MacKey::new(KeyId::new(1), MacAlgorithm::Md5, b"md5secret").unwrap();
        let mut message = ControlMessage {
            data: b"leap=0",
            authenticator: Some(MacTrailer {
                key_id: key.id(),
                digest: &[0; 16],
            }),
            ..ControlMessage::request(OpCode::WRITE_VARIABLES, 1)
        };
        let mut octets = Vec::new();
        message.encode(&mut octets).unwrap();
        let digest = key.digest(&octets[..message.authenticated_len()]);
        message.authenticator = Some(MacTrailer {
            key_id: key.id(),
            digest: digest.as_octets(),
        });
        octets.clear();
        message.encode(&mut octets).unwrap();
        assert_eq!(octets.len(), 24 + 20);

        let message = ControlMessage::decode(&octets).unwrap();
        let mac = message.authenticator.unwrap();
        assert!(key.verify(
            &octets[..message.authenticated_len()],
            &mac,
            message.version
        ));
    }

    #[test]
    fn rejects_what_cannot_be_written() {
        let message = ControlMessage::request(OpCode::READ_STATUS, 1);
        let error = message.encode(&mut [0; 11].as_mut_slice()).unwrap_err();
        assert!(matches!(error, EncodeError::BufferTooSmall { .. }));
        let message = ControlMessage {
            data: &[0; 469],
            ..message
        };
        let error = message.encode(&mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "data of 469 octets is longer than 468");
        let message = ControlMessage {
            data: &[],
            authenticator: Some(MacTrailer {
                key_id: KeyId::new(1),
                digest: &[0; 32],
            }),
            ..message
        };
        let error = message.encode(&mut Vec::new()).unwrap_err();
        assert!(matches!(error, EncodeError::Ambiguous { .. }));
    }

    #[test]
    fn padding_is_made_up_again_where_the_data_changed() {
        let mut message = ControlMessage::decode(&ANSWER).unwrap();
        message.data = b"twelve octet";
        let mut written = Vec::new();
        message.encode(&mut written).unwrap();
        assert_eq!(written.len(), 24);
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_octets(
            mut octets in proptest::collection::vec(any::<u8>(), 12..80),
            version in 1..5_u8,
            count in 0..60_u8,
        ) {
            octets[0] = octets[0] & 0xc0 | version << 3 | 6;
            octets[10] = 0;
            octets[11] = count;
            if let Ok(message) = ControlMessage::decode(&octets) {
                let mut written = vec![0xa5; message.encoded_len()];
                message.encode(&mut written.as_mut_slice()).unwrap();
                prop_assert_eq!(written, octets);
            }
        }

        #[test]
        fn what_is_made_survives(
            bits: u8,
            words: [u16; 4],
            data in proptest::collection::vec(any::<u8>(), 0..=468),
            digest in proptest::option::of(proptest::collection::vec(any::<u8>(), 20)),
            is_long: bool,
        ) {
            let digest = digest.as_ref().map(|digest| if is_long { &digest[..] } else { &digest[..16] });
            let message = ControlMessage {
                response: bits & 0x80 != 0,
                error: bits & 0x40 != 0,
                more: bits & 0x20 != 0,
                status: words[1],
                association: words[2],
                offset: words[3],
                data: &data,
                authenticator: digest.map(|digest| MacTrailer { key_id: KeyId::new(9), digest }),
                ..ControlMessage::request(OpCode::from_bits(bits), words[0])
            };
            let mut written = Vec::new();
            message.encode(&mut written).unwrap();
            prop_assert_eq!(written.len(), message.encoded_len());
            prop_assert_eq!(ControlMessage::decode(&written).unwrap(), message);
        }
    }
}
