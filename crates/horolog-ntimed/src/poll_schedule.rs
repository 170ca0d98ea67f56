use crate::{Param, Params, number};

/// When to ask which server: all share one schedule, lively in its first minute.
///
/// Its own time starts at 1 s, with the first poll. Until 64 s the polls come at times that grow
/// geometrically, so that each server is asked six times; from then on they are
/// [`Param::PollRate`] apart, divided by the number of servers. It never ends. An
/// [`even`](Self::even) one has no lively minute.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Params, PollSchedule};
///
/// let mut schedule = PollSchedule::new(2, &Params::default()).expect("there are servers");
/// let first: Vec<_> = schedule.by_ref().take(3).collect();
/// assert_eq!(first.iter().map(|poll| poll.server).collect::<Vec<_>>(), [0, 1, 0]);
/// assert_eq!(first[0].time, 1.0);
/// assert!((first[1].time - 2_f64.sqrt()).abs() < 1e-9);
/// assert!((first[2].time - 2.0).abs() < 1e-9);
/// ```
#[derive(Clone, Debug)]
pub struct PollSchedule {
    servers: usize,
    period: f64,
    /// Until when the polls come at times that grow.
    lively: f64,
    next: ScheduledPoll,
}

/// One poll of a [`PollSchedule`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScheduledPoll {
    /// When, in seconds of the schedule's own time, which starts at 1 s.
    pub time: f64,
    /// Which server, counted from 0.
    pub server: usize,
}

impl PollSchedule {
    /// How long the polls come faster, in seconds.
    pub const INITIAL_DURATION: f64 = 64.0;
    /// How often each server is asked meanwhile.
    pub const INITIAL_POLLS: f64 = 6.0;
    /// How long to wait for a reply, in seconds.
    pub const TIMEOUT: f64 = 0.8;

    /// A schedule for so many servers; `None` for none.
    #[must_use]
    pub fn new(servers: usize, params: &Params) -> Option<Self> {
        (servers > 0).then(|| Self {
            servers,
            period: params.get(Param::PollRate),
            lively: Self::INITIAL_DURATION,
            next: ScheduledPoll {
                time: 1.0,
                server: 0,
            },
        })
    }

    /// A schedule that asks each of so many servers every `period` seconds, from the start; `None`
    /// for no servers, and for a period that is not finite or not positive.
    ///
    /// The period may be far below what [`Param::PollRate`] allows: it is for servers of one's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntimed::PollSchedule;
    ///
    /// let schedule = PollSchedule::even(2, 3.0).expect("there are servers");
    /// let times: Vec<_> = schedule.take(4).map(|poll| (poll.time, poll.server)).collect();
    /// assert_eq!(times, [(1.0, 0), (2.5, 1), (4.0, 0), (5.5, 1)]);
    /// ```
    #[must_use]
    pub fn even(servers: usize, period: f64) -> Option<Self> {
        let schedule = Self::new(servers, &Params::default())?;
        (period > 0.0 && period.is_finite()).then_some(Self {
            period,
            lively: 0.0,
            ..schedule
        })
    }

    /// The next poll. Changes only with [`next`](Iterator::next).
    #[must_use]
    pub const fn peek(&self) -> ScheduledPoll {
        self.next
    }
}

impl Iterator for PollSchedule {
    type Item = ScheduledPoll;

    fn next(&mut self) -> Option<ScheduledPoll> {
        let poll = self.next;
        let servers = number::from_usize(self.servers);
        let factor = libm::exp(libm::log(Self::INITIAL_DURATION) / (Self::INITIAL_POLLS * servers));
        let grown = poll.time * factor;
        self.next = ScheduledPoll {
            time: if grown < self.lively {
                grown
            } else {
                poll.time + self.period / servers
            },
            server: (poll.server + 1) % self.servers,
        };
        Some(poll)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_is_asked_six_times_in_the_first_minute() {
        for servers in 1..20 {
            let schedule = PollSchedule::new(servers, &Params::default()).unwrap();
            let mut asked = alloc::vec![0; servers];
            // The last one comes at 64 s but for rounding.
            for poll in schedule.take_while(|poll| poll.time < 63.999) {
                asked[poll.server] += 1;
            }
            assert!(asked.iter().all(|count| *count == 6), "{asked:?}");
        }
    }

    #[test]
    fn then_the_period_is_shared() {
        let params = Params::default();
        let schedule = PollSchedule::new(4, &params).unwrap();
        let times: Vec<_> = schedule
            .skip_while(|poll| poll.time < 64.0)
            .take(9)
            .collect();
        for pair in times.windows(2) {
            assert!((pair[1].time - pair[0].time - 16.0).abs() < 1e-9);
        }
        assert_eq!(times[0].server, times[4].server);
    }

    /// Source: Ntimed's `ntp_peerset.c`, where `NTP_PeerSet_Poll` sets the first minute and
    /// `ntp_peerset_poll` calls `NTP_Peer_Poll` with 0.8 s.
    #[test]
    fn the_first_minute_and_the_patience_are_the_originals() {
        assert_eq!(PollSchedule::INITIAL_DURATION.to_bits(), 64.0_f64.to_bits());
        assert_eq!(PollSchedule::INITIAL_POLLS.to_bits(), 6.0_f64.to_bits());
        assert_eq!(PollSchedule::TIMEOUT.to_bits(), 0.8_f64.to_bits());
        let rate = Params::default().get(Param::PollRate);
        assert_eq!(rate.to_bits(), 64.0_f64.to_bits());
    }

    #[test]
    fn nobody_is_not_asked() {
        assert!(PollSchedule::new(0, &Params::default()).is_none());
        assert!(PollSchedule::even(0, 1.0).is_none());
        for period in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(PollSchedule::even(1, period).is_none(), "{period}");
        }
        let schedule = PollSchedule::new(1, &Params::default()).unwrap();
        assert_eq!(Some(schedule.peek()), schedule.clone().next());
    }
}
