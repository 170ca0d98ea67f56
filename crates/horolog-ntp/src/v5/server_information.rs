use bytes::BufMut;

use crate::extension::{ExtensionType, FieldValue};
use crate::parse::{self, u16};
use crate::{DecodeError, Version};
use nom::Parser;

/// Which versions of NTP a server speaks.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |     Supported NTP versions    |           Reserved            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// A client sends no version at all. What is reserved is sent as zero and ignored.
///
/// Defined in draft-ietf-ntp-ntpv5, "Server Information Extension Field".
///
/// # Examples
///
/// ```
/// use horolog_ntp::{FieldValue, Version};
/// use horolog_ntp::v5::ServerInformation;
///
/// let information = ServerInformation::REQUEST.with(Version::V4).with(Version::V5);
/// let mut value = Vec::new();
/// information.encode_value(&mut value);
/// assert_eq!(value, [0x00, 0x18, 0x00, 0x00]);
/// assert!(information.supports(Version::V5) && !information.supports(Version::V3));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ServerInformation {
    /// A bit for each version, the lowest for version 1.
    pub versions: u16,
}

impl ServerInformation {
    /// What a client sends: no version.
    pub const REQUEST: Self = Self { versions: 0 };

    /// Adds a version; version 0 has no place and adds nothing.
    #[must_use]
    pub const fn with(self, version: Version) -> Self {
        Self {
            versions: self.versions | Self::bit(version),
        }
    }

    /// Whether the server speaks a version.
    #[must_use]
    pub const fn supports(self, version: Version) -> bool {
        self.versions & Self::bit(version) != 0
    }

    const fn bit(version: Version) -> u16 {
        (1 << version.to_bits()) >> 1
    }
}

impl FieldValue<'_> for ServerInformation {
    const TYPE: ExtensionType = ExtensionType::V5_SERVER_INFORMATION;

    fn decode_value(value: &[u8]) -> Result<Self, DecodeError> {
        let parser = (u16("supported versions"), u16("reserved"));
        parse::all(
            value,
            "server information",
            parser.map(|(versions, _)| Self { versions }),
        )
    }

    fn value_len(&self) -> usize {
        4
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_u16(self.versions);
        buffer.put_u16(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_bit_is_version_1() {
        assert_eq!(ServerInformation::REQUEST.with(Version::V1).versions, 1);
        let none = ServerInformation::REQUEST.with(Version::from_bits(0));
        assert_eq!(none, ServerInformation::REQUEST);
    }

    #[test]
    fn values_survive_a_dirty_buffer() {
        for versions in [0, 0x18, u16::MAX] {
            let information = ServerInformation { versions };
            let mut value = [0xa5; 4];
            information.encode_value(&mut value.as_mut_slice());
            assert_eq!(ServerInformation::decode_value(&value), Ok(information));
            assert_eq!(value[2..], [0; 2]);
        }
    }

    #[test]
    fn rejects_other_lengths() {
        for length in (0..4).chain(5..9) {
            assert!(ServerInformation::decode_value(&[0; 9][..length]).is_err());
        }
    }
}
