use bytes::BufMut;
use nom::Parser;

use super::ReferenceIds;
use crate::DecodeError;
use crate::error::DecodeErrorKind;
use crate::extension::{ExtensionType, FieldValue};
use crate::parse::{self, u16};

/// Asks for a part of the server's [`ReferenceIds`].
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |            Offset             |                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               |
/// .                         Padding (zero)                        .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// The value is as long as the part that is wanted, so that the answer is as long as the request.
/// What the padding holds is ignored.
///
/// Defined in draft-ietf-ntp-ntpv5, "Reference IDs Request and Response Extension Fields".
///
/// # Examples
///
/// ```
/// use horolog_ntp::FieldValue;
/// use horolog_ntp::v5::ReferenceIdsRequest;
///
/// let request = ReferenceIdsRequest::new(32, 16)?;
/// let mut value = Vec::new();
/// request.encode_value(&mut value);
/// assert_eq!(value, [0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
/// assert!(request.is_within());
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ReferenceIdsRequest {
    offset: u16,
    length: usize,
}

/// Octets of the offset, which are part of those of the answer.
const OFFSET: usize = 2;

impl ReferenceIdsRequest {
    /// Asks for `length` octets from `offset` on.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Length`] for less than two octets, where an offset has no room.
    pub const fn new(offset: u16, length: usize) -> Result<Self, DecodeError> {
        if length < OFFSET {
            let kind = DecodeErrorKind::Length {
                field: "reference IDs request",
                length,
                rule: "2 or more",
            };
            return Err(DecodeError::new(kind, 0));
        }
        Ok(Self { offset, length })
    }

    /// The first octet that is wanted.
    #[must_use]
    pub const fn offset(self) -> u16 {
        self.offset
    }

    /// How many octets are wanted.
    #[must_use]
    pub const fn length(self) -> usize {
        self.length
    }

    /// Whether the filter has all octets that are wanted. A server ignores other requests.
    #[must_use]
    pub fn is_within(self) -> bool {
        usize::from(self.offset)
            .checked_add(self.length)
            .is_some_and(|end| end <= ReferenceIds::LENGTH)
    }
}

impl FieldValue<'_> for ReferenceIdsRequest {
    const TYPE: ExtensionType = ExtensionType::V5_REFERENCE_IDS_REQUEST;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        let (_, offset) = parse::offset(value, u16("reference IDs offset").parse(value))?;
        Self::new(offset, value.len())
    }

    fn value_len(&self) -> usize {
        self.length
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_u16(self.offset);
        buffer.put_bytes(0, self.length - OFFSET);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_dirty_buffer() {
        for (offset, length) in [(0, 2), (7, 3), (496, 16), (0, 512)] {
            let request = ReferenceIdsRequest::new(offset, length).unwrap();
            let mut value = vec![0xa5; length];
            request.encode_value(&mut value.as_mut_slice());
            assert_eq!(ReferenceIdsRequest::decode_value(&value), Ok(request));
            assert!(value[2..].iter().all(|&octet| octet == 0));
            assert!(request.is_within());
        }
    }

    #[test]
    fn rejects_values_without_an_offset() {
        for length in 0..2 {
            assert!(ReferenceIdsRequest::decode_value(&[0; 2][..length]).is_err());
            assert!(ReferenceIdsRequest::new(0, length).is_err());
        }
    }

    #[test]
    fn requests_beyond_the_filter_are_told() {
        for (offset, length) in [
            (497, 16),
            (511, 2),
            (u16::MAX, 16),
            (0, 513),
            (1, usize::MAX),
        ] {
            assert!(
                !ReferenceIdsRequest::new(offset, length)
                    .unwrap()
                    .is_within()
            );
        }
    }
}
