use bytes::BufMut;

use super::Header;
use crate::EncodeError;
use crate::error::reserve;
use crate::extension::{ExtensionField, ExtensionType, FieldValue, encoded_length};

/// Writes an NTP packet of version 5 into a buffer, part by part.
///
/// # Examples
///
/// An answer as long as a request of 96 octets:
///
/// ```
/// use horolog_ntp::Mode;
/// use horolog_ntp::v5::{DraftIdentification, Header, Packet, PacketWriter};
///
/// let mut buffer = [0; 128];
/// let header = Header { mode: Mode::SERVER, ..Header::default() };
/// let mut writer = PacketWriter::new(&mut buffer, &header)?;
/// writer.field(&DraftIdentification::CURRENT)?;
/// writer.pad_to(96)?;
/// let length = writer.finish();
/// assert_eq!(length, 96);
/// assert_eq!(Packet::decode(&buffer[..length])?.fields().count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PacketWriter<'b> {
    buffer: &'b mut [u8],
    length: usize,
}

impl<'b> PacketWriter<'b> {
    /// Writes the header.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`] below 48 octets.
    pub fn new(buffer: &'b mut [u8], header: &Header) -> Result<Self, EncodeError> {
        header.encode(&mut &mut *buffer)?;
        Ok(Self {
            buffer,
            length: Header::LENGTH,
        })
    }

    /// Appends a field, padded with zeros to a multiple of four octets.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`] and [`EncodeError::TooLong`].
    pub fn field<'v, T: FieldValue<'v>>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.append(T::TYPE, value.value_len(), |mut buffer| {
            value.encode_value(&mut buffer);
        })
    }

    /// Appends a field of any type as it stands.
    ///
    /// # Errors
    ///
    /// As [`field`](Self::field).
    pub fn raw_field(&mut self, field: &ExtensionField<'_>) -> Result<(), EncodeError> {
        self.append(field.field_type, field.value.len(), |mut buffer| {
            buffer.put_slice(field.value);
        })
    }

    /// Fills the packet up to `length` octets with a field of padding, unless it is that long
    /// already: an answer must be as long as its request.
    ///
    /// # Errors
    ///
    /// * [`EncodeError::TooLong`] where the packet is longer than that, so that a server has to
    ///   drop the request, and where a field cannot be so long.
    /// * [`EncodeError::Ambiguous`] for a length that is not a multiple of four.
    /// * [`EncodeError::BufferTooSmall`].
    pub fn pad_to(&mut self, length: usize) -> Result<(), EncodeError> {
        if !length.is_multiple_of(4) {
            return Err(EncodeError::Ambiguous {
                field: "packet",
                reason: "its length is not a multiple of 4",
            });
        }
        let missing = length
            .checked_sub(self.length)
            .ok_or(EncodeError::TooLong {
                field: "packet",
                length: self.length,
                max: length,
            })?;
        match missing.checked_sub(ExtensionField::HEADER_LENGTH) {
            // Both lengths are multiples of four, so nothing is missing.
            None => Ok(()),
            Some(value) => self.append(ExtensionType::V5_PADDING, value, |mut buffer| {
                buffer.put_bytes(0, value);
            }),
        }
    }

    /// What was written so far: what a MAC that comes next covers.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }

    /// Ends the packet and tells its length in octets.
    #[must_use]
    pub const fn finish(self) -> usize {
        self.length
    }

    fn append(
        &mut self,
        field_type: ExtensionType,
        value_len: usize,
        value: impl FnOnce(&mut [u8]),
    ) -> Result<(), EncodeError> {
        let length = value_len.saturating_add(ExtensionField::HEADER_LENGTH);
        let in_header = encoded_length(length)?;
        let whole = length.next_multiple_of(4);
        let mut rest = self.buffer.get_mut(self.length..).unwrap_or_default();
        reserve(&rest, whole, "extension field")?;
        rest.put_u16(field_type.to_bits());
        rest.put_u16(in_header);
        if let Some((place, behind)) = rest.split_at_mut_checked(value_len) {
            value(place);
            if let Some(padding) = behind.get_mut(..whole - length) {
                padding.fill(0);
            }
        }
        self.length += whole;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NtsCookiePlaceholder;
    use crate::v5::{Packet, Padding};

    #[test]
    fn pads_over_a_dirty_buffer() {
        let mut buffer = [0xa5; 64];
        let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
        let field = ExtensionField {
            field_type: ExtensionType::from_bits(0xf00d),
            value: &[7; 5],
        };
        writer.raw_field(&field).unwrap();
        assert_eq!(writer.written().len(), 60);
        writer.pad_to(64).unwrap();
        assert_eq!(writer.finish(), 64);
        assert_eq!(
            buffer[48..],
            [0xf0, 0x0d, 0, 9, 7, 7, 7, 7, 7, 0, 0, 0, 0xf5, 1, 0, 4]
        );
        assert_eq!(
            Packet::decode(&buffer).unwrap().fields().next(),
            Some(field)
        );
    }

    #[test]
    fn pads_to_any_multiple_of_four() {
        for length in (48..200).step_by(4) {
            let mut buffer = [0xa5; 200];
            let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
            writer.pad_to(length).unwrap();
            assert_eq!(writer.finish(), length);
            assert!(Packet::decode(&buffer[..length]).is_ok());
        }
    }

    #[test]
    fn rejects_lengths_that_cannot_be() {
        let mut buffer = [0xa5; 64];
        let mut writer = PacketWriter::new(&mut buffer, &Header::default()).unwrap();
        assert!(matches!(
            writer.pad_to(50),
            Err(EncodeError::Ambiguous { .. })
        ));
        assert!(matches!(
            writer.pad_to(44),
            Err(EncodeError::TooLong { .. })
        ));
        assert!(matches!(
            writer.pad_to(68),
            Err(EncodeError::BufferTooSmall { .. })
        ));
        assert!(matches!(
            writer.field(&Padding::new(13)),
            Err(EncodeError::BufferTooSmall { .. })
        ));
        assert!(matches!(
            writer.field(&Padding::new(u16::MAX)),
            Err(EncodeError::TooLong { .. })
        ));
        assert!(matches!(
            writer.field(&NtsCookiePlaceholder::new(usize::MAX)),
            Err(EncodeError::TooLong { .. })
        ));
        assert_eq!(writer.finish(), 48);
    }
}
