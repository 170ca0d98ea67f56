use core::fmt;

use crate::NtpDuration;
use crate::short::round_up;

/// An unsigned span of time in the NTPv5 draft's time32 format: 4 bits of seconds, 28 of fraction.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |Seconds|                       Fraction                        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// 0 to just below 16 s in steps of 3.7 ns. chrony's experimental extension field 0xF323 uses the
/// same format. Defined in draft-ietf-ntp-ntpv5, section "Data Types".
///
/// # Examples
///
/// ```
/// use horolog_time::{NtpDuration, Time32};
///
/// let root_delay = Time32::from_octets([0x10, 0x00, 0x00, 0x00]);
/// assert_eq!(NtpDuration::from(root_delay), NtpDuration::SECOND);
/// assert_eq!(root_delay.to_string(), "1.000000000");
/// assert_eq!(root_delay.to_octets(), [0x10, 0x00, 0x00, 0x00]);
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Time32(u32);

impl Time32 {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span, 16 s less 2^-28 s.
    pub const MAX: Self = Self(u32::MAX);

    /// Takes the 32 bits as they stand in a packet.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Takes four octets in network order.
    #[must_use]
    pub const fn from_octets(octets: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(octets))
    }

    /// Rounds `duration` up, so that a bound stays one; at [`ZERO`](Self::ZERO) and
    /// [`MAX`](Self::MAX) where it lies outside.
    #[must_use]
    pub fn from_duration(duration: NtpDuration) -> Self {
        Self(round_up(duration, 4))
    }

    /// The 32 bits as they stand in a packet.
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// Four octets in network order.
    #[must_use]
    pub const fn to_octets(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// Seconds, exactly.
    #[must_use]
    pub fn as_seconds_f64(self) -> f64 {
        f64::from(self.0) / 268_435_456.0
    }
}

/// Seconds with nine decimals.
impl fmt::Display for Time32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.9}", self.as_seconds_f64())
    }
}

impl fmt::Debug for Time32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Time32({self} s)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_round_up_and_clamp() {
        assert_eq!(Time32::from_duration(NtpDuration::RESOLUTION).to_bits(), 1);
        assert_eq!(
            Time32::from_duration(NtpDuration::SECOND).to_bits(),
            1 << 28
        );
        assert_eq!(
            Time32::from_duration(NtpDuration::from_seconds(16)),
            Time32::MAX
        );
        assert_eq!(
            Time32::from_duration(NtpDuration::from_seconds(-1)),
            Time32::ZERO
        );
        assert_eq!(
            Time32::from_duration(NtpDuration::from(Time32::MAX)),
            Time32::MAX
        );
    }
}
