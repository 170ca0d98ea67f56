use bytes::BufMut;

use super::{ExtensionType, FieldValue};
use crate::{DecodeError, DecodeErrorKind};

/// The UDP Checksum Complement: two octets at the very end of a datagram that keep its checksum.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                                                               |
/// |                        MBZ (22 octets)                        |
/// |                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                               |      Checksum Complement      |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// A device on the way that corrects a timestamp (or hardware that fills it in late) changes these
/// octets so that the UDP checksum stays right. The field must be the last one and must not be used
/// with authentication, which the correction would break.
///
/// Defined in [RFC 7821 § 3](https://www.rfc-editor.org/rfc/rfc7821#section-3).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ChecksumComplement, Header, PacketWriter};
///
/// let mut buffer = [0; 76];
/// let mut writer = PacketWriter::new(&mut buffer, &Header::default())?;
/// writer.field(&ChecksumComplement::default())?;
/// let length = writer.finish()?;
/// let sum = ChecksumComplement::sum(&buffer[..length]);
///
/// buffer[40..48].copy_from_slice(&[0xe5, 0xf6, 0x63, 0xa8, 0x76, 0x1d, 0xde, 0x48]); // a late timestamp
/// ChecksumComplement::restore(&mut buffer[..length], sum)?;
/// assert_eq!(ChecksumComplement::sum(&buffer[..length]), sum);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ChecksumComplement {
    /// The two octets.
    pub complement: u16,
}

/// Octets before the complement, which must be zero.
const MUST_BE_ZERO: usize = 22;

impl ChecksumComplement {
    /// The ones' complement sum of 16-bit words that the UDP checksum is made of, over a payload.
    ///
    /// An odd last octet counts as the upper half of a word. Zero and 0xFFFF are the same number
    /// in ones' complement; the result is never 0xFFFF, so sums can be compared.
    #[must_use]
    pub fn sum(payload: &[u8]) -> u16 {
        let (words, last) = payload.as_chunks::<2>();
        let words = words.iter().map(|&word| u16::from_be_bytes(word));
        let last = last.first().map(|&octet| u16::from_be_bytes([octet, 0]));
        words.chain(last).fold(0, add)
    }

    /// Sets the last two octets of `payload` so that its [`sum`](Self::sum) is `sum` again.
    ///
    /// # Errors
    ///
    /// What [`check`](Self::check) says; then nothing was changed.
    pub fn restore(payload: &mut [u8], sum: u16) -> Result<(), DecodeError> {
        Self::check(payload)?;
        if let Some(place) = payload.last_chunk_mut() {
            *place = [0; 2];
            // In ones' complement the negative of a number is its complement.
            let complement = add(sum, !Self::sum(payload));
            if let Some(place) = payload.last_chunk_mut() {
                *place = complement.to_be_bytes();
            }
        }
        Ok(())
    }

    /// Whether `payload` ends in such a field with its 22 octets of zero, on an even offset.
    ///
    /// # Errors
    ///
    /// * [`DecodeErrorKind::Length`] for an odd number of octets, in which the complement would
    ///   stand across two words.
    /// * What is wrong with the last 28 octets.
    pub fn check(payload: &[u8]) -> Result<Self, DecodeError> {
        const LENGTH: u16 = 28;
        if !payload.len().is_multiple_of(2) {
            let kind = DecodeErrorKind::Length {
                field: "payload",
                length: payload.len(),
                rule: "even",
            };
            return Err(DecodeError::new(kind, payload.len()));
        }
        let start = payload.len().saturating_sub(LENGTH.into());
        let field = payload.get(start..).unwrap_or_default();
        let [t, u, l, m, value @ ..] = field else {
            let kind = DecodeErrorKind::Truncated {
                field: "checksum complement",
                needed: LENGTH.into(),
                left: field.len(),
            };
            return Err(DecodeError::new(kind, start));
        };
        let expect = |place, field, found: [u8; 2], wanted: u16, expected| {
            if u16::from_be_bytes(found) == wanted {
                return Ok(());
            }
            let kind = DecodeErrorKind::Value {
                field,
                value: u16::from_be_bytes(found).into(),
                expected,
            };
            Err(DecodeError::new(kind, place))
        };
        expect(
            start,
            "last field's type",
            [*t, *u],
            Self::TYPE.to_bits(),
            "0x2005",
        )?;
        expect(start + 2, "last field's length", [*l, *m], LENGTH, "28")?;
        Self::decode_value(value).map_err(|error| error.nested(start + 4))
    }
}

