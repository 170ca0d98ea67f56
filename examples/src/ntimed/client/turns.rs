use core::time::Duration;

use horolog_ntimed::{Params, PollSchedule};

/// Whose turn it is when, by a monotonic clock.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    schedule: PollSchedule,
    /// When the schedule's own time is at its first poll.
    start: Duration,
}

impl Turns {
    /// The turns of so many servers from a time on; `None` for none. With an interval each server
    /// has a turn in it, and else the schedule is Ntimed's.
    pub(super) fn new(
        servers: usize,
        params: &Params,
        interval: Option<Duration>,
        start: Duration,
    ) -> Option<Self> {
        let schedule = match interval {
            Some(interval) => PollSchedule::even(servers, interval.as_secs_f64()),
            None => PollSchedule::new(servers, params),
        };
        schedule.map(|schedule| Self { schedule, start })
    }

    /// When the next turn comes. Changes with [`take`](Self::take).
    pub(super) fn next(&self) -> Duration {
        let first = 1.0;
        let after = Duration::try_from_secs_f64(self.schedule.peek().time - first);
        self.start.saturating_add(after.unwrap_or(Duration::MAX))
    }

    /// Whose turn it is now. Turns that were missed are not made up for.
    pub(super) fn take(&mut self, now: Duration) -> Option<usize> {
        let late = now.checked_sub(self.next())?;
        let poll = self.schedule.next()?;
        if self.next() <= now {
            // The program was held up, or the machine was.
            self.start += late;
        }
        Some(poll.server)
    }

    /// Whether the first minute is over, in which polls come faster.
    pub(super) fn is_steady(&self) -> bool {
        // It ends there but for rounding.
        self.schedule.peek().time > PollSchedule::INITIAL_DURATION - 1e-3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn servers_take_turns() {
        let interval = Some(Duration::from_secs(2));
        let mut turns = Turns::new(2, &Params::default(), interval, at(500)).unwrap();
        assert_eq!(turns.take(at(499)), None);
        assert_eq!(turns.take(at(500)), Some(0));
        assert_eq!(turns.take(at(500)), None);
        assert_eq!(turns.next(), at(1500));
        assert_eq!(turns.take(at(1501)), Some(1));
        assert_eq!(turns.take(at(2500)), Some(0));
        assert!(Turns::new(0, &Params::default(), None, at(0)).is_none());
    }

    #[test]
    fn missed_turns_do_not_come_in_a_burst() {
        let interval = Some(Duration::from_secs(1));
        let mut turns = Turns::new(1, &Params::default(), interval, at(0)).unwrap();
        assert_eq!(turns.take(at(60_000)), Some(0));
        assert_eq!(turns.take(at(60_000)), None);
        assert_eq!(turns.next(), at(61_000));
    }

    #[test]
    fn the_schedule_becomes_steady() {
        let mut turns = Turns::new(1, &Params::default(), None, at(0)).unwrap();
        let mut polls = 0;
        while !turns.is_steady() {
            polls += 1;
            assert_eq!(turns.take(turns.next()), Some(0));
        }
        assert_eq!(polls, 6);
    }
}
