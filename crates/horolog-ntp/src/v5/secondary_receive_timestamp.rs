use bytes::BufMut;
use horolog_time::NtpTimestamp;
use nom::Parser;

use super::Timescale;
use crate::DecodeError;
use crate::extension::{ExtensionType, FieldValue};
use crate::parse::{self, array, u8, u16};

/// When the request arrived, in another timescale than the header's.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   Timescale   |      Era      |           Reserved            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                                                               |
/// +               Secondary Receive Timestamp (64)                +
/// |                                                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// There may be several in a packet, each for another timescale. What is reserved is sent as zero
/// and ignored.
///
/// Defined in draft-ietf-ntp-ntpv5, "Secondary Receive Timestamp Extension Field".
///
/// # Examples
///
/// ```
/// use horolog_ntp::FieldValue;
/// use horolog_ntp::v5::{SecondaryReceiveTimestamp, Timescale};
///
/// let field = SecondaryReceiveTimestamp::decode_value(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
/// assert_eq!(field.timescale, Timescale::TAI);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct SecondaryReceiveTimestamp {
    /// The timescale.
    pub timescale: Timescale,
    /// The NTP era of the timestamp, modulo 256.
    pub era: u8,
    /// The timestamp.
    pub timestamp: NtpTimestamp,
}

impl FieldValue<'_> for SecondaryReceiveTimestamp {
    const TYPE: ExtensionType = ExtensionType::V5_SECONDARY_RECEIVE_TIMESTAMP;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        let parser = (
            u8("timescale").map(Timescale::from_bits),
            u8("era"),
            u16("reserved"),
            array("secondary receive timestamp").map(NtpTimestamp::from_octets),
        );
        let parser = parser.map(|(timescale, era, _, timestamp)| Self {
            timescale,
            era,
            timestamp,
        });
        parse::all(value, "secondary receive timestamp", parser)
    }

    fn value_len(&self) -> usize {
        12
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_u8(self.timescale.to_bits());
        buffer.put_u8(self.era);
        buffer.put_u16(0);
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
            assert!(SecondaryReceiveTimestamp::decode_value(&[0; 17][..length]).is_err());
        }
    }

    proptest! {
        #[test]
        fn values_survive_a_dirty_buffer(mut octets: [u8; 12]) {
            let field = SecondaryReceiveTimestamp::decode_value(&octets).unwrap();
            let mut value = [0xa5; 12];
            field.encode_value(&mut value.as_mut_slice());
            octets[2..4].fill(0);
            prop_assert_eq!((value, field.value_len()), (octets, 12));
        }
    }
}
