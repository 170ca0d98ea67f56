use bytes::BufMut;

use crate::DecodeError;
use crate::extension::{ExtensionType, FieldValue};
use crate::mac::MacTrailer;

/// The message authentication code of a packet, over all octets before this field.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         Key Identifier                        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .                            MAC                                .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// It is the last field but for a [`Correction`](super::Correction), which it does not cover:
/// [`Packet::authenticated_len`](super::Packet::authenticated_len) says how much it does.
///
/// Defined in draft-ietf-ntp-ntpv5, "MAC Extension Field".
///
/// # Examples
///
/// ```
/// use horolog_ntp::{KeyId, MacAlgorithm, MacKey, MacTrailer, Version};
/// use horolog_ntp::v5::{Header, Mac, Packet, PacketWriter};
///
/// let key = MacKey::new(KeyId::new(5), MacAlgorithm::AesCmac128, &[0x2b; 16])?;
/// let mut buffer = [0; 128];
/// let mut writer = PacketWriter::new(&mut buffer, &Header::default())?;
/// let digest = key.digest(writer.written());
/// writer.field(&Mac(MacTrailer { key_id: key.id(), digest: digest.as_octets() }))?;
/// let length = writer.finish();
///
/// let packet = Packet::decode(&buffer[..length])?;
/// let Mac(mac) = packet.find_as().expect("it was written")?;
/// let covered = packet.authenticated_len().expect("it was written");
/// assert!(key.verify(&buffer[..covered], &mac, Version::V5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Mac<'a>(
    /// Key identifier and MAC.
    pub MacTrailer<'a>,
);

impl<'a> FieldValue<'a> for Mac<'a> {
    const TYPE: ExtensionType = ExtensionType::V5_MAC;

    fn decode_value(value: &'a [u8]) -> Result<Self, DecodeError> {
        MacTrailer::decode(value).map(Self)
    }

    fn value_len(&self) -> usize {
        self.0.encoded_len()
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_u32(self.0.key_id.get());
        buffer.put_slice(self.0.digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_dirty_buffer() {
        let octets: [u8; 20] = core::array::from_fn(|place| u8::try_from(place).unwrap());
        let mac = Mac::decode_value(&octets).unwrap();
        let mut value = [0xa5; 20];
        mac.encode_value(&mut value.as_mut_slice());
        assert_eq!((value, mac.value_len()), (octets, 20));
    }

    #[test]
    fn rejects_every_truncation_of_the_key_identifier() {
        for length in 0..4 {
            assert!(Mac::decode_value(&[0; 4][..length]).is_err());
        }
    }
}
