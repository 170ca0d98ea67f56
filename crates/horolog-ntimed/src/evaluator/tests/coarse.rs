//! Servers whose clocks move on by much at a time.

use super::*;

/// As of the 64 ticks a second that some clocks have.
const COARSE: Precision = Precision::from_exponent(-6);

/// What a clock shows that moves on once a tick.
fn cut(date: NtpDate) -> NtpDate {
    let tick = COARSE.as_seconds_f64();
    let start = date::from_unix(UnixTime::from_seconds(SimulatedClock::START));
    let ticks = libm::floor(date::difference(date, start) / tick);
    date::add(start, ticks * tick)
}

/// RFC 5905 has no rule against T3 = T2, unlike the original.
#[test]
fn a_reply_may_leave_at_the_instant_at_which_the_request_arrived() {
    let mut bench = Bench::plain(2);
    bench.take(0, |e| e.t3 = e.t2, 0.0);
    let answer = bench.take(1, |e| e.t3 = date::add(e.t2, -1e-6), 0.0);
    assert_eq!(
        reasons(&answer),
        [(1, "refused: rx after tx -1.000e-06".to_owned())]
    );
    assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (1, 1));
    assert!(answer.offset.unwrap().abs() < 1e-4);
}

#[test]
fn a_coarse_clock_proves_no_more_than_its_precision() {
    let mut bench = Bench::plain(3);
    let now = bench.clock.now();
    let precise = [0, 2].map(|server| exchange(&bench.clock, server, 0.0, 0.005));
    // The ways of 0.1 ms are far less than a tick; at any time of it, also where it ends between
    // T2 and T3.
    for part in 0..1000 {
        let ahead = f64::from(part) * 1e-3 * COARSE.as_seconds_f64();
        let shifted = |span| date::add(now, ahead + span);
        let coarse = Exchange {
            precision: COARSE,
            t1: shifted(0.0),
            t2: cut(shifted(1e-4)),
            t3: cut(shifted(1.2e-4)),
            t4: shifted(2.2e-4),
            ..exchange(&bench.clock, 1, 0.0, 0.0)
        };
        bench.evaluator.reset();
        let [one, other, last] = [0, 1, 2].map(|at| bench.ids[at]);
        bench.evaluator.observe_exchange(one, &precise[0], now);
        let evaluation = bench.evaluator.observe_exchange(other, &coarse, now);
        let density = evaluation.density.unwrap();
        assert!(density.contains(0.0), "{part}: {density:?}");
        assert!(density.high() - density.low() < 0.05, "{density:?}");
        let evaluation = bench.evaluator.observe_exchange(last, &precise[1], now);
        let answer = evaluation.answer;
        assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (3, 3));
    }
}

/// What no clock can have is no more than the widest bounds, and still a number.
#[test]
fn any_precision_leaves_numbers() {
    for exponent in i8::MIN..=i8::MAX {
        let mut bench = Bench::plain(2);
        bench.take(0, |_| {}, 0.0);
        let precision = Precision::from_exponent(exponent);
        let answer = bench.take(1, |e| e.precision = precision, 0.0);
        assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (2, 2));
        assert!(answer.offset.unwrap().abs() < 1e-3, "{exponent}");
    }
}
