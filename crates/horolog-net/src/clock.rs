//! The system clock, `CLOCK_REALTIME` on every Unix.

use std::time::SystemTime;

use horolog_time::{NtpTimestamp, Precision};

/// The steps that [`precision`] looks at; chrony and ntpd are content with fewer.
const STEPS: u32 = 200;

/// The readings after which [`precision`] gives up, some tens of milliseconds.
const MAX_READINGS: u32 = 1 << 20;

/// What [`precision`] says of a clock it never saw move: 2^-6 s, the tick of a system timer at
/// 64 Hz, the coarsest in use.
const COARSEST: Precision = Precision::from_exponent(-6);

/// The time of the system clock.
///
/// The clock may be stepped at any moment, so two readings need not be in order.
/// [`NtpTimestamp::UNKNOWN`] comes back only where the clock is more than 2^63 s off.
///
/// # Examples
///
/// ```
/// use horolog_net::clock;
///
/// let before = clock::now();
/// let spent = clock::now() - before;
/// assert!(!before.is_unknown());
/// # let _ = spent;
/// ```
#[must_use]
pub fn now() -> NtpTimestamp {
    NtpTimestamp::from_system_time(SystemTime::now()).unwrap_or(NtpTimestamp::UNKNOWN)
}

/// Measures the precision of the system clock: the smallest step between readings that differ.
///
/// The step holds the clock's resolution and the time it takes to read it, whichever is larger, and
/// is rounded up to a power of two, so no program can read the clock finer than this says. It takes
/// 200 steps, some microseconds on most machines and never more than about a million readings. A
/// server measures once, when it starts.
///
/// # Examples
///
/// ```
/// let precision = horolog_net::clock::precision();
/// assert!((-32..=-6).contains(&precision.exponent()));
/// ```
#[must_use]
pub fn precision() -> Precision {
    smallest_step(now)
}

/// [`precision`] of any clock.
fn smallest_step(mut now: impl FnMut() -> NtpTimestamp) -> Precision {
    let mut smallest: Option<u64> = None;
    let mut steps = 0;
    let mut last = now();
    for _ in 0..MAX_READINGS {
        let next = now();
        // A step back is someone setting the clock.
        match u64::try_from((next - last).to_bits()) {
            Ok(0) => continue,
            Ok(step) => {
                smallest = Some(smallest.map_or(step, |smallest| smallest.min(step)));
                steps += 1;
            }
            Err(_) => {}
        }
        last = next;
        if steps == STEPS {
            break;
        }
    }
    smallest.map_or(COARSEST, log2_rounded_up)
}

/// A span in units of 2^-32 s as the exponent of the power of two that is not below it.
fn log2_rounded_up(bits: u64) -> Precision {
    const UNIT: i32 = -32;
    let exponent = bits
        .checked_next_power_of_two()
        .map_or(u64::BITS, u64::ilog2);
    let exponent = i32::try_from(exponent)
        .unwrap_or(i32::MAX)
        .saturating_add(UNIT);
    Precision::from_exponent(i8::try_from(exponent).unwrap_or(i8::MAX)).min(COARSEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::NtpDuration;

    /// A clock that moves by `step` (2^-32 s) every `every` readings.
    fn ticking(step: i64, every: u32) -> impl FnMut() -> NtpTimestamp {
        let mut readings = 0;
        let mut time = NtpTimestamp::from_parts(4_000_000_000, 0);
        move || {
            readings += 1;
            if readings % every == 0 {
                time = time + NtpDuration::from_bits(step);
            }
            time
        }
    }

    #[test]
    fn a_step_is_rounded_up() {
        for (step, exponent) in [(1, -32), (2, -31), (3, -30), (4295, -19), (1 << 22, -10)] {
            assert_eq!(
                smallest_step(ticking(step, 1)).exponent(),
                exponent,
                "{step}"
            );
        }
    }

    #[test]
    fn a_clock_that_stands_a_while_is_waited_for() {
        assert_eq!(smallest_step(ticking(1 << 22, 1000)).exponent(), -10);
    }

    #[test]
    fn a_clock_that_stands_or_runs_back_ends_the_loop() {
        assert_eq!(smallest_step(ticking(0, 1)), COARSEST);
        assert_eq!(smallest_step(ticking(-5, 1)), COARSEST);
    }

    #[test]
    fn a_step_of_hours_is_the_coarsest() {
        assert_eq!(smallest_step(ticking(i64::MAX, 1)), COARSEST);
    }

    #[test]
    fn this_clock_is_finer_than_a_tick() {
        assert!(precision() <= COARSEST);
        assert!(!now().is_unknown());
    }
}
