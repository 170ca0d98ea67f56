//! A server and a path to it on virtual time.

use horolog_time::{OffsetBounds, UnixTime};

use crate::constants::SECOND;
use crate::search::interval::{nanoseconds, unix_time};
use crate::{Action, HttpsTime, Response, Search, SearchConfig, SearchError, StatusCode};

/// What becomes of one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trip {
    /// Nanoseconds to the server.
    pub(super) there: i128,
    /// Nanoseconds back.
    pub(super) back: i128,
    /// The offset of the clock that answers, in nanoseconds.
    pub(super) offset: i128,
    /// By how much its Date is late, in nanoseconds.
    pub(super) late: i128,
    /// The decimals of its X-HTTPSTIME, and whether the last one is rounded.
    pub(super) httpstime: Option<(u8, bool)>,
}

/// How a search ended, and what was seen on the way.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) result: Result<OffsetBounds, SearchError>,
    /// What was known after each round.
    pub(super) bounds: Vec<OffsetBounds>,
    /// When each request was sent, in nanoseconds.
    pub(super) sent: Vec<i128>,
}

/// Searches from a local time on, a trip a round.
pub(super) fn run(config: SearchConfig, start: UnixTime, trips: &[Trip]) -> Run {
    let mut search = Search::new(config);
    search.handle_connected(start);
    let mut run = Run {
        result: Err(SearchError::NoDate),
        bounds: Vec::new(),
        sent: Vec::new(),
    };
    let mut now = nanoseconds(start);
    loop {
        match search.poll_action() {
            Action::Wait => panic!("nothing is under way"),
            Action::Done(bounds) => run.result = Ok(bounds),
            Action::Failed(error) => run.result = Err(error),
            Action::Send { at } => {
                assert!(nanoseconds(at) >= now, "it asks before it can");
                let trip = trips[run.sent.len()];
                run.sent.push(nanoseconds(at));
                search.handle_sent(at);
                let formed = nanoseconds(at) + trip.there;
                now = formed + trip.back;
                search.handle_response(&trip.response(formed), unix_time(now));
                run.bounds.extend(search.bounds());
                continue;
            }
        }
        return run;
    }
}

impl Trip {
    fn response(&self, formed: i128) -> Response {
        let clock = formed + self.offset;
        let httpstime = self.httpstime.map(|(decimals, rounds)| {
            let unit = 10_i128.pow(9 - u32::from(decimals));
            HttpsTime::new(
                unix_time(clock + if rounds { unit / 2 } else { 0 }),
                decimals,
            )
        });
        let date = (clock - self.late).div_euclid(SECOND);
        Response {
            status: StatusCode::NO_CONTENT,
            date: Ok(unix_time(date * SECOND)),
            httpstime: Ok(httpstime),
            keeps_open: true,
        }
    }
}
