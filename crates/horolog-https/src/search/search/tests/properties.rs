//! What holds in every run.

use core::time::Duration;

use proptest::prelude::*;

use super::simulator::{Run, Trip, run};
use super::*;

/// Nanoseconds in a millisecond.
const MILLI: i128 = 1_000_000;

/// Offsets of a clock: mostly within two seconds, some of hours and of decades.
fn offset() -> impl Strategy<Value = i128> {
    prop_oneof![
        8 => -2 * SECOND..=2 * SECOND,
        1 => -4000 * SECOND..=4000 * SECOND,
        1 => -1_500_000_000 * SECOND..=1_500_000_000 * SECOND,
    ]
}

/// Round trips of 0.2 to 800 ms, as many short as long ones.
fn round_trip() -> impl Strategy<Value = i128> {
    prop_oneof![
        MILLI / 5..2 * MILLI,
        2 * MILLI..20 * MILLI,
        20 * MILLI..200 * MILLI,
        200 * MILLI..=800 * MILLI,
    ]
}

fn start() -> impl Strategy<Value = UnixTime> {
    (1_700_000_000..1_900_000_000_i64, 0..1_000_000_000_u32)
        .prop_map(|(seconds, nanoseconds)| UnixTime::new(seconds, nanoseconds).unwrap())
}

/// Of what a round trip is the way there, in thousandths.
fn split(round_trip: i128, there: i128) -> (i128, i128) {
    let there = round_trip * there / 1000;
    (there, round_trip - there)
}

/// Trips with a clock, a round trip each, jitter up to four times the round trip and any asymmetry.
fn trips() -> impl Strategy<Value = (i128, Vec<Trip>)> {
    let jitter = prop::collection::vec((0..4000_i128, 0..=1000_i128), 12);
    let httpstime = prop::option::weighted(0.3, (0..=9_u8, any::<bool>()));
    (offset(), round_trip(), jitter, httpstime).prop_map(
        |(offset, round_trip, jitter, httpstime)| {
            let trip = |(more, share)| {
                let (there, back) = split(round_trip + round_trip * more / 1000, share);
                Trip {
                    there,
                    back,
                    offset,
                    late: 0,
                    httpstime,
                }
            };
            (offset, jitter.into_iter().map(trip).collect())
        },
    )
}

/// Whether an offset in nanoseconds lies within bounds, exactly.
fn holds(bounds: OffsetBounds, offset: i128) -> bool {
    let scaled = |bits: i64| i128::from(bits) * SECOND;
    (scaled(bounds.low().to_bits())..=scaled(bounds.high().to_bits())).contains(&(offset << 32))
}

/// The truth lies inside what is known after each round.
fn check_truth(run: &Run, offset: i128) -> Result<(), TestCaseError> {
    for bounds in &run.bounds {
        prop_assert!(holds(*bounds, offset), "{bounds:?}");
    }
    Ok(())
}

/// Nanoseconds, rounded up.
fn width(bounds: OffsetBounds) -> i128 {
    i128::from(bounds.width().as_nanoseconds()) + 1
}

/// The width is within twice the theory of the longest round trip so far, and what a Date may be late.
fn check_width(run: &Run, trips: &[Trip], lateness: i128) -> Result<(), TestCaseError> {
    let mut longest = 0;
    for (round, (bounds, trip)) in run.bounds.iter().zip(trips).enumerate() {
        longest = longest.max(trip.there + trip.back);
        let theory = longest.max(SECOND >> round);
        prop_assert!(
            width(*bounds) <= 2 * theory + lateness + 4,
            "{round}: {bounds:?}"
        );
    }
    Ok(())
}

/// Requests are counted, and have time between them.
fn check_manners(run: &Run, trips: &[Trip], config: SearchConfig) -> Result<(), TestCaseError> {
    prop_assert!(run.sent.len() <= usize::try_from(config.rounds()).unwrap());
    for (pair, trip) in run.sent.windows(2).zip(trips) {
        let earliest = (trip.there + trip.back).max(SECOND / 2);
        let pause = pair[1] - pair[0];
        prop_assert!(pause >= earliest && pause <= earliest + SECOND, "{pause}");
    }
    Ok(())
}

