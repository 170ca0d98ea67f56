//! The program `survey`, as a user runs it.

extern crate alloc;

use alloc::collections::BTreeSet;
use core::net::SocketAddr;
use core::time::Duration;
use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use horolog_net::clock;
use horolog_ntp::{Arrival, LeapIndicator, ReferenceId, ServerResponder, Stratum, SystemState};
use horolog_tests::{
    Output, Program, Scratch, Serve, assert_survey_pictures, assert_whole, free_port, missing,
    program, up_to_three_times,
};
use horolog_time::NtpDuration;
use serde_json::Value;

fn survey(arguments: &str) -> Output {
    Program::new("survey").args(arguments).run()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn without_a_server_several_are_embedded_and_the_liar_is_named() {
    up_to_three_times(several_are_embedded);
}

fn several_are_embedded() {
    let scratch = Scratch::new();
    let (page, folder) = (
        scratch.path().join("survey.html"),
        scratch.path().join("svg"),
    );
    let output = survey(&format!(
        "--samples 6 --json --html {} --svg {}",
        page.display(),
        folder.display()
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(
        output.stderr, "",
        "no progress bar where there is no terminal"
    );
    let records = output.json();
    let names = ["lan", "near", "busy", "far", "liar"];
    assert_eq!(records.len(), names.len() + 1);
    for (record, name) in records.iter().zip(names) {
        let expected = BTreeSet::from([
            "server",
            "address",
            "port",
            "samples",
            "lost",
            "unusable",
            "reach",
            "stratum",
            "refid",
            "leap",
            "auth",
            "offset",
            "delay",
            "error_bound",
            "jitter",
            "low",
            "high",
            "trust",
            "agrees",
            "reason",
        ]);
        assert_eq!(keys(record), expected);
        assert_eq!(record["server"], name);
        assert_eq!(record["address"], "127.0.0.1");
        let number = |key: &str| record[key].as_f64().expect("a number");
        assert!(number("low") < number("high"), "{record}");
        let count = |key: &str| record[key].as_u64().expect("a count");
        assert_eq!(count("samples") + count("lost"), 6, "{record}");
        assert_eq!(record["agrees"], name != "liar", "{record}");
    }
    let (lan, liar) = (&records[0], &records[4]);
    assert_eq!((&lan["stratum"], &lan["refid"]), (&1.into(), &"GPS".into()));
    assert_eq!(lan["reach"], "077");
    assert!(lan["reason"].is_null());
    let reason = liar["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("falseticker: says +"), "{reason}");

    let summary = &records[5];
    let expected = BTreeSet::from([
        "summary",
        "servers",
        "agreeing",
        "voters",
        "quorum",
        "offset",
        "low",
        "high",
        "density",
        "leap",
        "leap_disputed",
    ]);
    assert_eq!(keys(summary), expected);
    assert_eq!(
        (&summary["agreeing"], &summary["voters"]),
        (&4.into(), &5.into())
    );
    let number = |key: &str| summary[key].as_f64().expect("a number");
    assert!(number("low") <= number("offset") && number("offset") <= number("high"));
    assert!(
        number("low") <= 1e-5 && 1e-5 <= number("high"),
        "the LAN's clock is 10 us ahead: {summary}"
    );

    assert_shows(&page, &folder, &names);
}

/// Checks that the page and the folder have all pictures of these servers.
fn assert_shows(page: &Path, folder: &Path, names: &[&str]) {
    let text = fs::read_to_string(page).expect("a page");
    assert!(text.starts_with("<!DOCTYPE html>\n"));
    assert_whole(&text);
    assert_eq!(
        text.matches("<svg role=\"img\"").count(),
        2 * 7 + 4 * names.len(),
        "those of all servers for wide and for narrow screens"
    );
    assert!(text.contains("prefers-color-scheme:dark"));
    for name in names {
        assert_eq!(
            text.matches(&format!("</svg>{name}</h2>")).count(),
            1,
            "{name}"
        );
    }
    assert!(text.contains("4 of 5 servers agree"), "{text}");
    assert_survey_pictures(folder, names);
}

#[test]
fn embedded_servers_have_the_family_that_is_asked_for() {
    if UdpSocket::bind("[::1]:0").is_err() {
        eprintln!("SKIPPED: no IPv6 loopback");
        return;
    }
    let records = survey("-6 --samples 2 --json").json();
    let servers = records.iter().filter(|record| record["server"].is_string());
    let addresses: Vec<_> = servers.map(|record| &record["address"]).collect();
    assert_eq!(addresses, ["::1"; 5]);
}

#[test]
fn people_get_a_table() {
    up_to_three_times(table_for_people);
}

fn table_for_people() {
    let output = survey("--samples 3");
    assert_eq!(output.status, Some(0), "{output:?}");
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 7, "{output:?}");
    assert!(lines[0].starts_with("server  replies  reach"), "{output:?}");
    assert!(
        lines[1].starts_with("lan      3 of 3    007  1        GPS "),
        "{output:?}"
    );
    assert!(
        lines[6].starts_with("4 of 5 servers agree: this clock is "),
        "{output:?}"
    );
}

#[test]
fn what_servers_say_does_not_become_markup() {
    up_to_three_times(no_markup);
}

fn no_markup() {
    let scratch = Scratch::new();
    let page = scratch.path().join("survey.html");
    let (plain, hostile) = (Serve::start("--stratum 2"), Serve::start("--refid <b>\""));
    let output = survey(&format!(
        "{} {} {0} --samples 2 --interval 0.01 --json --html {}",
        plain.address(),
        hostile.address(),
        page.display()
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    let records = output.json();
    assert_eq!(records[1]["refid"], "<b>\"");
    // Two ports of one address are two servers, but the third is the first again.
    assert_eq!(records[3]["agreeing"], 2);
    assert_eq!(records[3]["voters"], 2);
    let reason = format!("same address as {}", plain.address());
    assert_eq!(records[2]["reason"], reason.as_str());
    let text = fs::read_to_string(&page).expect("a page");
    assert_whole(&text);
    assert!(
        text.contains("data-label=\"refid\">&lt;b&gt;&quot;</td>"),
        "{text}"
    );
}

#[test]
fn a_server_that_is_silent_is_told_of() {
    let scratch = Scratch::new();
    let page = scratch.path().join("survey.html");
    let (serve, port) = (Serve::start(""), free_port());
    let output = survey(&format!(
        "{} 127.0.0.1:{port} --samples 1 --timeout 1 --json --html {}",
        serve.address(),
        page.display()
    ));
    output.assert_fails("no majority: at most 1 of 2 servers agree");
    let records = output.json();
    assert_eq!(records[1]["reason"], "no time: connection refused");
    assert_eq!(records[1]["reach"], "000");
    assert!(records[1]["offset"].is_null());
    assert_eq!(records[2]["quorum"], false);
    let text = fs::read_to_string(&page).unwrap();
    assert_whole(&text);
    assert!(text.contains("There is nothing to draw"), "{text}");
    // There is no peak to draw around.
    assert_eq!(text.matches("<svg role=\"img\"").count(), 2 * 6 + 4);

    let output = survey(&format!(
        "127.0.0.1:{port} --samples 1 --timeout 1 --html {}",
        page.display()
    ));
    output.assert_fails("no server told a usable time");
    assert_whole(&fs::read_to_string(&page).unwrap());
}

/// A server that answers each request, but has a clock that is off, or none: leap indicator 3.
fn answer(offset: f64, synchronised: bool) -> SocketAddr {
    answer_at_most(u32::MAX, offset, synchronised).0
}

/// The same, but after so many requests it is silent and tells of each that comes.
fn answer_at_most(most: u32, offset: f64, synchronised: bool) -> (SocketAddr, Receiver<()>) {
    let (unanswered, told) = mpsc::channel();
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("an address");
    let [high, low] = address.port().to_be_bytes();
    thread::spawn(move || {
        let mut system = SystemState {
            stratum: Stratum::new(2),
            reference_id: ReferenceId::from_octets([192, 0, high, low]),
            ..SystemState::local_primary()
        };
        if !synchronised {
            system.leap = LeapIndicator::Unknown;
        }
        let mut responder = ServerResponder::new(system);
        let offset = NtpDuration::from_seconds_f64(offset).expect("a duration");
        let (mut request, mut reply) = ([0; 512], [0; 512]);
        let mut requests = 0;
        loop {
            let (length, client) = socket.recv_from(&mut request).expect("a request");
            if requests == most {
                // Where nobody waits for it, it is not needed.
                let _ = unanswered.send(());
                continue;
            }
            requests += 1;
            // Before it leaves, however fast this machine is.
            let arrival = Arrival {
                source: client.ip(),
                receive: clock::now() + offset,
                transmit: clock::now() + offset,
            };
            let response = responder.respond(&request[..length], arrival, &mut reply);
            let length = response.expect("a response").length;
            socket
                .send_to(&reply[..length], client)
                .expect("it is sent");
        }
    });
    (address, told)
}

#[test]
fn interrupted_it_shows_what_was_measured_so_far() {
    let scratch = Scratch::new();
    let page = scratch.path().join("survey.html");
    let (address, unanswered) = answer_at_most(2, 0.0, true);
    let program = Program::new("survey").args(&format!(
        "{address} --samples 1000 --interval 0.01 --timeout 600 --json --html {}",
        page.display()
    ));
    let (output, _) = program.run_and_signal("INT", || {
        let waited = unanswered.recv_timeout(Duration::from_mins(2));
        waited.expect("a third request");
    });
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.stderr, "");
    let records = output.json();
    assert_eq!(records.len(), 2, "{output:?}");
    assert_eq!(records[0]["samples"], 2);
    assert_eq!(records[1]["agreeing"], 1);
    assert_whole(&fs::read_to_string(&page).expect("a page"));
}

#[test]
fn on_a_terminal_a_bar_tells_of_the_progress() {
    if Command::new("script").arg("--version").output().is_err() {
        return missing("script, which gives a program a terminal, is not there").unwrap_or(());
    }
    let survey = format!(
        "{} {} --samples 2 --interval 0.01",
        program("survey").display(),
        answer(0.0, true)
    );
    let output = Command::new("script")
        .args(["-qec", &survey, "/dev/null"])
        .env("TERM", "xterm")
        .output()
        .expect("script runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("asking ") && text.contains("/2, "), "{text}");
    assert!(text.contains("a single server"), "{text}");
}

#[test]
fn a_server_that_is_not_synchronised_is_shown_as_such() {
    let scratch = Scratch::new();
    let page = scratch.path().join("survey.html");
    let (good, bad) = (answer(0.0, true), answer(0.0, false));
    let arguments = format!("{good} {bad} --samples 2 --interval 0.01");
    let output = survey(&format!("{arguments} --json --html {}", page.display()));
    let records = output.json();
    assert_eq!(records[0]["unusable"], 0);
    assert_eq!(
        (&records[1]["unusable"], &records[1]["lost"]),
        (&2.into(), &2.into())
    );
    let reason = "replies without time: server is not synchronised";
    assert_eq!(records[1]["reason"], reason);
    assert_eq!(records[1]["agrees"], false);
    let text = fs::read_to_string(&page).expect("a page");
    assert_whole(&text);
    assert!(
        text.contains(&format!("<td class=\"words apart\">{reason}</td>")),
        "{text}"
    );
    assert!(
        text.contains("\nreplies without time\n"),
        "it has its row in the picture"
    );
    let output = survey(&arguments);
    assert!(output.stdout.contains("0 of 2 (2 unusable)"), "{output:?}");
}

#[test]
fn a_clock_that_is_off_by_years_leaves_the_others_their_room() {
    let scratch = Scratch::new();
    let page = scratch.path().join("survey.html");
    let servers = [0.0, 0.0, 4e8].map(|offset| answer(offset, true).to_string());
    let output = survey(&format!(
        "{} --samples 2 --interval 0.01 --html {}",
        servers.join(" "),
        page.display()
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    let text = fs::read_to_string(&page).expect("a page");
    assert_whole(&text);
    assert!(text.contains("\nfar outside: +400000000 s\n"), "{text}");
    assert!(
        text.contains(&format!(" Far outside: {}.", servers[2])),
        "{text}"
    );
    // No axis goes as far.
    assert!(
        !text.contains("\n+10000000 s\n") && !text.contains("\n+100000000 s\n"),
        "{text}"
    );
}

#[test]
fn more_than_eight_servers_are_told_apart_by_shape() {
    let scratch = Scratch::new();
    let page = scratch.path().join("survey.html");
    let servers: Vec<_> = (0..12).map(|_| answer(0.0, true).to_string()).collect();
    let output = survey(&format!(
        "{} --samples 1 --html {}",
        servers.join(" "),
        page.display()
    ));
    assert!(output.stderr.is_empty(), "{output:?}");
    let text = fs::read_to_string(&page).expect("a page");
    assert_whole(&text);
    let signs: BTreeSet<_> = text.split("<svg class=\"sign\"").skip(1).collect();
    let signs = signs.iter().filter_map(|sign| sign.split_once("</svg>"));
    let signs: BTreeSet<_> = signs.map(|(sign, _)| sign).collect();
    assert_eq!(signs.len(), 12);
    for (number, server) in (1..).zip(&servers) {
        let link = format!("<a href=\"#server-{number}\">{server}</a>");
        assert!(text.contains(&link), "{link}");
        assert_eq!(
            text.matches(&format!("<h2 id=\"server-{number}\">"))
                .count(),
            1
        );
    }
}

#[test]
fn a_single_server_is_confirmed_by_nobody() {
    let output = survey(&format!(
        "{} --samples 2 --interval 0.01",
        answer(0.0, true)
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    let verdict = output.stdout.lines().last().expect("a verdict");
    assert!(
        verdict.starts_with("a single server, which no other confirms: "),
        "{verdict}"
    );
}

#[test]
fn with_nts_replies_are_authenticated() {
    let scratch = Scratch::new();
    let (folder, port) = (scratch.path().display(), free_port());
    let serve = Serve::start(&format!(
        "--stratum 3 --nts 127.0.0.1:{port} --self-signed {folder}"
    ));
    let output = survey(&format!(
        "127.0.0.1 --nts --nts-port {port} --ca {folder}/ca.pem --samples 2 --interval 0.01 --json"
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    let record = &output.json()[0];
    assert_eq!(record["auth"], "nts");
    assert_eq!(record["trust"], 1.0, "in spite of stratum 3");
    drop(serve);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    survey("--samples 1 --html /no/such/folder/page")
        .assert_fails("cannot write /no/such/folder/page");
    survey("--samples 1 --svg /dev/null/folder").assert_fails("cannot make /dev/null/folder");
}

#[test]
fn wrong_usage_is_status_2() {
    for arguments in [
        "--samples 0",
        "--samples 100001",
        "--interval -1",
        "host:0",
        "-4 -6",
        "127.0.0.1 --ca file",
        "--nts-port 0 --nts",
        "--nts",
    ] {
        assert_eq!(survey(arguments).status, Some(2), "{arguments}");
    }
}
