use bytes::BufMut;
use horolog_time::{NtpShort, NtpTimestamp, Poll, Precision};
use nom::Parser;
use nom::error::ParseError;

use crate::error::reserve;
use crate::parse::{self, Failure, Parsed, Refused, array, u8};
use crate::{
    DecodeError, EncodeError, KissCode, LeapIndicator, Mode, ReferenceId, Stratum, Version,
};

/// The header of NTP versions 1 to 4.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |LI | VN  |Mode |    Stratum     |     Poll      |  Precision   |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         Root Delay                            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         Root Dispersion                       |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                          Reference ID                         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     Reference Timestamp (64)                  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                      Origin Timestamp (64)                    |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                      Receive Timestamp (64)                   |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                      Transmit Timestamp (64)                  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// Every octet has a meaning and every value is kept, so decoding and encoding give back the same
/// 48 octets.
///
/// Defined in [RFC 5905 § 7.3](https://www.rfc-editor.org/rfc/rfc5905#section-7.3), figure 8.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{Header, Mode, Stratum, Version};
///
/// # let octets = [
/// #     0x24, 0x02, 0x06, 0xe9, 0x00, 0x00, 0x02, 0x36, 0x00, 0x00, 0x03, 0xb7, 0xc0, 0x35, 0x67, 0x6c,
/// #     0xe5, 0xf6, 0x61, 0xfd, 0x6f, 0x16, 0x5f, 0x03, 0xe5, 0xf6, 0x63, 0xa8, 0x76, 0x19, 0xef, 0x40,
/// #     0xe5, 0xf6, 0x63, 0xa8, 0x79, 0x8c, 0x65, 0x81, 0xe5, 0xf6, 0x63, 0xa8, 0x79, 0x8e, 0xae, 0x2b,
/// # ];
/// let header = Header::decode(&octets)?; // 48 octets of a real server's answer
/// assert_eq!((header.version, header.mode, header.stratum), (Version::V4, Mode::SERVER, Stratum::new(2)));
/// assert_eq!(header.reference_id.describe(header.stratum).to_string(), "192.53.103.108");
/// assert_eq!(header.transmit.to_string(), "e5f663a8.798eae2b");
///
/// let mut written = Vec::new();
/// header.encode(&mut written)?;
/// assert_eq!(written, octets);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Header {
    /// Warning of a leap second.
    pub leap: LeapIndicator,
    /// Version number.
    pub version: Version,
    /// The sender's role.
    pub mode: Mode,
    /// Distance from a reference clock.
    pub stratum: Stratum,
    /// The longest interval between successive messages, log2 s.
    pub poll: Poll,
    /// The precision of the sender's clock, log2 s.
    pub precision: Precision,
    /// Round-trip delay to the reference clock.
    pub root_delay: NtpShort,
    /// Dispersion to the reference clock.
    pub root_dispersion: NtpShort,
    /// What the sender is synchronised to.
    pub reference_id: ReferenceId,
    /// When the sender's clock was last set or corrected.
    pub reference: NtpTimestamp,
    /// The transmit timestamp of the packet that this one answers.
    pub origin: NtpTimestamp,
    /// When that packet arrived.
    pub receive: NtpTimestamp,
    /// When this packet left.
    pub transmit: NtpTimestamp,
}

impl Header {
    /// Octets of the header.
    pub const LENGTH: usize = 48;