/// Both ends of what lies between two offsets are reached by the bounds, which holds for any mixture
/// of them that was not found out.
fn overlaps(bounds: OffsetBounds, one: i128, other: i128) -> bool {
    let scaled = |bits: i64| i128::from(bits) * SECOND;
    scaled(bounds.low().to_bits()) <= one.max(other) << 32
        && scaled(bounds.high().to_bits()) >= one.min(other) << 32
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Any delays, jitter and asymmetry, with decimals or without.
    #[test]
    fn the_truth_lies_inside((offset, trips) in trips(), start in start(), rounds in 1..12_u32) {
        let config = SearchConfig::new().with_rounds(rounds);
        let run = run(config, start, &trips);
        prop_assert!(run.result.is_ok(), "{:?}", run.result);
        check_truth(&run, offset)?;
        prop_assert_eq!(run.result.ok(), run.bounds.last().copied());
        check_manners(&run, &trips, config)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// A path that does not change.
    #[test]
    fn the_width_is_within_twice_the_theory(
        offset in offset(), round_trip in round_trip(), share in 0..=1000_i128, start in start()
    ) {
        let (there, back) = split(round_trip, share);
        let trip = Trip { there, back, offset, late: 0, httpstime: None };
        let run = run(SearchConfig::new().with_rounds(12), start, &[trip; 12]);
        prop_assert!(run.result.is_ok(), "{:?}", run.result);
        check_truth(&run, offset)?;
        for (round, bounds) in run.bounds.iter().enumerate() {
            // The first round makes a second and a round trip, each of the others halves that.
            let theory = round_trip.max(SECOND >> round);
            prop_assert!(width(*bounds) <= 2 * theory + 2, "{round}: {bounds:?}");
        }
        // It ends before the twelfth round only where that would gain nothing.
        let done = run.bounds.len() == 12 || width(run.bounds[run.bounds.len() - 1]) * 8 <= round_trip * 9 + 16;
        prop_assert!(done);
    }

    /// One that changes: the round trip of the theory is the longest so far.
    #[test]
    fn the_width_with_jitter_is_within_twice_the_theory((offset, trips) in trips(), start in start()) {
        let run = run(SearchConfig::new().with_rounds(12), start, &trips);
        check_truth(&run, offset)?;
        check_width(&run, &trips, 0)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// A Date that is kept for a while: each late by another time, or each second's for a second.
    #[test]
    fn a_late_date_that_is_allowed_for_leaves_the_truth_inside(
        (offset, mut trips) in trips(),
        start in start(),
        late in prop::collection::vec(0..=1000_i128, 12),
        most in 0..=SECOND,
        is_cached in any::<bool>(),
    ) {
        for (trip, late) in trips.iter_mut().zip(late) {
            trip.late = if is_cached { most } else { most * late / 1000 };
            trip.httpstime = None;
        }
        let allowed = Duration::from_nanos(u64::try_from(most).unwrap());
        let allowing = run(SearchConfig::new().with_lateness(allowed), start, &trips);
        check_truth(&allowing, offset)?;
        prop_assert!(allowing.result.is_ok());
        check_width(&allowing, &trips, most)?;

        // Not allowed for, it is found out, or the high bound is too low by no more than that.
        let strict = run(SearchConfig::new(), start, &trips);
        for bounds in &strict.bounds {
            prop_assert!(overlaps(*bounds, offset - most, offset), "{bounds:?}");
        }
    }

    /// A clock that is set during the search, and two servers behind one name.
    #[test]
    fn two_clocks_are_found_out_or_lie_around_the_result(
        (offset, mut trips) in trips(),
        start in start(),
        step in offset_of_another(),
        place in 1..8_usize,
        alternates in any::<bool>(),
    ) {
        let other = offset + step;
        for (round, trip) in trips.iter_mut().enumerate() {
            if if alternates { round % 2 == 1 } else { round >= place } {
                trip.offset = other;
            }
        }
        let run = run(SearchConfig::new(), start, &trips);
        for bounds in &run.bounds {
            prop_assert!(overlaps(*bounds, offset, other), "{bounds:?}");
        }
        let longest = trips.iter().map(|trip| trip.there + trip.back).max().unwrap();
        let place = if alternates { 1 } else { place };
        if run.sent.len() > place && step.abs() > 2 * (SECOND + longest) {
            let round = u32::try_from(place).unwrap() + 1;
            let is_found = matches!(run.result, Err(SearchError::Inconsistent { round: found, .. }) if found == round);
            prop_assert!(is_found, "{:?}", run.result);
        }
    }

    /// Whatever clocks say, nothing overflows and it comes to an end.
    #[test]
    fn any_times_are_taken(times in prop::collection::vec((any::<i64>(), 0..1_000_000_000_u32, 0..4_u8), 0..40)) {
        let mut search = Search::new(SearchConfig::new().with_any_status());
        for (seconds, nanoseconds, what) in times {
            let time = UnixTime::new(seconds, nanoseconds).unwrap();
            match what {
                0 => search.handle_connected(time),
                1 => search.handle_sent(time),
                2 => search.handle_response(&Response { date: Ok(time), ..response(0) }, time),
                _ => search.handle_response(&response(0), time),
            }
            if let Action::Done(bounds) = search.poll_action() {
                prop_assert_eq!(search.bounds(), Some(bounds));
            }
        }
    }
}

/// By how much a clock is set.
fn offset_of_another() -> impl Strategy<Value = i128> {
    prop_oneof![
        -SECOND..=SECOND,
        -5 * SECOND..=5 * SECOND,
        -SECOND * 100_000..=SECOND * 100_000
    ]
}
