use bytes::BufMut;

use crate::DecodeError;
use crate::error::DecodeErrorKind;
use crate::extension::{ExtensionType, FieldValue};

/// Padding: octets without a meaning, so that an answer is as long as its request.
///
/// They are written as zeros; what is received is not looked at.
///
/// Defined in draft-ietf-ntp-ntpv5, "Padding Extension Field".
///
/// # Examples
///
/// ```
/// use horolog_ntp::FieldValue;
/// use horolog_ntp::v5::Padding;
///
/// assert_eq!(Padding::decode_value(&[7; 9])?, Padding::new(9));
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Padding {
    length: u16,
}

impl Padding {
    /// So many octets, besides the four of the field's header.
    #[must_use]
    pub const fn new(length: u16) -> Self {
        Self { length }
    }

    /// Octets of padding, besides the four of the field's header.
    #[must_use]
    pub const fn length(self) -> u16 {
        self.length
    }
}

impl FieldValue<'_> for Padding {
    const TYPE: ExtensionType = ExtensionType::V5_PADDING;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        u16::try_from(value.len()).map(Self::new).map_err(|_| {
            let kind = DecodeErrorKind::Length {
                field: "padding",
                length: value.len(),
                rule: "65535 or less",
            };
            DecodeError::new(kind, 0)
        })
    }

    fn value_len(&self) -> usize {
        self.length.into()
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_bytes(0, self.length.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_zero_over_a_dirty_buffer() {
        let mut value = [0xa5; 4];
        Padding::new(3).encode_value(&mut value.as_mut_slice());
        assert_eq!(value, [0, 0, 0, 0xa5]);
    }

    #[test]
    fn rejects_what_no_field_can_hold() {
        let value = vec![0; 65_536];
        assert!(Padding::decode_value(&value[1..]).is_ok());
        assert!(Padding::decode_value(&value).is_err());
    }
}
