use core::mem::discriminant;

use horolog_ntimed::{Answer, LeapVerdict, LeapVote, Quorum};

use super::*;
use crate::ntimed::answer_record::AnswerRecord;
use crate::ntimed::steering_record::SteeringRecord;

fn update() -> UpdateRecord {
    let answer = Answer {
        peak: None,
        offset: None,
        quorum: Quorum {
            agreeing: 1,
            voters: 2,
        },
        bounds: None,
        rejected: Vec::new(),
        leap: LeapVote::default(),
    };
    UpdateRecord {
        elapsed: 64.125,
        server: "a.example".into(),
        address: "192.0.2.1".into(),
        port: 123,
        measured: -0.25,
        answer: AnswerRecord::new(&answer, LeapVerdict::Undecided, |_| String::new()),
        generation: 0,
        steering: SteeringRecord::new(None, false),
        frequency: -4e-5,
        dry_run: true,
    }
}

fn rejected(server: &str, rejection: Rejection) -> RejectedRecord {
    RejectedRecord {
        server: server.into(),
        reason: rejection.to_string(),
        kind: discriminant(&rejection),
    }
}

/// What a report prints.
fn printed(json: bool, tell: impl FnOnce(&mut Report<'_>)) -> String {
    let mut out = Vec::new();
    tell(&mut Report::new(&mut out, json));
    String::from_utf8(out).unwrap()
}

#[test]
fn an_update_is_a_line() {
    let quiet = update();
    let mut found = quiet.clone();
    found.steering.mode = "stepping";
    found.answer = AnswerRecord {
        offset: Some(0.25),
        bounds: Some([0.2, 0.3]),
        agreeing: 2,
        ..found.answer
    };
    let mut step = found.clone();
    step.steering = SteeringRecord {
        action: "step",
        step: Some(-0.25),
        ..step.steering
    };
    let mut slew = found.clone();
    slew.dry_run = false;
    slew.steering = SteeringRecord {
        action: "adjust",
        slew: Some(1e-5),
        duration: Some(16.0),
        ..slew.steering
    };
    let mut ignored = found.clone();
    ignored.steering.mode = "ignored";
    let says = "   64.125 s  a.example  says -250.0 ms  1 of 2  no quorum\n";
    let ahead = "   64.125 s  a.example  ahead +250.0 ms (+200.0 ms to +300.0 ms)  2 of 2  ";
    for (record, expected) in [
        (quiet, says.to_owned()),
        (found, format!("{ahead}waits\n")),
        (ignored, format!("{ahead}does not count\n")),
        (step, format!("{ahead}would step by -250.0 ms\n")),
        (
            slew,
            format!("{ahead}slews +10.00 us in 16 s, frequency -40.000 ppm\n"),
        ),
    ] {
        let text = printed(false, |report| report.update(&record).unwrap());
        assert_eq!(text, expected);
    }
}

#[test]
fn a_reason_is_told_once() {
    let with = |rejection| {
        let mut record = update();
        record.answer.rejected = vec![rejected("b.example", rejection)];
        record
    };
    let text = printed(false, |report| {
        for record in [
            with(Rejection::Stale(1100.0)),
            with(Rejection::Stale(1164.0)),
            with(Rejection::Silent),
            update(),
        ] {
            report.update(&record).unwrap();
        }
    });
    let reasons: Vec<_> = text.lines().filter(|line| line.contains("count")).collect();
    assert_eq!(
        reasons,
        [
            "             b.example does not count: the newest sample is 1100 s old",
            "             b.example does not count: no sample yet",
        ]
    );
    let text = printed(true, |report| {
        report.update(&with(Rejection::Stale(1100.0))).unwrap();
    });
    assert!(
        text.contains(
            r#""rejected":[{"server":"b.example","reason":"the newest sample is 1100 s old"}]"#
        ),
        "{text}"
    );
}

#[test]
fn a_disputed_leap_second_is_told_once_without_any_list() {
    let with = |none, insert| {
        let mut record = update();
        record.answer.leap_vote = LeapVote {
            none,
            insert,
            delete: 0,
        };
        record
    };
    let text = printed(false, |report| {
        for (none, insert) in [(0, 1), (0, 2), (1, 2), (1, 2), (0, 3)] {
            report.update(&with(none, insert)).unwrap();
        }
    });
    let told: Vec<_> = text.lines().filter(|line| line.contains("leap")).collect();
    assert_eq!(
        told,
        [
            "             leap second disputed: 2 say insert, 0 delete, 1 none",
            "             leap second not disputed: 3 say insert, 0 delete, 0 none",
        ]
    );
}

#[test]
fn the_summary_says_whose_clock_was_steered() {
    let record = SummaryRecord {
        summary: true,
        elapsed: 100.0,
        polls: 12,
        replies: 11,
        offset: Some(-2e-6),
        bounds: Some([-1e-5, 1e-5]),
        agreeing: 2,
        voters: 3,
        generation: 1,
        steps: 1,
        stepped: -0.25,
        frequency: 3e-6,
        dry_run: true,
        leap_seconds: None,
    };
    let text = printed(false, |report| report.summary(&record).unwrap());
    assert_eq!(
        text,
        "replies    11 to 12 polls\n\
         ahead      -2.000 us (-10.00 us to +10.00 us), 2 of 3 agree\n\
         stepped    -250.0 ms, on paper\n\
         frequency  +3.000 ppm, on paper\n"
    );
    let none = SummaryRecord {
        offset: None,
        steps: 0,
        dry_run: false,
        ..record
    };
    let text = printed(false, |report| report.summary(&none).unwrap());
    assert!(text.contains("\nahead      unknown: at most 2 of 3 agree\nstepped    never\n"));
    assert!(text.ends_with("+3.000 ppm, the clock\n"), "{text}");
}