    /// Decodes the first 48 octets; what follows is not looked at.
    ///
    /// # Errors
    ///
    /// * [`DecodeErrorKind::Truncated`](crate::DecodeErrorKind::Truncated) names the first field that is not whole.
    /// * [`DecodeErrorKind::Value`](crate::DecodeErrorKind::Value) for a version other than 1 to 4, and for modes 6 and 7, whose
    ///   headers are others: see [`Datagram`](crate::Datagram).
    #[inline]
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        // With the length known, the compiler drops the checks field by field.
        if let Some(whole) = octets.first_chunk::<{ Self::LENGTH }>()
            && let Ok((_, header)) = header::<Refused>(whole)
        {
            return Ok(header);
        }
        decode_or_explain(octets)
    }

    /// The kiss code, in a packet that has one in place of time: of stratum 0, and with a reference
    /// ID that can be a code.
    ///
    /// Who sent it is another matter: see [`KissCode`].
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::{Header, KissCode, ReferenceId, Stratum};
    ///
    /// let kiss = Header { reference_id: ReferenceId::from_octets(*b"RATE"), ..Header::default() };
    /// assert_eq!(kiss.kiss_code(), Some(KissCode::RATE));
    /// assert_eq!(Header { stratum: Stratum::PRIMARY, ..kiss }.kiss_code(), None);
    /// ```
    #[must_use]
    pub fn kiss_code(&self) -> Option<KissCode> {
        let code = self.reference_id.kiss_code();
        (self.stratum == Stratum::UNSPECIFIED && code.is_well_formed()).then_some(code)
    }

    /// Appends the 48 octets.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`]; then nothing was written.
    #[inline]
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        reserve(buffer, Self::LENGTH, "header")?;
        buffer.put_slice(&self.to_octets());
        Ok(())
    }

    /// The 48 octets.
    #[inline]
    #[must_use]
    pub fn to_octets(&self) -> [u8; Self::LENGTH] {
        let mut octets = [0; Self::LENGTH];
        let mut buffer = octets.as_mut_slice();
        buffer.put_u8(self.leap.to_bits() << 6 | self.version.to_bits() << 3 | self.mode.to_bits());
        buffer.put_u8(self.stratum.get());
        buffer.put_i8(self.poll.exponent());
        buffer.put_i8(self.precision.exponent());
        buffer.put_u32(self.root_delay.to_bits());
        buffer.put_u32(self.root_dispersion.to_bits());
        buffer.put_slice(&self.reference_id.to_octets());
        buffer.put_u64(self.reference.to_bits());
        buffer.put_u64(self.origin.to_bits());
        buffer.put_u64(self.receive.to_bits());
        buffer.put_u64(self.transmit.to_bits());
        octets
    }
}

/// All zero but for version and mode: a client's request that tells nothing of the client.
impl Default for Header {
    fn default() -> Self {
        Self {
            leap: LeapIndicator::NoWarning,
            version: Version::V4,
            mode: Mode::CLIENT,
            stratum: Stratum::UNSPECIFIED,
            poll: Poll::default(),
            precision: Precision::default(),
            root_delay: NtpShort::ZERO,
            root_dispersion: NtpShort::ZERO,
            reference_id: ReferenceId::NONE,
            reference: NtpTimestamp::UNKNOWN,
            origin: NtpTimestamp::UNKNOWN,
            receive: NtpTimestamp::UNKNOWN,
            transmit: NtpTimestamp::UNKNOWN,
        }
    }
}

#[inline]
pub(crate) fn header<'a, E>(input: &'a [u8]) -> Parsed<'a, Header, E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    let start = input;
    let (input, first) = u8("leap indicator, version and mode").parse(input)?;
    let (version, mode) = (Version::from_bits(first >> 3), Mode::from_bits(first));
    if !version.has_v4_header() || !mode.has_time_header() {
        return Err(other_header(start, version, mode));
    }
    let (input, stratum) = u8("stratum").map(Stratum::new).parse(input)?;
    let (input, poll) = array("poll").map(i8::from_be_bytes).parse(input)?;
    let (input, precision) = array("precision").map(i8::from_be_bytes).parse(input)?;
    let (input, root_delay) = array("root delay")
        .map(NtpShort::from_octets)
        .parse(input)?;
    let (input, root_dispersion) = array("root dispersion")
        .map(NtpShort::from_octets)
        .parse(input)?;
    let (input, reference_id) = array("reference ID")
        .map(ReferenceId::from_octets)
        .parse(input)?;
    let (input, reference) = array("reference timestamp")
        .map(NtpTimestamp::from_octets)
        .parse(input)?;
    let (input, origin) = array("origin timestamp")
        .map(NtpTimestamp::from_octets)
        .parse(input)?;
    let (input, receive) = array("receive timestamp")
        .map(NtpTimestamp::from_octets)
        .parse(input)?;
    let (input, transmit) = array("transmit timestamp")
        .map(NtpTimestamp::from_octets)
        .parse(input)?;
    let header = Header {
        leap: LeapIndicator::from_bits(first >> 6),
        version,
        mode,
        stratum,
        poll: Poll::from_exponent(poll),
        precision: Precision::from_exponent(precision),
        root_delay,
        root_dispersion,
        reference_id,
        reference,
        origin,
        receive,
        transmit,
    };
    Ok((input, header))
}

#[cold]
#[inline(never)]
fn decode_or_explain(octets: &[u8]) -> Result<Header, DecodeError> {
    parse::offset(octets, header(octets)).map(|(_, header)| header)
}

