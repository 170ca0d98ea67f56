use core::fmt;

use crate::epoch::NANOSECONDS_PER_SECOND;
use crate::{TimeError, fraction, int};

/// Units in a second.
const SECOND: i64 = 1 << 32;

/// A signed span of time in units of 2^-32 s, the difference of two [`NtpTimestamp`]s.
///
/// The range is -2^31 s to just below 2^31 s, 68 years each way. There are no operators for sums,
/// because a sum of two differences need not fit: choose [`checked_add`](Self::checked_add) or
/// [`saturating_add`](Self::saturating_add), or [`mean`](Self::mean), which always fits.
///
/// # Examples
///
/// The offset of RFC 5905, `((T2 - T1) + (T3 - T4)) / 2`, is the mean of two differences:
///
/// ```
/// use horolog_time::{NtpDuration, NtpTimestamp};
///
/// let t1 = NtpTimestamp::from_parts(100, 0);
/// let t2 = NtpTimestamp::from_parts(103, 0);
/// let t3 = NtpTimestamp::from_parts(103, 0);
/// let t4 = NtpTimestamp::from_parts(102, 0);
/// let offset = NtpDuration::mean(t2 - t1, t3 - t4);
/// assert_eq!(offset.to_string(), "2.000000000");
/// ```
///
/// [`NtpTimestamp`]: crate::NtpTimestamp
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NtpDuration(i64);

impl NtpDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(SECOND);
    /// The longest span forward, 2^31 s less 2^-32 s.
    pub const MAX: Self = Self(i64::MAX);
    /// The longest span back, -2^31 s.
    pub const MIN: Self = Self(i64::MIN);
    /// The smallest span, 2^-32 s.
    pub const RESOLUTION: Self = Self(1);

    /// Takes units of 2^-32 s.
    #[must_use]
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// The span as units of 2^-32 s.
    #[must_use]
    pub const fn to_bits(self) -> i64 {
        self.0
    }

    /// Whole seconds.
    #[must_use]
    pub fn from_seconds(seconds: i32) -> Self {
        Self(i64::from(seconds) << 32)
    }

    /// Nanoseconds, rounded away from zero to 2^-32 s; `None` outside of the range.
    ///
    /// `from_nanoseconds` and [`as_nanoseconds`](Self::as_nanoseconds) is exact.
    #[must_use]
    pub fn from_nanoseconds(nanoseconds: i64) -> Option<Self> {
        let per_second = u64::from(NANOSECONDS_PER_SECOND);
        let magnitude = nanoseconds.unsigned_abs();
        let seconds = u32::try_from(magnitude / per_second).ok()?;
        let rest = u32::try_from(magnitude % per_second).ok()?;
        let bits = int::join(seconds, fraction::from_nanoseconds(rest));
        if nanoseconds < 0 {
            0_i64.checked_sub_unsigned(bits).map(Self)
        } else {
            i64::try_from(bits).ok().map(Self)
        }
    }

    /// Nanoseconds, cut off towards zero. Every span fits.
    #[must_use]
    pub fn as_nanoseconds(self) -> i64 {
        let magnitude = self.0.unsigned_abs();
        let nanoseconds = i64::from(int::high(magnitude)) * i64::from(NANOSECONDS_PER_SECOND)
            + i64::from(fraction::to_nanoseconds(int::low(magnitude)));
        if self.0 < 0 {
            -nanoseconds
        } else {
            nanoseconds
        }
    }

    /// Seconds, rounded to the nearest unit of 2^-32 s; `None` for a NaN and beyond 68 years.
    #[must_use]
    pub fn from_seconds_f64(seconds: f64) -> Option<Self> {
        let scaled = seconds * int::to_f64(SECOND);
        let end = int::to_f64(i64::MIN);
        if !(end..-end).contains(&scaled) {
            return None;
        }
        let cut = int::from_f64(scaled);
        let rest = scaled - int::to_f64(cut);
        let round = i64::from(rest >= 0.5) - i64::from(rest <= -0.5);
        Some(Self(cut.saturating_add(round)))
    }

    /// Seconds, rounded to the nearest `f64`; exact below 2^20 s with 2^-32 s resolution.
    #[must_use]
    pub const fn as_seconds_f64(self) -> f64 {
        int::to_f64(self.0) / int::to_f64(SECOND)
    }

    /// 2^`exponent` seconds, at most [`MAX`](Self::MAX) and at least [`RESOLUTION`](Self::RESOLUTION).
    #[must_use]
    pub fn exp2(exponent: i8) -> Self {
        match u32::try_from(i32::from(exponent) + 32) {
            Ok(shift @ 0..=62) => Self(1 << shift),
            Ok(_) => Self::MAX,
            Err(_) => Self::RESOLUTION,
        }
    }

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }

    /// The difference, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }

    /// The sum, at the end of the range where it does not fit.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, at the end of the range where it does not fit.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The other sign; [`MIN`](Self::MIN) becomes [`MAX`](Self::MAX).
    #[must_use]
    pub const fn saturating_neg(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// Without sign; [`MIN`](Self::MIN) becomes [`MAX`](Self::MAX).
    #[must_use]
    pub const fn saturating_abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Half the span, rounded down (towards [`MIN`](Self::MIN)).
    #[must_use]
    pub const fn half(self) -> Self {
        Self(self.0 >> 1)
    }

    /// Half the sum of two spans, rounded down. Never overflows.
    #[must_use]
    pub const fn mean(a: Self, b: Self) -> Self {
        // a + b = 2 * (a & b) + (a ^ b)
        Self((a.0 & b.0) + ((a.0 ^ b.0) >> 1))
    }

    /// Whether the span is less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// Rounds up to 2^-32 s.
///
/// Fails with [`TimeError::Overflow`] beyond 68 years.
impl TryFrom<core::time::Duration> for NtpDuration {
    type Error = TimeError;

    fn try_from(duration: core::time::Duration) -> Result<Self, TimeError> {
        i64::try_from(duration.as_nanos())
            .ok()
            .and_then(Self::from_nanoseconds)
            .ok_or(TimeError::Overflow("duration"))
    }
}

/// Cuts to nanoseconds.
///
/// Fails with [`TimeError::Overflow`] for a negative span.
impl TryFrom<NtpDuration> for core::time::Duration {
    type Error = TimeError;

    fn try_from(duration: NtpDuration) -> Result<Self, TimeError> {
        u64::try_from(duration.as_nanoseconds())
            .map(Self::from_nanos)
            .map_err(|_| TimeError::Overflow("duration"))
    }
}

/// Seconds with nine decimals, cut off; `{:+}` shows the sign of a positive span too.
impl fmt::Display for NtpDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match (self.0 < 0, f.sign_plus()) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        let magnitude = self.0.unsigned_abs();
        let nanoseconds = fraction::to_nanoseconds(int::low(magnitude));
        write!(f, "{sign}{}.{nanoseconds:09}", int::high(magnitude))
    }
}

