//! The numbers of RFC 5905 § 7.2, where its texts agree; where figure 6 and appendix A.1 differ,
//! those of figure 6.

use horolog_time::NtpDuration;

/// The UDP port of NTP.
pub const PORT: u16 = 123;

/// The worst frequency error assumed of a clock, in parts per million (PHI).
pub const FREQUENCY_TOLERANCE_PPM: i64 = 15;

/// The largest root distance of a server that counts as synchronised, 16 s (MAXDISP).
pub const MAX_DISPERSION: NtpDuration = NtpDuration::from_bits(16 << 32);

/// The least total delay that is assumed in a root distance, 5 ms (MINDISP), in units of 2^-32 s
/// rounded up.
pub const MIN_DISPERSION: NtpDuration = NtpDuration::from_bits(21_474_837);

/// The largest root distance of a server to synchronise to, 1 s (MAXDIST).
pub const MAX_DISTANCE: NtpDuration = NtpDuration::SECOND;

/// How far a clock may have drifted in a span of time, rounded up; nothing for a negative span.
#[must_use]
pub fn drift(span: NtpDuration) -> NtpDuration {
    const MILLION: u128 = 1_000_000;
    let bits = span.to_bits().max(0).unsigned_abs();
    let tolerance = FREQUENCY_TOLERANCE_PPM.unsigned_abs();
    let drift = (u128::from(bits) * u128::from(tolerance)).div_ceil(MILLION);
    i64::try_from(drift).map_or(NtpDuration::MAX, NtpDuration::from_bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_15_us_a_second() {
        assert_eq!(drift(NtpDuration::SECOND).as_nanoseconds(), 15_000);
        assert_eq!(drift(NtpDuration::from_seconds(-1)), NtpDuration::ZERO);
        assert!(drift(NtpDuration::MAX) < NtpDuration::from_seconds(32_213));
        assert_eq!(MIN_DISPERSION.as_nanoseconds(), 5_000_000);
    }
}
