use bytes::BufMut;

use super::{ExtensionType, FieldLayout};
use crate::error::reserve;
use crate::{DecodeError, DecodeErrorKind, EncodeError};

/// One extension field as it stands: a type and the octets behind it.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          Field Type           |            Length             |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .                                                               .
/// .                            Value                              .
/// .                                                               .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                       Padding (as needed)                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// In NTPv4 the length counts the padding and nothing says where it begins, so there the value
/// includes it. In the NTPv5 draft the length does not count it, and the value ends before it.
///
/// Defined in [RFC 7822 § 3](https://www.rfc-editor.org/rfc/rfc7822#section-3).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ExtensionField, ExtensionType, FieldLayout, FieldWalker, Trailing};
///
/// let field = ExtensionField { field_type: ExtensionType::from_bits(0xf00d), value: &[7; 24] };
/// let mut octets = Vec::new();
/// field.encode(FieldLayout::V4, &mut octets)?;
/// assert_eq!(octets[..4], [0xf0, 0x0d, 0x00, 0x1c]);
///
/// let mut walker = FieldWalker::new(&octets, FieldLayout::V4);
/// assert_eq!(walker.next(), Some(Ok(Trailing::Field(field))));
/// # Ok::<(), horolog_ntp::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ExtensionField<'a> {
    /// The type.
    pub field_type: ExtensionType,
    /// The octets behind the length.
    pub value: &'a [u8],
}

impl<'a> ExtensionField<'a> {
    /// Octets of type and length.
    pub const HEADER_LENGTH: usize = 4;

    /// The most octets a field can have, header included: the greatest multiple of four in 16 bits.
    pub const MAX_LENGTH: usize = 65_532;

    /// Reads the value as `T`.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Value`] where the field is of another type, and what `T` says of its
    /// value; offsets count from the start of the value.
    pub fn decode_as<T: FieldValue<'a>>(&self) -> Result<T, DecodeError> {
        if self.field_type != T::TYPE {
            let kind = DecodeErrorKind::Value {
                field: "extension field type",
                value: self.field_type.to_bits().into(),
                expected: T::TYPE.name().unwrap_or("another"),
            };
            return Err(DecodeError::new(kind, 0));
        }
        T::decode_value(self.value)
    }

    /// Octets that [`encode`](Self::encode) writes.
    #[must_use]
    pub const fn encoded_len(&self, layout: FieldLayout) -> usize {
        let length = (Self::HEADER_LENGTH + self.value.len()).next_multiple_of(4);
        if length < layout.minimum() {
            layout.minimum()
        } else {
            length
        }
    }

    /// Appends the field, padded with zeros to a multiple of four and to the layout's minimum.
    ///
    /// # Errors
    ///
    /// [`EncodeError::TooLong`] above 65532 octets, [`EncodeError::BufferTooSmall`]; then nothing
    /// was written.
    pub fn encode(&self, layout: FieldLayout, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        let whole = self.encoded_len(layout);
        let length = match layout {
            FieldLayout::V5 => Self::HEADER_LENGTH + self.value.len(),
            FieldLayout::NtsPlaintext | FieldLayout::V4 => whole,
        };
        let length = encoded_length(length)?;
        reserve(buffer, whole, "extension field")?;
        buffer.put_u16(self.field_type.to_bits());
        buffer.put_u16(length);
        buffer.put_slice(self.value);
        buffer.put_bytes(0, whole - Self::HEADER_LENGTH - self.value.len());
        Ok(())
    }
}

/// `length` as it goes into a field's header.
#[inline]
pub(crate) fn encoded_length(length: usize) -> Result<u16, EncodeError> {
    u16::try_from(length)
        .ok()
        .filter(|_| length <= ExtensionField::MAX_LENGTH)
        .ok_or(EncodeError::TooLong {
            field: "extension field",
            length,
            max: ExtensionField::MAX_LENGTH,
        })
}

/// A type of extension field whose value is understood.
///
/// Offsets in errors count from the start of the value; see
/// [`DecodeError::nested`](crate::DecodeError::nested).
pub trait FieldValue<'a>: Sized {
    /// The field's type.
    const TYPE: ExtensionType;

    /// Reads the value of a field.
    ///
    /// # Errors
    ///
    /// Says which part of the value is not as it should be.
    fn decode_value(value: &'a [u8]) -> Result<Self, DecodeError>;

    /// Octets that [`encode_value`](Self::encode_value) writes.
    fn value_len(&self) -> usize;

    /// Appends the value. The buffer must have room for [`value_len`](Self::value_len) octets.
    ///
    /// # Panics
    ///
    /// Where it does not.
    fn encode_value(&self, buffer: &mut impl BufMut);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::{FieldWalker, Trailing, UniqueIdentifier};
    use proptest::prelude::*;

    #[test]
    fn rejects_the_wrong_type() {
        let field = ExtensionField {
            field_type: ExtensionType::NTS_COOKIE,
            value: &[0; 32],
        };
        let error = field.decode_as::<UniqueIdentifier<'_>>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "extension field type is 0x204, expected unique-identifier, at offset 0"
        );
    }

    #[test]
    fn rejects_what_a_length_cannot_say() {
        let value = vec![0; ExtensionField::MAX_LENGTH - 3];
        let field = ExtensionField {
            field_type: ExtensionType::V5_PADDING,
            value: &value,
        };
        assert!(matches!(
            field.encode(FieldLayout::V4, &mut Vec::new()),
            Err(EncodeError::TooLong { .. })
        ));
        let field = ExtensionField {
            value: &value[1..],
            ..field
        };
        assert_eq!(field.encode(FieldLayout::V4, &mut Vec::new()), Ok(()));
    }

    #[test]
    fn rejects_a_buffer_too_small() {
        let field = ExtensionField {
            field_type: ExtensionType::V5_PADDING,
            value: &[1, 2, 3, 4],
        };
        let error = field
            .encode(FieldLayout::V4, &mut [0; 15].as_mut_slice())
            .unwrap_err();
        assert_eq!(
            error,
            EncodeError::BufferTooSmall {
                field: "extension field",
                needed: 16,
                left: 15
            }
        );
    }

    #[test]
    fn pads_over_a_dirty_buffer() {
        let field = ExtensionField {
            field_type: ExtensionType::V5_PADDING,
            value: &[1, 2, 3, 4, 5],
        };
        let mut octets = [0xa5; 16];
        field
            .encode(FieldLayout::V4, &mut octets.as_mut_slice())
            .unwrap();
        assert_eq!(octets, [0xf5, 1, 0, 16, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0]);
        let mut octets = [0xa5; 12];
        field
            .encode(FieldLayout::V5, &mut octets.as_mut_slice())
            .unwrap();
        assert_eq!(octets, [0xf5, 1, 0, 9, 1, 2, 3, 4, 5, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn any_field_survives(bits: u16, value in proptest::collection::vec(any::<u8>(), 0..300)) {
            let field = ExtensionField { field_type: ExtensionType::from_bits(bits), value: &value };
            for layout in [FieldLayout::V5, FieldLayout::NtsPlaintext] {
                let mut octets = Vec::new();
                field.encode(layout, &mut octets).unwrap();
                prop_assert_eq!(octets.len(), field.encoded_len(layout));
                let Some(Ok(Trailing::Field(read))) = FieldWalker::new(&octets, layout).next() else { panic!() };
                prop_assert_eq!(read.field_type, field.field_type);
                prop_assert_eq!(&read.value[..value.len()], &value[..]);
                prop_assert!(read.value[value.len()..].iter().all(|&octet| octet == 0));
            }
        }
    }
}
