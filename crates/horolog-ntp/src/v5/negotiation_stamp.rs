use horolog_time::NtpTimestamp;

use crate::{Header, Mode, Version};

/// The reference timestamp by which a client of version 4 says that it would rather speak version
/// 5, and a server that it does too.
///
/// A server that speaks version 5 sends the same stamp back. It is not used with NTS, where the
/// key exchange settles the version.
///
/// Defined in draft-ietf-ntp-ntpv5, "NTPv5 Negotiation in NTPv4".
///
/// # Examples
///
/// ```
/// use horolog_ntp::Header;
/// use horolog_ntp::v5::NegotiationStamp;
///
/// let request = Header { reference: NegotiationStamp::Draft.timestamp(), ..Header::default() };
/// assert_eq!(NegotiationStamp::of(&request), Some(NegotiationStamp::Draft));
/// assert_eq!(request.reference.to_octets(), *b"NTP5DRFT");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum NegotiationStamp {
    /// `NTP5NTP5`: version 5 as it will be published.
    Published,
    /// `NTP5DRFT`: version 5 as in a draft, which a
    /// [`DraftIdentification`](super::DraftIdentification) names once version 5 is spoken.
    Draft,
}

impl NegotiationStamp {
    /// The timestamp.
    #[must_use]
    pub const fn timestamp(self) -> NtpTimestamp {
        NtpTimestamp::from_octets(match self {
            Self::Published => *b"NTP5NTP5",
            Self::Draft => *b"NTP5DRFT",
        })
    }

    /// The stamp that a header of version 4 holds: in mode 3 an offer, in mode 4 its acceptance.
    ///
    /// Others have none, and neither has a server that knows nothing of version 5.
    #[must_use]
    pub fn of(header: &Header) -> Option<Self> {
        if header.version != Version::V4 || !matches!(header.mode, Mode::CLIENT | Mode::SERVER) {
            return None;
        }
        [Self::Published, Self::Draft]
            .into_iter()
            .find(|stamp| stamp.timestamp() == header.reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_draft() {
        let bits = |stamp: NegotiationStamp| stamp.timestamp().to_bits();
        assert_eq!(bits(NegotiationStamp::Published), 0x4e54_5035_4e54_5035);
        assert_eq!(bits(NegotiationStamp::Draft), 0x4e54_5035_4452_4654);
    }

    #[test]
    fn only_version_4_in_modes_3_and_4_holds_a_stamp() {
        let reference = NegotiationStamp::Published.timestamp();
        for version in 1..5 {
            for mode in 0..6 {
                let header = Header {
                    version: Version::from_bits(version),
                    mode: Mode::from_bits(mode),
                    reference,
                    ..Header::default()
                };
                let is_there = version == 4 && (mode == 3 || mode == 4);
                assert_eq!(NegotiationStamp::of(&header).is_some(), is_there);
            }
        }
        assert_eq!(NegotiationStamp::of(&Header::default()), None);
    }
}
