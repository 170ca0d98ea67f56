use core::fmt;

use crate::{NtpDuration, int};

/// An unsigned span of time in the NTP short format: 16 bits of seconds, 16 bits of fraction.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          Seconds              |           Fraction            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// The format of root delay and root dispersion: 0 to just below 65536 s in steps of 15.26 us.
/// RFC 4330 calls the root delay signed; this follows RFC 5905, where it is not.
///
/// Defined in [RFC 5905 § 6](https://www.rfc-editor.org/rfc/rfc5905#section-6).
///
/// # Examples
///
/// ```
/// use horolog_time::{NtpDuration, NtpShort};
///
/// let root_dispersion = NtpShort::from_octets([0x00, 0x00, 0x03, 0xb7]);
/// assert_eq!(root_dispersion.to_string(), "0.014511");
/// assert_eq!(NtpDuration::from(root_dispersion).as_nanoseconds(), 14_511_108);
/// assert_eq!(root_dispersion.to_octets(), [0x00, 0x00, 0x03, 0xb7]);
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NtpShort(u32);

impl NtpShort {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span, 65536 s less 2^-16 s.
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
        Self(round_up(duration, 16))
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
        f64::from(self.0) / 65_536.0
    }
}

/// `duration` in units of 2^(`shift` - 32) s, rounded up, clamped to 32 bits.
pub(crate) fn round_up(duration: NtpDuration, shift: u32) -> u32 {
    let bits = duration.to_bits().max(0).cast_unsigned();
    let units = (bits >> shift) + u64::from(bits & ((1 << shift) - 1) != 0);
    if int::high(units) == 0 {
        int::low(units)
    } else {
        u32::MAX
    }
}

/// Seconds with six decimals.
impl fmt::Display for NtpShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.as_seconds_f64())
    }
}

impl fmt::Debug for NtpShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NtpShort({self} s)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_round_up_and_clamp() {
        let unit = NtpDuration::from_bits(1 << 16);
        assert_eq!(NtpShort::from_duration(unit).to_bits(), 1);
        assert_eq!(
            NtpShort::from_duration(NtpDuration::RESOLUTION).to_bits(),
            1
        );
        assert_eq!(
            NtpShort::from_duration(unit.saturating_add(NtpDuration::RESOLUTION)).to_bits(),
            2
        );
        assert_eq!(NtpShort::from_duration(NtpDuration::MIN), NtpShort::ZERO);
        assert_eq!(NtpShort::from_duration(NtpDuration::MAX), NtpShort::MAX);
        assert_eq!(
            NtpShort::from_duration(NtpDuration::from(NtpShort::MAX)),
            NtpShort::MAX
        );
    }

    #[test]
    fn the_high_half_is_a_long_span_not_a_negative_one() {
        assert_eq!(
            NtpDuration::from(NtpShort::from_bits(0xffff_0000)),
            NtpDuration::from_seconds(65_535)
        );
    }
}
