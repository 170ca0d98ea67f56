use crate::unsigned_span::unsigned_span;

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

unsigned_span! {
    NtpShort {
        /// The longest span, 65536 s less 2^-16 s.
        MAX,
        fraction_bits: 16,
        decimals: 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NtpDuration;

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
