use core::fmt;
use core::net::{IpAddr, Ipv4Addr};

use horolog_time::{LeapSign, Month, TaiUtc};

use crate::fields::{Delta, Fields};
use crate::{AddressError, Announcements, EncodeError};

/// One Bulletin C: whether there is a leap second at the end of a month, and TAI-UTC until then.
///
/// ```text
///  31       28 27                17 16  15 14          8 7           0
/// +-----------+--------------------+------+-------------+-------------+
/// |  1 1 1 1  |     month (11)     | d(2) | TAI-UTC (7) |  CRC-8 (8)  |
/// +-----------+--------------------+------+-------------+-------------+
/// ```
///
/// Months count from 1971-12, which is 1; d is 0 for no leap second, 1 for one removed, 2 for one
/// inserted. The addresses are of class E, so no host has them and no one is ever asked there.
///
/// Defined by Poul-Henning Kamp, "Leapseconds via DNS", 2015-11-22. There are drafts of January
/// 2015 with other fields; their addresses fail here, nearly all by the CRC.
///
/// # Examples
///
/// ```
/// use core::net::Ipv4Addr;
/// use horolog_leap_a::LeapAnnouncement;
/// use horolog_time::{LeapSign, TaiUtc};
///
/// // Bulletin C 49.
/// let announcement = LeapAnnouncement::try_from(Ipv4Addr::new(244, 23, 35, 255))?;
/// assert_eq!(announcement.month().to_string(), "2015-06");
/// assert_eq!(announcement.tai_utc(), TaiUtc::from_seconds(35));
/// assert_eq!(announcement.event(), Some(LeapSign::Positive));
/// assert_eq!(announcement.tai_utc_after(), TaiUtc::from_seconds(36));
/// assert_eq!(announcement.to_string(), "2015-06 dtai=35 delta=+1");
/// # Ok::<(), horolog_leap_a::AddressError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LeapAnnouncement {
    /// Checked, as is `tai_utc`.
    month: Month,
    tai_utc: TaiUtc,
    event: Option<LeapSign>,
}

impl LeapAnnouncement {
    /// Takes the month, TAI-UTC until its end, and what happens then.
    ///
    /// # Errors
    ///
    /// * [`EncodeError::Month`] outside of 1971-12 to 2142-06.
    /// * [`EncodeError::TaiUtc`] outside of 0 to 127 s.
    pub fn new(
        month: Month,
        tai_utc: TaiUtc,
        event: Option<LeapSign>,
    ) -> Result<Self, EncodeError> {
        Fields::check(month, tai_utc)?;
        Ok(Self::from_checked(month, tai_utc, event))
    }

    /// Reads an address.
    ///
    /// # Errors
    ///
    /// The first of these that holds:
    ///
    /// * [`AddressError::NotClassE`] outside of 240.0.0.0/4.
    /// * [`AddressError::CrcMismatch`] where the last octet is not the CRC.
    /// * [`AddressError::IllegalDelta`] for the record that ends a set, see
    ///   [`LeapRecord`](crate::LeapRecord).
    /// * [`AddressError::IllegalMonth`] for month 0.
    pub fn from_addr(address: Ipv4Addr) -> Result<Self, AddressError> {
        let fields = Fields::decode(address)?;
        let Delta::Event(event) = fields.delta else {
            return Err(AddressError::IllegalDelta { address });
        };
        if !fields.has_month() {
            return Err(AddressError::IllegalMonth { address });
        }
        Ok(Self::from_checked(fields.month, fields.tai_utc, event))
    }

    pub(crate) const fn from_checked(
        month: Month,
        tai_utc: TaiUtc,
        event: Option<LeapSign>,
    ) -> Self {
        Self {
            month,
            tai_utc,
            event,
        }
    }

    /// Picks the announcements out of a resolver's answer.
    ///
    /// Foreign addresses are skipped; the iterator knows how many there were. An IPv4 address
    /// mapped into IPv6 (`::ffff:244.23.35.255`) is read as what it is.
    pub fn from_addrs<I>(addresses: I) -> Announcements<I::IntoIter>
    where
        I: IntoIterator<Item: Into<IpAddr>>,
    {
        Announcements::new(addresses.into_iter())
    }

    /// The address that says this.
    #[must_use]
    pub fn to_addr(self) -> Ipv4Addr {
        let fields = Fields {
            month: self.month,
            tai_utc: self.tai_utc,
            delta: Delta::Event(self.event),
        };
        fields.encode()
    }

    /// The month at whose end the event happens.
    #[must_use]
    pub const fn month(self) -> Month {
        self.month
    }

    /// TAI-UTC until the end of the month.
    #[must_use]
    pub const fn tai_utc(self) -> TaiUtc {
        self.tai_utc
    }

    /// What happens at the end of the month; `None` where nothing does.
    #[must_use]
    pub const fn event(self) -> Option<LeapSign> {
        self.event
    }

    /// TAI-UTC after the end of the month.
    #[must_use]
    pub const fn tai_utc_after(self) -> TaiUtc {
        match self.event {
            Some(sign) => self.tai_utc.after(sign),
            None => self.tai_utc,
        }
    }
}

/// As [`LeapAnnouncement::from_addr`].
impl TryFrom<Ipv4Addr> for LeapAnnouncement {
    type Error = AddressError;

    fn try_from(address: Ipv4Addr) -> Result<Self, AddressError> {
        Self::from_addr(address)
    }
}

