mod coarse;
mod membership;
mod observation;
mod properties;

use super::*;
use crate::{PllMode, SimulatedClock, Trust, date};
use horolog_ntp::{LeapIndicator, Mode, ReferenceId, Stratum, Version};
use horolog_time::{NtpDuration, Precision, UnixTime};
use proptest::prelude::*;

/// An exchange over symmetric ways of `half` seconds with a clock that is `ahead`.
fn exchange(clock: &SimulatedClock, server: u8, ahead: f64, half: f64) -> Exchange {
    let t1 = clock.now();
    let t2 = date::add(t1, half - ahead);
    let t3 = date::add(t2, 1e-5);
    Exchange {
        leap: LeapIndicator::NoWarning,
        version: Version::V4,
        mode: Mode::SERVER,
        stratum: Stratum::new(2),
        precision: Precision::from_exponent(-32),
        reference_id: ReferenceId::from_octets([192, 0, 2, server]),
        reference: date::add(t2, -20.0 - f64::from(server)),
        t1,
        t2,
        t3,
        t4: date::add(t3, half + ahead),
    }
}

struct Bench {
    evaluator: Evaluator,
    clock: SimulatedClock,
    ids: Vec<SourceId>,
}

impl Bench {
    fn new(sources: &[Source]) -> Self {
        let mut evaluator = Evaluator::new(Params::default());
        let ids = sources.iter().map(|s| evaluator.add_source(*s)).collect();
        Self {
            evaluator,
            clock: SimulatedClock::new(),
            ids,
        }
    }

    fn plain(count: usize) -> Self {
        Self::new(&vec![Source::default(); count])
    }

    fn take(&mut self, source: usize, change: impl Fn(&mut Exchange), ahead: f64) -> Answer {
        let server = u8::try_from(source).unwrap();
        let mut exchange = exchange(&self.clock, server, ahead, 0.005);
        change(&mut exchange);
        let id = self.ids[source];
        let Ok(evaluation) = self
            .evaluator
            .handle_exchange(id, &exchange, &mut self.clock);
        evaluation.answer
    }

    /// Each source says that the clock is so far ahead.
    fn all(&mut self, ahead: &[f64]) -> Answer {
        let answers = ahead.iter().enumerate();
        let mut answers: Vec<_> = answers.map(|(at, x)| self.take(at, |_| {}, *x)).collect();
        answers.pop().unwrap()
    }
}

fn reasons(answer: &Answer) -> Vec<(usize, String)> {
    let reasons = answer.rejected.iter();
    reasons.map(|(id, r)| (id.index(), r.to_string())).collect()
}

#[test]
fn a_majority_outvotes_liars() {
    let answer = Bench::plain(5).all(&[0.2, 0.0, 0.001, 0.2, -0.001]);
    assert_eq!(
        answer.quorum,
        Quorum {
            agreeing: 3,
            voters: 5
        }
    );
    assert!(answer.offset.unwrap().abs() < 0.001);
    let [low, high] = answer.bounds.unwrap();
    assert!((low + 0.004).abs() < 1e-6 && (high - 0.004).abs() < 1e-6);
    assert_eq!(
        reasons(&answer),
        [
            (
                0,
                "falseticker: says +0.194999999 s to +0.205000001 s".to_owned()
            ),
            (
                3,
                "falseticker: says +0.194999999 s to +0.205000001 s".to_owned()
            ),
        ]
    );
}

#[test]
fn without_a_majority_there_is_no_answer_and_no_steering() {
    let mut bench = Bench::plain(4);
    for _ in 0..10 {
        bench.clock.sleep(7.0);
        let answer = bench.all(&[0.0, 0.001, 0.2, 0.201]);
        assert_eq!(
            (answer.peak, answer.offset, answer.bounds),
            (None, None, None)
        );
        assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (2, 4));
        assert!(!answer.quorum.is_majority());
    }
    assert_eq!(bench.evaluator.pll().mode(), PllMode::Startup);
}

/// The first to answer cannot decide alone; but those that never answer do not block for long.
#[test]
fn at_first_the_silent_count() {
    let mut bench = Bench::plain(3);
    let answer = bench.take(0, |_| {}, 0.5);
    assert_eq!((answer.peak, answer.quorum.voters), (None, 3));
    assert_eq!(reasons(&answer)[0], (1, "no sample yet".to_owned()));
    bench.clock.sleep(65.0);
    let answer = bench.take(0, |_| {}, 0.5);
    assert!(answer.peak.is_some());
    assert_eq!(answer.quorum.voters, 1);
}

