use bytes::BufMut;

use crate::DecodeError;
use crate::extension::{ExtensionType, FieldValue};

/// A part of the server's [`ReferenceIds`](super::ReferenceIds), as long as the
/// [`ReferenceIdsRequest`](super::ReferenceIdsRequest) that asked for it.
///
/// It does not say which part: the client has to remember what it asked for.
///
/// Defined in draft-ietf-ntp-ntpv5, "Reference IDs Request and Response Extension Fields".
///
/// # Examples
///
/// ```
/// use horolog_ntp::FieldValue;
/// use horolog_ntp::v5::{ReferenceIds, ReferenceIdsRequest, ReferenceIdsResponse};
///
/// let filter = ReferenceIds::new();
/// let request = ReferenceIdsRequest::new(16, 16)?;
/// let response = filter.answer(request).expect("the request is within the filter");
/// assert_eq!(response, ReferenceIdsResponse::decode_value(&[0; 16])?);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ReferenceIdsResponse<'a>(
    /// Octets of the filter.
    pub &'a [u8],
);

impl<'a> FieldValue<'a> for ReferenceIdsResponse<'a> {
    const TYPE: ExtensionType = ExtensionType::V5_REFERENCE_IDS_RESPONSE;

    fn decode_value(value: &'a [u8]) -> Result<Self, DecodeError> {
        Ok(Self(value))
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_survive_a_dirty_buffer(octets in proptest::collection::vec(any::<u8>(), 0..60)) {
            let response = ReferenceIdsResponse::decode_value(&octets).unwrap();
            let mut value = vec![0xa5; response.value_len()];
            response.encode_value(&mut value.as_mut_slice());
            prop_assert_eq!(value, octets);
        }
    }
}
