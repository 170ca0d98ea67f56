use bytes::BufMut;
use horolog_time::NtpTimestamp;
use nom::Parser;

use crate::DecodeError;
use crate::extension::{ExtensionType, FieldValue};
use crate::parse::{self, array, u32};

/// When the request arrived, by a clock of the server's that is never stepped.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                           Epoch ID                            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                                                               |
/// +               Monotonic Receive Timestamp (64)                +
/// |                                                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// Defined in draft-ietf-ntp-ntpv5, "Monotonic Receive Timestamp Extension Field".
///
/// # Examples
///
/// ```
/// use horolog_ntp::FieldValue;
/// use horolog_ntp::v5::MonotonicReceiveTimestamp;
///
/// let field = MonotonicReceiveTimestamp::decode_value(&[0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0])?;
/// assert_eq!(field.epoch_id, 7);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct MonotonicReceiveTimestamp {
    /// Changes whenever the clock starts anew, so that timestamps cannot be compared.
    pub epoch_id: u32,
    /// The timestamp.
    pub timestamp: NtpTimestamp,
}

impl FieldValue<'_> for MonotonicReceiveTimestamp {
    const TYPE: ExtensionType = ExtensionType::V5_MONOTONIC_RECEIVE_TIMESTAMP;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        let timestamp = array("monotonic receive timestamp").map(NtpTimestamp::from_octets);
        let parser = (u32("epoch ID"), timestamp).map(|(epoch_id, timestamp)| Self {
            epoch_id,
            timestamp,
        });
        parse::all(value, "monotonic receive timestamp", parser)
    }

    fn value_len(&self) -> usize {
        12
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_u32(self.epoch_id);
        buffer.put_u64(self.timestamp.to_bits());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rejects_other_lengths() {
        for length in (0..12).chain(13..17) {
            assert!(MonotonicReceiveTimestamp::decode_value(&[0; 17][..length]).is_err());
        }
    }

    proptest! {
        #[test]
        fn values_survive_a_dirty_buffer(octets: [u8; 12]) {
            let field = MonotonicReceiveTimestamp::decode_value(&octets).unwrap();
            let mut value = [0xa5; 12];
            field.encode_value(&mut value.as_mut_slice());
            prop_assert_eq!((value, field.value_len()), (octets, 12));
        }
    }
}
