use bytes::BufMut;

use super::{ExtensionType, FieldValue};
use crate::DecodeError;

/// The NTS Cookie Placeholder: room in a request for one more cookie in the response.
///
/// It must be as long as the cookie of the same request. Its octets are zero when sent and ignored
/// when received.
///
/// Defined in [RFC 8915 § 5.5](https://www.rfc-editor.org/rfc/rfc8915#section-5.5).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ExtensionField, ExtensionType, NtsCookiePlaceholder};
///
/// let field = ExtensionField { field_type: ExtensionType::NTS_COOKIE_PLACEHOLDER, value: &[0; 100] };
/// let placeholder = field.decode_as::<NtsCookiePlaceholder>()?;
/// assert_eq!(placeholder.cookie_length(), 100);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct NtsCookiePlaceholder {
    length: usize,
}

impl NtsCookiePlaceholder {
    /// Room for a cookie of `length` octets.
    #[must_use]
    pub const fn new(length: usize) -> Self {
        Self { length }
    }

    /// Octets of the cookie there is room for.
    #[must_use]
    pub const fn cookie_length(self) -> usize {
        self.length
    }
}

impl FieldValue<'_> for NtsCookiePlaceholder {
    const TYPE: ExtensionType = ExtensionType::NTS_COOKIE_PLACEHOLDER;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self::new(value.len()))
    }

    fn value_len(&self) -> usize {
        self.length
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_bytes(0, self.length);
    }
}
