use bytes::BufMut;
use horolog_time::NtpDuration;

use super::{ExtensionType, FieldValue};
use crate::DecodeError;
use crate::parse::{self, array, octets};

/// The Network Correction: how long switches and routers held the request, as they counted it.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                                                               |
/// |                      Network Correction (64)                  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                          Padding (128)                        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// For NTP over PTP. A client sends zero, the server the correction that PTP found of the request.
/// Defined in RFC 10030.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{FieldValue, NetworkCorrection};
///
/// let correction = NetworkCorrection::decode_value(&[0; 24])?;
/// assert_eq!(correction, NetworkCorrection::default());
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct NetworkCorrection {
    /// The correction, in the format of an NTP timestamp's difference.
    pub correction: NtpDuration,
}

/// Octets behind the correction.
const PADDING: usize = 16;

impl FieldValue<'_> for NetworkCorrection {
    const TYPE: ExtensionType = ExtensionType::NETWORK_CORRECTION;

    /// What the padding holds is ignored.
    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        let parser = (
            array("network correction"),
            octets("network correction padding", PADDING),
        );
        parse::all(value, "network correction", parser).map(|(correction, _)| Self {
            correction: NtpDuration::from_bits(i64::from_be_bytes(correction)),
        })
    }

    fn value_len(&self) -> usize {
        8 + PADDING
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_i64(self.correction.to_bits());
        buffer.put_bytes(0, PADDING);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_dirty_buffer() {
        let correction = NetworkCorrection {
            correction: NtpDuration::from_bits(-5),
        };
        let mut value = [0xa5; 24];
        correction.encode_value(&mut value.as_mut_slice());
        assert_eq!(NetworkCorrection::decode_value(&value), Ok(correction));
        assert_eq!(value[8..], [0; 16]);
    }

    #[test]
    fn rejects_other_lengths() {
        for length in (0..24).chain(25..40) {
            assert!(
                NetworkCorrection::decode_value(&[0; 40][..length]).is_err(),
                "{length}"
            );
        }
    }
}
