use bytes::BufMut;

use crate::extension::{ExtensionField, ExtensionType, FieldLayout, FieldValue, encoded_length};
use crate::mac::{MacKey, MacTrailer};
use crate::{EncodeError, Header, Version};

/// Writes an NTP packet of version 1 to 4 into a buffer, part by part.
///
/// Fields are padded to a multiple of four octets and to their minimum, the last field without a
/// MAC behind it to 28 octets. What a receiver could not read as it was meant is refused.
///
/// # Examples
///
/// A request with a Unique Identifier and an AES-CMAC:
///
/// ```
/// use horolog_ntp::{Header, KeyId, MacAlgorithm, MacKey, Packet, PacketWriter, UniqueIdentifier};
///
/// let key = MacKey::new(KeyId::new(5), MacAlgorithm::AesCmac128, &[0x2b; 16])?;
/// let mut buffer = [0; 128];
/// let mut writer = PacketWriter::new(&mut buffer, &Header::default())?;
/// writer.field(&UniqueIdentifier::new(&[0x5a; 32])?)?;
/// let length = writer.finish_with_mac(&key)?;
/// assert_eq!(length, 48 + 36 + 20);
///
/// let packet = Packet::decode(&buffer[..length])?;
/// let covered = &buffer[..packet.authenticated_len()];
/// assert!(key.verify(covered, packet.mac().unwrap(), packet.header.version));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PacketWriter<'b> {
    buffer: &'b mut [u8],
    length: usize,
    version: Version,
    /// Where the last field starts, and its type.
    last_field: Option<(usize, ExtensionType)>,
}

impl<'b> PacketWriter<'b> {
    /// Writes the header.
    ///
    /// # Errors
    ///
    /// * [`EncodeError::BufferTooSmall`] below 48 octets.
    /// * [`EncodeError::Ambiguous`] for a version or mode that has another header.
    #[inline]
    pub fn new(buffer: &'b mut [u8], header: &Header) -> Result<Self, EncodeError> {
        if !header.version.has_v4_header() || !header.mode.has_time_header() {
            let reason = "the version or mode has another header";
            return Err(EncodeError::Ambiguous {
                field: "header",
                reason,
            });
        }
        header.encode(&mut &mut *buffer)?;
        Ok(Self {
            buffer,
            length: Header::LENGTH,
            version: header.version,
            last_field: None,
        })
    }

