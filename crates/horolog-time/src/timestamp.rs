use core::fmt;
use core::ops::{Add, Sub};

use crate::epoch::UNIX_EPOCH_IN_NTP_SECONDS;
use crate::{NtpDuration, UnixTime, fraction, int};

/// A point in time in the NTP timestamp format: 32 bits of seconds, 32 bits of fraction.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                            Seconds                            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                            Fraction                           |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// The seconds count from 1900-01-01T00:00:00 and wrap every 2^32 s, about 136 years; the first
/// wrap is at 2036-02-07T06:28:16. A timestamp alone therefore does not say which *era* it belongs
/// to, and the type has no order. Two operations are meaningful without knowing the era: the
/// difference of two timestamps less than 68 years apart, and adding a duration. To get a date, a
/// *pivot* is needed, any instant known to be within 68 years of the timestamp.
///
/// All bits zero means "unknown". One unit is 2^-32 s, about 233 ps.
///
/// Defined in [RFC 5905 § 6](https://www.rfc-editor.org/rfc/rfc5905#section-6).
///
/// # Examples
///
/// ```
/// use horolog_time::{NtpTimestamp, UnixTime};
///
/// let sent = NtpTimestamp::from_octets([0xe5, 0xf6, 0x63, 0xa8, 0x76, 0x1d, 0xde, 0x48]);
/// assert_eq!(sent.seconds(), 0xe5f6_63a8);
/// assert_eq!(sent.to_octets(), [0xe5, 0xf6, 0x63, 0xa8, 0x76, 0x1d, 0xde, 0x48]);
///
/// let pivot = UnixTime::from_seconds(1_600_000_000);
/// assert_eq!(sent.to_unix(pivot).unwrap().to_string(), "1649141032.461393253");
///
/// // Differences are right across the wrap of 2036.
/// let before = NtpTimestamp::from_parts(u32::MAX, 0);
/// let after = NtpTimestamp::from_parts(1, 0);
/// assert_eq!((after - before).as_nanoseconds(), 2_000_000_000);
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct NtpTimestamp(u64);

impl NtpTimestamp {
    /// The value 0: unknown or not set.
    pub const UNKNOWN: Self = Self(0);

    /// Takes the 64 bits as they stand in a packet, seconds in the upper half.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Takes eight octets in network order.
    #[must_use]
    pub const fn from_octets(octets: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(octets))
    }

    /// Takes seconds and fraction (units of 2^-32 s).
    #[must_use]
    pub const fn from_parts(seconds: u32, fraction: u32) -> Self {
        Self(int::join(seconds, fraction))
    }

    /// The timestamp of an instant, whatever its era; nanoseconds are rounded up to 2^-32 s.
    ///
    /// The one instant of each era that would read as [`UNKNOWN`](Self::UNKNOWN) becomes the unit
    /// after it, so the result is always a known time.
    #[must_use]
    pub fn from_unix(time: UnixTime) -> Self {
        let seconds = time
            .seconds()
            .wrapping_add(i64::from(UNIX_EPOCH_IN_NTP_SECONDS))
            .cast_unsigned();
        let bits = int::join(
            int::low(seconds),
            fraction::from_nanoseconds(time.nanoseconds()),
        );
        Self(if bits == 0 { 1 } else { bits })
    }

    /// The instant nearest to `pivot` that has this timestamp; the fraction is cut to nanoseconds.
    ///
    /// The result lies within 2^31 s (68 years) of the pivot. It is `None` for
    /// [`UNKNOWN`](Self::UNKNOWN), and where the pivot is so far out that the result overflows.
    /// `from_unix` and back is exact.
    #[must_use]
    pub fn to_unix(self, pivot: UnixTime) -> Option<UnixTime> {
        if self.is_unknown() {
            return None;
        }
        let base = pivot
            .seconds()
            .checked_add(i64::from(UNIX_EPOCH_IN_NTP_SECONDS))?;
        let distance = self
            .seconds()
            .wrapping_sub(int::low(base.cast_unsigned()))
            .cast_signed();
        let seconds = pivot.seconds().checked_add(i64::from(distance))?;
        UnixTime::new(seconds, fraction::to_nanoseconds(self.fraction())).ok()
    }

    /// The 64 bits as they stand in a packet.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// Eight octets in network order.
    #[must_use]
    pub const fn to_octets(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// Seconds since the start of the (unknown) era.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        int::high(self.0)
    }

    /// Fraction of the second in units of 2^-32 s.
    #[must_use]
    pub const fn fraction(self) -> u32 {
        int::low(self.0)
    }

    /// Whether this is the value 0, which stands for "unknown".
    #[must_use]
    pub const fn is_unknown(self) -> bool {
        self.0 == 0
    }

    /// The timestamp of the system clock's reading.
    ///
    /// # Errors
    ///
    /// [`TimeError::Overflow`](crate::TimeError::Overflow) where the time does not fit [`UnixTime`].
    #[cfg(feature = "std")]
    pub fn from_system_time(time: std::time::SystemTime) -> Result<Self, crate::TimeError> {
        UnixTime::try_from(time).map(Self::from_unix)
    }

    /// The [`SystemTime`](std::time::SystemTime) nearest to `pivot` that has this timestamp.
    ///
    /// `None` as for [`to_unix`](Self::to_unix), or where the system cannot express the result.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn to_system_time(self, pivot: std::time::SystemTime) -> Option<std::time::SystemTime> {
        self.to_unix(pivot.try_into().ok()?)?.try_into().ok()
    }
}

