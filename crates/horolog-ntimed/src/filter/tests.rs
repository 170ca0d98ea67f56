use super::*;
use crate::date;
use horolog_ntp::{Header, LeapIndicator, Measurement, Mode, ReferenceId, Stratum, Version};
use horolog_time::{NtpDate, NtpTimestamp, Precision, UnixTime};
use proptest::prelude::*;

/// An exchange with these ways there and back, by a clock that is right.
fn exchange(there: f64, back: f64) -> Exchange {
    let t1 = date::from_unix(UnixTime::from_seconds(1_416_000_000));
    let t2 = date::add(t1, there);
    let t3 = date::add(t2, 1e-5);
    Exchange {
        leap: LeapIndicator::NoWarning,
        version: Version::V4,
        mode: Mode::SERVER,
        stratum: Stratum::new(2),
        precision: Precision::from_exponent(-32),
        reference_id: ReferenceId::from_octets([127, 127, 1, 1]),
        reference: date::add(t1, -20.0),
        t1,
        t2,
        t3,
        t4: date::add(t3, back),
    }
}

/// A filter that has seen ways of 10 ms give or take 0.1 ms.
fn settled(params: &Params) -> Filter {
    let mut filter = Filter::new();
    for turn in 0..40 {
        let jitter = f64::from(turn % 3 - 1) * 1e-4;
        filter
            .handle_exchange(&exchange(0.01 + jitter, 0.01 - jitter), params)
            .unwrap();
    }
    filter
}

#[test]
fn a_slow_way_leaves_the_middle_to_the_other() {
    let params = Params::default();
    for (there, back, branch) in [
        (0.01, 0.01, FilterBranch::Usual),
        (0.05, 0.01, FilterBranch::LowOut),
        (0.01, 0.05, FilterBranch::HighOut),
        (0.05, 0.05, FilterBranch::BothOut),
    ] {
        let report = settled(&params)
            .handle_exchange(&exchange(there, back), &params)
            .unwrap();
        assert_eq!(report.branch, branch);
        assert!(report.mid.abs() < 1e-4, "{branch:?}: {}", report.mid);
        assert!((report.low + there).abs() < 1e-9 && (report.high - back).abs() < 1e-9);
    }
}

#[test]
fn a_forgetful_filter_takes_each_exchange_for_the_first() {
    let params = Params::default();
    let mut filter = Filter::forgetful();
    for _ in 0..10 {
        filter
            .handle_exchange(&exchange(0.01, 0.01), &params)
            .unwrap();
        let report = filter
            .handle_exchange(&exchange(0.01, 0.05), &params)
            .unwrap();
        assert_eq!(report.branch, FilterBranch::BothOut);
        assert!((report.mid - 0.02).abs() < 1e-9);
    }
    let mut filter = settled(&params);
    filter.reset();
    let report = filter
        .handle_exchange(&exchange(0.01, 0.05), &params)
        .unwrap();
    assert!((report.mid - 0.02).abs() < 1e-9);
}

/// The square of the averages and the average of the squares are equal but for rounding.
#[test]
fn equal_exchanges_have_no_noise_and_no_nan() {
    let params = Params::default();
    let mut filter = Filter::new();
    for _ in 0..100 {
        let report = filter
            .handle_exchange(&exchange(0.1, 0.3), &params)
            .unwrap();
        assert!(report.low_limit.is_finite() && report.high_limit.is_finite());
    }
}

#[test]
fn replies_that_say_nothing_are_refused() {
    let good = exchange(0.01, 0.01);
    let refused = |change: &dyn Fn(&mut Exchange)| {
        let mut exchange = good;
        change(&mut exchange);
        Filter::new()
            .handle_exchange(&exchange, &Params::default())
            .map_err(|refusal| refusal.to_string())
            .unwrap_err()
    };
    assert_eq!(
        refused(&|e| e.leap = LeapIndicator::Unknown),
        "Not synchronised"
    );
    assert_eq!(refused(&|e| e.version = Version::V2), "Bad version 2");
    assert_eq!(refused(&|e| e.version = Version::V5), "Bad version 5");
    assert_eq!(refused(&|e| e.mode = Mode::CLIENT), "Bad mode 3");
    for stratum in [0, 16, 255] {
        assert_eq!(
            refused(&|e| e.stratum = Stratum::new(stratum)),
            format!("Bad stratum {stratum}")
        );
    }
    assert_eq!(refused(&|e| e.t3 = e.t2), "rx after tx 0.000e+00");
    assert_eq!(
        refused(&|e| e.reference = date::add(e.t3, 1.0)),
        "ref after tx -1.000e+00"
    );
    assert_eq!(
        refused(&|e| e.reference = date::add(e.t3, -2049.0)),
        "ancient ref 2.049e+03"
    );
    let mut late = good;
    late.reference = date::add(late.t3, 1e-9);
    assert!(
        Filter::new()
            .handle_exchange(&late, &Params::default())
            .is_ok()
    );
}

#[test]
fn trust_falls_with_the_stratum() {
    for (stratum, trust) in [(0, 0.0), (1, 1.0), (2, 0.5), (14, 1.0 / 14.0), (15, 0.0)] {
        assert!((trust_of(Stratum::new(stratum)) - trust).abs() < 1e-12);
    }
}

#[test]
fn a_measurement_is_an_exchange() {
    let at = |second| NtpTimestamp::from_parts(second, 1 << 31);
    let header = Header {
        mode: Mode::SERVER,
        stratum: Stratum::PRIMARY,
        reference: at(90),
        ..Header::default()
    };
    let times = [at(100), at(101), at(102), at(104)];
    let measurement = Measurement::new(times, header, Precision::from_exponent(-20));
    let pivot = NtpDate::from_parts(1, 0, 0);
    let exchange = Exchange::from_measurement(&measurement, pivot).unwrap();
    assert_eq!(exchange.t1, NtpDate::from_parts(1, 100, 1 << 63));
    for (seconds, value) in [
        (exchange.low(), -1.0),
        (exchange.high(), 2.0),
        (exchange.processing(), 1.0),
        (exchange.reference_age(), 12.0),
    ] {
        assert!((seconds - value).abs() < 1e-9);
    }
    let mut times = times;
    times[3] = NtpTimestamp::UNKNOWN;
    let measurement = Measurement::new(times, header, Precision::from_exponent(-20));
    assert_eq!(Exchange::from_measurement(&measurement, pivot), None);
}

proptest! {
    #[test]
    fn any_exchanges_leave_numbers(times in proptest::collection::vec(any::<[[u8; 16]; 5]>(), 1..30), forgetful: bool) {
        let params = Params::default();
        let mut filter = if forgetful { Filter::forgetful() } else { Filter::new() };
        for [reference, t1, t2, t3, t4] in times {
            let [reference, t1, t2, t3, t4] = [reference, t1, t2, t3, t4].map(NtpDate::from_octets);
            // Near enough to be let pass, as often as not.
            let t3 = if t1.fraction() % 2 == 0 { date::add(t2, 1e-3) } else { t3 };
            let reference = if t1.fraction() % 2 == 0 { t2 } else { reference };
            let exchange = Exchange { reference, t1, t2, t3, t4, ..exchange(0.0, 0.0) };
            if let Ok(report) = filter.handle_exchange(&exchange, &params) {
                for value in [report.low, report.mid, report.high, report.low_limit, report.average_mid, report.high_limit] {
                    prop_assert!(value.is_finite(), "{report:?}");
                }
            }
        }
    }
}
