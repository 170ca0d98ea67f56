//! The clock discipline of RFC 5905, section 11.3 and appendix A.5.5.6, and the clock-adjust process,
//! section 12 and A.5.6.1.
//!
//! Servers are asked every 64 s whatever happens, so the rules for the poll interval are left out, and
//! with them jitter and wander, which nothing else asks for. So short an interval is below half the
//! Allan intercept, so there is no FLL either. The time constant's scale is TC, Figure 27; the code of
//! the appendix has 65536 for it.
//!
//! It begins with a known frequency. Without one, or with an offset to slew, the loop takes hours to
//! come to rest: it is overdamped, its slow time constant is 15,000 s.

use horolog_ntimed::{Adjustment, Clock, SimulatedClock};

use super::rfc5905::POLL_INTERVAL;

/// STEPT, Figure 27, in seconds.
const STEP_THRESHOLD: f64 = 0.125;
/// WATCH, Figure 27, in seconds.
const STEPOUT: f64 = 900.0;
/// TC, Figure 27.
const TIME_CONSTANT_SCALE: f64 = 16.0;
/// MAXFREQ, appendix A.1.
const MAX_FREQUENCY: f64 = 500e-6;

/// Figure 28, without NSET and FREQ: the frequency is known.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    FrequencySet,
    Sync,
    Spike,
}

/// Offsets have the RFC's sign here: what to add to the clock.
#[derive(Clone, Debug)]
pub(crate) struct Discipline {
    state: State,
    /// When the state was last set.
    since: f64,
    /// c.offset, what is left of the offset.
    residual: f64,
    frequency: f64,
}

impl Discipline {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::FrequencySet,
            since: 0.0,
            residual: 0.0,
            frequency: 0.0,
        }
    }

    /// `local_clock()`: takes the combined offset of a sample that arrived `at`, and tells whether the
    /// clock was stepped.
    pub(crate) fn update(&mut self, theta: f64, at: f64, clock: &mut SimulatedClock) -> bool {
        let elapsed = at - self.since;
        let is_outlier = theta.abs() > STEP_THRESHOLD;
        let change = match self.state {
            State::Sync if is_outlier => {
                self.state = State::Spike;
                return false;
            }
            State::Spike if is_outlier && elapsed < STEPOUT => return false,
            State::Sync | State::Spike if !is_outlier => {
                let constant = 4.0 * TIME_CONSTANT_SCALE * POLL_INTERVAL;
                theta * elapsed.min(POLL_INTERVAL) / constant.powi(2)
            }
            _ => 0.0,
        };
        self.state = State::Sync;
        self.since = at;
        self.frequency = (self.frequency + change).clamp(-MAX_FREQUENCY, MAX_FREQUENCY);
        self.residual = if is_outlier { 0.0 } else { theta };
        if is_outlier {
            let Ok(()) = clock.step(theta);
        }
        is_outlier
    }

    /// `clock_adjust()`, once a second.
    pub(crate) fn adjust(&mut self, clock: &mut SimulatedClock) {
        let share = self.residual / (TIME_CONSTANT_SCALE * POLL_INTERVAL);
        self.residual -= share;
        let adjustment = Adjustment {
            offset: share,
            duration: 1.0,
            frequency: self.frequency,
        };
        let Ok(()) = clock.adjust(adjustment);
    }
}

/// The offset of a clock of the right frequency, asked for every 64 s.
fn run(discipline: &mut Discipline, ahead: f64, seconds: u32) -> f64 {
    let mut clock = SimulatedClock::new();
    clock.bump(0.0, ahead);
    for second in 0..seconds {
        if second % 64 == 0 {
            discipline.update(-clock.added(), second.into(), &mut clock);
        }
        discipline.adjust(&mut clock);
        clock.tick();
        clock.sleep(1.0);
    }
    clock.added()
}

#[test]
fn rfc_5905_section_12_the_offset_is_slewed_with_a_time_constant_of_1024_s() {
    let left = run(&mut Discipline::new(), 0.03, 64);
    assert!(
        (left - 0.03 * (-64_f64 / 1024.0).exp()).abs() < 1e-5,
        "{left}"
    );
    assert!(run(&mut Discipline::new(), 0.03, 100_000).abs() < 1e-5);
}

#[test]
fn rfc_5905_section_11_3_large_offsets_are_stepped_at_once_or_after_15_minutes() {
    let mut discipline = Discipline::new();
    assert!(run(&mut discipline, 0.2, 2000).abs() < 1e-9);
    let mut clock = SimulatedClock::new();
    assert!(!discipline.update(0.2, 2000.0, &mut clock));
    assert_eq!(discipline.state, State::Spike);
    assert!(!discipline.update(0.2, 2800.0, &mut clock));
    assert!(discipline.update(0.2, 2900.0, &mut clock));
    assert!((clock.added() - 0.2).abs() < 1e-12);
    assert_eq!(discipline.state, State::Sync);
}
