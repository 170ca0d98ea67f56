mod properties;
mod simulator;

use horolog_time::{NtpDuration, UnixTime};

use super::*;
use crate::head::StatusCode;
use crate::{FieldError, HttpsTime};

const NOW: i64 = 1_795_338_518;

/// Milliseconds after a certain second.
fn at(milliseconds: i64) -> UnixTime {
    unix_time(i128::from(NOW) * SECOND + i128::from(milliseconds) * 1_000_000)
}

/// A good response whose Date is so many seconds after that second.
fn response(seconds: i64) -> Response {
    Response {
        status: StatusCode::NO_CONTENT,
        date: Ok(UnixTime::from_seconds(NOW + seconds)),
        httpstime: Ok(None),
        keeps_open: true,
    }
}

/// A search after one round of 20 ms that was sent at 400 ms.
fn asked(config: SearchConfig, response: &Response) -> Search {
    let mut search = Search::new(config);
    search.handle_connected(at(400));
    search.handle_sent(at(400));
    search.handle_response(response, at(420));
    search
}

fn bounds(low: i64, high: i64) -> OffsetBounds {
    let [low, high] = [low, high].map(|ms| i128::from(ms) * 1_000_000);
    Interval { low, high }.bounds().unwrap()
}

#[test]
fn a_date_bounds_the_offset() {
    let search = asked(SearchConfig::new(), &response(0));
    assert_eq!(search.bounds(), Some(bounds(-420, 600)));
    let round = search.last_round().unwrap();
    assert_eq!(
        (round.number, round.sent, round.received),
        (1, at(400), at(420))
    );
    assert_eq!(round.date, at(0));
}

#[test]
fn a_time_with_decimals_bounds_it_at_once_as_exactly_as_it_is() {
    let httpstime: HttpsTime = "1795338518.410".parse().unwrap();
    let told = Response {
        httpstime: Ok(Some(httpstime)),
        ..response(0)
    };
    let search = asked(SearchConfig::new(), &told);
    assert_eq!(search.bounds(), Some(bounds(-11, 11)));
}

#[test]
fn the_next_request_arrives_when_the_second_turns_over_in_the_middle() {
    let mut search = asked(SearchConfig::new(), &response(0));
    // The middle is 90 ms, half a round trip 10 ms; 500 ms have to pass.
    assert_eq!(search.poll_action(), Action::Send { at: at(900) });
    search.handle_sent(at(900));
    assert_eq!(search.poll_action(), Action::Wait);
    search.handle_response(&response(1), at(920));
    assert_eq!(search.bounds(), Some(bounds(80, 600)));
    // 340 ms and 10 ms: the edge after 1250 ms would be at 1650 ms.
    assert_eq!(search.poll_action(), Action::Send { at: at(1650) });
    search.handle_sent(at(1650));
    search.handle_response(&response(1), at(1670));
    assert_eq!(search.bounds(), Some(bounds(80, 350)));
    assert_eq!(search.rounds(), 3);
}

/// With 20 ms allowed for, the shortest, another 400 ms would leave 840 ms of 900: more than twice 400.
#[test]
fn after_a_long_round_trip_another_one_is_allowed_for() {
    let mut search = asked(SearchConfig::new(), &response(0));
    search.handle_sent(at(900));
    search.handle_response(&response(1), at(1300));
    assert_eq!(search.bounds(), Some(bounds(-300, 600)));
    // The middle is 150 ms, half a round trip 200 ms.
    assert_eq!(search.poll_action(), Action::Send { at: at(1650) });
    search.handle_sent(at(1650));
    search.handle_response(&response(2), at(2050));
    assert_eq!(search.bounds(), Some(bounds(-50, 600)));
    // A quarter of a second is shorter than the longest: from now on it is the shortest.
    assert_eq!(search.poll_action(), Action::Send { at: at(2715) });
}

#[test]
fn a_round_trip_longer_than_the_pause_is_waited_for() {
    let mut search = Search::new(SearchConfig::new());
    search.handle_connected(at(0));
    search.handle_sent(at(0));
    search.handle_response(&response(0), at(900));
    assert!(matches!(search.poll_action(), Action::Send { at: next } if next >= at(900)));
}

#[test]
fn it_ends_after_the_rounds_or_when_it_is_narrow() {
    let one = asked(SearchConfig::new().with_rounds(1), &response(0));
    assert_eq!(one.poll_action(), Action::Done(bounds(-420, 600)));
    let exact = Response {
        httpstime: Ok(Some("1795338518.410000000".parse().unwrap())),
        ..response(0)
    };
    let narrow = asked(SearchConfig::new(), &exact);
    assert!(matches!(narrow.poll_action(), Action::Done(_)));
    assert_eq!(narrow.rounds(), 1);
}

#[test]
fn rounds_and_lateness_are_kept_in_bounds() {
    let config = SearchConfig::new().with_rounds(0);
    assert_eq!(
        (config.rounds(), config.with_rounds(u32::MAX).rounds()),
        (1, 32)
    );
    let late = config.with_lateness(core::time::Duration::MAX);
    assert_eq!(late.lateness(), SearchConfig::MAX_LATENESS);
}

#[test]
fn a_server_that_does_not_offer_time_is_not_believed() {
    for code in [100, 201, 206, 302, 404, 405, 500] {
        let status = StatusCode::new(code);
        let other = Response {
            status,
            ..response(0)
        };
        let search = asked(SearchConfig::new(), &other);
        let error = SearchError::NotOffered { status };
        assert_eq!(search.poll_action(), Action::Failed(error));
        assert_eq!(search.bounds(), None);
        let search = asked(SearchConfig::new().with_any_status(), &other);
        assert_eq!(search.bounds(), Some(bounds(-420, 600)));
        assert_eq!(search.last_round().map(|round| round.status), Some(status));
    }
}

