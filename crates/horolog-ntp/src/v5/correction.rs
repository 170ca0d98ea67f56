use bytes::BufMut;
use nom::Parser;

use super::PathCorrection;
use crate::DecodeError;
use crate::extension::{ExtensionType, FieldValue};
use crate::parse::{self, array, u16};

/// How long the devices between client and server held a packet, as they wrote it down on the way.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                                                               |
/// +                     Origin Correction (64)                    +
/// |                                                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |        Origin Path ID         |           Reserved            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                                                               |
/// +                      Delay Correction (64)                    +
/// |                                                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |         Delay Path ID         |      Checksum Complement      |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// The last field of a packet, behind the MAC and not covered by it or by NTS: whoever is on the
/// way can write in it, so the corrected offset and delay have to be checked against the plain ones.
///
/// Defined in draft-ietf-ntp-ntpv5, "Correction Extension Field".
///
/// # Examples
///
/// ```
/// use horolog_ntp::FieldValue;
/// use horolog_ntp::v5::Correction;
///
/// assert_eq!(Correction::decode_value(&[0; 24])?, Correction::default());
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Correction {
    /// In answers, the delay correction of the request.
    pub origin_correction: PathCorrection,
    /// In answers, the delay path ID of the request.
    pub origin_path_id: u16,
    /// Reserved; kept as it stands, since a device on the way must not change the checksum.
    pub reserved: u16,
    /// What the devices on the way of this packet added up.
    pub delay_correction: PathCorrection,
    /// What stands for the way that this packet took.
    pub delay_path_id: u16,
    /// What keeps the UDP checksum as it was.
    pub checksum_complement: u16,
}

impl FieldValue<'_> for Correction {
    const TYPE: ExtensionType = ExtensionType::V5_CORRECTION;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        let correction = |field| {
            array(field)
                .map(i64::from_be_bytes)
                .map(PathCorrection::from_bits)
        };
        let parser = (
            correction("origin correction"),
            u16("origin path ID"),
            u16("reserved"),
            correction("delay correction"),
            u16("delay path ID"),
            u16("checksum complement"),
        );
        let parser = parser.map(
            |(
                origin_correction,
                origin_path_id,
                reserved,
                delay_correction,
                delay_path_id,
                checksum_complement,
            )| Self {
                origin_correction,
                origin_path_id,
                reserved,
                delay_correction,
                delay_path_id,
                checksum_complement,
            },
        );
        parse::all(value, "correction", parser)
    }

    fn value_len(&self) -> usize {
        24
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_i64(self.origin_correction.to_bits());
        buffer.put_u16(self.origin_path_id);
        buffer.put_u16(self.reserved);
        buffer.put_i64(self.delay_correction.to_bits());
        buffer.put_u16(self.delay_path_id);
        buffer.put_u16(self.checksum_complement);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rejects_other_lengths() {
        for length in (0..24).chain(25..30) {
            assert!(Correction::decode_value(&[0; 30][..length]).is_err());
        }
        assert_eq!(
            Correction::decode_value(&[0; 19]).unwrap_err().to_string(),
            "delay correction needs 8 octets, 7 are left, at offset 12"
        );
    }

    proptest! {
        #[test]
        fn values_survive_a_dirty_buffer(octets: [u8; 24]) {
            let correction = Correction::decode_value(&octets).unwrap();
            let mut value = [0xa5; 24];
            correction.encode_value(&mut value.as_mut_slice());
            prop_assert_eq!((value, correction.value_len()), (octets, 24));
        }
    }
}