/// The ones' complement sum, with 0xFFFF as 0.
fn add(a: u16, b: u16) -> u16 {
    let (sum, carry) = a.overflowing_add(b);
    let sum = sum.wrapping_add(carry.into());
    if sum == u16::MAX { 0 } else { sum }
}

impl FieldValue<'_> for ChecksumComplement {
    const TYPE: ExtensionType = ExtensionType::CHECKSUM_COMPLEMENT;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        let [zeros @ .., a, b] = value else {
            let kind = DecodeErrorKind::Truncated {
                field: "checksum complement",
                needed: 2,
                left: value.len(),
            };
            return Err(DecodeError::new(kind, 0));
        };
        if zeros.len() != MUST_BE_ZERO {
            let kind = DecodeErrorKind::Length {
                field: "checksum complement",
                length: value.len(),
                rule: "24",
            };
            return Err(DecodeError::new(kind, 0));
        }
        if let Some(place) = zeros.iter().position(|&octet| octet != 0) {
            let value = zeros.get(place).copied().unwrap_or_default().into();
            let kind = DecodeErrorKind::Value {
                field: "octet in front of the checksum complement",
                value,
                expected: "0",
            };
            return Err(DecodeError::new(kind, place));
        }
        Ok(Self {
            complement: u16::from_be_bytes([*a, *b]),
        })
    }

    fn value_len(&self) -> usize {
        MUST_BE_ZERO + 2
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_bytes(0, MUST_BE_ZERO);
        buffer.put_u16(self.complement);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc_7821_section_3_the_octets_in_front_must_be_zero() {
        let mut value = [0; 24];
        assert_eq!(
            ChecksumComplement::decode_value(&value),
            Ok(ChecksumComplement::default())
        );
        value[21] = 1;
        let error = ChecksumComplement::decode_value(&value).unwrap_err();
        assert_eq!(
            error.to_string(),
            "octet in front of the checksum complement is 0x1, expected 0, at offset 21"
        );
        for length in (0..24).chain(25..30) {
            assert!(
                ChecksumComplement::decode_value(&[0; 30][..length]).is_err(),
                "{length}"
            );
        }
    }

    #[test]
    fn rejects_a_payload_without_the_field_at_its_end() {
        assert!(
            ChecksumComplement::check(&[0; 2])
                .unwrap_err()
                .to_string()
                .starts_with("checksum complement needs 28")
        );
        let error = ChecksumComplement::check(&[0; 76]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "last field's type is 0x0, expected 0x2005, at offset 48"
        );
        let mut payload = [0; 77];
        payload[48..52].copy_from_slice(&[0x20, 0x05, 0, 32]);
        let error = ChecksumComplement::check(&payload[..76]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "last field's length is 0x20, expected 28, at offset 50"
        );
        payload[48..53].copy_from_slice(&[0, 0x20, 0x05, 0, 28]);
        let error = ChecksumComplement::restore(&mut payload, 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "payload length 77 is not even, at offset 77"
        );
    }

    /// RFC 1071 section 3 gives this sum.
    #[test]
    fn rfc_1071_section_3() {
        assert_eq!(
            ChecksumComplement::sum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            0xddf2
        );
    }

    proptest! {
        #[test]
        fn any_change_can_be_restored(before: [u8; 48], after: [u8; 48], complement: u16) {
            let payload = |header: [u8; 48]| {
                let mut payload = header.to_vec();
                payload.extend([0x20, 0x05, 0, 28]);
                payload.extend([0; 22]);
                payload.extend(complement.to_be_bytes());
                payload
            };
            let sum = ChecksumComplement::sum(&payload(before));
            let mut changed = payload(after);
            ChecksumComplement::restore(&mut changed, sum).unwrap();
            prop_assert_eq!(ChecksumComplement::sum(&changed), sum);
            prop_assert_eq!(&changed[..74], &payload(after)[..74]);
        }
    }
}
