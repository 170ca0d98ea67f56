use super::*;
use horolog_time::UnixTime;
use proptest::prelude::*;

fn at(seconds: f64) -> NtpDate {
    date::add(date::from_unix(UnixTime::from_seconds(1_000_000)), seconds)
}

fn peak(offset: f64, weight: f64) -> Peak {
    Peak { offset, weight }
}

/// A PLL that tracks since the time 10 s.
fn tracking(params: &Params) -> Pll {
    let mut pll = Pll::new();
    for (time, mode) in [
        (0.0, PllMode::Stepping),
        (2.0, PllMode::Stepping),
        (2.5, PllMode::Settling),
        (8.5, PllMode::Settling),
        (10.0, PllMode::Tracking),
    ] {
        let update = pll.handle_estimate(peak(1e-3, 500.0), at(time), params);
        assert_eq!(
            (update.report.mode, update.action),
            (mode, PllAction::Nothing)
        );
    }
    pll
}

#[test]
fn light_estimates_do_not_step() {
    let params = Params::default();
    let mut pll = Pll::new();
    for time in [0.0, 3.0, 6.0] {
        let update = pll.handle_estimate(peak(1.0, 3.0), at(time), &params);
        assert_eq!(update.action, PllAction::Nothing);
    }
    let update = pll.handle_estimate(peak(1.0, 3.1), at(9.0), &params);
    assert_eq!(update.action, PllAction::Step(-1.0));
}

#[test]
fn weights_choose_the_gains() {
    let params = Params::default();
    for (weight, proportional, integral) in [
        (49.0, 0.03, 5e-4),
        (50.0, 0.06, 1e-3),
        (150.0, 0.33, 0.0055),
    ] {
        let report = tracking(&params)
            .handle_estimate(peak(1e-4, weight), at(11.0), &params)
            .report;
        assert!(
            (report.proportional - proportional).abs() < 1e-12,
            "{weight}"
        );
        assert!((report.integral - integral).abs() < 1e-12, "{weight}");
        assert!((report.adjustment.offset + 1e-4 * proportional).abs() < 1e-12);
    }
}

#[test]
fn slews_are_limited() {
    let params = Params::default();
    for sign in [-1.0, 1.0] {
        let update = tracking(&params).handle_estimate(peak(sign, 500.0), at(13.5), &params);
        let PllAction::Adjust(adjustment) = update.action else {
            panic!("{update:?}");
        };
        assert!((adjustment.offset + sign * 4.0 * 500e-6).abs() < 1e-12);
        assert!((adjustment.duration - 4.0).abs() < 1e-12);
    }
}

#[test]
fn the_loop_stiffens_after_the_capture() {
    let params = Params::default();
    let mut pll = tracking(&params);
    let before = pll.handle_estimate(peak(1e-4, 500.0), at(310.0), &params);
    assert!((before.report.proportional - 0.33).abs() < 1e-12);
    let after = pll.handle_estimate(peak(1e-4, 500.0), at(311.0), &params);
    assert!((after.report.proportional - 0.33 * 0.999).abs() < 1e-12);
}

#[test]
fn an_adaptive_loop_loosens_where_the_offset_stays_on_one_side() {
    let params = Params::default();
    let gain = |mut pll: Pll, sign: f64| {
        let mut gain = 0.0;
        let mut offset = 1e-4;
        for turn in 0..200 {
            offset *= sign;
            let report = pll
                .handle_estimate(peak(offset, 30.0), at(f64::from(turn) * 13.0), &params)
                .report;
            gain = report.proportional;
        }
        gain
    };
    assert!((gain(Pll::new(), 1.0) - 0.03).abs() < 1e-12);
    assert!((gain(Pll::adaptive(), -1.0) - 0.03).abs() < 1e-12);
    assert!(gain(Pll::adaptive(), 1.0) > 0.2);
}

