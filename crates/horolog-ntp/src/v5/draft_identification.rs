use bytes::BufMut;

use super::DRAFT;
use crate::DecodeError;
use crate::error::DecodeErrorKind;
use crate::extension::{ExtensionType, FieldValue};

/// Which draft a packet follows: its full name with the revision, in ASCII, without a NUL.
///
/// Every request that follows a draft has it, and an answer only if the request had. A server must
/// not answer a request of a draft that it does not know.
///
/// Defined in draft-ietf-ntp-ntpv5 as long as it is a draft.
///
/// # Examples
///
/// ```
/// use horolog_ntp::FieldValue;
/// use horolog_ntp::v5::DraftIdentification;
///
/// let draft = DraftIdentification::decode_value(b"draft-ietf-ntp-ntpv5-08")?;
/// assert_eq!(draft, DraftIdentification::CURRENT);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct DraftIdentification<'a>(&'a str);

impl DraftIdentification<'static> {
    /// The draft that this crate follows.
    pub const CURRENT: Self = Self(DRAFT);
}

impl<'a> DraftIdentification<'a> {
    /// Takes the name of a draft.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Value`] with the first octet that is not printable ASCII.
    pub fn new(name: &'a [u8]) -> Result<Self, DecodeError> {
        if let Some(offset) = name.iter().position(|octet| !octet.is_ascii_graphic()) {
            let value = name.get(offset).copied().unwrap_or_default().into();
            let kind = DecodeErrorKind::Value {
                field: "octet of the draft's name",
                value,
                expected: "printable ASCII",
            };
            return Err(DecodeError::new(kind, offset));
        }
        Ok(Self(core::str::from_utf8(name).unwrap_or_default()))
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> FieldValue<'a> for DraftIdentification<'a> {
    const TYPE: ExtensionType = ExtensionType::V5_DRAFT_IDENTIFICATION;

    fn decode_value(value: &'a [u8]) -> Result<Self, DecodeError> {
        Self::new(value)
    }

    fn value_len(&self) -> usize {
        self.0.len()
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_slice(self.0.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_dirty_buffer() {
        let mut value = [0xa5; 23];
        DraftIdentification::CURRENT.encode_value(&mut value.as_mut_slice());
        assert_eq!(&value, b"draft-ietf-ntp-ntpv5-08");
        assert_eq!(DraftIdentification::CURRENT.value_len(), 23);
    }

    #[test]
    fn rejects_what_is_not_printable_ascii() {
        for (name, offset) in [(&b"draft\0"[..], 5), (b"\xc3\xa4", 0), (b"a b", 1)] {
            let error = DraftIdentification::decode_value(name).unwrap_err();
            assert_eq!(error.offset(), offset);
        }
    }
}
