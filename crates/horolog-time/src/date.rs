use core::fmt;

use crate::epoch::UNIX_EPOCH_IN_NTP_SECONDS;
use crate::{NtpTimestamp, TimeError, UnixTime, fraction, int};

/// A point in time in the NTP date format: era, seconds of the era, and a 64-bit fraction.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                           Era Number                          |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                           Era Offset                          |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                                                               |
/// |                           Fraction                            |
/// |                                                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// Unlike [`NtpTimestamp`] it is unambiguous and ordered. Era 0 starts at 1900-01-01T00:00:00,
/// era 1 at 2036-02-07T06:28:16; era -1 ends where era 0 starts.
///
/// Defined in [RFC 5905 § 6](https://www.rfc-editor.org/rfc/rfc5905#section-6).
///
/// # Examples
///
/// ```
/// use horolog_time::{NtpDate, UnixTime};
///
/// let date = NtpDate::from_unix(UnixTime::from_seconds(2_086_041_600))?; // 2036-02-08
/// assert_eq!((date.era(), date.era_offset()), (1, 63_104));
/// assert_eq!(NtpDate::from_octets(date.to_octets()), date);
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NtpDate {
    era: i32,
    era_offset: u32,
    fraction: u64,
}

impl NtpDate {
    /// 1900-01-01T00:00:00, where era 0 starts.
    pub const PRIME_EPOCH: Self = Self::from_parts(0, 0, 0);

    /// Takes era, seconds of the era, and fraction in units of 2^-64 s.
    #[must_use]
    pub const fn from_parts(era: i32, era_offset: u32, fraction: u64) -> Self {
        Self {
            era,
            era_offset,
            fraction,
        }
    }

