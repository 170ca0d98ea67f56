use horolog_time::{OffsetBounds, UnixTime};

use super::interval::{Interval, nanoseconds, unix_time};
use super::{Action, Round, SearchConfig, SearchError};
use crate::constants::SECOND;
use crate::{HeadError, Response, StatusCode};

/// The search for a server's clock: times and responses in, times to ask and [`OffsetBounds`] out.
///
/// A Date `d` says that the server's clock was in \[d, d + 1 s) somewhen between sending (`t0`) and
/// receiving (`t1`), so its offset from the local clock lies in (d - t1, d + 1 s - t0). Each request
/// is sent so that it arrives when, by the middle of what is known, the server's second turns over:
/// what it answers excludes nearly half of it. The first round leaves a second and a round trip. After
/// n more the width is at most twice the longer of 2^-n s and the longest round trip so far, if every
/// request was sent when it was due; where all round trips are alike, at most 2^-n s and a round trip.
///
/// The truth lies within the bounds if the server's clock is not set meanwhile, its Date is cut off
/// and not late by more than [allowed](SearchConfig::with_lateness), both clocks run at the same
/// rate, and the local one is not set. So base local times on one reading of the clock and add what a
/// monotonic clock says. Where the server contradicts itself, the search fails with the evidence.
///
/// It does no I/O and reads no clock. After each `handle_…` ask [`poll_action`](Self::poll_action).
///
/// # Examples
///
/// A server 0.25 s ahead, with a round trip of 20 ms, on virtual time:
///
/// ```
/// use horolog_https::{Action, Response, Search, SearchConfig};
/// use horolog_time::{NtpDuration, UnixTime};
///
/// let plus = |time: UnixTime, milliseconds: i64| {
///     let sum = time.seconds() * 1000 + i64::from(time.nanoseconds()) / 1_000_000 + milliseconds;
///     let rest = u32::try_from(sum.rem_euclid(1000)).unwrap() * 1_000_000;
///     UnixTime::new(sum.div_euclid(1000), rest).unwrap()
/// };
/// let mut now = UnixTime::from_seconds(1_795_338_518);
/// let mut search = Search::new(SearchConfig::new());
/// search.handle_connected(now);
/// let bounds = loop {
///     match search.poll_action() {
///         Action::Send { at } => {
///             search.handle_sent(at);
///             let server = plus(at, 10 + 250);
///             let date = httpdate::fmt_http_date(server.try_into().unwrap());
///             let head = format!("HTTP/1.1 204 No Content\r\nDate: {date}\r\n\r\n");
///             let (response, _) = Response::decode(head.as_bytes()).unwrap().unwrap();
///             search.handle_response(&response, plus(at, 20));
///         }
///         Action::Done(bounds) => break bounds,
///         other => panic!("{other:?}"),
///     }
/// };
/// assert!(bounds.contains(NtpDuration::SECOND.half().half()));
/// assert!(bounds.width() < NtpDuration::from_nanoseconds(30_000_000).unwrap());
/// ```
#[derive(Clone, Debug)]
pub struct Search {
    config: SearchConfig,
    state: State,
    known: Option<Interval>,
    last: Option<Round>,
    round_trips: Option<RoundTrips>,
}

/// The round trips so far, in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct RoundTrips {
    shortest: i128,
    longest: i128,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Connecting,
    /// A request is to be sent at this time.
    Due(UnixTime),
    /// One was sent at this time.
    Asked(UnixTime),
    Done(OffsetBounds),
    Failed(SearchError),
}

/// The least time between two requests. The next second's edge is mostly about a second away; where
/// what became known brings it near, the one after it is taken.
const PAUSE: i128 = SECOND / 2;
/// The time that a server gets to be done with the handshake.
const SETTLING: i128 = SECOND / 5;

impl Search {
    /// A search whose connection is not there yet.
    #[must_use]
    pub const fn new(config: SearchConfig) -> Self {
        Self {
            config,
            state: State::Connecting,
            known: None,
            last: None,
            round_trips: None,
        }
    }

    /// The connection is there: TLS has shaken hands. The first request is due a fifth of a second
    /// later.
    ///
    /// Servers such as nginx tell the time at which they last woke up. A request that comes while the
    /// end of the handshake is still being worked on does not wake them, so that its answer would hold
    /// a time from before it was sent.
    pub fn handle_connected(&mut self, now: UnixTime) {
        if matches!(self.state, State::Connecting) {
            self.state = State::Due(unix_time(nanoseconds(now) + SETTLING));
        }
    }

    /// A request is being sent: `now` was read just before it was given to the system.
    pub fn handle_sent(&mut self, now: UnixTime) {
        if matches!(self.state, State::Due(_)) {
            self.state = State::Asked(now);
        }
    }

    /// A response has come: `now` was read just after its last octet was taken from the system.
    pub fn handle_response(&mut self, response: &Response, now: UnixTime) {
        match self.state {
            State::Done(_) | State::Failed(_) => {}
            State::Connecting | State::Due(_) => self.fail(SearchError::Unasked),
            State::Asked(sent) => match self.take(response, sent, now) {
                Ok(state) => self.state = state,
                Err(error) => self.fail(error),
            },
        }
    }

    /// What came is no response.
    pub fn handle_malformed(&mut self, error: HeadError) {
        self.fail(error.into());
    }

    /// The server closed the connection.
    pub fn handle_closed(&mut self) {
        self.fail(SearchError::ClosedEarly {
            rounds: self.rounds(),
        });
    }

