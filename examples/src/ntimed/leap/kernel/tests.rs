use super::*;
use crate::leap::LeapKnowledge;
use crate::ntimed::KnownLeaps;
use horolog_leap_a::LeapAnnouncement;
use horolog_leap_dns::Security;
use horolog_ntimed::LeapVote;

const PLUS: LeapSign = LeapSign::Positive;
const MINUS: LeapSign = LeapSign::Negative;
const NONE: KernelOrder = KernelOrder::NoLeap;

fn bulletin(month: &str, tai_utc: i32, event: Option<LeapSign>) -> LeapAnnouncement {
    let tai_utc = TaiUtc::from_seconds(tai_utc);
    LeapAnnouncement::new(month.parse().unwrap(), tai_utc, event).unwrap()
}

fn leap(month: &str, sign: LeapSign) -> KernelOrder {
    KernelOrder::Leap(month.parse().unwrap(), sign)
}

const fn tai_utc(seconds: i32) -> KernelOrder {
    KernelOrder::TaiUtc(TaiUtc::from_seconds(seconds))
}

/// A kernel that obeys, but for its leap seconds, which the test inserts.
struct Bench {
    known: Option<KnownLeaps>,
    votes: [usize; 3],
    orders: KernelLeap,
    kernel: i32,
}

impl Bench {
    fn new(known: LeapAnnouncement) -> Self {
        let mut bench = Self {
            known: None,
            votes: [0; 3],
            orders: KernelLeap::default(),
            kernel: 0,
        };
        bench.learn(known);
        bench
    }

    fn learn(&mut self, known: LeapAnnouncement) {
        self.known = Some(KnownLeaps {
            knowledge: LeapKnowledge::Announcements(vec![known]),
            security: Security::NotValidated,
        });
    }

    /// What the kernel is told at a time.
    fn at(&mut self, now: &str) -> Vec<KernelOrder> {
        let now = now.parse().unwrap();
        let [none, insert, delete] = self.votes;
        let vote = LeapVote {
            none,
            insert,
            delete,
        };
        let status = LeapStatus::new("dns:a", self.known.as_ref(), now, vote);
        let mut told = Vec::new();
        loop {
            let kernel = Some(TaiUtc::from_seconds(self.kernel));
            let Some(order) = self.orders.poll(now, &status, kernel) else {
                return told;
            };
            if let KernelOrder::TaiUtc(tai_utc) = order {
                self.kernel = tai_utc.seconds();
            }
            told.push(order);
            assert!(told.len() < 4, "it comes to an end: {told:?}");
        }
    }
}

#[test]
fn the_leap_second_of_2016_is_told_on_its_day_and_taken_back() {
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    assert_eq!(bench.at("2016-12-30T12:00:00Z"), [NONE, tai_utc(36)]);
    for quiet in ["2016-12-30T12:00:01Z", "2016-12-30T23:59:59Z"] {
        assert_eq!(bench.at(quiet), [], "{quiet}");
    }
    assert_eq!(bench.at("2016-12-31T00:00:00Z"), [leap("2016-12", PLUS)]);
    for quiet in ["2016-12-31T00:00:01Z", "2016-12-31T23:59:59Z"] {
        assert_eq!(bench.at(quiet), [], "{quiet}");
    }
    // The kernel inserts it, and repeats the number of the second before.
    bench.kernel = 37;
    for quiet in [
        "2016-12-31T23:59:59.5Z",
        "2017-01-01T00:00:00Z",
        "2017-01-01T00:00:02.9Z",
    ] {
        assert_eq!(bench.at(quiet), [], "{quiet}");
    }
    assert_eq!(bench.at("2017-01-01T00:00:03Z"), [NONE]);
    assert_eq!(bench.at("2017-01-01T12:00:00Z"), []);
    bench.learn(bulletin("2017-06", 37, None));
    assert_eq!(bench.at("2017-01-09T00:00:00Z"), []);
    assert_eq!(bench.at("2017-06-30T12:00:00Z"), []);
}

