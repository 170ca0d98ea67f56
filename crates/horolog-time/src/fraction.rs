//! Binary fractions of a second and nanoseconds.
//!
//! Nanoseconds become fractions by rounding up, fractions become nanoseconds by cutting off. With
//! a unit below a nanosecond on the binary side, nanoseconds -> fraction -> nanoseconds is exact,
//! and neither direction can carry into the seconds.

use crate::epoch::NANOSECONDS_PER_SECOND;
use crate::int::{high, low, low64};

/// 32-bit fraction of `nanoseconds` (below 10^9), rounded up.
pub(crate) fn from_nanoseconds(nanoseconds: u32) -> u32 {
    low((u64::from(nanoseconds) << 32).div_ceil(u64::from(NANOSECONDS_PER_SECOND)))
}

/// Nanoseconds of a 32-bit fraction, cut off; always below 10^9.
pub(crate) fn to_nanoseconds(fraction: u32) -> u32 {
    high(u64::from(fraction) * u64::from(NANOSECONDS_PER_SECOND))
}

/// 64-bit fraction of `nanoseconds` (below 10^9), rounded up.
pub(crate) fn from_nanoseconds_64(nanoseconds: u32) -> u64 {
    low64((u128::from(nanoseconds) << 64).div_ceil(u128::from(NANOSECONDS_PER_SECOND)))
}

/// Nanoseconds of a 64-bit fraction, cut off; always below 10^9.
pub(crate) fn to_nanoseconds_64(fraction: u64) -> u32 {
    low(low64(
        (u128::from(fraction) * u128::from(NANOSECONDS_PER_SECOND)) >> 64,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_nanosecond_does_not_carry() {
        assert_eq!(from_nanoseconds(999_999_999), 4_294_967_292);
        assert_eq!(to_nanoseconds(u32::MAX), 999_999_999);
        assert_eq!(to_nanoseconds_64(u64::MAX), 999_999_999);
    }

    proptest! {
        #[test]
        fn nanoseconds_survive_both_widths(nanoseconds in 0..NANOSECONDS_PER_SECOND) {
            prop_assert_eq!(to_nanoseconds(from_nanoseconds(nanoseconds)), nanoseconds);
            prop_assert_eq!(to_nanoseconds_64(from_nanoseconds_64(nanoseconds)), nanoseconds);
        }
    }
}
