use bytes::BufMut;
use nom::Parser;
use nom::error::ParseError;

use crate::error::reserve;
use crate::extension::{
    ExtensionField, ExtensionType, FieldLayout, Trailing, padded_field, v4_item,
};
use crate::header::header;
use crate::mac::{MacTrailer, mac_trailer};
use crate::parse::{self, Failure, Parsed, Refused};
use crate::{DecodeError, DecodeErrorKind, EncodeError, Header, Version};

/// An NTP packet of version 1 to 4: header, extension fields, and perhaps a MAC.
///
/// Decoding borrows from the octets and checks all of them, so the fields can be walked over
/// without errors afterwards. Encoding gives back the same octets. To make a new packet, use
/// [`PacketWriter`](crate::PacketWriter).
///
/// Up to version 3 there are no extension fields, and all that follows the header is the MAC.
///
/// Defined in [RFC 5905 § 7.3](https://www.rfc-editor.org/rfc/rfc5905#section-7.3) and
/// [RFC 7822](https://www.rfc-editor.org/rfc/rfc7822).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ExtensionType, Header, Packet, PacketWriter, UniqueIdentifier};
///
/// let mut buffer = [0; 128];
/// let mut writer = PacketWriter::new(&mut buffer, &Header::default())?;
/// writer.field(&UniqueIdentifier::new(&[0x5a; 32])?)?;
/// let length = writer.finish()?;
///
/// let packet = Packet::decode(&buffer[..length])?;
/// assert_eq!(packet.header, Header::default());
/// let identifier = packet.find(ExtensionType::UNIQUE_IDENTIFIER).expect("it was written");
/// assert_eq!(identifier.value, [0x5a; 32]);
/// assert!(packet.mac().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Packet<'a> {
    /// The header.
    pub header: Header,
    /// Extension fields that were walked over once without an error.
    fields: &'a [u8],
    mac: Option<MacTrailer<'a>>,
}

/// The longest MAC before version 4: MS-SNTP's extended authenticator.
const MAX_V3_MAC: usize = 72;
/// The shortest MAC before version 4: a key identifier and the 64 bits of RFC 1119.
const MIN_V3_MAC: usize = 12;

impl<'a> Packet<'a> {
    /// Decodes all of `octets`.
    ///
    /// # Errors
    ///
    /// * What [`Header::decode`] says of the first 48 octets.
    /// * What [`FieldWalker`](crate::FieldWalker) says of the rest, in version 4.
    /// * [`DecodeErrorKind::Length`] where the rest cannot be a MAC, up to version 3.
    #[inline]
    pub fn decode(octets: &'a [u8]) -> Result<Self, DecodeError> {
        // The trailer first: while it is walked over, no register has to hold a header's field.
        if let Some((first, rest)) = octets.split_first_chunk::<{ Header::LENGTH }>()
            && let [octet, ..] = first
            && let Ok((_, (fields, mac))) = trailer::<Refused>(rest, Version::from_bits(octet >> 3))
            && let Ok((_, header)) = header::<Refused>(first)
        {
            return Ok(Self {
                header,
                fields,
                mac,
            });
        }
        decode_or_explain(octets)
    }

    /// Appends the packet as it was decoded.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`]; then nothing was written.
    #[inline]
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        reserve(buffer, self.encoded_len(), "packet")?;
        self.header.encode(buffer)?;
        buffer.put_slice(self.fields);
        self.mac.map_or(Ok(()), |mac| mac.encode(buffer))
    }

    /// Octets that [`encode`](Self::encode) writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.authenticated_len() + self.mac.map_or(0, |mac| mac.encoded_len())
    }

    /// Octets that a MAC covers: header and extension fields.
    #[must_use]
    pub const fn authenticated_len(&self) -> usize {
        Header::LENGTH + self.fields.len()
    }

    /// The extension fields, in their order.
    #[inline]
    pub fn fields(&self) -> impl Iterator<Item = ExtensionField<'a>> + use<'a> {
        // Before a MAC all fields may be short, so the walk cannot follow the rule for a last one.
        let mut rest = self.fields;
        core::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (behind, field) = padded_field::<Refused>(rest, FieldLayout::NtsPlaintext).ok()?;
            rest = behind;
            Some(field)
        })
    }

    /// The first extension field of a type.
    #[must_use]
    pub fn find(&self, field_type: ExtensionType) -> Option<ExtensionField<'a>> {
        self.fields().find(|field| field.field_type == field_type)
    }

    /// The message authentication code.
    #[must_use]
    pub const fn mac(&self) -> Option<&MacTrailer<'a>> {
        self.mac.as_ref()
    }

    /// Whether the server says that it could not authenticate the request.
    #[must_use]
    pub fn is_crypto_nak(&self) -> bool {
        self.mac.is_some_and(|mac| mac.is_crypto_nak())
    }
}

#[cold]
#[inline(never)]
fn decode_or_explain(octets: &[u8]) -> Result<Packet<'_>, DecodeError> {
    let header = Header::decode(octets)?;
    let rest = octets.get(Header::LENGTH..).unwrap_or_default();
    match parse::offset(rest, trailer(rest, header.version)) {
        Ok((_, (fields, mac))) => Ok(Packet {
            header,
            fields,
            mac,
        }),
        Err(error) => Err(error.nested(Header::LENGTH)),
    }
}