#[test]
fn a_removed_second_is_told_as_such() {
    let mut bench = Bench::new(bulletin("2029-06", 37, Some(MINUS)));
    assert_eq!(bench.at("2029-06-29T12:00:00Z"), [NONE, tai_utc(37)]);
    assert_eq!(bench.at("2029-06-30T00:00:05Z"), [leap("2029-06", MINUS)]);
    assert_eq!(bench.at("2029-06-30T23:59:58.9Z"), []);
    bench.kernel = 36;
    assert_eq!(bench.at("2029-07-01T00:00:00Z"), []);
    assert_eq!(bench.at("2029-07-01T00:00:03Z"), [NONE]);
    assert_eq!(bench.at("2029-07-01T00:00:04Z"), []);
}

#[test]
fn a_program_that_starts_on_the_day_clears_what_an_earlier_one_told() {
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    bench.kernel = 36;
    assert_eq!(bench.at("2016-12-31T12:00:00Z"), [NONE]);
    assert_eq!(bench.at("2016-12-31T12:00:01.9Z"), []);
    assert_eq!(bench.at("2016-12-31T12:00:02Z"), [leap("2016-12", PLUS)]);
    // One that starts in the last moments tells nothing any more.
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    bench.kernel = 36;
    assert_eq!(bench.at("2016-12-31T23:59:57Z"), []);
}

#[test]
fn after_a_step_it_is_told_again() {
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    bench.at("2016-12-30T12:00:00Z");
    bench.at("2016-12-30T12:00:02Z");
    bench.orders.handle_step();
    assert_eq!(bench.at("2016-12-30T13:00:00Z"), [], "there was none");
    assert_eq!(bench.at("2016-12-31T12:00:00Z"), [leap("2016-12", PLUS)]);
    bench.orders.handle_step();
    assert_eq!(bench.at("2016-12-31T11:00:00Z"), [NONE]);
    // One more step before it was told again.
    bench.orders.handle_step();
    assert_eq!(bench.at("2016-12-31T10:00:00Z"), [NONE]);
    assert_eq!(bench.at("2016-12-31T10:00:01Z"), []);
    assert_eq!(bench.at("2016-12-31T10:00:02Z"), [leap("2016-12", PLUS)]);
    // Even where nothing is known any more.
    bench.known = None;
    bench.orders.handle_step();
    assert_eq!(bench.at("2016-12-29T10:00:00Z"), [NONE]);
}

#[test]
fn what_is_contradicted_expired_or_not_known_tells_nothing_new() {
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    bench.votes = [3, 0, 0];
    assert_eq!(bench.at("2016-12-30T12:00:00Z"), [NONE, tai_utc(36)]);
    // Servers may be late for an hour; then they contradict.
    for now in ["2016-12-31T00:30:00Z", "2016-12-31T02:00:00Z"] {
        assert_eq!(bench.at(now), [], "{now}");
    }
    bench.votes = [0, 3, 0];
    assert_eq!(bench.at("2016-12-31T03:00:00Z"), [leap("2016-12", PLUS)]);
    // What was told stays.
    bench.votes = [0, 0, 3];
    assert_eq!(bench.at("2016-12-31T04:00:00Z"), []);
    bench.known = None;
    assert_eq!(bench.at("2016-12-31T05:00:00Z"), []);
    // But not beyond its time.
    assert_eq!(bench.at("2017-01-01T00:01:00Z"), [NONE]);

    for votes in [[0; 3], [0, 9, 0]] {
        for known in [None, Some(bulletin("2015-12", 36, None))] {
            let mut bench = Bench::new(bulletin("2016-12", 36, None));
            bench.known = None;
            if let Some(known) = known {
                bench.learn(known);
            }
            bench.votes = votes;
            assert_eq!(bench.at("2016-12-31T12:00:00Z"), []);
        }
    }
}

#[test]
fn an_announcement_that_is_withdrawn_or_turned_round_is_taken_back() {
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    bench.at("2016-12-30T12:00:00Z");
    assert_eq!(bench.at("2016-12-31T12:00:00Z"), [leap("2016-12", PLUS)]);
    bench.learn(bulletin("2016-12", 36, Some(MINUS)));
    assert_eq!(bench.at("2016-12-31T13:00:00Z"), [NONE]);
    assert_eq!(bench.at("2016-12-31T13:00:02Z"), [leap("2016-12", MINUS)]);
    bench.learn(bulletin("2016-12", 36, None));
    assert_eq!(bench.at("2016-12-31T14:00:00Z"), [NONE]);
    assert_eq!(bench.at("2016-12-31T15:00:00Z"), []);
}