/// The signed distance, right whenever the two are less than 2^31 s apart, also across eras.
impl Sub for NtpTimestamp {
    type Output = NtpDuration;

    fn sub(self, earlier: Self) -> NtpDuration {
        NtpDuration::from_bits(self.0.wrapping_sub(earlier.0).cast_signed())
    }
}

/// Moves forward, wrapping into the next era.
impl Add<NtpDuration> for NtpTimestamp {
    type Output = Self;

    fn add(self, duration: NtpDuration) -> Self {
        Self(self.0.wrapping_add_signed(duration.to_bits()))
    }
}

/// Moves back, wrapping into the previous era.
impl Sub<NtpDuration> for NtpTimestamp {
    type Output = Self;

    fn sub(self, duration: NtpDuration) -> Self {
        Self(self.0.wrapping_sub(duration.to_bits().cast_unsigned()))
    }
}

/// Seconds and fraction as eight hexadecimal digits each, the notation of NTP tools.
impl fmt::Display for NtpTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}.{:08x}", self.seconds(), self.fraction())
    }
}

impl fmt::Debug for NtpTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NtpTimestamp({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// (Unix seconds, NTP era seconds): the instants around which eras and their halves turn.
    const INSTANTS: [(i64, u32); 9] = [
        (-2_208_988_800, 0),
        (-61_505_152, 0x8000_0000),
        (0, 2_208_988_800),
        (63_072_000, 2_272_060_800),
        (2_085_978_495, u32::MAX),
        (2_086_041_600, 63_104),
        (4_233_462_144, 0x8000_0000),
        (6_380_945_792, 0),
        (10_675_913_088, 0),
    ];

    #[test]
    fn instants_of_1968_2036_2104_and_2172_are_right() {
        for (unix, ntp) in INSTANTS {
            let time = UnixTime::new(unix, 1).unwrap();
            let stamp = NtpTimestamp::from_unix(time);
            assert_eq!(stamp.seconds(), ntp, "unix {unix}");
            for pivot in [unix - 2_147_483_647, unix, unix + 2_147_483_647] {
                assert_eq!(
                    stamp.to_unix(UnixTime::from_seconds(pivot)),
                    Some(time),
                    "pivot {pivot}"
                );
            }
        }
    }

    #[test]
    fn the_start_of_an_era_is_not_unknown() {
        let start = UnixTime::from_seconds(2_085_978_496);
        let stamp = NtpTimestamp::from_unix(start);
        assert_eq!(stamp.to_bits(), 1);
        assert_eq!(stamp.to_unix(start), Some(start));
        assert_eq!(NtpTimestamp::UNKNOWN.to_unix(start), None);
    }

    #[test]
    fn a_pivot_at_the_end_of_the_scale_is_refused_not_wrapped() {
        let stamp = NtpTimestamp::from_parts(7, 7);
        assert_eq!(stamp.to_unix(UnixTime::from_seconds(i64::MAX)), None);
        let pivot = UnixTime::from_seconds(i64::MIN);
        assert!(
            stamp
                .to_unix(pivot)
                .is_none_or(|time| time.seconds() < i64::MIN + (1 << 31))
        );
    }

    proptest! {
        #[test]
        fn unix_time_survives(seconds in -60_000_000_000_i64..60_000_000_000, nanoseconds in 0..1_000_000_000_u32,
                              off in -2_147_483_647_i64..2_147_483_647) {
            let time = UnixTime::new(seconds, nanoseconds).unwrap();
            let pivot = UnixTime::from_seconds(seconds + off);
            prop_assert_eq!(NtpTimestamp::from_unix(time).to_unix(pivot), Some(time));
        }

        #[test]
        fn adding_a_difference_gets_there(a: u64, b: u64) {
            let (a, b) = (NtpTimestamp::from_bits(a), NtpTimestamp::from_bits(b));
            prop_assert_eq!(a + (b - a), b);
            prop_assert_eq!(b - (b - a), a);
        }
    }

    #[cfg(feature = "std")]
    #[test]
    fn the_system_clock_survives() {
        let now = std::time::UNIX_EPOCH + core::time::Duration::new(1_795_338_488, 123_456_789);
        let stamp = NtpTimestamp::from_system_time(now).unwrap();
        assert_eq!(stamp.to_system_time(std::time::UNIX_EPOCH), Some(now));
    }
}