#[test]
fn fields_that_tell_no_time_are_told_apart() {
    let (missing, repeated) = (
        FieldError::Missing { field: "Date" },
        FieldError::Repeated { field: "Date" },
    );
    let mut told = response(0);
    told.date = Err(missing);
    let search = asked(SearchConfig::new(), &told);
    assert_eq!(search.poll_action(), Action::Failed(SearchError::NoDate));

    told.date = Err(repeated);
    let search = asked(SearchConfig::new(), &told);
    assert_eq!(
        search.poll_action(),
        Action::Failed(SearchError::Field(repeated))
    );

    let mut told = response(0);
    told.httpstime = Err(repeated);
    let search = asked(SearchConfig::new(), &told);
    assert_eq!(
        search.poll_action(),
        Action::Failed(SearchError::Field(repeated))
    );

    // A server that offers nothing is known by that first.
    told.date = Err(missing);
    told.status = StatusCode::NOT_FOUND;
    let search = asked(SearchConfig::new(), &told);
    assert!(matches!(
        search.poll_action(),
        Action::Failed(SearchError::NotOffered { .. })
    ));
}

#[test]
fn a_contradiction_is_told_with_its_evidence() {
    let mut search = asked(SearchConfig::new(), &response(0));
    search.handle_sent(at(900));
    search.handle_response(&response(5), at(920));
    let error = SearchError::Inconsistent {
        round: 2,
        known: bounds(-420, 600),
        told: bounds(4080, 5100),
    };
    assert_eq!(search.poll_action(), Action::Failed(error));
    assert_eq!(
        error.to_string(),
        "the server contradicts itself in round 2: offset -0.420000000 to +0.600000000 s before, \
        +4.079999999 to +5.100000000 s now"
    );
    // What was known before is still there.
    assert_eq!(search.bounds(), Some(bounds(-420, 600)));

    // Within one response.
    let told = Response {
        httpstime: Ok(Some("1795338520.0".parse().unwrap())),
        ..response(0)
    };
    let search = asked(SearchConfig::new(), &told);
    assert!(matches!(
        search.poll_action(),
        Action::Failed(SearchError::Inconsistent { round: 1, .. })
    ));
}

#[test]
fn a_closed_connection_ends_it() {
    let mut search = asked(SearchConfig::new(), &response(0));
    search.handle_closed();
    let error = SearchError::ClosedEarly { rounds: 1 };
    assert_eq!(search.poll_action(), Action::Failed(error));

    let closing = Response {
        keeps_open: false,
        ..response(0)
    };
    let search = asked(SearchConfig::new(), &closing);
    assert_eq!(search.poll_action(), Action::Failed(error));
    // After the last round it may close.
    let mut last = asked(SearchConfig::new().with_rounds(1), &closing);
    last.handle_closed();
    assert!(matches!(last.poll_action(), Action::Done(_)));
}

#[test]
fn responses_that_nobody_asked_for_end_it() {
    let mut early = Search::new(SearchConfig::new());
    early.handle_response(&response(0), at(0));
    assert_eq!(early.poll_action(), Action::Failed(SearchError::Unasked));
    let mut twice = asked(SearchConfig::new(), &response(0));
    twice.handle_response(&response(0), at(430));
    assert_eq!(twice.poll_action(), Action::Failed(SearchError::Unasked));
    let mut malformed = asked(SearchConfig::new(), &response(0));
    malformed.handle_malformed(HeadError::TooLong);
    let error = SearchError::Malformed(HeadError::TooLong);
    assert_eq!(malformed.poll_action(), Action::Failed(error));
}

#[test]
fn clocks_that_cannot_be_compared_end_it() {
    let mut back = Search::new(SearchConfig::new());
    back.handle_connected(at(0));
    back.handle_sent(at(400));
    back.handle_response(&response(0), at(399));
    assert_eq!(back.poll_action(), Action::Failed(SearchError::LocalClock));

    let far = asked(SearchConfig::new(), &response(70 * 365 * 86_400));
    assert_eq!(far.poll_action(), Action::Failed(SearchError::TooFar));
    // A clock that starts in 1970 is not too far for some years.
    let mut search = Search::new(SearchConfig::new());
    search.handle_connected(UnixTime::EPOCH);
    search.handle_sent(UnixTime::EPOCH);
    search.handle_response(&response(0), UnixTime::EPOCH);
    let low = search.bounds().unwrap().low();
    assert_eq!(low, NtpDuration::from_seconds(NOW.try_into().unwrap()));
}

/// nginx 1.22 on a busy machine told times of up to 4 ms before the first request was sent.
#[test]
fn the_server_gets_time_to_be_done_with_the_handshake() {
    let mut search = Search::new(SearchConfig::new());
    assert_eq!(search.poll_action(), Action::Wait);
    search.handle_connected(at(950));
    assert_eq!(search.poll_action(), Action::Send { at: at(1150) });
}

#[test]
fn calls_out_of_turn_change_nothing() {
    let mut search = Search::new(SearchConfig::new());
    search.handle_sent(at(0));
    assert_eq!(search.poll_action(), Action::Wait);
    search.handle_connected(at(0));
    search.handle_connected(at(5));
    assert_eq!(search.poll_action(), Action::Send { at: at(200) });
    search.handle_sent(at(1));
    search.handle_sent(at(2));
    search.handle_response(&response(0), at(2));
    assert_eq!(search.last_round().map(|round| round.sent), Some(at(1)));
}