#[test]
fn tai_utc_is_told_once_for_each_value() {
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    bench.kernel = 36;
    assert_eq!(bench.at("2016-12-30T12:00:00Z"), [NONE]);
    // Somebody changes it; that is left alone.
    bench.kernel = 0;
    assert_eq!(bench.at("2016-12-30T13:00:00Z"), []);
    // A kernel that did not hear of the leap second is told afterwards.
    bench.kernel = 36;
    assert_eq!(bench.at("2017-01-01T00:00:02Z"), []);
    assert_eq!(bench.at("2017-01-01T00:00:03Z"), [tai_utc(37)]);
    assert_eq!(bench.at("2017-01-01T00:00:04Z"), []);
}

#[test]
fn what_the_kernel_refused_is_tried_again() {
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    assert_eq!(bench.at("2016-12-31T12:00:00Z"), [NONE, tai_utc(36)]);
    bench.kernel = 0;
    bench.orders.handle_refusal(NONE);
    bench.orders.handle_refusal(tai_utc(36));
    assert_eq!(bench.at("2016-12-31T12:00:01Z"), [NONE, tai_utc(36)]);
    assert_eq!(bench.at("2016-12-31T12:00:03Z"), [leap("2016-12", PLUS)]);
    bench.orders.handle_refusal(leap("2016-12", PLUS));
    assert_eq!(bench.at("2016-12-31T12:00:04Z"), [NONE]);
    assert_eq!(bench.at("2016-12-31T12:00:06Z"), [leap("2016-12", PLUS)]);
}

#[test]
fn the_clock_jumps_at_the_leap_second_by_itself() {
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    bench.at("2016-12-30T12:00:00Z");
    let explain = |bench: &Bench, now: &str, jump| bench.orders.explain(now.parse().unwrap(), jump);
    let end = "2016-12-31T23:59:59.1Z";
    assert_eq!(explain(&bench, end, -1.0), None, "it was not told");
    bench.at("2016-12-31T12:00:00Z");
    assert_eq!(explain(&bench, end, -1.001), Some(PLUS));
    for other in [1.0, -0.8, -2.0, f64::NAN] {
        assert_eq!(explain(&bench, end, other), None, "{other}");
    }
    let noon = "2016-12-31T12:00:01Z";
    assert_eq!(explain(&bench, noon, -1.0), None);
    let is_near = |now: &str| bench.orders.is_near_leap(now.parse().unwrap());
    assert!(is_near(end) && is_near("2017-01-01T00:00:02Z"));
    assert!(!is_near(noon) && !is_near("2017-01-01T00:00:03Z"));
    let mut bench = Bench::new(bulletin("2029-06", 37, Some(MINUS)));
    bench.at("2029-06-30T12:00:00Z");
    bench.at("2029-06-30T12:00:02Z");
    let end = "2029-07-01T00:00:00Z";
    assert_eq!(explain(&bench, end, 1.0), Some(MINUS));
    assert_eq!(explain(&bench, end, -1.0), None);
}

#[test]
fn a_leap_second_that_does_not_come_is_missed_once() {
    let mut bench = Bench::new(bulletin("2016-12", 36, Some(PLUS)));
    bench.at("2016-12-30T12:00:00Z");
    let after: UtcInstant = "2017-01-01T00:00:03Z".parse().unwrap();
    assert_eq!(bench.orders.missed(after), None, "it was not told");
    bench.at("2016-12-31T12:00:00Z");
    for early in ["2016-12-31T23:59:60Z", "2017-01-01T00:00:02.9Z"] {
        assert_eq!(bench.orders.missed(early.parse().unwrap()), None, "{early}");
    }
    assert_eq!(bench.orders.missed(after), Some(PLUS));
    let mut came = bench.orders;
    came.handle_leap();
    assert_eq!(came.missed(after), None);
    // It is taken back.
    assert_eq!(bench.at("2017-01-01T00:00:03Z"), [NONE, tai_utc(37)]);
    assert_eq!(bench.orders.missed(after), None);
}