impl From<LeapAnnouncement> for Ipv4Addr {
    fn from(announcement: LeapAnnouncement) -> Self {
        announcement.to_addr()
    }
}

/// `2015-06 dtai=35 delta=+1`; the delta is `0` where nothing happens.
impl fmt::Display for LeapAnnouncement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let delta = match self.event {
            None => "0",
            Some(LeapSign::Negative) => "-1",
            Some(LeapSign::Positive) => "+1",
        };
        write!(f, "{} dtai={} delta={delta}", self.month, self.tai_utc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// "Leapseconds via DNS", 2015-11-22.
    const VECTORS: [(&str, &str); 7] = [
        ("240.3.9.77", "1971-12 dtai=9 delta=+1"),
        ("240.15.10.108", "1972-06 dtai=10 delta=+1"),
        ("242.18.28.160", "1993-12 dtai=28 delta=0"),
        ("244.23.35.255", "2015-06 dtai=35 delta=+1"),
        ("244.34.36.97", "2015-12 dtai=36 delta=0"),
        ("255.76.200.237", "2135-01 dtai=72 delta=-1"),
        // Not published: the last month and TAI-UTC, with the CRC of the published program.
        ("255.255.127.98", "2142-06 dtai=127 delta=+1"),
    ];

    fn address(text: &str) -> Ipv4Addr {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn published_addresses_read_and_write_as_published() {
        for (text, meaning) in VECTORS {
            let announcement = LeapAnnouncement::try_from(address(text)).unwrap();
            assert_eq!(announcement.to_string(), meaning, "{text}");
            let again = LeapAnnouncement::new(
                announcement.month(),
                announcement.tai_utc(),
                announcement.event(),
            );
            assert_eq!(again.map(Ipv4Addr::from), Ok(address(text)));
        }
    }

    #[test]
    fn faults_are_told_in_their_order() {
        for (text, message) in [
            (
                "127.240.133.76",
                "not class E: 127.240.133.76 is not in 240.0.0.0/4",
            ),
            (
                "255.209.76.40",
                "CRC mismatch: 255.209.76.40 should end with 41",
            ),
            (
                "241.179.152.73",
                "illegal delta: 241.179.152.73 has delta 3, expected 0, 1 or 2",
            ),
            // Month 0, and month 0 with delta 3.
            (
                "240.0.10.40",
                "illegal month: 240.0.10.40 has month 0, expected 1 to 2047",
            ),
            (
                "240.1.138.34",
                "illegal delta: 240.1.138.34 has delta 3, expected 0, 1 or 2",
            ),
        ] {
            let error = LeapAnnouncement::from_addr(address(text)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    /// Published on the LEAPSECS list in January 2015.
    #[test]
    fn addresses_of_drafts_fail_by_the_crc() {
        for text in [
            "241.140.32.25",
            "241.146.32.106",
            "243.204.137.96",
            "244.20.141.253",
            "248.0.10.245",
            "248.6.11.133",
            "248.12.12.208",
            "249.152.33.233",
            "250.10.36.152",
        ] {
            let error = LeapAnnouncement::from_addr(address(text));
            assert!(
                matches!(error, Err(AddressError::CrcMismatch { .. })),
                "{text} gave {error:?}"
            );
        }
    }

    #[test]
    fn what_the_fields_cannot_hold_is_refused() {
        let tai_utc = TaiUtc::from_seconds(37);
        for (text, ok) in [
            ("1971-11", false),
            ("1971-12", true),
            ("2142-06", true),
            ("2142-07", false),
            ("0001-01", false),
            ("9999-12", false),
        ] {
            let month = month(text);
            let error = (!ok).then_some(EncodeError::Month { month });
            assert_eq!(
                LeapAnnouncement::new(month, tai_utc, None).err(),
                error,
                "{text}"
            );
        }
        for (seconds, ok) in [
            (-1, false),
            (0, true),
            (127, true),
            (128, false),
            (i32::MIN, false),
            (i32::MAX, false),
        ] {
            let tai_utc = TaiUtc::from_seconds(seconds);
            let error = (!ok).then_some(EncodeError::TaiUtc { tai_utc });
            let announcement = LeapAnnouncement::new(month("2016-12"), tai_utc, None);
            assert_eq!(announcement.err(), error, "{seconds}");
        }
    }

    proptest! {
        #[test]
        fn announcements_survive_and_no_flipped_bit_goes_unnoticed(
            number in -1..=2045_i32, seconds in 0..=127_i32, event in 0..3_u8, bit in 0..32_u32,
        ) {
            let event = match event {
                0 => None,
                1 => Some(LeapSign::Negative),
                _ => Some(LeapSign::Positive),
            };
            let month = Month::from_number(number).unwrap();
            let tai_utc = TaiUtc::from_seconds(seconds);
            let announcement = LeapAnnouncement::new(month, tai_utc, event).unwrap();
            let address = announcement.to_addr();
            prop_assert_eq!(LeapAnnouncement::from_addr(address), Ok(announcement));
            let flipped = Ipv4Addr::from_bits(address.to_bits() ^ 1 << bit);
            prop_assert!(LeapAnnouncement::from_addr(flipped).is_err());
        }

        #[test]
        fn what_is_read_is_written_again(bits: u32) {
            let address = Ipv4Addr::from_bits(bits | 0xf000_0000);
            if let Ok(announcement) = LeapAnnouncement::from_addr(address) {
                prop_assert_eq!(announcement.to_addr(), address);
            }
        }
    }
}