#[inline]
fn other_header<E: Failure>(input: &[u8], version: Version, mode: Mode) -> nom::Err<E> {
    let (field, value, expected) = if version.has_v4_header() {
        ("mode", mode.to_bits(), "a mode below 6")
    } else {
        ("version", version.to_bits(), "1 to 4")
    };
    parse::unexpected(input, field, value.into(), expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DecodeErrorKind;
    use hex_literal::hex;
    use proptest::prelude::*;

    /// Captured from real peers; source: ntpd-rs, ntp-proto/src/packet/mod.rs (Apache-2.0 or MIT).
    const CLIENT: [u8; 48] = hex!(
        "230206e8 000003ff 0000037d 5ec69f0f e5f66298 7b61b9af e5f66366 7b64995d e5f66368 1405590e e5f663a8 761dde48"
    );
    const SERVER: [u8; 48] = hex!(
        "240206e9 00000236 000003b7 c035676c e5f661fd 6f165f03 e5f663a8 7619ef40 e5f663a8 798c6581 e5f663a8 798eae2b"
    );

    #[test]
    fn rfc_5905_section_7_3_captured_client() {
        let header = Header::decode(&CLIENT).unwrap();
        assert_eq!(
            header,
            Header {
                leap: LeapIndicator::NoWarning,
                version: Version::V4,
                mode: Mode::CLIENT,
                stratum: Stratum::new(2),
                poll: Poll::from_exponent(6),
                precision: Precision::from_exponent(-24),
                root_delay: NtpShort::from_bits(1023),
                root_dispersion: NtpShort::from_bits(893),
                reference_id: ReferenceId::from_octets(hex!("5ec69f0f")),
                reference: NtpTimestamp::from_bits(0xe5f6_6298_7b61_b9af),
                origin: NtpTimestamp::from_bits(0xe5f6_6366_7b64_995d),
                receive: NtpTimestamp::from_bits(0xe5f6_6368_1405_590e),
                transmit: NtpTimestamp::from_bits(0xe5f6_63a8_761d_de48),
            }
        );
        assert_eq!(header.to_octets(), CLIENT);
    }

    #[test]
    fn rfc_5905_section_7_3_captured_server() {
        let header = Header::decode(&SERVER).unwrap();
        assert_eq!(
            (header.mode, header.precision.exponent()),
            (Mode::SERVER, -23)
        );
        assert_eq!(header.to_octets(), SERVER);
    }

    #[test]
    fn encodes_over_a_dirty_buffer() {
        let mut octets = [0xa5; 50];
        Header::decode(&SERVER)
            .unwrap()
            .encode(&mut octets.as_mut_slice())
            .unwrap();
        assert_eq!(octets[..48], SERVER);
        assert_eq!(octets[48..], [0xa5; 2]);
    }

    #[test]
    fn rejects_a_buffer_too_small_and_leaves_it_alone() {
        let mut octets = [0xa5; 47];
        let error = Header::default()
            .encode(&mut octets.as_mut_slice())
            .unwrap_err();
        assert_eq!(
            error,
            EncodeError::BufferTooSmall {
                field: "header",
                needed: 48,
                left: 47
            }
        );
        assert_eq!(octets, [0xa5; 47]);
    }

    #[test]
    fn rejects_every_truncation_naming_the_field() {
        for length in 0..SERVER.len() {
            let error = Header::decode(&SERVER[..length]).unwrap_err();
            assert!(
                matches!(error.kind(), DecodeErrorKind::Truncated { .. }),
                "{length}: {error}"
            );
            assert!(error.offset() <= length);
        }
        assert_eq!(
            Header::decode(&SERVER[..47]).unwrap_err().to_string(),
            "transmit timestamp needs 8 octets, 7 are left, at offset 40"
        );
    }

    #[test]
    fn rejects_other_versions_and_modes() {
        for (first, message) in [
            (0x2b, "version is 0x5, expected 1 to 4, at offset 0"),
            (0x03, "version is 0x0, expected 1 to 4, at offset 0"),
            (0x16, "mode is 0x6, expected a mode below 6, at offset 0"),
            (0x27, "mode is 0x7, expected a mode below 6, at offset 0"),
        ] {
            let mut octets = SERVER;
            octets[0] = first;
            assert_eq!(Header::decode(&octets).unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn the_way_that_explains_agrees(octets in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(Header::decode(&octets), decode_or_explain(&octets));
        }

        #[test]
        fn octets_survive(mut octets: [u8; 48], version in 1..5_u8, mode in 0..6_u8) {
            octets[0] = octets[0] & 0xc0 | version << 3 | mode;
            prop_assert_eq!(Header::decode(&octets).unwrap().to_octets(), octets);
        }
    }
}