    /// Takes sixteen octets in network order.
    #[must_use]
    pub const fn from_octets(octets: [u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = octets;
        Self {
            era: i32::from_be_bytes([a, b, c, d]),
            era_offset: u32::from_be_bytes([e, f, g, h]),
            fraction: int::low64(u128::from_be_bytes(octets)),
        }
    }

    /// The date of an instant; nanoseconds are rounded up to 2^-64 s.
    ///
    /// # Errors
    ///
    /// [`TimeError::Overflow`] in the last 70 years of the 584 billion of the scale.
    pub fn from_unix(time: UnixTime) -> Result<Self, TimeError> {
        let seconds = time
            .seconds()
            .checked_add(i64::from(UNIX_EPOCH_IN_NTP_SECONDS))
            .ok_or(TimeError::Overflow("era"))?
            .cast_unsigned();
        Ok(Self {
            era: int::high(seconds).cast_signed(),
            era_offset: int::low(seconds),
            fraction: fraction::from_nanoseconds_64(time.nanoseconds()),
        })
    }

    /// The instant of this date; the fraction is cut to nanoseconds. `from_unix` and back is exact.
    ///
    /// # Errors
    ///
    /// [`TimeError::Overflow`] in the first 70 years of the scale.
    pub fn to_unix(self) -> Result<UnixTime, TimeError> {
        let seconds = int::join(self.era.cast_unsigned(), self.era_offset)
            .cast_signed()
            .checked_sub(i64::from(UNIX_EPOCH_IN_NTP_SECONDS))
            .ok_or(TimeError::Overflow("seconds"))?;
        UnixTime::new(seconds, fraction::to_nanoseconds_64(self.fraction))
    }

    /// The date nearest to `pivot` (within 2^31 s) that has this timestamp.
    ///
    /// `None` for [`NtpTimestamp::UNKNOWN`] and where the era overflows.
    #[must_use]
    pub fn from_timestamp(timestamp: NtpTimestamp, pivot: Self) -> Option<Self> {
        if timestamp.is_unknown() {
            return None;
        }
        let base = int::join(pivot.era.cast_unsigned(), pivot.era_offset).cast_signed();
        let distance = timestamp
            .seconds()
            .wrapping_sub(pivot.era_offset)
            .cast_signed();
        let seconds = base.checked_add(i64::from(distance))?.cast_unsigned();
        Some(Self {
            era: int::high(seconds).cast_signed(),
            era_offset: int::low(seconds),
            fraction: int::join(timestamp.fraction(), 0),
        })
    }

    /// The timestamp of this date: the era is lost and the fraction cut to 32 bits.
    ///
    /// The one date of each era whose bits are all zero reads as unknown.
    #[must_use]
    pub const fn timestamp(self) -> NtpTimestamp {
        NtpTimestamp::from_parts(self.era_offset, int::high(self.fraction))
    }

    /// Sixteen octets in network order.
    #[must_use]
    pub const fn to_octets(self) -> [u8; 16] {
        let [a, b, c, d] = self.era.to_be_bytes();
        let [e, f, g, h] = self.era_offset.to_be_bytes();
        let [i, j, k, l, m, n, o, p] = self.fraction.to_be_bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
    }

    /// The number of the era.
    #[must_use]
    pub const fn era(self) -> i32 {
        self.era
    }

    /// Seconds since the start of the era.
    #[must_use]
    pub const fn era_offset(self) -> u32 {
        self.era_offset
    }

    /// Fraction of the second in units of 2^-64 s.
    #[must_use]
    pub const fn fraction(self) -> u64 {
        self.fraction
    }
}

/// Era, a colon, and seconds with nine decimals, cut off.
impl fmt::Display for NtpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = fraction::to_nanoseconds_64(self.fraction);
        write!(f, "{}:{}.{nanoseconds:09}", self.era, self.era_offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// (Unix seconds, era, era offset), RFC 5905 figure 4 with its wrong rows put right.
    const INSTANTS: [(i64, i32, u32); 11] = [
        (-2_208_988_801, -1, u32::MAX),
        (-2_208_988_800, 0, 0),
        (-61_505_152, 0, 0x8000_0000),
        (0, 0, 2_208_988_800),
        (63_072_000, 0, 2_272_060_800),
        (946_684_800, 0, 3_155_673_600),
        (2_085_978_495, 0, u32::MAX),
        (2_085_978_496, 1, 0),
        (4_233_462_144, 1, 0x8000_0000),
        (6_380_945_792, 2, 0),
        (10_675_913_088, 3, 0),
    ];

    #[test]
    fn eras_turn_where_they_should() {
        for (unix, era, era_offset) in INSTANTS {
            let date = NtpDate::from_unix(UnixTime::from_seconds(unix)).unwrap();
            assert_eq!(
                (date.era(), date.era_offset()),
                (era, era_offset),
                "unix {unix}"
            );
            assert_eq!(date.to_unix(), Ok(UnixTime::from_seconds(unix)));
        }
    }

    #[test]
    fn the_ends_of_the_scale_are_errors() {
        assert_eq!(
            NtpDate::from_unix(UnixTime::from_seconds(i64::MAX)),
            Err(TimeError::Overflow("era"))
        );
        assert_eq!(
            NtpDate::from_parts(i32::MIN, 0, 0).to_unix(),
            Err(TimeError::Overflow("seconds"))
        );
        let last = NtpDate::from_parts(i32::MAX, u32::MAX, 0);
        assert_eq!(
            NtpDate::from_timestamp(NtpTimestamp::from_parts(5, 0), last),
            None
        );
    }

    proptest! {
        #[test]
        fn octets_survive(octets: [u8; 16]) {
            prop_assert_eq!(NtpDate::from_octets(octets).to_octets(), octets);
        }

        #[test]
        fn a_timestamp_finds_its_era(era in -3..9_i32, era_offset: u32, fraction in 1..u32::MAX, off in -2_147_483_648_i64..=2_147_483_647) {
            let date = NtpDate::from_parts(era, era_offset, u64::from(fraction) << 32);
            // The timestamp lies in [pivot - 2^31, pivot + 2^31).
            let pivot = int::join(era.cast_unsigned(), era_offset).cast_signed() - off;
            let pivot = NtpDate::from_parts(int::high(pivot.cast_unsigned()).cast_signed(), int::low(pivot.cast_unsigned()), 0);
            prop_assert_eq!(NtpDate::from_timestamp(date.timestamp(), pivot), Some(date));
        }
    }
}
