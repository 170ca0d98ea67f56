use bytes::BufMut;

use super::{ExtensionType, FieldValue};
use crate::{DecodeError, DecodeErrorKind};

/// The NTS Cookie: octets that only the server that gave them out can read.
///
/// Nothing marks padding, so a cookie whose length is not a multiple of four would come back
/// longer than it was; the value here is all of the field.
///
/// Defined in [RFC 8915 § 5.4](https://www.rfc-editor.org/rfc/rfc8915#section-5.4).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ExtensionField, ExtensionType, NtsCookie};
///
/// let field = ExtensionField { field_type: ExtensionType::NTS_COOKIE, value: &[7; 100] };
/// assert_eq!(field.decode_as::<NtsCookie>()?.as_octets().len(), 100);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct NtsCookie<'a>(&'a [u8]);

impl<'a> NtsCookie<'a> {
    /// Takes the octets of a cookie.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Length`] for no octets at all.
    pub const fn new(octets: &'a [u8]) -> Result<Self, DecodeError> {
        if octets.is_empty() {
            let kind = DecodeErrorKind::Length {
                field: "NTS cookie",
                length: 0,
                rule: "1 or more",
            };
            return Err(DecodeError::new(kind, 0));
        }
        Ok(Self(octets))
    }

    /// The octets, with any padding.
    #[must_use]
    pub const fn as_octets(&self) -> &'a [u8] {
        self.0
    }
}

impl<'a> FieldValue<'a> for NtsCookie<'a> {
    const TYPE: ExtensionType = ExtensionType::NTS_COOKIE;

    fn decode_value(value: &'a [u8]) -> Result<Self, DecodeError> {
        Self::new(value)
    }

    fn value_len(&self) -> usize {
        self.0.len()
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_slice(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_an_empty_cookie() {
        let error = NtsCookie::decode_value(&[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "NTS cookie length 0 is not 1 or more, at offset 0"
        );
    }
}
