use bytes::BufMut;
use horolog_time::{NtpTimestamp, Time32};
use nom::Parser;

use super::{ExtensionType, FieldValue};
use crate::DecodeError;
use crate::parse::{self, Parsed, array, u32};

/// chrony's experimental field 0xF323: finer root values and a monotonic receive timestamp.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                      Magic (0xF5BEDD9A)                       |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                      Root Delay (4.28)                        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    Root Dispersion (4.28)                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                 Monotonic Receive Timestamp (64)              |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                       Monotonic Epoch                         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// A client asks for it by sending it with zeros behind the magic. Others may use the same type for
/// something else; the magic tells. Source: chrony's documentation of its extension fields.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ChronyMonoRoot, FieldValue};
///
/// let mut value = vec![0xf5, 0xbe, 0xdd, 0x9a];
/// value.extend([0; 20]);
/// assert_eq!(ChronyMonoRoot::decode_value(&value)?, ChronyMonoRoot::default());
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ChronyMonoRoot {
    /// Root delay, finer than in the header.
    pub root_delay: Time32,
    /// Root dispersion, finer than in the header.
    pub root_dispersion: Time32,
    /// When the request arrived, on a clock that is never stepped.
    pub monotonic_receive: NtpTimestamp,
    /// Changes when that clock starts anew.
    pub monotonic_epoch: u32,
}

/// What tells this field from others of its type.
const MAGIC: u32 = 0xf5be_dd9a;

impl FieldValue<'_> for ChronyMonoRoot {
    const TYPE: ExtensionType = ExtensionType::CHRONY_MONO_ROOT;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        parse::all(value, "mono-root field", mono_root)
    }

    fn value_len(&self) -> usize {
        24
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_u32(MAGIC);
        buffer.put_u32(self.root_delay.to_bits());
        buffer.put_u32(self.root_dispersion.to_bits());
        buffer.put_u64(self.monotonic_receive.to_bits());
        buffer.put_u32(self.monotonic_epoch);
    }
}

fn mono_root(input: &[u8]) -> Parsed<'_, ChronyMonoRoot> {
    let (rest, magic) = u32("magic").parse(input)?;
    if magic != MAGIC {
        return Err(parse::unexpected(input, "magic", magic, "0xf5bedd9a"));
    }
    let (rest, root_delay) = array("root delay").map(Time32::from_octets).parse(rest)?;
    let (rest, root_dispersion) = array("root dispersion")
        .map(Time32::from_octets)
        .parse(rest)?;
    let (rest, monotonic_receive) = array("monotonic receive timestamp")
        .map(NtpTimestamp::from_octets)
        .parse(rest)?;
    let (rest, monotonic_epoch) = u32("monotonic epoch").parse(rest)?;
    Ok((
        rest,
        ChronyMonoRoot {
            root_delay,
            root_dispersion,
            monotonic_receive,
            monotonic_epoch,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_dirty_buffer() {
        let field = ChronyMonoRoot {
            root_delay: Time32::from_bits(1),
            root_dispersion: Time32::from_bits(2),
            monotonic_receive: NtpTimestamp::from_bits(3),
            monotonic_epoch: 4,
        };
        let mut value = [0xa5; 24];
        field.encode_value(&mut value.as_mut_slice());
        assert_eq!(ChronyMonoRoot::decode_value(&value), Ok(field));
        for length in 0..24 {
            assert!(
                ChronyMonoRoot::decode_value(&value[..length]).is_err(),
                "{length}"
            );
        }
    }

    #[test]
    fn rejects_another_magic() {
        let error = ChronyMonoRoot::decode_value(&[0; 24]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "magic is 0x0, expected 0xf5bedd9a, at offset 0"
        );
    }
}