impl fmt::Debug for NtpDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NtpDuration({self} s)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn powers_of_two_never_overflow() {
        assert_eq!(NtpDuration::exp2(0), NtpDuration::SECOND);
        assert_eq!(NtpDuration::exp2(30).to_bits(), 1 << 62);
        assert_eq!(NtpDuration::exp2(31), NtpDuration::MAX);
        assert_eq!(NtpDuration::exp2(127), NtpDuration::MAX);
        assert_eq!(NtpDuration::exp2(-32), NtpDuration::RESOLUTION);
        assert_eq!(NtpDuration::exp2(-128), NtpDuration::RESOLUTION);
    }

    #[test]
    fn the_ends_of_the_range_have_nanoseconds() {
        assert_eq!(NtpDuration::MAX.as_nanoseconds(), 2_147_483_647_999_999_999);
        assert_eq!(
            NtpDuration::MIN.as_nanoseconds(),
            -2_147_483_648_000_000_000
        );
        for end in [NtpDuration::MIN, NtpDuration::MAX] {
            let nanoseconds = end.as_nanoseconds();
            let back = NtpDuration::from_nanoseconds(nanoseconds).unwrap();
            assert_eq!(back.as_nanoseconds(), nanoseconds);
        }
        for beyond in [
            -2_147_483_648_000_000_001,
            2_147_483_648_000_000_000,
            i64::MIN,
            i64::MAX,
        ] {
            assert_eq!(NtpDuration::from_nanoseconds(beyond), None, "{beyond}");
        }
        assert_eq!(NtpDuration::MIN.saturating_neg(), NtpDuration::MAX);
        assert_eq!(
            format!(
                "{:+} {}",
                NtpDuration::SECOND,
                NtpDuration::from_seconds(-1)
            ),
            "+1.000000000 -1.000000000"
        );
    }

    #[test]
    fn floating_seconds_refuse_what_does_not_fit() {
        for bad in [f64::NAN, f64::INFINITY, 2_147_483_648.0, -2_147_483_649.0] {
            assert_eq!(NtpDuration::from_seconds_f64(bad), None, "{bad}");
        }
        assert_eq!(
            NtpDuration::from_seconds_f64(-2_147_483_648.0),
            Some(NtpDuration::MIN)
        );
        assert_eq!(
            NtpDuration::from_seconds_f64(-0.25),
            Some(NtpDuration::from_bits(-(1 << 30)))
        );
    }

    proptest! {
        #[test]
        fn nanoseconds_survive(nanoseconds in -2_147_483_647_000_000_000_i64..2_147_483_647_000_000_000) {
            prop_assert_eq!(NtpDuration::from_nanoseconds(nanoseconds).unwrap().as_nanoseconds(), nanoseconds);
        }

        #[test]
        fn the_mean_is_half_the_sum(a: i64, b: i64) {
            let mean = NtpDuration::mean(NtpDuration::from_bits(a), NtpDuration::from_bits(b));
            prop_assert_eq!(i128::from(mean.to_bits()), (i128::from(a) + i128::from(b)).div_euclid(2));
        }

        #[test]
        fn small_spans_survive_floating_point(bits in -(1_i64 << 52)..(1_i64 << 52)) {
            let span = NtpDuration::from_bits(bits);
            prop_assert_eq!(NtpDuration::from_seconds_f64(span.as_seconds_f64()), Some(span));
        }
    }
}
