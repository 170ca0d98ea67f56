use bytes::BufMut;
use nom::Parser;

use crate::control::ControlMessage;
use crate::error::reserve;
use crate::parse::{self, u8};
use crate::{DecodeError, DecodeErrorKind, EncodeError, Mode, Packet, Version};

/// What a datagram on port 123 holds, told by the version and the mode in its first octet.
///
/// The version comes first, since that says which modes there are: what looks like mode 6 in
/// version 5 is no control message.
///
/// # Examples
///
/// ```
/// use horolog_ntp::control::ControlMessage;
/// use horolog_ntp::{Datagram, Header};
///
/// let mut octets = Vec::new();
/// ControlMessage::read_status(1).encode(&mut octets)?;
/// let asks = match Datagram::decode(&octets)? {
///     Datagram::Ntp(packet) => format!("for time, in version {}", packet.header.version),
///     Datagram::Control(message) => message.opcode.to_string(),
///     _ => "something else".to_owned(),
/// };
/// assert_eq!(asks, "read status");
///
/// let octets = Header::default().to_octets();
/// assert!(matches!(Datagram::decode(&octets)?, Datagram::Ntp(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Datagram<'a> {
    /// Time, versions 1 to 4.
    Ntp(Packet<'a>),
    /// A control message, mode 6 of versions 1 to 4.
    Control(ControlMessage<'a>),
    /// Time, version 5.
    #[cfg(feature = "unstable-ntpv5")]
    V5(crate::v5::Packet<'a>),
    /// A private message, mode 7 of versions 1 to 4, as it stands. Its form is that of one program
    /// (`ntpdc`) and is not looked into.
    Private(&'a [u8]),
}

impl<'a> Datagram<'a> {
    /// Decodes all of `octets`.
    ///
    /// # Errors
    ///
    /// * [`DecodeErrorKind::Truncated`] for no octets at all.
    /// * [`DecodeErrorKind::Value`] for versions 0, 6 and 7, and for 5 without the feature
    ///   `unstable-ntpv5`.
    /// * What [`Packet::decode`] and [`ControlMessage::decode`] say.
    pub fn decode(octets: &'a [u8]) -> Result<Self, DecodeError> {
        let first = u8("leap indicator, version and mode").parse(octets);
        let (_, first) = parse::offset(octets, first)?;
        let version = Version::from_bits(first >> 3);
        match (version, Mode::from_bits(first)) {
            #[cfg(feature = "unstable-ntpv5")]
            (Version::V5, _) => crate::v5::Packet::decode(octets).map(Self::V5),
            _ if !version.has_v4_header() => Err(unknown(version)),
            (_, Mode::CONTROL) => ControlMessage::decode(octets).map(Self::Control),
            (_, Mode::PRIVATE) => Ok(Self::Private(octets)),
            _ => Packet::decode(octets).map(Self::Ntp),
        }
    }

    /// Appends what was decoded.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`], and for control messages what [`ControlMessage::encode`]
    /// says; then nothing was written.
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        match self {
            Self::Ntp(packet) => packet.encode(buffer),
            Self::Control(message) => message.encode(buffer),
            #[cfg(feature = "unstable-ntpv5")]
            Self::V5(packet) => packet.encode(buffer),
            Self::Private(octets) => {
                reserve(buffer, octets.len(), "private message")?;
                buffer.put_slice(octets);
                Ok(())
            }
        }
    }

    /// Octets that [`encode`](Self::encode) writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        match self {
            Self::Ntp(packet) => packet.encoded_len(),
            Self::Control(message) => message.encoded_len(),
            #[cfg(feature = "unstable-ntpv5")]
            Self::V5(packet) => packet.encoded_len(),
            Self::Private(octets) => octets.len(),
        }
    }
}

#[cold]
fn unknown(version: Version) -> DecodeError {
    let expected = if cfg!(feature = "unstable-ntpv5") {
        "1 to 5"
    } else {
        "1 to 4"
    };
    let kind = DecodeErrorKind::Value {
        field: "version",
        value: version.to_bits().into(),
        expected,
    };
    DecodeError::new(kind, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn octets(first: u8) -> [u8; 48] {
        let mut octets = [0; 48];
        octets[0] = first;
        octets
    }

    #[test]
    fn the_version_decides_first_and_the_mode_then() {
        for version in 1..=4 {
            for mode in 0..=5 {
                let octets = octets(version << 3 | mode);
                let datagram = Datagram::decode(&octets).unwrap();
                assert!(matches!(datagram, Datagram::Ntp(_)));
            }
            let octets = octets(version << 3 | 7);
            assert_eq!(Datagram::decode(&octets), Ok(Datagram::Private(&octets)));
            let octets = [version << 3 | 6, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
            let datagram = Datagram::decode(&octets);
            assert!(matches!(datagram, Ok(Datagram::Control(_))));
        }
    }

    #[test]
    fn rejects_unknown_versions_in_every_mode() {
        for version in [0, 6, 7] {
            for mode in 0..=7 {
                let error = Datagram::decode(&octets(version << 3 | mode)).unwrap_err();
                let DecodeErrorKind::Value { field, value, .. } = error.kind() else {
                    panic!("{error}")
                };
                assert_eq!(
                    (field, value, error.offset()),
                    ("version", version.into(), 0)
                );
            }
        }
    }

    #[test]
    fn version_5_needs_its_feature() {
        let is_there = cfg!(feature = "unstable-ntpv5");
        assert_eq!(Datagram::decode(&octets(0x2b)).is_ok(), is_there);
        assert!(Datagram::decode(&octets(0x2e)).is_err());
        assert!(Datagram::decode(&octets(0x2f)).is_err());
    }

    #[test]
    fn rejects_no_octets() {
        assert_eq!(
            Datagram::decode(&[]).unwrap_err().to_string(),
            "leap indicator, version and mode needs 1 octets, 0 are left, at offset 0"
        );
    }

    #[test]
    fn rejects_a_buffer_too_small_for_a_private_message() {
        let error = Datagram::Private(&[0x17; 9])
            .encode(&mut [0; 8].as_mut_slice())
            .unwrap_err();
        assert!(matches!(error, EncodeError::BufferTooSmall { .. }));
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_octets(
            mut octets in proptest::collection::vec(any::<u8>(), 1..100),
            short: bool,
        ) {
            if short && octets.len() > 11 {
                octets[10..12].fill(0); // a control message without data
            }
            if let Ok(datagram) = Datagram::decode(&octets) {
                let mut written = vec![0xa5; datagram.encoded_len()];
                datagram.encode(&mut written.as_mut_slice()).unwrap();
                prop_assert_eq!(written, octets);
            }
        }
    }
}
