use bytes::BufMut;
use horolog_time::{NtpTimestamp, Poll, Precision, Time32};
use nom::Parser;

use super::{Flags, Timescale};
use crate::error::reserve;
use crate::parse::{self, Parsed, array, u8, u16};
use crate::{DecodeError, EncodeError, LeapIndicator, Mode, Stratum, Version};

/// The header of NTP version 5.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |LI | VN  |Mode |    Stratum    |     Poll      |  Precision    |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         Root Delay                            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                       Root Dispersion                         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   Timescale   |      Era      |             Flags             |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     Server Cookie (64)                        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     Client Cookie (64)                        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    Receive Timestamp (64)                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    Transmit Timestamp (64)                    |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// The version is always 5 and not kept; every other value is, so decoding and encoding give back
/// the same 48 octets.
///
/// Defined in draft-ietf-ntp-ntpv5, "Message Format". The layout is that since revision 06.
///
/// # Examples
///
/// ```
/// use horolog_ntp::Mode;
/// use horolog_ntp::v5::{Flags, Header};
///
/// # let octets = [
/// #     0xec, 0x03, 0x04, 0xee, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
/// #     0x22, 0x78, 0x24, 0x03, 0x36, 0xe9, 0xff, 0x95, 0x0b, 0x34, 0x4c, 0xc1, 0xc0, 0x28, 0x61, 0x3a,
/// #     0xee, 0xad, 0x2e, 0x65, 0x61, 0xfd, 0x54, 0xf7, 0xee, 0xad, 0x2e, 0x65, 0x62, 0x00, 0x8e, 0x9b,
/// # ];
/// let header = Header::decode(&octets)?; // 48 octets of a real server's answer
/// assert_eq!((header.mode, header.flags), (Mode::SERVER, Flags::SYNCHRONISED));
/// assert_eq!(header.client_cookie, 0x0b34_4cc1_c028_613a);
/// assert_eq!(header.to_octets(), octets);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Header {
    /// A leap second at the end of the current month, announced up to 14 days before. `Unknown`
    /// means that the server does not know of leap seconds, not that its clock is not
    /// synchronised: that says [`Flags::SYNCHRONISED`]. 0 in requests and where the timescale is
    /// smeared.
    pub leap: LeapIndicator,
    /// [`Mode::CLIENT`] or [`Mode::SERVER`]; there are no others.
    pub mode: Mode,
    /// Distance from a reference clock; 0 for unknown, above 15 of no use.
    pub stratum: Stratum,
    /// In answers the shortest interval that the server allows between requests, log2 s, at stratum
    /// 0 too; 127 asks a client never to come back.
    pub poll: Poll,
    /// The precision of the sender's clock, log2 s.
    pub precision: Precision,
    /// Round-trip delay to the reference clock.
    pub root_delay: Time32,
    /// Dispersion to the reference clock.
    pub root_dispersion: Time32,
    /// The timescale that a client wants, and that of a server's timestamps.
    pub timescale: Timescale,
    /// The NTP era of the receive timestamp, modulo 256.
    pub era: u8,
    /// Flags.
    pub flags: Flags,
    /// What a server makes up in interleaved mode and a client sends back; else 0.
    pub server_cookie: u64,
    /// What a client makes up at random and a server sends back.
    pub client_cookie: u64,
    /// When the request arrived.
    pub receive: NtpTimestamp,
    /// When this answer left, or in interleaved mode the one before.
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
    /// * [`DecodeErrorKind::Value`](crate::DecodeErrorKind::Value) for a version other than 5 and a mode other than 3 and 4.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        parse::offset(octets, header(octets)).map(|(_, header)| header)
    }

    /// Appends the 48 octets.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`]; then nothing was written.
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        reserve(buffer, Self::LENGTH, "header")?;
        buffer.put_slice(&self.to_octets());
        Ok(())
    }

    /// The 48 octets.
    #[must_use]
    pub fn to_octets(&self) -> [u8; Self::LENGTH] {
        let mut octets = [0; Self::LENGTH];
        let mut buffer = octets.as_mut_slice();
        buffer.put_u8(self.leap.to_bits() << 6 | Version::V5.to_bits() << 3 | self.mode.to_bits());
        buffer.put_u8(self.stratum.get());
        buffer.put_i8(self.poll.exponent());
        buffer.put_i8(self.precision.exponent());
        buffer.put_u32(self.root_delay.to_bits());
        buffer.put_u32(self.root_dispersion.to_bits());
        buffer.put_u8(self.timescale.to_bits());
        buffer.put_u8(self.era);
        buffer.put_u16(self.flags.to_bits());
        buffer.put_u64(self.server_cookie);
        buffer.put_u64(self.client_cookie);
        buffer.put_u64(self.receive.to_bits());
        buffer.put_u64(self.transmit.to_bits());
        octets
    }
}

/// All zero but for version and mode: a client's request, but for its cookie.
impl Default for Header {
    fn default() -> Self {
        Self {
            leap: LeapIndicator::NoWarning,
            mode: Mode::CLIENT,
            stratum: Stratum::UNSPECIFIED,
            poll: Poll::default(),
            precision: Precision::default(),
            root_delay: Time32::ZERO,
            root_dispersion: Time32::ZERO,
            timescale: Timescale::UTC,
            era: 0,
            flags: Flags::NONE,
            server_cookie: 0,
            client_cookie: 0,
            receive: NtpTimestamp::UNKNOWN,
            transmit: NtpTimestamp::UNKNOWN,
        }
    }
}