    /// Appends a field.
    ///
    /// # Errors
    ///
    /// * [`EncodeError::BufferTooSmall`] and [`EncodeError::TooLong`].
    /// * [`EncodeError::Ambiguous`] before version 4, where it would be taken for a MAC, and behind
    ///   a checksum complement, which must be the last.
    #[inline]
    pub fn field<'v>(&mut self, value: &impl FieldValue<'v>) -> Result<(), EncodeError> {
        let field_type = type_of(value);
        let value_len = value.value_len();
        self.append(field_type, value_len, |mut buffer| {
            value.encode_value(&mut buffer);
        })
    }

    /// Appends a field of any type as it stands.
    ///
    /// # Errors
    ///
    /// As [`field`](Self::field).
    #[inline]
    pub fn raw_field(&mut self, field: &ExtensionField<'_>) -> Result<(), EncodeError> {
        self.append(field.field_type, field.value.len(), |mut buffer| {
            buffer.put_slice(field.value);
        })
    }

    /// What was written so far: what an authenticator that comes next protects.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }

    /// Ends the packet without a MAC and tells its length in octets.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`] where the last field has to be padded and cannot be.
    #[inline]
    pub fn finish(mut self) -> Result<usize, EncodeError> {
        self.pad_last()?;
        Ok(self.length)
    }

    /// Ends the packet with a MAC over all of it and tells its length in octets.
    ///
    /// # Errors
    ///
    /// * [`EncodeError::BufferTooSmall`].
    /// * [`EncodeError::Ambiguous`] behind a checksum complement, which must not be used with
    ///   authentication (RFC 7821 § 3).
    pub fn finish_with_mac(self, key: &MacKey) -> Result<usize, EncodeError> {
        let digest = key.digest(self.written());
        let mac = MacTrailer {
            key_id: key.id(),
            digest: digest.for_version(self.version),
        };
        self.append_mac(&mac)
    }

    /// Ends the packet with a crypto-NAK and tells its length in octets.
    ///
    /// # Errors
    ///
    /// * [`EncodeError::BufferTooSmall`].
    /// * [`EncodeError::Ambiguous`] behind a field, where receivers do not look for one.
    pub fn finish_with_crypto_nak(self) -> Result<usize, EncodeError> {
        if self.last_field.is_some() {
            let reason = "receivers look for it right behind the header";
            return Err(EncodeError::Ambiguous {
                field: "crypto-NAK",
                reason,
            });
        }
        self.append_mac(&MacTrailer::CRYPTO_NAK)
    }

    #[inline]
    fn append(
        &mut self,
        field_type: ExtensionType,
        value_len: usize,
        encode_value: impl FnOnce(&mut [u8]),
    ) -> Result<(), EncodeError> {
        if self.version != Version::V4 {
            let reason = "before version 4 it reads as a MAC";
            return Err(EncodeError::Ambiguous {
                field: "extension field",
                reason,
            });
        }
        self.refuse_behind_complement("extension field")?;
        let length = encoded_length(value_len.saturating_add(ExtensionField::HEADER_LENGTH))?;
        let whole = usize::from(length).next_multiple_of(4);
        let whole = whole.max(FieldLayout::V4.minimum());
        let length = encoded_length(whole)?;
        let start = self.length;
        let mut room = self.grow(whole, "extension field")?;
        room.put_u16(field_type.to_bits());
        room.put_u16(length);
        if let Some((value, padding)) = room.split_at_mut_checked(value_len) {
            encode_value(value);
            padding.fill(0);
        }
        self.last_field = Some((start, field_type));
        Ok(())
    }

    #[inline]
    fn append_mac(mut self, mac: &MacTrailer<'_>) -> Result<usize, EncodeError> {
        self.refuse_behind_complement("MAC")?;
        let mut room = self.grow(mac.encoded_len(), "MAC")?;
        mac.encode(&mut room)?;
        Ok(self.length)
    }

    /// RFC 7822 § 3: without a MAC the last field has at least 28 octets.
    #[inline]
    fn pad_last(&mut self) -> Result<(), EncodeError> {
        let Some((start, _)) = self.last_field else {
            return Ok(());
        };
        let least = FieldLayout::V4.last_minimum();
        let Some(missing) = least
            .checked_sub(self.length - start)
            .filter(|&missing| missing > 0)
        else {
            return Ok(());
        };
        self.grow(missing, "padding of the last extension field")?
            .fill(0);
        let length = encoded_length(least)?.to_be_bytes();
        if let Some(place) = self.buffer.get_mut(start + 2..start + 4) {
            place.copy_from_slice(&length);
        }
        Ok(())
    }

    /// The next `needed` octets of the buffer, which now belong to the packet.
    #[inline]
    fn grow(&mut self, needed: usize, field: &'static str) -> Result<&mut [u8], EncodeError> {
        let room = self.buffer.get_mut(self.length..).unwrap_or_default();
        let left = room.len();
        let room = room.get_mut(..needed).ok_or(EncodeError::BufferTooSmall {
            field,
            needed,
            left,
        })?;
        self.length += needed;
        Ok(room)
    }

    #[inline]
    fn refuse_behind_complement(&self, field: &'static str) -> Result<(), EncodeError> {
        match self.last_field {
            Some((_, ExtensionType::CHECKSUM_COMPLEMENT)) => Err(EncodeError::Ambiguous {
                field,
                reason: "a checksum complement must be the last and without authentication",
            }),
            _ => Ok(()),
        }
    }
}

