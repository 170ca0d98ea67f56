//! Evaluating without a clock to steer, or one that others steer.

use super::*;
use crate::Adjustment;

impl Bench {
    fn observe(&mut self, source: usize, ahead: f64) -> Evaluation {
        let server = u8::try_from(source).unwrap();
        let exchange = exchange(&self.clock, server, ahead, 0.005);
        let now = self.clock.now();
        self.evaluator
            .observe_exchange(self.ids[source], &exchange, now)
    }
}

#[test]
fn who_looks_on_steers_nothing() {
    let mut bench = Bench::plain(3);
    for _ in 0..10 {
        bench.clock.sleep(7.0);
        for source in 0..3 {
            let evaluation = bench.observe(source, 0.5);
            assert_eq!(evaluation.pll, None);
        }
    }
    let answer = bench.evaluator.answer(bench.clock.now());
    assert!((answer.offset.unwrap() - 0.5).abs() < 1e-6);
    assert_eq!(bench.evaluator.pll().mode(), PllMode::Startup);
    assert!(bench.clock.added().abs() < 1e-12);
}

#[test]
fn observing_and_then_steering_is_what_handling_does() {
    let (mut one, mut two) = (Bench::plain(3), Bench::plain(3));
    for turn in 0..40 {
        let source = turn % 3;
        let ahead = |clock: &SimulatedClock| 0.3 + clock.added();
        let exchange = exchange(&one.clock, 0, ahead(&one.clock), 0.005);
        let id = one.ids[source];
        let Ok(handled) = one.evaluator.handle_exchange(id, &exchange, &mut one.clock);
        let mut observed = two
            .evaluator
            .observe_exchange(id, &exchange, two.clock.now());
        let Ok(pll) = two.evaluator.steer(&observed.answer, &mut two.clock);
        observed.pll = pll;
        assert_eq!(handled, observed);
        for bench in [&mut one, &mut two] {
            bench.clock.tick();
            bench.clock.sleep(4.0);
        }
    }
    assert_eq!(one.evaluator.pll().mode(), PllMode::Tracking);
    assert!((one.clock.added() - two.clock.added()).abs() < 1e-15);
    assert!((one.clock.added() + 0.3).abs() < 1e-4);
}

#[test]
fn without_an_offset_nothing_is_steered() {
    let mut bench = Bench::plain(2);
    bench.observe(0, 0.0);
    let answer = bench.observe(1, 0.5).answer;
    assert_eq!(answer.offset, None);
    let Ok(pll) = bench.evaluator.steer(&answer, &mut bench.clock);
    assert_eq!(pll, None);
}

#[test]
fn bounds_age_without_steering_until_they_are_stale() {
    let mut bench = Bench::plain(1);
    let density = bench.observe(0, 0.0).density.unwrap();
    let widths = [0.0, 100.0, 1000.0].map(|age| {
        let now = date::add(bench.clock.now(), age);
        let [low, high] = bench.evaluator.answer(now).bounds.unwrap();
        assert!((low + high).abs() < 1e-8, "{age}");
        high - low - (density.high() - density.low())
    });
    // 15 ppm either way.
    for (width, expected) in widths.into_iter().zip([0.0, 0.003, 0.03]) {
        assert!((width - expected).abs() < 1e-9, "{width} is not {expected}");
    }
    let late = date::add(bench.clock.now(), 1025.0);
    let answer = bench.evaluator.answer(late);
    assert_eq!((answer.offset, answer.quorum.voters), (None, 0));
    // Asking later changes nothing, nor does asking for a time before the sample.
    let early = date::add(bench.clock.now(), -1e4);
    let bounds = bench.evaluator.answer(early).bounds;
    assert_eq!(bounds, Some([density.low(), density.high()]));
}

#[test]
fn samples_move_with_what_others_do_to_the_clock() {
    let mut bench = Bench::plain(1);
    bench.observe(0, 0.0);
    let start = bench.clock.now();
    let adjustment = Adjustment {
        offset: 0.01,
        duration: 10.0,
        frequency: 0.0,
    };
    bench.evaluator.handle_adjustment(adjustment, start);
    for (age, ahead) in [(0.0, 0.0), (5.0, 0.005), (20.0, 0.01)] {
        let answer = bench.evaluator.answer(date::add(start, age));
        assert!((answer.offset.unwrap() - ahead).abs() < 1e-6, "{age}");
    }
}

impl Bench {
    /// What an interleaved reply tells now of the exchange that ended `ago`.
    fn observe_interleaved(&mut self, ahead: f64, ago: f64) -> Evaluation {
        let now = self.clock.now();
        let mut exchange = exchange(&self.clock, 0, ahead, 0.005);
        for time in [
            &mut exchange.reference,
            &mut exchange.t1,
            &mut exchange.t2,
            &mut exchange.t3,
            &mut exchange.t4,
        ] {
            *time = date::add(*time, -ago);
        }
        self.evaluator
            .observe_interleaved(self.ids[0], &exchange, now)
    }
}

/// Between the exchange and the reply that tells of it, time has passed and the clock was slewed.
#[test]
fn an_interleaved_exchange_counts_as_of_the_reply_before() {
    let mut bench = Bench::plain(1);
    bench.observe(0, 0.0);
    let adjustment = Adjustment {
        offset: 0.01,
        duration: 10.0,
        frequency: 0.0,
    };
    let start = bench.clock.now();
    bench.evaluator.handle_adjustment(adjustment, start);
    bench.clock.sleep(100.0);
    let density = bench.observe_interleaved(0.0, 100.0).density.unwrap();
    assert!((density.mid() - 0.01).abs() < 1e-6);
    // As wide as the way there and back, and 15 ppm of 100 s either way.
    assert!((density.high() - density.low() - 0.013).abs() < 1e-6);
    // The next one is of the reply that just came.
    bench.clock.sleep(10.0);
    let density = bench.observe_interleaved(0.01, 10.0).density.unwrap();
    assert!((density.high() - density.low() - 0.0103).abs() < 1e-6);
}

#[test]
fn an_interleaved_exchange_from_before_a_step_says_nothing() {
    let mut bench = Bench::plain(1);
    bench.observe(0, 0.5);
    bench.evaluator.reset();
    bench.clock.sleep(10.0);
    let evaluation = bench.observe_interleaved(0.5, 10.0);
    assert_eq!((evaluation.filtered, evaluation.density), (None, None));
    bench.clock.sleep(10.0);
    assert!(bench.observe_interleaved(0.0, 10.0).density.is_some());
}
