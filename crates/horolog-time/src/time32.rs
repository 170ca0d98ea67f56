use crate::unsigned_span::unsigned_span;

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

unsigned_span! {
    Time32 {
        /// The longest span, 16 s less 2^-28 s.
        MAX,
        fraction_bits: 28,
        decimals: 9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NtpDuration;

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