/// The type that goes with a value.
#[inline]
fn type_of<'v, T: FieldValue<'v>>(_: &T) -> ExtensionType {
    T::TYPE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::{ChecksumComplement, NtsCookiePlaceholder, UniqueIdentifier};
    use crate::mac::{KeyId, MacAlgorithm};
    use crate::{Mode, Packet};
    use proptest::prelude::*;

    fn v3() -> Header {
        Header {
            version: Version::V3,
            ..Header::default()
        }
    }

    fn key(algorithm: MacAlgorithm) -> MacKey {
        MacKey::new(KeyId::new(1), algorithm, &[9; 16]).unwrap()
    }

    fn raw(value: &[u8]) -> ExtensionField<'_> {
        ExtensionField {
            field_type: ExtensionType::from_bits(0xf00d),
            value,
        }
    }

    #[test]
    fn rfc_7822_section_3_the_last_field_is_padded_to_28_octets() {
        let mut buffer = [0xa5; 128];
        let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
        writer.raw_field(&raw(&[1])).unwrap();
        writer.raw_field(&raw(&[2])).unwrap();
        let length = writer.finish().unwrap();
        assert_eq!(length, 48 + 16 + 28);
        let packet = Packet::decode(&buffer[..length]).unwrap();
        let values: Vec<_> = packet
            .fields()
            .map(|field| (field.value[0], field.value.len()))
            .collect();
        assert_eq!(values, [(1, 12), (2, 24)]);
        assert!(
            packet
                .fields()
                .all(|field| field.value[1..].iter().all(|&octet| octet == 0))
        );
    }

    #[test]
    fn short_fields_stay_short_before_a_mac() {
        for (algorithm, mac) in [
            (MacAlgorithm::Md5, 20),
            (MacAlgorithm::Sha1, 24),
            (MacAlgorithm::Sha512, 24),
        ] {
            let mut buffer = [0xa5; 128];
            let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
            writer.raw_field(&raw(&[1])).unwrap();
            let length = writer.finish_with_mac(&key(algorithm)).unwrap();
            assert_eq!(length, 48 + 16 + mac);
            let packet = Packet::decode(&buffer[..length]).unwrap();
            assert!(key(algorithm).verify(&buffer[..64], packet.mac().unwrap(), Version::V4));
        }
    }

    #[test]
    fn before_version_4_the_digest_is_whole() {
        let mut buffer = [0; 128];
        let length = PacketWriter::new(&mut buffer, &v3())
            .unwrap()
            .finish_with_mac(&key(MacAlgorithm::Sha256))
            .unwrap();
        assert_eq!(length, 48 + 36);
        assert!(Packet::decode(&buffer[..length]).is_ok());
    }

    #[test]
    fn refuses_what_would_be_ambiguous() {
        let mut buffer = [0; 256];
        let is_ambiguous = |result| matches!(result, Err(EncodeError::Ambiguous { .. }));
        let mut writer = PacketWriter::new(&mut buffer, &v3()).unwrap();
        assert!(is_ambiguous(writer.raw_field(&raw(&[0; 24]))));

        let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
        writer.field(&ChecksumComplement::default()).unwrap();
        assert!(is_ambiguous(writer.field(&NtsCookiePlaceholder::new(100))));
        assert!(is_ambiguous(
            writer.finish_with_mac(&key(MacAlgorithm::Md5)).map(drop)
        ));

        let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
        writer
            .field(&UniqueIdentifier::new(&[1; 32]).unwrap())
            .unwrap();
        assert!(is_ambiguous(writer.finish_with_crypto_nak().map(drop)));

        for header in [
            Header {
                mode: Mode::CONTROL,
                ..Header::default()
            },
            Header {
                version: Version::V5,
                ..Header::default()
            },
        ] {
            assert!(is_ambiguous(
                PacketWriter::new(&mut buffer, &header).map(drop)
            ));
        }
    }

    #[test]
    fn refuses_values_longer_than_a_field_can_be() {
        for length in [65_529, 65_536, usize::MAX] {
            let mut buffer = [0; 256];
            let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
            let result = writer.field(&NtsCookiePlaceholder::new(length));
            assert!(
                matches!(result, Err(EncodeError::TooLong { .. })),
                "{length}: {result:?}"
            );
        }
    }

    #[test]
    fn rejects_every_buffer_too_small() {
        for length in 0..48 + 36 + 20 {
            let mut buffer = vec![0; length];
            let result =
                PacketWriter::new(&mut buffer, &Header::default()).and_then(|mut writer| {
                    writer.field(&UniqueIdentifier::new(&[1; 32]).unwrap())?;
                    writer.finish_with_mac(&key(MacAlgorithm::Md5))
                });
            assert!(
                matches!(result, Err(EncodeError::BufferTooSmall { .. })),
                "{length}"
            );
        }
        let mut buffer = [0; 48 + 27];
        let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
        writer.raw_field(&raw(&[1])).unwrap();
        assert!(matches!(
            writer.finish(),
            Err(EncodeError::BufferTooSmall {
                needed: 12,
                left: 11,
                ..
            })
        ));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..6), mac: bool) {
            let mut buffer = [0xa5; 600];
            let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
            for value in &values {
                writer.raw_field(&raw(value)).unwrap();
            }
            let length = if mac { writer.finish_with_mac(&key(MacAlgorithm::Md5)) } else { writer.finish() }.unwrap();
            let packet = Packet::decode(&buffer[..length]).unwrap();
            prop_assert_eq!(packet.mac().is_some(), mac);
            prop_assert_eq!(packet.fields().count(), values.len());
            for (field, value) in packet.fields().zip(&values) {
                prop_assert_eq!(&field.value[..value.len()], &value[..]);
                prop_assert!(field.value[value.len()..].iter().all(|&octet| octet == 0));
            }
        }
    }
}
