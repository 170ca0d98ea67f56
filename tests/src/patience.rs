use core::panic::AssertUnwindSafe;
use std::panic;

/// Runs a test of replies that do not come with a short timeout in seconds, for `--timeout`; where
/// that fails, once more with a long one.
///
/// A short timeout saves time where a reply is lost, but on a busy machine one that does come may
/// take longer. What is wrong in itself fails twice.
///
/// # Panics
///
/// Where the test does for the second time.
pub fn with_patience(test: impl Fn(f32)) {
    const SHORT: f32 = 0.5;
    const LONG: f32 = 5.0;
    if panic::catch_unwind(AssertUnwindSafe(|| test(SHORT))).is_err() {
        eprintln!("once more with a timeout of {LONG} s");
        test(LONG);
    }
}

/// Runs a test of clocks and networks in real time, up to three times until it holds: a busy machine
/// may spoil what it measures. What is wrong in itself fails three times.
///
/// # Panics
///
/// Where the test does for the third time.
pub fn up_to_three_times(test: impl Fn()) {
    for attempt in ["first", "second"] {
        if panic::catch_unwind(AssertUnwindSafe(&test)).is_ok() {
            return;
        }
        eprintln!("the {attempt} attempt failed, once more");
    }
    test();
}

/// Measures the offset, in seconds, between two programs on one clock until it is close: other work
/// on the machine makes it greater, never smaller.
///
/// # Panics
///
/// Where none of five offsets is below a millisecond.
pub fn measure_close(mut measure: impl FnMut() -> f64) {
    let mut offsets = Vec::new();
    for _ in 0..5 {
        offsets.push(measure());
        if offsets.last().is_some_and(|offset| offset.abs() < CLOSE) {
            return;
        }
    }
    panic!("offsets {offsets:?} s between two programs on one clock");
}

/// What offsets between two programs on one clock are below, in seconds.
pub(crate) const CLOSE: f64 = 1e-3;

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;

    #[test]
    fn a_test_has_a_second_chance_and_no_third() {
        let runs = Cell::new(0);
        with_patience(|timeout| {
            runs.set(runs.get() + 1);
            assert!(timeout > 1.0, "as a busy machine has it");
        });
        assert_eq!(runs.get(), 2);
        let failed = panic::catch_unwind(|| with_patience(|_| panic!("as a test does that fails")));
        assert!(failed.is_err());
    }

    #[test]
    fn a_test_has_three_attempts() {
        let runs = Cell::new(0);
        up_to_three_times(|| {
            runs.set(runs.get() + 1);
            assert!(runs.get() > 2, "as a busy machine has it");
        });
        assert_eq!(runs.get(), 3);
        let failed = panic::catch_unwind(|| up_to_three_times(|| panic!("as one that is wrong")));
        assert!(failed.is_err());
    }

    #[test]
    fn the_best_of_five_offsets_counts() {
        let mut offsets = [0.002, -0.0015, 0.0001].into_iter();
        measure_close(|| offsets.next().expect("one of three"));
        assert_eq!(offsets.next(), None);
        let failed = panic::catch_unwind(|| measure_close(|| -0.001));
        assert!(failed.is_err());
    }
}
