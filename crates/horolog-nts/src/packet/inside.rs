#[cfg(not(feature = "unstable-leap-ef"))]
use core::marker::PhantomData;

#[cfg(feature = "unstable-leap-ef")]
use bytes::BufMut;
use horolog_ntp::EncodeError;
#[cfg(feature = "unstable-leap-ef")]
use horolog_ntp::{ExtensionField, ExtensionType, FieldValue, LeapListField};

/// What a plaintext holds beside cookies: one field, or nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inside<'a> {
    #[cfg(feature = "unstable-leap-ef")]
    leap_list: Option<(ExtensionType, LeapListField<'a>)>,
    #[cfg(not(feature = "unstable-leap-ef"))]
    nothing: PhantomData<&'a ()>,
}

#[cfg(not(feature = "unstable-leap-ef"))]
#[expect(clippy::unused_self, reason = "with the feature there is something")]
impl Inside<'_> {
    /// Octets of it.
    pub(super) const fn len(self) -> usize {
        0
    }

    /// Writes it at the start of a buffer, and tells its length.
    #[expect(clippy::unnecessary_wraps, reason = "with the feature it can fail")]
    pub(super) const fn write(self, _: &mut [u8]) -> Result<usize, EncodeError> {
        Ok(0)
    }
}

#[cfg(feature = "unstable-leap-ef")]
impl<'a> Inside<'a> {
    /// A field with the list of leap seconds or the request for it, of any type.
    pub(super) const fn leap_list(field_type: ExtensionType, field: LeapListField<'a>) -> Self {
        Self {
            leap_list: Some((field_type, field)),
        }
    }

    /// Octets of it.
    pub(super) fn len(self) -> usize {
        self.leap_list.map_or(0, |(_, field)| {
            ExtensionField::HEADER_LENGTH + field.value_len()
        })
    }

    /// Writes it at the start of a buffer, and tells its length.
    pub(super) fn write(self, buffer: &mut [u8]) -> Result<usize, EncodeError> {
        let Some((field_type, value)) = self.leap_list else {
            return Ok(0);
        };
        let (whole, left) = (self.len(), buffer.len());
        let field = "leap list field";
        let too_small = EncodeError::BufferTooSmall {
            field,
            needed: whole,
            left,
        };
        let length = u16::try_from(whole).map_err(|_| EncodeError::TooLong {
            field,
            length: whole,
            max: ExtensionField::HEADER_LENGTH + 8 + LeapListField::MAX_ROOM,
        })?;
        let mut buffer = buffer.get_mut(..whole).ok_or(too_small)?;
        buffer.put_u16(field_type.to_bits());
        buffer.put_u16(length);
        value.encode_value(&mut buffer);
        Ok(whole)
    }
}
