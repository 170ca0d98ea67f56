use core::fmt;
use core::time::Duration;

use horolog_time::{LeapSign, Month, TaiUtc, UnixTime, UtcInstant};

use super::LeapStatus;

/// What a kernel is to be told of leap seconds as time passes. It reads no clock and asks no kernel.
///
/// * A leap second is told on the last day of its month alone, since a kernel puts it at the end of
///   the day on which it hears of it, and taken back when it is over.
/// * It is told only by what [`LeapStatus::believed`] believes. While that is nothing, because what is
///   known has expired or is contradicted, the kernel keeps what it was told, but not beyond the month.
/// * The first thing told is that there is none, and so it is after a step of the clock: a kernel that
///   was told of one before may have done with it, and takes the same again only after a second
///   without.
/// * TAI-UTC is told where the kernel has another. The leap second itself changes it, by the kernel.
/// * Within three seconds of the end of any month nothing is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct KernelLeap {
    told: Told,
    /// When a leap second may be told of.
    not_before: Option<UtcInstant>,
    tai_utc: Option<TaiUtc>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Told {
    /// Nothing, so that it may know anything.
    #[default]
    Nothing,
    /// Of a leap second, but the clock was stepped.
    Stepped,
    NoLeap,
    Leap(Month, LeapSign),
}

/// One thing that a kernel is to be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KernelOrder {
    /// There is no leap second at the end of this day.
    NoLeap,
    /// There is one, as this day is the last of the month.
    Leap(Month, LeapSign),
    /// TAI-UTC.
    TaiUtc(TaiUtc),
}

impl KernelLeap {
    /// Nothing is told so near to the end of a month.
    const MARGIN: u32 = 3;
    /// How long a kernel takes to see that there is no leap second, and to be ready for one.
    const PAUSE: Duration = Duration::from_secs(2);

    /// What to tell the kernel now; to be asked until there is nothing more, once a second at least.
    ///
    /// Call it only while the clock is known to be right to less than a second: a leap second that is
    /// told a little after the end of the day would be put at the end of the next. `kernel` is the
    /// kernel's TAI-UTC. What is answered counts as told; see [`handle_refusal`](Self::handle_refusal).
    pub fn poll(
        &mut self,
        now: UtcInstant,
        status: &LeapStatus,
        kernel: Option<TaiUtc>,
    ) -> Option<KernelOrder> {
        if Self::is_near_end_of_month(now) {
            return None;
        }
        self.poll_leap(now, status)
            .or_else(|| self.poll_tai_utc(status, kernel))
    }

    /// The clock was stepped.
    pub fn handle_step(&mut self) {
        if matches!(self.told, Told::Leap(..)) || self.not_before.is_some() {
            self.told = Told::Stepped;
            self.not_before = None;
        }
    }

    /// The kernel would not be told this. It will be tried again.
    pub fn handle_refusal(&mut self, order: KernelOrder) {
        match order {
            KernelOrder::NoLeap | KernelOrder::Leap(..) => self.told = Told::Stepped,
            KernelOrder::TaiUtc(_) => self.tai_utc = None,
        }
    }

    /// Whether a jump of the clock by so many seconds is the leap second that the kernel was told of.
    #[must_use]
    pub fn explain(&self, now: UtcInstant, jump: f64) -> Option<LeapSign> {
        /// What steering adds and reading takes.
        const ROOM: f64 = 0.1;
        let (Told::Leap(_, sign), true) = (self.told, self.is_near_leap(now)) else {
            return None;
        };
        let leap = f64::from(-sign.as_i32());
        ((jump - leap).abs() < ROOM).then_some(sign)
    }

    /// Whether it is within three seconds of the leap second that the kernel was told of.
    #[must_use]
    pub fn is_near_leap(&self, now: UtcInstant) -> bool {
        matches!(self.told, Told::Leap(..)) && Self::is_near_end_of_month(now)
    }

    fn poll_leap(&mut self, now: UtcInstant, status: &LeapStatus) -> Option<KernelOrder> {
        let month = Month::from(now.date());
        if self.not_before.is_some_and(|time| time <= now) {
            self.not_before = None;
        }
        // Whatever is known now: what was told holds no longer.
        let is_over = matches!(self.told, Told::Leap(of, _) if of != month);
        if is_over || self.told == Told::Stepped {
            return Some(self.tell_no_leap(now));
        }
        match (status.believed()?.today, self.told) {
            (Some(sign), Told::Leap(_, told)) if sign == told => None,
            (None, Told::NoLeap) => None,
            (Some(sign), Told::NoLeap) => {
                if self.not_before.is_some() {
                    return None;
                }
                self.told = Told::Leap(month, sign);
                Some(KernelOrder::Leap(month, sign))
            }
            _ => Some(self.tell_no_leap(now)),
        }
    }

    fn tell_no_leap(&mut self, now: UtcInstant) -> KernelOrder {
        self.told = Told::NoLeap;
        self.not_before = later(now, Self::PAUSE);
        KernelOrder::NoLeap
    }

    fn poll_tai_utc(&mut self, status: &LeapStatus, kernel: Option<TaiUtc>) -> Option<KernelOrder> {
        let known = status.tai_utc()?;
        let told = self.tai_utc.replace(known);
        // Somebody else may have changed it, and may have a reason.
        let needs_it = kernel != Some(known) && told != Some(known);
        needs_it.then_some(KernelOrder::TaiUtc(known))
    }

    fn is_near_end_of_month(now: UtcInstant) -> bool {
        const DAY: u32 = 86_400;
        let (date, second) = (now.date(), now.second_of_day());
        (date.is_last_of_month() && second >= DAY - Self::MARGIN)
            || (date.day() == 1 && second < Self::MARGIN)
    }
}

fn later(now: UtcInstant, by: Duration) -> Option<UtcInstant> {
    let unix = now.to_unix();
    let seconds = i64::try_from(by.as_secs()).ok()?;
    let then = UnixTime::new(unix.seconds().checked_add(seconds)?, unix.nanoseconds()).ok()?;
    UtcInstant::from_unix(then).ok()
}

/// What the kernel is told, behind `tell the kernel: `.
impl fmt::Display for KernelOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLeap => f.write_str("no leap second today"),
            Self::Leap(month, LeapSign::Positive) => {
                write!(f, "insert a leap second at the end of {month}")
            }
            Self::Leap(month, LeapSign::Negative) => {
                write!(f, "remove the last second of {month}")
            }
            Self::TaiUtc(tai_utc) => write!(f, "TAI-UTC is {tai_utc} s"),
        }
    }
}

#[cfg(test)]
mod tests {
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
        let explain =
            |bench: &Bench, now: &str, jump| bench.orders.explain(now.parse().unwrap(), jump);
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
    fn a_line_for_people() {
        for (order, text) in [
            (NONE, "no leap second today"),
            (
                leap("2016-12", PLUS),
                "insert a leap second at the end of 2016-12",
            ),
            (leap("2029-06", MINUS), "remove the last second of 2029-06"),
            (tai_utc(37), "TAI-UTC is 37 s"),
        ] {
            assert_eq!(order.to_string(), text);
        }
    }
}
