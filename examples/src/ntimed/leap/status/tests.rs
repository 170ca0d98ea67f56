use super::*;
use crate::leap::LeapKnowledge;
use horolog_leap_a::LeapAnnouncement;
use horolog_leap_dns::Security;

const LEAP_DAY: &str = "2016-12-31T12:00:00Z";

fn known(event: Option<LeapSign>, security: Security) -> KnownLeaps {
    let month = "2016-12".parse().unwrap();
    let bulletin = LeapAnnouncement::new(month, TaiUtc::from_seconds(36), event).unwrap();
    let knowledge = LeapKnowledge::Announcements(vec![bulletin]);
    KnownLeaps {
        knowledge,
        security,
    }
}

fn status(known: Option<&KnownLeaps>, now: &str, votes: [usize; 3]) -> LeapStatus {
    let [none, insert, delete] = votes;
    let vote = LeapVote {
        none,
        insert,
        delete,
    };
    LeapStatus::new("dns:a", known, now.parse().unwrap(), vote)
}

#[test]
fn servers_are_compared_with_what_is_known() {
    let insert = known(Some(LeapSign::Positive), Security::NotValidated);
    for (now, votes, agreement) in [
        (LEAP_DAY, [0, 3, 0], LeapAgreement::Agrees),
        (LEAP_DAY, [1, 2, 0], LeapAgreement::Agrees),
        (LEAP_DAY, [2, 1, 0], LeapAgreement::Contradicts),
        (LEAP_DAY, [0, 0, 1], LeapAgreement::Contradicts),
        (LEAP_DAY, [1, 1, 0], LeapAgreement::Uncompared),
        (LEAP_DAY, [0, 0, 0], LeapAgreement::Uncompared),
        // The day before a leap second is a day without.
        ("2016-12-30T12:00:00Z", [3, 0, 0], LeapAgreement::Agrees),
        (
            "2016-12-30T12:00:00Z",
            [0, 3, 0],
            LeapAgreement::Contradicts,
        ),
        // Servers hear of the change from servers.
        ("2016-12-31T00:59:59Z", [3, 0, 0], LeapAgreement::Late),
        (
            "2016-12-31T01:00:00Z",
            [3, 0, 0],
            LeapAgreement::Contradicts,
        ),
        ("2017-01-01T00:59:58Z", [0, 3, 0], LeapAgreement::Late),
        (
            "2017-01-01T00:59:58Z",
            [0, 0, 3],
            LeapAgreement::Contradicts,
        ),
        (
            "2017-01-01T01:00:00Z",
            [0, 3, 0],
            LeapAgreement::Contradicts,
        ),
    ] {
        let status = status(Some(&insert), now, votes);
        assert_eq!(status.agreement(), agreement, "{now} {votes:?}");
    }
    assert_eq!(
        status(None, LEAP_DAY, [0, 3, 0]).agreement(),
        LeapAgreement::Uncompared
    );
}

#[test]
fn servers_can_spoil_what_no_signature_vouches_for() {
    let plus = Some(LeapSign::Positive);
    let tai_utc = Some(TaiUtc::from_seconds(36));
    let [bare, signed] =
        [Security::NotValidated, Security::Secure].map(|security| known(plus, security));
    for (known, now, votes, leap, tai) in [
        (&bare, LEAP_DAY, [0, 3, 0], Some(plus), tai_utc),
        (&bare, LEAP_DAY, [1, 1, 0], Some(plus), tai_utc),
        (&bare, LEAP_DAY, [3, 0, 0], None, None),
        (&bare, "2016-12-31T00:30:00Z", [3, 0, 0], None, tai_utc),
        (&bare, "2016-12-30T12:00:00Z", [0, 3, 0], None, None),
        (
            &bare,
            "2016-12-30T12:00:00Z",
            [3, 0, 0],
            Some(None),
            tai_utc,
        ),
        (&signed, LEAP_DAY, [3, 0, 0], Some(plus), tai_utc),
        (
            &signed,
            "2016-12-31T00:30:00Z",
            [3, 0, 0],
            Some(plus),
            tai_utc,
        ),
        // Nobody is believed that is too old.
        (&signed, "2017-06-28T00:00:00Z", [3, 0, 0], None, None),
    ] {
        let status = status(Some(known), now, votes);
        assert_eq!(
            status.believed().map(|facts| facts.today),
            leap,
            "{now} {votes:?}"
        );
        assert_eq!(status.tai_utc(), tai, "{now} {votes:?}");
    }
    // Servers alone are not believed either.
    assert_eq!(status(None, LEAP_DAY, [0, 9, 0]).believed(), None);
}