    /// What to do now. The answer changes with every `handle_…`, and never once it is
    /// [`Action::Done`] or [`Action::Failed`].
    #[must_use]
    pub const fn poll_action(&self) -> Action {
        match self.state {
            State::Connecting | State::Asked(_) => Action::Wait,
            State::Due(at) => Action::Send { at },
            State::Done(bounds) => Action::Done(bounds),
            State::Failed(error) => Action::Failed(error),
        }
    }

    /// The last round that told something.
    #[must_use]
    pub const fn last_round(&self) -> Option<&Round> {
        self.last.as_ref()
    }

    /// What is known so far, also where the search is not over or failed later.
    #[must_use]
    pub fn bounds(&self) -> Option<OffsetBounds> {
        self.last.as_ref().map(|round| round.bounds)
    }

    /// How many rounds told something.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        self.last.as_ref().map_or(0, |round| round.number)
    }

    const fn fail(&mut self, error: SearchError) {
        if !matches!(self.state, State::Done(_) | State::Failed(_)) {
            self.state = State::Failed(error);
        }
    }

    /// What a response changes.
    fn take(
        &mut self,
        response: &Response,
        sent: UnixTime,
        received: UnixTime,
    ) -> Result<State, SearchError> {
        let status = self.offered(response.status)?;
        let date = response.date?;
        let httpstime = response.httpstime?;

        let (t0, t1) = (nanoseconds(sent), nanoseconds(received));
        if t1 < t0 {
            return Err(SearchError::LocalClock);
        }
        let number = self.rounds() + 1;
        let start = nanoseconds(date);
        let end = start + SECOND + self.lateness();
        let mut known = learn(number, self.known, (start, end), (t0, t1))?;
        if let Some(httpstime) = httpstime {
            known = learn(number, Some(known), httpstime.span(), (t0, t1))?;
        }
        let bounds = known.bounds()?;
        let round_trips = RoundTrips::with(self.round_trips, t1 - t0);
        self.known = Some(known);
        self.round_trips = Some(round_trips);
        self.last = Some(Round {
            number,
            sent,
            received,
            status,
            date,
            httpstime,
            bounds,
        });
        if number >= self.config.rounds() || self.is_narrow(known, round_trips.shortest) {
            return Ok(State::Done(bounds));
        }
        if !response.keeps_open {
            return Err(SearchError::ClosedEarly { rounds: number });
        }
        Ok(State::Due(self.aim(number, known, round_trips, (t0, t1))))
    }

    /// The status, if a response with it is to be believed.
    const fn offered(&self, status: StatusCode) -> Result<StatusCode, SearchError> {
        if status.offers_time() || self.config.takes_any_status() {
            Ok(status)
        } else {
            Err(SearchError::NotOffered { status })
        }
    }

    fn lateness(&self) -> i128 {
        i128::try_from(self.config.lateness().as_nanos()).unwrap_or_default()
    }

    /// Whether another round would take less than a sixteenth of a round trip off.
    fn is_narrow(&self, known: Interval, round_trip: i128) -> bool {
        let least = round_trip + self.lateness();
        (known.width() - least) * 8 < least
    }

    /// When to ask next: so that the server's second turns over just when the request arrives, if its
    /// offset is the middle of what is known and the request takes half of the round trip.
    ///
    /// With a Date that may be late it is the edge of the Date that has to be half as late as it may.
    fn aim(
        &self,
        number: u32,
        known: Interval,
        round_trips: RoundTrips,
        (t0, t1): (i128, i128),
    ) -> UnixTime {
        let round_trip = self.allowance(number, known, round_trips);
        let twice = known.low + known.high + round_trip - self.lateness();
        let half = twice.div_euclid(2);
        let earliest = (t0 + PAUSE).max(t1);
        // The first whole second that the server reaches not before that.
        let edge = -((-(earliest + half)).div_euclid(SECOND)) * SECOND;
        unix_time(edge - half)
    }

    /// The round trip to allow for: the shortest, while longer ones cost no more than they may.
    ///
    /// An answer leaves W/2 + a/2 of a width W if the edge had not come, and W/2 + r - a/2 if it had,
    /// where a was allowed for and r is what it took. So if W is at most 2^-n s and the longest round
    /// trip, half of 2^-n s and the longest round trip is the most that is left, provided that a is at
    /// least W - 2^-n s and no longer than the longest. Once that is no shorter than 2^-n s, the width
    /// stays within twice the longest whatever a is.
    fn allowance(&self, number: u32, known: Interval, round_trips: RoundTrips) -> i128 {
        let RoundTrips { shortest, longest } = round_trips;
        let theory = SECOND >> number.saturating_sub(1);
        if longest < theory {
            shortest.max(known.width() - self.lateness() - theory)
        } else {
            shortest
        }
    }
}

impl RoundTrips {
    /// Those before, if there were any, and one more.
    fn with(before: Option<Self>, one: i128) -> Self {
        Self {
            shortest: before.map_or(one, |before| before.shortest.min(one)),
            longest: before.map_or(one, |before| before.longest.max(one)),
        }
    }
}

/// What is known with a clock that was in `start..=end` at some time in `t0..=t1`.
fn learn(
    round: u32,
    known: Option<Interval>,
    (start, end): (i128, i128),
    (t0, t1): (i128, i128),
) -> Result<Interval, SearchError> {
    let told = Interval {
        low: start - t1,
        high: end - t0,
    };
    let Some(known) = known else { return Ok(told) };
    match known.intersection(told) {
        Some(both) => Ok(both),
        None => Err(SearchError::Inconsistent {
            round,
            known: known.bounds()?,
            told: told.bounds()?,
        }),
    }
}

#[cfg(test)]
mod tests;