#[test]
fn an_adaptive_loop_starts_as_lively_as_it_is_told() {
    let mut params = Params::default();
    params.set(Param::PllPInit, 0.5).unwrap();
    let mut pll = Pll::adaptive();
    for time in [0.0, 3.0, 10.0] {
        let _ = pll.handle_estimate(peak(1e-4, 500.0), at(time), &params);
    }
    let update = pll.handle_estimate(peak(1e-4, 500.0), at(11.0), &params);
    assert!(
        (update.report.proportional - 0.5).abs() < 1e-12,
        "{update:?}"
    );
}

#[test]
fn an_adaptive_loop_steers_at_most_once_a_second() {
    let params = Params::default();
    let adjustments = |mut pll: Pll| {
        let mut number = 0;
        for turn in 0..1_000 {
            let now = at(f64::from(turn) * 0.125);
            let update = pll.handle_estimate(peak(1e-4, 500.0), now, &params);
            number += u32::from(matches!(update.action, PllAction::Adjust(_)));
        }
        number
    };
    // Of 125 s the first 8 and a bit go by until it tracks.
    assert!((110..=117).contains(&adjustments(Pll::adaptive())));
    assert!(adjustments(Pll::new()) > 900);
}

/// A loop that a wandering oscillator has loosened; then the clock jumps by 0.3 s, which takes ten
/// minutes to slew.
#[test]
fn an_adaptive_loop_comes_to_rest_after_a_jump() {
    let params = Params::default();
    let mut pll = Pll::adaptive();
    let (mut ahead, mut wander, mut fastest) = (0.0_f64, 0.0, 0.0_f64);
    for turn in 0..600 {
        wander += 1e-8;
        if turn == 300 {
            ahead += 0.3;
        }
        let update = pll.handle_estimate(peak(ahead, 500.0), at(f64::from(turn) * 13.0), &params);
        if let PllAction::Adjust(adjustment) = update.action {
            ahead += adjustment.gained(13.0) + wander * 13.0;
            fastest = fastest.max(adjustment.frequency.abs());
        }
    }
    assert!(fastest < 150e-6, "{fastest}");
    assert!(ahead.abs() < 1e-4, "{ahead}");
}

/// As often as parameters allow to ask a single server, and less, as where it says that this is too
/// often. The clock is off by 30 ms and 10 ppm.
#[test]
fn an_adaptive_loop_comes_to_rest_however_rare_estimates_are() {
    let params = Params::default();
    for interval in [1.0, 16.0, 64.0, 256.0, 1024.0, 8192.0] {
        let mut pll = Pll::adaptive();
        let mut ahead = 0.03;
        for turn in 0..1000 {
            let now = at(f64::from(turn) * interval);
            ahead += match pll.handle_estimate(peak(ahead, 500.0), now, &params).action {
                PllAction::Step(offset) => offset,
                PllAction::Adjust(adjustment) => adjustment.gained(interval),
                PllAction::Nothing => pll.frequency() * interval,
            };
            ahead += 10e-6 * interval;
        }
        assert!(ahead.abs() < 1e-3, "{interval}: {ahead}");
    }
}

/// Where the original aborts on an assertion.
#[test]
fn without_time_between_there_is_nothing_to_steer() {
    let params = Params::default();
    let mut pll = tracking(&params);
    for time in [10.0, 9.0] {
        let update = pll.handle_estimate(peak(1e-4, 500.0), at(time), &params);
        assert_eq!(update.action, PllAction::Nothing);
    }
    let update = pll.handle_estimate(peak(1e-4, 500.0), at(10.0), &params);
    assert!(matches!(update.action, PllAction::Adjust(_)));
}

proptest! {
    #[test]
    fn steering_is_finite(estimates in proptest::collection::vec((any::<f64>(), any::<f64>(), any::<[u8; 16]>()), 1..20)) {
        let params = Params::default();
        let mut pll = tracking(&params);
        for (offset, weight, now) in estimates {
            let update = pll.handle_estimate(peak(offset, weight), NtpDate::from_octets(now), &params);
            match update.action {
                PllAction::Nothing => {}
                PllAction::Step(offset) => prop_assert!(offset.is_finite()),
                PllAction::Adjust(Adjustment { offset, duration, frequency }) => {
                    prop_assert!(offset.is_finite() && duration >= 1.0 && frequency.is_finite(), "{update:?}");
                }
            }
        }
    }
}