#[test]
fn a_line_for_people() {
    let insert = known(Some(LeapSign::Positive), Security::NotValidated);
    let delete = known(Some(LeapSign::Negative), Security::Secure);
    let (late, over) = ("2017-01-05T00:00:00Z", "2017-06-28T00:00:00Z");
    for (known, now, votes, line) in [
        (
            Some(&insert),
            LEAP_DAY,
            [0, 3, 0],
            "leap second inserted at the end of 2016-12, TAI-UTC 36 s, then 37 s (dns:a, until 2017-06-28T00:00:00Z, not validated by DNSSEC); servers agree: insert (0 none, 3 insert, 0 delete)",
        ),
        (
            Some(&delete),
            LEAP_DAY,
            [3, 0, 0],
            "leap second removed at the end of 2016-12, TAI-UTC 36 s, then 35 s (dns:a, until 2017-06-28T00:00:00Z, DNSSEC secure); servers CONTRADICT: none (3 none, 0 insert, 0 delete)",
        ),
        (
            Some(&insert),
            late,
            [1, 1, 0],
            "no leap second announced, TAI-UTC 37 s (dns:a, until 2017-06-28T00:00:00Z, not validated by DNSSEC); servers say nothing in common (1 none, 1 insert, 0 delete)",
        ),
        (
            Some(&insert),
            over,
            [2, 0, 0],
            "leap seconds unknown (dns:a: the announcement is good only until 2017-06-28T00:00:00Z, not validated by DNSSEC); servers say none (2 none, 0 insert, 0 delete)",
        ),
        (
            None,
            LEAP_DAY,
            [2, 0, 0],
            "leap seconds unknown (dns:a: no answer yet); servers say none (2 none, 0 insert, 0 delete)",
        ),
    ] {
        assert_eq!(status(known, now, votes).to_string(), line);
    }
}

#[test]
fn contradictions_are_told_with_their_outcome() {
    let bare = known(Some(LeapSign::Positive), Security::NotValidated);
    let signed = known(Some(LeapSign::Positive), Security::Secure);
    let said = |known, votes| status(Some(known), LEAP_DAY, votes).contradiction();
    assert_eq!(said(&bare, [0, 3, 0]), None);
    assert_eq!(
        said(&bare, [2, 0, 1]).unwrap(),
        "dns:a says leap insert for today, but 2 of 3 servers say none: neither is believed"
    );
    assert_eq!(
        said(&signed, [0, 0, 2]).unwrap(),
        "dns:a says leap insert for today, but 2 of 2 servers say delete: DNSSEC vouches for the former"
    );
}

#[test]
fn more_servers_of_one_mind_are_nothing_new() {
    let bare = known(Some(LeapSign::Positive), Security::NotValidated);
    let of = |now, votes| status(Some(&bare), now, votes);
    let status = of(LEAP_DAY, [0, 3, 0]);
    assert!(status.says_the_same(&of("2016-12-31T13:00:00Z", [1, 4, 0])));
    assert!(!status.says_the_same(&of(LEAP_DAY, [4, 3, 0])));
    assert!(!status.says_the_same(&of("2017-01-01T00:00:00Z", [0, 3, 0])));
}

#[test]
fn an_object_for_scripts() {
    let bare = known(Some(LeapSign::Positive), Security::NotValidated);
    let of = |known, votes| serde_json::to_string(&status(known, LEAP_DAY, votes)).unwrap();
    assert_eq!(
        of(Some(&bare), [1, 3, 0]),
        r#"{"source":"dns:a","security":"not validated by DNSSEC","leap":"insert","next_month":"2016-12","next_sign":1,"tai_utc":36,"tai_utc_after":37,"valid_until":"2017-06-28T00:00:00Z","servers":"insert","votes":[1,3,0],"agreement":"agrees","unknown":null}"#
    );
    assert_eq!(
        of(None, [0, 0, 0]),
        r#"{"source":"dns:a","security":null,"leap":null,"next_month":null,"next_sign":null,"tai_utc":null,"tai_utc_after":null,"valid_until":null,"servers":null,"votes":[0,0,0],"agreement":"uncompared","unknown":"no answer yet"}"#
    );
}
