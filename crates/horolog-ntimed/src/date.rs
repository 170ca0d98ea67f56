//! Arithmetic of dates in `f64` seconds, in the order of operations of the original.
//!
//! A date keeps 2^-64 s. Results of a replay are equal to the original's to the last digit printed
//! only if the same things are rounded at the same places, so sums and differences go by second and
//! fraction here, and a nanosecond is a whole number of units.

use horolog_time::{NtpDate, UnixTime};

use crate::number;

/// 2^64 / 10^9, rounded up: the units of a nanosecond.
const UNITS_PER_NANOSECOND: u64 = 18_446_744_074;

/// Seconds from the prime epoch to 1970-01-01.
const UNIX_EPOCH: i64 = horolog_time::epoch::UNIX_EPOCH_IN_NTP_SECONDS as i64;

/// Seconds since the prime epoch.
const fn seconds(date: NtpDate) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = date.to_octets();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn from_seconds(seconds: i64, fraction: u64) -> NtpDate {
    let mut octets = [0; 16];
    let (whole, part) = octets.split_at_mut(8);
    whole.copy_from_slice(&seconds.to_be_bytes());
    part.copy_from_slice(&fraction.to_be_bytes());
    NtpDate::from_octets(octets)
}

/// A date of Unix time; within 0.02 ns of it, and [`to_unix`] gives it back.
pub(crate) fn from_unix(time: UnixTime) -> NtpDate {
    let fraction = u64::from(time.nanoseconds()).wrapping_mul(UNITS_PER_NANOSECOND);
    from_seconds(time.seconds().saturating_add(UNIX_EPOCH), fraction)
}

/// The nearest nanosecond.
pub(crate) fn to_unix(date: NtpDate) -> UnixTime {
    let unix = seconds(date).saturating_sub(UNIX_EPOCH);
    let half = UNITS_PER_NANOSECOND / 2;
    let nanoseconds = date.fraction().saturating_add(half) / UNITS_PER_NANOSECOND;
    match u32::try_from(nanoseconds).map(|nanoseconds| UnixTime::new(unix, nanoseconds)) {
        Ok(Ok(time)) => time,
        _ => UnixTime::from_seconds(unix.saturating_add(1)),
    }
}

/// `later` less `earlier` in seconds.
pub(crate) fn difference(later: NtpDate, earlier: NtpDate) -> f64 {
    let fraction = number::from_u64(later.fraction()) - number::from_u64(earlier.fraction());
    let whole = number::from_i64(seconds(later)) - number::from_i64(seconds(earlier));
    fraction / number::UNITS + whole
}

/// A date some seconds later. What is not finite adds nothing; the ends of the scale hold.
pub(crate) fn add(date: NtpDate, span: f64) -> NtpDate {
    if !span.is_finite() {
        return date;
    }
    let sum = span + number::from_u64(date.fraction()) / number::UNITS;
    let whole = libm::floor(sum);
    let fraction = number::to_u64((sum - whole) * number::UNITS);
    from_seconds(
        seconds(date).saturating_add(number::to_i64(whole)),
        fraction,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sums_cross_seconds_and_hold_at_the_ends() {
        let start = from_unix("1416000000.750000000".parse().unwrap());
        assert_eq!(to_unix(add(start, 0.5)).to_string(), "1416000001.250000000");
        assert_eq!(
            to_unix(add(start, -1.5)).to_string(),
            "1415999999.250000000"
        );
        assert_eq!(add(start, f64::NAN), start);
        assert_eq!(add(start, f64::INFINITY), start);
        assert_eq!(seconds(add(start, 1e300)), i64::MAX);
        assert!(seconds(add(start, -1e300)) < i64::MIN / 2);
    }

    #[test]
    fn the_epoch_is_that_of_the_time_crate() {
        let time = UnixTime::from_seconds(1_416_000_000);
        assert_eq!(from_unix(time), NtpDate::from_unix(time).unwrap());
    }

    proptest! {
        #[test]
        fn unix_time_survives(seconds in -1_i64 << 60..1_i64 << 60, nanoseconds in 0..1_000_000_000_u32) {
            let time = UnixTime::new(seconds, nanoseconds).unwrap();
            prop_assert_eq!(to_unix(from_unix(time)), time);
        }

        #[test]
        fn a_difference_leads_back(seconds in 0_i64..1 << 33, fraction: u64, span in -1e6..1e6_f64) {
            let start = from_seconds(seconds, fraction);
            let back = difference(add(start, span), start);
            prop_assert!((back - span).abs() < 1e-9, "{back} is not {span}");
        }

        #[test]
        fn differences_are_finite(a: [u8; 16], b: [u8; 16]) {
            prop_assert!(difference(NtpDate::from_octets(a), NtpDate::from_octets(b)).is_finite());
        }
    }
}
