use core::time::Duration;
use std::time::{Instant, SystemTime};

use super::slew::Slew;

/// Notices when the system's clock was stepped by somebody else, or the machine slept: it goes away
/// from the monotonic clock, which is slewed as it is, but not stepped, and stands still meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct JumpWatch {
    last: Option<Reading>,
}

/// What both clocks say at one time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    monotonic: Instant,
    system: SystemTime,
}

/// What is less is not told from noise, in seconds.
const LEAST: f64 = 1e-3;
/// Readings that take longer say nothing.
const LONGEST_READING: Duration = Duration::from_micros(200);

impl Reading {
    /// `None` where the program is held up again and again in between.
    pub(super) fn now() -> Option<Self> {
        (0..8).find_map(|_| {
            let monotonic = Instant::now();
            let system = SystemTime::now();
            let held_up = monotonic.elapsed() > LONGEST_READING;
            (!held_up).then_some(Self { monotonic, system })
        })
    }
}

impl JumpWatch {
    /// By how many seconds the clock was stepped since the last reading, if it was.
    pub(super) fn handle_reading(&mut self, reading: Reading) -> Option<f64> {
        let last = self.last.replace(reading)?;
        let elapsed = reading.monotonic.saturating_duration_since(last.monotonic);
        let elapsed = elapsed.as_secs_f64();
        let jump = seconds_between(last.system, reading.system) - elapsed;
        // Not every clock is slewed with the monotonic one.
        let most = LEAST + 2.0 * Slew::LIMIT * elapsed;
        (jump.abs() > most).then_some(jump)
    }

    /// Forgets the last reading: the clock was stepped on purpose.
    pub(super) const fn forget(&mut self) {
        self.last = None;
    }
}

fn seconds_between(earlier: SystemTime, later: SystemTime) -> f64 {
    match later.duration_since(earlier) {
        Ok(length) => length.as_secs_f64(),
        Err(error) => -error.duration().as_secs_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a watch says of readings that are so many milliseconds later each.
    fn jumps(readings: &[(u64, u64)]) -> Vec<Option<f64>> {
        let (monotonic, system) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let mut watch = JumpWatch::default();
        let reading = |(after, shows): &(u64, u64)| Reading {
            monotonic: monotonic + Duration::from_millis(*after),
            system: system + Duration::from_millis(*shows),
        };
        readings
            .iter()
            .map(|at| watch.handle_reading(reading(at)))
            .collect()
    }

    #[test]
    fn a_step_is_told_once_with_its_sign() {
        let found = jumps(&[(0, 9000), (50, 9050), (100, 8800), (150, 8850), (200, 9100)]);
        assert_eq!(found[0], None);
        assert_eq!(found[1], None);
        assert!((found[2].unwrap() + 0.3).abs() < 1e-9);
        assert_eq!(found[3], None);
        assert!((found[4].unwrap() - 0.2).abs() < 1e-9);
    }

    #[test]
    fn a_slew_is_no_step() {
        // 500 ppm for 20 s.
        assert_eq!(jumps(&[(0, 0), (20_000, 20_010)]), [None, None]);
        // The machine slept for an hour.
        let found = jumps(&[(0, 0), (50, 3_600_050)]);
        assert!((found[1].unwrap() - 3600.0).abs() < 1e-9);
    }

    #[test]
    fn what_was_done_on_purpose_is_forgotten() {
        let mut watch = JumpWatch::default();
        let reading = Reading {
            monotonic: Instant::now(),
            system: SystemTime::UNIX_EPOCH,
        };
        assert_eq!(watch.handle_reading(reading), None);
        watch.forget();
        let stepped = Reading {
            system: reading.system + Duration::from_secs(1),
            ..reading
        };
        assert_eq!(watch.handle_reading(stepped), None);
    }
}
