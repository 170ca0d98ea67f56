use horolog_time::NtpDuration;

/// How long the devices on a packet's way say that they held it, in units of 2⁻¹⁶ ns.
///
/// # Examples
///
/// ```
/// use horolog_ntp::v5::PathCorrection;
///
/// let correction = PathCorrection::from_bits(1_500_000 << 16); // 1.5 ms
/// assert_eq!(correction.duration().unwrap().as_nanoseconds(), 1_500_000);
/// assert_eq!(PathCorrection::OVERFLOW.duration(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PathCorrection(i64);

impl PathCorrection {
    /// No correction.
    pub const ZERO: Self = Self(0);
    /// More than the format can say.
    pub const OVERFLOW: Self = Self(i64::MAX);

    /// Takes the 64 bits as they stand in a packet.
    #[must_use]
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// The 64 bits as they stand in a packet.
    #[must_use]
    pub const fn to_bits(self) -> i64 {
        self.0
    }

    /// The correction as a duration, rounded to the nearest; `None` for
    /// [`OVERFLOW`](Self::OVERFLOW).
    #[must_use]
    pub fn duration(self) -> Option<NtpDuration> {
        // From 2⁻¹⁶ ns to 2⁻³² s: 2³² / (2¹⁶ · 10⁹).
        let bits = ((i128::from(self.0) << 16) + 500_000_000).div_euclid(1_000_000_000);
        let bits = i64::try_from(bits)
            .ok()
            .filter(|_| self != Self::OVERFLOW)?;
        Some(NtpDuration::from_bits(bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_exact_and_the_rest_is_rounded() {
        let second = 1_000_000_000 << 16;
        let bits = |bits| {
            PathCorrection::from_bits(bits)
                .duration()
                .unwrap()
                .to_bits()
        };
        assert_eq!(bits(second), 1 << 32);
        assert_eq!(bits(-second), -1 << 32);
        assert_eq!(bits(1), 0);
        assert_eq!(bits(-1), 0);
        assert_eq!(bits(7_629), 0);
        assert_eq!(bits(7_630), 1);
        assert_eq!(bits(-7_630), -1);
        assert_eq!(bits(i64::MAX - 1), 604_462_909_807_315);
        assert!(PathCorrection::from_bits(i64::MIN).duration().is_some());
    }
}
