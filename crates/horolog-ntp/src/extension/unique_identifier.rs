use bytes::BufMut;

use super::{ExtensionType, FieldValue};
use crate::{DecodeError, DecodeErrorKind};

/// The Unique Identifier: random octets that the server sends back as they are.
///
/// It proves that a response, a kiss code above all, answers a request that was really sent. It
/// may be used without the rest of NTS.
///
/// Defined in [RFC 8915 § 5.3](https://www.rfc-editor.org/rfc/rfc8915#section-5.3).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ExtensionField, ExtensionType, UniqueIdentifier};
///
/// let field = ExtensionField { field_type: ExtensionType::UNIQUE_IDENTIFIER, value: &[0x5a; 32] };
/// let identifier: UniqueIdentifier = field.decode_as()?;
/// assert_eq!(identifier.as_octets(), [0x5a; 32]);
/// assert_eq!(UniqueIdentifier::new(&[0x5a; 32])?, identifier);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct UniqueIdentifier<'a>(&'a [u8]);

impl<'a> UniqueIdentifier<'a> {
    /// The least number of octets (RFC 8915 § 5.3).
    pub const MIN_LENGTH: usize = 32;

    /// Takes the octets, a multiple of four or they will be padded to one.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Length`] below 32.
    pub fn new(octets: &'a [u8]) -> Result<Self, DecodeError> {
        if octets.len() < Self::MIN_LENGTH {
            let kind = DecodeErrorKind::Length {
                field: "unique identifier",
                length: octets.len(),
                rule: "32 or more",
            };
            return Err(DecodeError::new(kind, 0));
        }
        Ok(Self(octets))
    }

    /// The octets.
    #[must_use]
    pub const fn as_octets(&self) -> &'a [u8] {
        self.0
    }
}

impl<'a> FieldValue<'a> for UniqueIdentifier<'a> {
    const TYPE: ExtensionType = ExtensionType::UNIQUE_IDENTIFIER;

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
    fn rfc_8915_section_5_3_rejects_less_than_32_octets() {
        for length in 0..32 {
            assert!(
                UniqueIdentifier::decode_value(&[1; 40][..length]).is_err(),
                "{length}"
            );
        }
    }
}
