use bytes::BufMut;
use horolog_time::NtpTimestamp;
use nom::Parser;

use crate::DecodeError;
use crate::extension::{ExtensionType, FieldValue};
use crate::parse::{self, array};

/// When the server's clock was last set or corrected, as in the header of NTPv4.
///
/// A client sends zero.
///
/// Defined in draft-ietf-ntp-ntpv5, "Reference Timestamp Extension Field".
///
/// # Examples
///
/// ```
/// use horolog_ntp::FieldValue;
/// use horolog_ntp::v5::ReferenceTimestamp;
///
/// let field = ReferenceTimestamp::decode_value(&[0; 8])?;
/// assert!(field.timestamp.is_unknown());
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ReferenceTimestamp {
    /// The timestamp, in the era of the receive timestamp or the one before.
    pub timestamp: NtpTimestamp,
}

impl FieldValue<'_> for ReferenceTimestamp {
    const TYPE: ExtensionType = ExtensionType::V5_REFERENCE_TIMESTAMP;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        let parser = array("reference timestamp").map(NtpTimestamp::from_octets);
        parse::all(
            value,
            "reference timestamp",
            parser.map(|timestamp| Self { timestamp }),
        )
    }

    fn value_len(&self) -> usize {
        8
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_u64(self.timestamp.to_bits());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_dirty_buffer() {
        let octets = [1, 2, 3, 4, 5, 6, 7, 8];
        let field = ReferenceTimestamp::decode_value(&octets).unwrap();
        let mut value = [0xa5; 8];
        field.encode_value(&mut value.as_mut_slice());
        assert_eq!((value, field.value_len()), (octets, 8));
    }

    #[test]
    fn rejects_other_lengths() {
        for length in (0..8).chain(9..13) {
            assert!(ReferenceTimestamp::decode_value(&[0; 13][..length]).is_err());
        }
    }
}