/// The octets of the extension fields, and the MAC.
type Trailer<'a> = (&'a [u8], Option<MacTrailer<'a>>);

/// All that stands behind the header.
#[inline]
fn trailer<'a, E>(input: &'a [u8], version: Version) -> Parsed<'a, Trailer<'a>, E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    let mut rest = input;
    while !rest.is_empty() {
        let (behind, item) = if version == Version::V4 {
            v4_item(rest, rest.len() == input.len())?
        } else {
            v3_mac.map(Trailing::Mac).parse(rest)?
        };
        if let Trailing::Mac(mac) = item {
            let fields = input.len() - rest.len();
            return Ok((behind, (input.get(..fields).unwrap_or_default(), Some(mac))));
        }
        rest = behind;
    }
    Ok((rest, (input, None)))
}

/// The MAC of a packet before NTPv4.
#[inline]
fn v3_mac<'a, E>(input: &'a [u8]) -> Parsed<'a, MacTrailer<'a>, E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    if !matches!(input.len(), 4 | MIN_V3_MAC..=MAX_V3_MAC) || !input.len().is_multiple_of(4) {
        let kind = DecodeErrorKind::Length {
            field: "trailer",
            length: input.len(),
            rule: "that of a MAC (4, or a multiple of 4 from 12 to 72)",
        };
        return Err(parse::fail(input, kind));
    }
    mac_trailer(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::KeyId;
    use proptest::prelude::*;

    fn packet(first: u8, trailer: &[u8]) -> Vec<u8> {
        let mut octets = vec![0; 48];
        octets[0] = first;
        octets.extend(trailer);
        octets
    }

    #[test]
    fn fields_and_mac_are_told_apart() {
        let mut trailer = vec![0xf0, 0x0d, 0, 16];
        trailer.extend([1; 12]);
        trailer.extend([0xf0, 0x0e, 0, 20]);
        trailer.extend([2; 16]);
        trailer.extend([0, 0, 0, 9]);
        trailer.extend([3; 20]);
        let octets = packet(0x23, &trailer);
        let packet = Packet::decode(&octets).unwrap();
        let lengths: Vec<_> = packet.fields().map(|field| field.value.len()).collect();
        assert_eq!(lengths, [12, 16]);
        assert_eq!(packet.mac().unwrap().key_id, KeyId::new(9));
        assert_eq!(packet.authenticated_len(), 48 + 36);
        let mut written = Vec::new();
        packet.encode(&mut written).unwrap();
        assert_eq!(written, octets);
        assert!(
            packet
                .encode(&mut vec![0; octets.len() - 1].as_mut_slice())
                .is_err()
        );
    }

    #[test]
    fn up_to_version_3_all_that_follows_is_the_mac() {
        for (first, length) in [
            (0x0b, 12),
            (0x13, 12),
            (0x1b, 20),
            (0x1b, 24),
            (0x1b, 36),
            (0x1b, 68),
            (0x1b, 72),
        ] {
            let octets = packet(first, &vec![7; length]);
            let packet = Packet::decode(&octets).unwrap();
            assert_eq!(packet.mac().unwrap().digest.len(), length - 4);
            assert_eq!(packet.fields().count(), 0);
        }
        for length in [1, 3, 5, 11, 13, 22, 71, 73, 76] {
            let error = Packet::decode(&packet(0x1b, &vec![7; length])).unwrap_err();
            assert_eq!(error.offset(), 48, "{length}");
        }
    }

    #[test]
    fn a_crypto_nak_is_recognised_in_both_versions() {
        for first in [0x1c, 0x24] {
            assert!(
                Packet::decode(&packet(first, &[0; 4]))
                    .unwrap()
                    .is_crypto_nak()
            );
        }
    }

    #[test]
    fn rejects_every_truncation_inside_of_a_field() {
        let mut trailer = vec![0xf0, 0x0d, 0, 40];
        trailer.extend([1; 36]);
        let octets = packet(0x23, &trailer);
        assert!(Packet::decode(&octets).is_ok());
        for length in (0..octets.len()).filter(|length| ![48, 68, 72].contains(length)) {
            assert!(Packet::decode(&octets[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn the_way_that_explains_agrees(mut octets in proptest::collection::vec(any::<u8>(), 0..120), version in 0..8_u8, length in 0..20_u8) {
            if let Some(first) = octets.first_mut() {
                *first = *first & 0xc7 | version << 3;
            }
            if let Some(field) = octets.get_mut(50..52) {
                field.copy_from_slice(&[0, length * 4]);
            }
            prop_assert_eq!(Packet::decode(&octets), decode_or_explain(&octets));
        }

        #[test]
        fn what_decodes_encodes_to_the_same_octets(mut octets in proptest::collection::vec(any::<u8>(), 48..300), version in 1..5_u8) {
            octets[0] = octets[0] & 0xc3 | version << 3;
            if let Ok(packet) = Packet::decode(&octets) {
                let mut written = vec![0xa5; packet.encoded_len()];
                packet.encode(&mut written.as_mut_slice()).unwrap();
                prop_assert_eq!(written, octets);
            }
        }
    }
}