fn header(input: &[u8]) -> Parsed<'_, Header> {
    let start = input;
    let (input, first) = u8("leap indicator, version and mode").parse(input)?;
    let (version, mode) = (Version::from_bits(first >> 3), Mode::from_bits(first));
    if version != Version::V5 || !matches!(mode, Mode::CLIENT | Mode::SERVER) {
        return Err(other_header(start, version, mode));
    }
    let (input, stratum) = u8("stratum").map(Stratum::new).parse(input)?;
    let (input, poll) = array("poll").map(i8::from_be_bytes).parse(input)?;
    let (input, precision) = array("precision").map(i8::from_be_bytes).parse(input)?;
    let (input, root_delay) = array("root delay").map(Time32::from_octets).parse(input)?;
    let (input, root_dispersion) = array("root dispersion")
        .map(Time32::from_octets)
        .parse(input)?;
    let (input, timescale) = u8("timescale").map(Timescale::from_bits).parse(input)?;
    let (input, era) = u8("era").parse(input)?;
    let (input, flags) = u16("flags").map(Flags::from_bits).parse(input)?;
    let (input, server_cookie) = array("server cookie")
        .map(u64::from_be_bytes)
        .parse(input)?;
    let (input, client_cookie) = array("client cookie")
        .map(u64::from_be_bytes)
        .parse(input)?;
    let (input, receive) = array("receive timestamp")
        .map(NtpTimestamp::from_octets)
        .parse(input)?;
    let (input, transmit) = array("transmit timestamp")
        .map(NtpTimestamp::from_octets)
        .parse(input)?;
    let header = Header {
        leap: LeapIndicator::from_bits(first >> 6),
        mode,
        stratum,
        poll: Poll::from_exponent(poll),
        precision: Precision::from_exponent(precision),
        root_delay,
        root_dispersion,
        timescale,
        era,
        flags,
        server_cookie,
        client_cookie,
        receive,
        transmit,
    };
    Ok((input, header))
}

#[cold]
fn other_header(input: &[u8], version: Version, mode: Mode) -> nom::Err<parse::Fault> {
    let (field, value, expected) = if version == Version::V5 {
        ("mode", mode.to_bits(), "3 or 4")
    } else {
        ("version", version.to_bits(), "5")
    };
    parse::unexpected(input, field, value.into(), expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DecodeErrorKind;
    use hex_literal::hex;
    use proptest::prelude::*;

    /// Answer of ntpd-rs 1.9.0, frame 2 of tests/data/ntpv5-ntpdrs19.hex.
    const SERVER: [u8; 48] = hex!(
        "ec0304ee 00000000 00000000 00000001 22782403 36e9ff95 0b344cc1 c028613a eead2e65 61fd54f7 eead2e65 62008e9b"
    );

    #[test]
    fn captured_answer() {
        let header = Header::decode(&SERVER).unwrap();
        assert_eq!(
            header,
            Header {
                leap: LeapIndicator::Unknown,
                mode: Mode::SERVER,
                stratum: Stratum::new(3),
                poll: Poll::from_exponent(4),
                precision: Precision::from_exponent(-18),
                flags: Flags::SYNCHRONISED,
                server_cookie: 0x2278_2403_36e9_ff95,
                client_cookie: 0x0b34_4cc1_c028_613a,
                receive: NtpTimestamp::from_bits(0xeead_2e65_61fd_54f7),
                transmit: NtpTimestamp::from_bits(0xeead_2e65_6200_8e9b),
                ..Header::default()
            }
        );
        let mut written = [0xa5; 50];
        header.encode(&mut written.as_mut_slice()).unwrap();
        assert_eq!(written[..48], SERVER);
        assert_eq!(written[48..], [0xa5; 2]);
    }

    #[test]
    fn rejects_a_buffer_too_small_and_leaves_it_alone() {
        let mut octets = [0xa5; 47];
        assert!(
            Header::default()
                .encode(&mut octets.as_mut_slice())
                .is_err()
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
            Header::decode(&SERVER[..31]).unwrap_err().to_string(),
            "client cookie needs 8 octets, 7 are left, at offset 24"
        );
    }

    #[test]
    fn rejects_other_versions_and_modes() {
        for (first, message) in [
            (0x24, "version is 0x4, expected 5, at offset 0"),
            (0x29, "mode is 0x1, expected 3 or 4, at offset 0"),
            (0x2e, "mode is 0x6, expected 3 or 4, at offset 0"),
        ] {
            let mut octets = SERVER;
            octets[0] = first;
            assert_eq!(Header::decode(&octets).unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn octets_survive(mut octets: [u8; 48], mode in 3..5_u8) {
            octets[0] = octets[0] & 0xc0 | 5 << 3 | mode;
            prop_assert_eq!(Header::decode(&octets).unwrap().to_octets(), octets);
        }
    }
}