#[test]
fn replies_that_do_not_count_are_told_with_their_reason() {
    let mut bench = Bench::plain(4);
    bench.all(&[0.0; 4]);
    bench.take(1, |e| e.leap = LeapIndicator::Unknown, 0.0);
    bench.take(2, |e| e.t4 = date::add(e.t4, -1.0), 0.0);
    let answer = bench.take(3, |e| e.stratum = Stratum::new(15), 0.0);
    assert_eq!(
        reasons(&answer),
        [
            (1, "refused: Not synchronised".to_owned()),
            (
                2,
                "contradicts itself: -0.005000000 s is above -0.995000000 s".to_owned()
            ),
            (3, "not trusted".to_owned()),
        ]
    );
    assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (1, 1));
    // And count again with the next good one.
    assert_eq!(bench.all(&[0.0; 4]).quorum.voters, 4);
}

#[test]
fn a_source_that_fell_silent_stops_to_count() {
    let mut bench = Bench::plain(2);
    bench.all(&[0.0, 0.001]);
    bench.clock.sleep(1025.0);
    let answer = bench.take(0, |_| {}, 0.0);
    assert_eq!(
        reasons(&answer),
        [(1, "the newest sample is 1025 s old".to_owned())]
    );
    assert_eq!(answer.quorum.voters, 1);
}

#[test]
fn trust_can_be_raised() {
    let trusted = Source {
        trust: Trust::Fixed(1.0),
        ..Source::default()
    };
    let none = Source {
        trust: Trust::Fixed(0.0),
        ..Source::default()
    };
    let mut bench = Bench::new(&[Source::default(), trusted, none]);
    let answer = bench.all(&[0.002, 0.0, 0.0]);
    assert!(answer.peak.unwrap().offset.abs() < 1e-6);
    assert_eq!(reasons(&answer), [(2, "not trusted".to_owned())]);
}

#[test]
fn other_sources_of_bounds_vote_too() {
    let mut bench = Bench::plain(3);
    let nanoseconds = |n| NtpDuration::from_nanoseconds(n).unwrap();
    // The local clock is 0.3 s ahead, so that this has to be taken away from it.
    let bounds = OffsetBounds::new(nanoseconds(-800_000_000), nanoseconds(200_000_000)).unwrap();
    bench.take(0, |_| {}, 0.3);
    bench.take(1, |_| {}, -5.0);
    let Ok(evaluation) = bench
        .evaluator
        .handle_bounds(bench.ids[2], bounds, &mut bench.clock);
    assert_eq!(evaluation.filtered, None);
    assert!((evaluation.density.unwrap().mid() - 0.3).abs() < 1e-6);
    assert!((evaluation.answer.offset.unwrap() - 0.3).abs() < 1e-3);
    assert_eq!(evaluation.answer.rejected.len(), 1);
}

#[test]
fn those_that_agree_vote_on_the_leap_second() {
    let mut bench = Bench::plain(4);
    for (source, leap, ahead) in [
        (0, LeapIndicator::Insert, 0.0),
        (1, LeapIndicator::Insert, 0.0),
        (2, LeapIndicator::NoWarning, 0.0),
    ] {
        bench.take(source, |e| e.leap = leap, ahead);
    }
    let answer = bench.take(3, |e| e.leap = LeapIndicator::Delete, 1.0);
    assert_eq!(
        answer.leap,
        LeapVote {
            none: 1,
            insert: 2,
            delete: 0
        }
    );
    assert!(answer.leap.is_disputed());
}

#[test]
fn a_step_starts_a_new_generation() {
    let mut bench = Bench::plain(2);
    bench.all(&[0.5, 0.5]);
    bench.clock.sleep(3.0);
    let answer = bench.all(&[0.5, 0.5]);
    // The first of the two stepped the clock, and the second speaks in the new generation alone.
    assert!((bench.clock.added() + 0.5).abs() < 1e-6);
    assert_eq!(reasons(&answer), [(0, "no sample yet".to_owned())]);
    assert_eq!(bench.evaluator.pll().mode(), PllMode::Startup);
}

proptest! {
    #[test]
    fn any_exchanges_leave_numbers(
        times in proptest::collection::vec((0..4_usize, any::<[[u8; 16]; 5]>(), -1.0..1e4_f64, -10.0..10.0_f64), 1..40),
    ) {
        let mut bench = Bench::plain(4);
        for (source, octets, sleep, near) in times {
            bench.clock.sleep(sleep);
            bench.clock.tick();
            let [reference, t1, t2, t3, t4] = octets.map(NtpDate::from_octets);
            let answer = bench.take(source, |e| {
                match t1.fraction() % 3 {
                    0 => *e = Exchange { reference, t1, t2, t3, t4, ..*e },
                    1 => *e = Exchange { t1, t4, ..*e },
                    _ => e.t4 = date::add(e.t4, near),
                }
            }, near);
            if let Some(peak) = answer.peak {
                prop_assert!(peak.offset.is_finite() && peak.weight.is_finite());
                prop_assert!(answer.quorum.is_majority());
                let [low, high] = answer.bounds.unwrap();
                prop_assert!(low <= answer.offset.unwrap() && answer.offset.unwrap() <= high);
            }
            prop_assert!(answer.quorum.agreeing <= answer.quorum.voters);
            prop_assert!(bench.clock.added().is_finite());
        }
    }
}
