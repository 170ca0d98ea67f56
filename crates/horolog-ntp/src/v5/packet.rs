use bytes::BufMut;

use super::Header;
use crate::error::reserve;
use crate::extension::{
    ExtensionField, ExtensionType, FieldLayout, FieldValue, FieldWalker, Trailing,
};
use crate::{DecodeError, DecodeErrorKind, EncodeError};

/// An NTP packet of version 5: header and extension fields.
///
/// Decoding borrows from the octets and checks all of them, so the fields can be walked over
/// without errors afterwards. Encoding gives back the same octets, padding of fields included. To
/// make a new packet, use [`PacketWriter`](super::PacketWriter).
///
/// # Examples
///
/// ```
/// use horolog_ntp::ExtensionType;
/// use horolog_ntp::v5::{Header, Packet, Padding};
///
/// let mut octets = Header::default().to_octets().to_vec();
/// octets.extend([0xf5, 0x01, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00]);
///
/// let packet = Packet::decode(&octets)?;
/// let field = packet.find(ExtensionType::V5_PADDING).expect("it is there");
/// assert_eq!(field.decode_as::<Padding>()?, Padding::new(2));
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Packet<'a> {
    /// The header.
    pub header: Header,
    /// Extension fields that were walked over once without an error.
    fields: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Decodes all of `octets`.
    ///
    /// # Errors
    ///
    /// * What [`Header::decode`] says of the first 48 octets.
    /// * [`DecodeErrorKind::Length`] for a packet whose length is not a multiple of four.
    /// * What [`FieldWalker`] says of the rest.
    pub fn decode(octets: &'a [u8]) -> Result<Self, DecodeError> {
        let header = Header::decode(octets)?;
        if !octets.len().is_multiple_of(4) {
            let kind = DecodeErrorKind::Length {
                field: "packet",
                length: octets.len(),
                rule: "a multiple of 4",
            };
            return Err(DecodeError::new(kind, octets.len()));
        }
        FieldWalker::behind(octets, Header::LENGTH, FieldLayout::V5)
            .try_for_each(|item| item.map(|_| ()))?;
        let fields = octets.get(Header::LENGTH..).unwrap_or_default();
        Ok(Self { header, fields })
    }

    /// Appends the packet as it was decoded.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`]; then nothing was written.
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        reserve(buffer, self.encoded_len(), "packet")?;
        self.header.encode(buffer)?;
        buffer.put_slice(self.fields);
        Ok(())
    }

    /// Octets that [`encode`](Self::encode) writes.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        Header::LENGTH + self.fields.len()
    }

    /// The extension fields, in their order.
    pub fn fields(&self) -> impl Iterator<Item = ExtensionField<'a>> + use<'a> {
        self.located().map(|(_, field)| field)
    }

    /// The first extension field of a type.
    #[must_use]
    pub fn find(&self, field_type: ExtensionType) -> Option<ExtensionField<'a>> {
        self.fields().find(|field| field.field_type == field_type)
    }

    /// The first extension field of a type, read as that.
    ///
    /// # Errors
    ///
    /// What the type says of the value; offsets count from the start of the value.
    #[must_use]
    pub fn find_as<T: FieldValue<'a>>(&self) -> Option<Result<T, DecodeError>> {
        self.find(T::TYPE).map(|field| T::decode_value(field.value))
    }

    /// Octets in front of the MAC field, which are those that it covers; `None` without one.
    #[must_use]
    pub fn authenticated_len(&self) -> Option<usize> {
        self.located()
            .find(|(_, field)| field.field_type == ExtensionType::V5_MAC)
            .map(|(offset, _)| Header::LENGTH + offset)
    }

    /// The fields, and where each starts behind the header.
    fn located(&self) -> impl Iterator<Item = (usize, ExtensionField<'a>)> + use<'a> {
        let mut walker = FieldWalker::new(self.fields, FieldLayout::V5);
        core::iter::from_fn(move || {
            let offset = walker.offset();
            match walker.next()? {
                Ok(Trailing::Field(field)) => Some((offset, field)),
                Ok(Trailing::Mac(_)) | Err(_) => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet(fields: &[u8]) -> Vec<u8> {
        let mut octets = Header::default().to_octets().to_vec();
        octets.extend(fields);
        octets
    }

    #[test]
    fn fields_may_be_short_and_padded_with_anything() {
        let octets = packet(&[0xf0, 0x0d, 0, 5, 1, 2, 3, 4, 0xf5, 0x02, 0, 4]);
        let packet = Packet::decode(&octets).unwrap();
        let values: Vec<_> = packet.fields().map(|field| field.value).collect();
        assert_eq!(values, [&[1][..], &[]]);
        assert_eq!(packet.authenticated_len(), Some(56));
        let mut written = Vec::new();
        packet.encode(&mut written).unwrap();
        assert_eq!(written, octets);
        assert!(packet.encode(&mut [0; 59].as_mut_slice()).is_err());
    }

    #[test]
    fn rejects_lengths_that_are_no_multiple_of_four() {
        for length in [49, 50, 51] {
            let mut octets = packet(&[]);
            octets.resize(length, 0);
            let error = Packet::decode(&octets).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("packet length {length} is not a multiple of 4, at offset {length}")
            );
        }
    }

    #[test]
    fn rejects_every_truncation() {
        let octets = packet(&[0xf0, 0x0d, 0, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert!(Packet::decode(&octets).is_ok());
        for length in (0..octets.len()).filter(|&length| length != 48) {
            assert!(Packet::decode(&octets[..length]).is_err(), "{length}");
        }
        let error = Packet::decode(&octets[..60]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "extension field value needs 12 octets, 8 are left, at offset 52"
        );
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_octets(
            fields in proptest::collection::vec((any::<u16>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..6),
            noise: u8,
        ) {
            let mut octets = packet(&[]);
            for (bits, value) in &fields {
                octets.extend(bits.to_be_bytes());
                octets.extend(u16::try_from(value.len() + 4).unwrap().to_be_bytes());
                octets.extend(value);
                octets.resize(octets.len().next_multiple_of(4), noise);
            }
            let packet = Packet::decode(&octets).unwrap();
            let read: Vec<_> = packet.fields().map(|field| (field.field_type.to_bits(), field.value.to_vec())).collect();
            prop_assert_eq!(read, fields);
            let mut written = vec![0xa5; packet.encoded_len()];
            packet.encode(&mut written.as_mut_slice()).unwrap();
            prop_assert_eq!(written, octets);
        }

        #[test]
        fn any_octets_are_read_or_refused(mut octets in proptest::collection::vec(any::<u8>(), 48..200)) {
            octets[0] = 0x2b;
            if let Ok(packet) = Packet::decode(&octets) {
                let length: usize = packet.fields().map(|field| field.encoded_len(FieldLayout::V5)).sum();
                prop_assert_eq!(48 + length, octets.len());
            }
        }
    }
}
