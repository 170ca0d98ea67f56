//! `ntimed client`, as a user runs it: on paper, and with a clock of its own that it steers.
//!
//! No test has the right to touch the system's clock.

use core::net::SocketAddr;
use core::time::Duration;
use std::path::Path;
use std::{fs, thread};

use horolog_tests::{
    Chrony, ClockChange, Output, Pki, Program, Relay, Running, Scratch, Serve, VirtualClock,
    count_lines, free_port, up_to_three_times, wait_for,
};
use serde_json::Value;

/// Four polls a second, and a loop that finds the frequency as fast as its range allows.
const FAST: &str = "--interval 0.25 --param pll_std_i_init=10 --json";

fn is_update(line: &Value) -> bool {
    line.get("action").is_some()
}

/// Whether the loop steers by it: once a second at most, so not on every update.
fn is_steering(line: &Value) -> bool {
    line["mode"] == "tracking" && line["action"] == "adjust"
}

fn is_generation(line: &Value) -> bool {
    line.get("reason").is_some()
}

fn number(line: &Value, name: &str) -> f64 {
    line[name]
        .as_f64()
        .unwrap_or_else(|| panic!("{name} in {line}"))
}

/// The lines of a run, and the summary at the end.
fn lines(output: &Output) -> (Vec<Value>, Value) {
    let mut lines = output.json();
    let summary = lines.pop().unwrap_or_else(|| panic!("{output:?}"));
    assert_eq!(summary["summary"], true, "{output:?}");
    (lines, summary)
}

fn count(changes: &[ClockChange], what: &str) -> u32 {
    let same = changes.iter().filter(|change| change.what == what);
    same.fold(0, |count, _| count + 1)
}

#[test]
fn a_dry_run_converges_on_paper_and_leaves_the_clock_alone() {
    up_to_three_times(dry_run_converges);
}

fn dry_run_converges() {
    let (Some(chrony), Some(clock)) = (Chrony::installed(), VirtualClock::built()) else {
        return;
    };
    let scratch = Scratch::new();
    let clock = clock.off_by(0.3).logging(&scratch);
    let server = chrony.serve("");
    let trace = scratch.path().join("client.trace");
    let (address, path) = (server.address(), trace.display());
    let errors = scratch.path().join("errors");
    let mut client = Program::with_clock(&clock, "ntimed")
        .args(&format!("client {address} {FAST} --trace {path}"))
        .errors_in(&errors)
        .start();
    let mut lines = client.lines_until(is_steering);
    // Some more of them.
    for _ in 0..2 {
        lines.extend(client.lines_until(is_steering));
    }
    lines.extend(client.interrupt());
    assert_eq!(fs::read_to_string(&errors).expect("a log"), "");
    let summary = lines.pop().expect("a summary");
    let updates: Vec<_> = lines.iter().filter(|line| is_update(line)).collect();
    let (first, last) = (updates[0], updates[updates.len() - 1]);
    assert!((number(first, "offset") - 0.3).abs() < 0.02, "{first}");
    assert_eq!(
        (&first["mode"], &first["action"]),
        (&"stepping".into(), &"none".into())
    );
    let step = updates.iter().find(|line| line["action"] == "step");
    let step = number(step.expect("a step on paper"), "step");
    assert!((step + 0.3).abs() < 0.02, "{step}");
    assert_eq!(last["mode"], "tracking", "{last}");
    assert!(number(last, "offset").abs() < 1e-3, "{last}");
    let steered = updates.iter().filter(|line| is_steering(line));
    let steered: Vec<_> = steered.map(|line| number(line, "elapsed")).collect();
    assert!(steered.len() > 2, "{updates:?}");
    let apart = steered.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(apart.fold(f64::MAX, f64::min) > 0.5, "{steered:?}");
    // What was measured without the steering on paper is what it was.
    assert!((number(last, "measured") - 0.3).abs() < 0.02, "{last}");
    for update in &updates {
        assert_eq!(update["dry_run"], true);
        assert_eq!(update["leap"], "none");
        assert_eq!(
            (&update["agreeing"], &update["voters"]),
            (&1.into(), &1.into())
        );
    }
    assert_eq!(summary["steps"], 1);
    assert_eq!(summary["generation"], 1);
    assert_eq!(summary["replies"], summary["polls"]);
    assert_eq!(ClockChange::all(&scratch), []);

    // The trace says the same to the simulator.
    let replay = Program::new("ntimed")
        .args(&format!("sim --trace {path}"))
        .run();
    assert_eq!(replay.status, Some(0), "{replay:?}");
    assert_eq!(count_lines(&replay.stdout, "NTP_Filter "), updates.len());
    assert!(
        count_lines(&replay.stdout, "PLL 3 ") > 0,
        "{}",
        replay.stdout
    );
}

#[test]
fn who_ends_after_a_step_tells_of_the_stepped_clock() {
    up_to_three_times(ends_after_step);
}

fn ends_after_step() {
    let Some(clock) = VirtualClock::built() else {
        return;
    };
    let server = Serve::start("");
    let arguments = format!("client {} {FAST}", server.address());
    let clock = clock.off_by(0.3);
    let mut client = Program::with_clock(&clock, "ntimed")
        .args(&arguments)
        .start();
    let _ = client.lines_until(is_generation);
    let summary = client.interrupt().pop().expect("a summary");
    assert!(
        (number(&summary, "stepped") + 0.3).abs() < 0.02,
        "{summary}"
    );
    assert!(number(&summary, "offset").abs() < 0.02, "{summary}");
    let [low, high] = bounds(&summary);
    assert!(-0.1 < low && low < high && high < 0.1, "{summary}");
}

#[test]
fn a_clock_that_is_wrong_is_right_soon() {
    up_to_three_times(wrong_clock);
}

fn wrong_clock() {
    let Some(clock) = VirtualClock::built() else {
        return;
    };
    let scratch = Scratch::new();
    let clock = clock.off_by(0.3).gaining(40.0).logging(&scratch);
    let server = Serve::start("");
    let arguments = format!("client {} {FAST} --steer --duration 40", server.address());
    let output = Program::with_clock(&clock, "ntimed").args(&arguments).run();
    assert_eq!(output.status, Some(0), "{output:?}");
    let changes = ClockChange::all(&scratch);
    // To see whether it may, what the frequency is already is set first.
    assert_eq!(changes[0].what, "rate");
    assert!((changes[0].error - 0.3).abs() < 1e-3, "{:?}", changes[0]);
    assert!((changes[0].ppm - 40.0).abs() < 1e-9, "{:?}", changes[0]);
    assert_eq!(count(&changes, "set offset"), 1, "{changes:?}");
    let stepped = changes
        .iter()
        .position(|change| change.what == "set offset");
    let stepped = &changes[stepped.expect("a step")];
    assert!((stepped.step + 0.3).abs() < 0.01, "{stepped:?}");
    // As the clock itself says, not the program.
    let last = &changes[changes.len() - 1];
    assert!(last.error.abs() < 1e-3, "{last:?}");
    assert!(last.ppm.abs() < 2.0, "{last:?}");
    assert!(
        last.synchronised && !stepped.synchronised,
        "{stepped:?} {last:?}"
    );
    // Slews end: the frequency alone is what is left.
    let (_, summary) = lines(&output);
    let frequency = number(&summary, "frequency") * 1e6;
    assert!(
        (frequency + 40.0 - last.ppm).abs() < 1e-3,
        "{summary} {last:?}"
    );
    assert_eq!(summary["dry_run"], false);
}

#[test]
fn after_a_step_no_older_sample_counts() {
    up_to_three_times(stepped_by_somebody);
}

fn stepped_by_somebody() {
    // Somebody else steps the clock after four seconds.
    let Some(clock) = VirtualClock::built() else {
        return;
    };
    let scratch = Scratch::new();
    let clock = clock.stepped_after(4.0, 0.5).logging(&scratch);
    // Most of the time an exchange is under way, so one is when the clock is stepped.
    let server = Serve::start("");
    let link = SocketAddr::from(([127, 0, 0, 2], free_port()));
    let relay = Relay::start(link, server.address(), |_, _, _| {
        thread::sleep(Duration::from_millis(120));
        true
    });
    let arguments = format!("client {} {FAST} --steer", relay.address());
    let mut client = Program::with_clock(&clock, "ntimed")
        .args(&arguments)
        .start();
    // The ways may differ by more than a millisecond, and that is a step.
    let before = client.lines_until(|line| {
        let reason = line["reason"].as_str();
        reason.is_some_and(|reason| reason.starts_with("somebody stepped the clock by +"))
    });
    let noticed = &before[before.len() - 1];
    for update in before.iter().filter(|line| is_update(line)) {
        let [low, high] = bounds(update);
        assert!(-0.3 < low && high < 0.3, "{update}");
    }
    let after = client.lines_until(is_generation);
    let own = &after[after.len() - 1];
    assert_eq!(own["reason"], "the clock was stepped");
    let generations = [noticed, own].map(|line| line["generation"].as_u64());
    assert_eq!(generations[0].map(|before| before + 1), generations[1]);
    let updates: Vec<_> = after.iter().filter(|line| is_update(line)).collect();
    assert_eq!(updates[0]["mode"], "stepping", "{after:?}");
    for update in updates {
        assert_eq!(update["generation"], noticed["generation"]);
        let [low, high] = bounds(update);
        assert!(0.2 < low && high < 0.8, "{update}");
    }
    let next = update(&mut client);
    let [low, high] = bounds(&next);
    assert!(-0.3 < low && high < 0.3, "{next}");
    let steps = number(&client.interrupt().pop().expect("a summary"), "steps");
    let changes = ClockChange::all(&scratch);
    assert!((steps - f64::from(count(&changes, "set offset"))).abs() < 0.5);
    assert_eq!(count(&changes, "somebody"), 1);
}

/// A kernel whose clock is set takes it for wrong from then on, by however little that was.
#[test]
fn after_an_unnoticed_step_the_clock_counts_as_right_again() {
    up_to_three_times(stepped_by_little);
}

fn stepped_by_little() {
    let Some(clock) = VirtualClock::built() else {
        return;
    };
    let scratch = Scratch::new();
    let clock = clock.stepped_after(15.0, 0.0005).logging(&scratch);
    let server = Serve::start("");
    let arguments = format!("client {} {FAST} --steer", server.address());
    let mut client = Program::with_clock(&clock, "ntimed")
        .args(&arguments)
        .start();
    let stepped = || {
        let changes = ClockChange::all(&scratch);
        changes.iter().position(|change| change.what == "somebody")
    };
    let _ = client.lines_until(|_| stepped().is_some());
    let _ = client.lines_until(is_steering);
    let _ = client.lines_until(is_steering);
    let summary = client.interrupt().pop().expect("a summary");
    assert_eq!(summary["generation"], 0, "{summary}");
    let changes = ClockChange::all(&scratch);
    let (before, after) = changes.split_at(stepped().expect("a step"));
    assert!(before.last().is_some_and(|change| change.synchronised));
    assert!(!after[0].synchronised, "{after:?}");
    let last = &after[after.len() - 1];
    assert!(last.synchronised && last.error < 0.0005, "{after:?}");
}

/// Waits until a file has a line that starts so.
fn wait_for_line(path: &Path, start: &str) {
    wait_for(start, || {
        let text = fs::read_to_string(path).ok()?;
        (count_lines(&text, start) > 0).then_some(())
    });
}

fn bounds(update: &Value) -> [f64; 2] {
    let bound = |at| update["bounds"][at].as_f64();
    let bound = |at| bound(at).unwrap_or_else(|| panic!("no bounds in {update}"));
    [0, 1].map(bound)
}

/// The next update; a reply that is lost is a line too.
fn update(client: &mut Running) -> Value {
    client.lines_until(is_update).pop().expect("it has one")
}

/// The servers of the next updates, so many.
fn servers(client: &mut Running, count: usize) -> Vec<String> {
    let server = |_| {
        let update = update(client);
        update["server"].as_str().expect("a name").to_owned()
    };
    (0..count).map(server).collect()
}

#[test]
fn sighup_reads_the_servers_again() {
    up_to_three_times(servers_change);
}

fn servers_change() {
    let scratch = Scratch::new();
    let running = [
        Serve::start(""),
        Serve::start("--refid GPS"),
        Serve::start("--refid PPS"),
    ];
    let [first, second, third] = running.each_ref().map(|serve| serve.address().to_string());
    let write = |text: &str| scratch.write("servers", text);
    let path = write(&format!("{first} # goes\n{second}\n"));
    let arguments = format!("client --servers {} --interval 0.25 --json", path.display());
    let errors = scratch.path().join("errors");
    let mut client = Program::new("ntimed")
        .args(&arguments)
        .errors_in(&errors)
        .start();
    let asked = servers(&mut client, 8);
    assert!(
        asked.contains(&first) && asked.contains(&second),
        "{asked:?}"
    );

    write(&format!("# new\n{second}\n{third}\n"));
    client.signal("HUP");
    client.lines_until(|line| line["server"] == third.as_str());
    let asked = servers(&mut client, 8);
    assert!(
        asked.contains(&second) && asked.contains(&third),
        "{asked:?}"
    );
    assert!(!asked.contains(&first), "{asked:?}");
    let line = update(&mut client);
    assert_eq!(line["voters"], 2, "{line}");
    // What was known before still counts: the frequency is not looked for anew.
    assert_eq!(line["generation"], 0, "{line}");

    // What is bad changes nothing.
    write("what is this\n");
    client.signal("HUP");
    wait_for("the error", || {
        let errors = fs::read_to_string(&errors).ok()?;
        errors
            .contains(", line 1: expected one server a line\n")
            .then_some(())
    });
    let asked = servers(&mut client, 8);
    assert!(
        asked.contains(&second) && asked.contains(&third),
        "{asked:?}"
    );
    let summary = client.interrupt().pop().expect("a summary");
    assert_eq!(summary["generation"], 0, "{summary}");
    assert!(number(&summary, "replies") >= 24.0, "{summary}");
}

#[test]
fn without_the_right_nothing_is_asked() {
    let server = Serve::start("");
    let arguments = format!("client {} --steer --duration 1", server.address());
    let output = Program::without_rights("ntimed").args(&arguments).run();
    output.assert_fails("cannot steer the system clock: that takes the right CAP_SYS_TIME");
    assert_eq!(output.stdout, "");
    let counters = server.terminate();
    assert_eq!(counters["answered"], 0, "{counters}");
}

#[test]
fn a_step_that_is_too_large_is_refused() {
    let Some(clock) = VirtualClock::built() else {
        return;
    };
    let scratch = Scratch::new();
    let clock = clock.off_by(0.3).logging(&scratch);
    let server = Serve::start("");
    let arguments = format!("client {} {FAST} --steer --max-step 0.2", server.address());
    let output = Program::with_clock(&clock, "ntimed").args(&arguments).run();
    output.assert_fails(" s: --max-step is 0.2 s");
    let step = output.stderr.split("stepped by ").nth(1);
    let step = step.and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
    assert!(
        step.is_some_and(|step| (step + 0.3).abs() < 0.02),
        "{output:?}"
    );
    let changes = ClockChange::all(&scratch);
    assert_eq!(count(&changes, "set offset"), 0);
    assert!(!changes[changes.len() - 1].synchronised, "{changes:?}");
}

#[test]
fn who_is_asked_too_often_is_asked_less() {
    let server = Serve::start("--rate-limit 1");
    let arguments = format!("client {} --interval 0.1 --json", server.address());
    let mut client = Program::new("ntimed").args(&arguments).start();
    let is_kiss = |line: &Value| line["kiss"] == "RATE";
    // Without a reply there is no quorum at the end.
    let lines = client.lines_until(is_update);
    let kiss = lines.into_iter().find(is_kiss);
    let kiss = kiss.or_else(|| client.lines_until(is_kiss).pop());
    let kiss = kiss.expect("a kiss");
    assert_eq!(kiss["server"], server.address().to_string());
    let summary = client.interrupt().pop().expect("a summary");
    assert!(
        number(&summary, "polls") > number(&summary, "replies"),
        "{summary}"
    );
}

#[test]
fn replies_that_nts_protects_are_taken() {
    let scratch = Scratch::new();
    let port = free_port();
    let folder = scratch.path().display();
    let _serve = Serve::start(&format!("--nts 127.0.0.1:{port} --self-signed {folder}"));
    let trace = scratch.path().join("client.trace");
    let program = Program::new("ntimed").args(&format!(
        "client 127.0.0.1 --interval 0.5 --nts --nts-port {port} --ca {folder}/ca.pem --trace {}",
        trace.display()
    ));
    let (output, _) = program.run_and_signal("INT", || wait_for_line(&trace, "Poll 127.0.0.1 "));
    assert_eq!(output.status, Some(0), "{output:?}");
    let first = output.stdout.lines().next();
    let expected = "dry run: the clock is left alone, and steered on paper";
    assert_eq!(first, Some(expected), "{output:?}");
    assert!(output.stdout.contains("  127.0.0.1  ahead "), "{output:?}");
    assert!(output.stdout.contains("\nstepped    never\n"), "{output:?}");
}

#[test]
fn sighup_reads_the_authorities_again() {
    let (right, wrong) = (Pki::new(), Pki::new());
    let serve = Serve::start_nts(&right, "");
    let scratch = Scratch::new();
    let pem = |pki: &Pki| fs::read_to_string(pki.authority()).expect("a certificate");
    let path = scratch.write("ca.pem", &pem(&wrong));
    let (port, path) = (serve.key_exchange().port(), path.display());
    let errors = scratch.path().join("errors");
    let told = |text: &str| {
        wait_for(text, || {
            let errors = fs::read_to_string(&errors).ok()?;
            errors.contains(text).then_some(())
        });
    };
    let mut client = Program::new("ntimed")
        .args(&format!(
            "client 127.0.0.1 --nts --nts-port {port} --ca {path} --interval 0.25 --json"
        ))
        .errors_in(&errors)
        .start();
    told("127.0.0.1: cannot establish keys with 127.0.0.1 port ");
    scratch.write("ca.pem", &pem(&right));
    client.signal("HUP");
    let first = update(&mut client);
    assert_eq!(first["agreeing"], 1, "{first}");
    // What is bad changes nothing.
    scratch.write("ca.pem", "what is this\n");
    client.signal("HUP");
    told("error: cannot read certificates ");
    let last = update(&mut client);
    assert_eq!(last["agreeing"], 1, "{last}");
    let _ = client.interrupt();
}

#[test]
fn nobody_answers_is_no_quorum() {
    up_to_three_times(nobody_answers);
}

fn nobody_answers() {
    let port = free_port();
    let scratch = Scratch::new();
    let path = scratch.write("servers", &format!("127.0.0.1:{port} # nobody\n"));
    let file = path.display();
    let trace = scratch.path().join("client.trace");
    let program = Program::new("ntimed").args(&format!(
        "client --servers {file} --interval 0.2 --trace {}",
        trace.display()
    ));
    // A poll is in it before people are told of its trouble.
    let (output, _) = program.run_and_signal("INT", || wait_for_line(&trace, "Now "));
    assert_eq!(output.status, Some(1), "{output:?}");
    let expected = format!("127.0.0.1:{port}: connection refused\nerror: no quorum at the end\n");
    assert_eq!(output.stderr, expected);
    fs::remove_file(&path).expect("a file");
    let output = Program::new("ntimed")
        .args(&format!("client --servers {file}"))
        .run();
    output.assert_fails("cannot read the servers: ");
}

#[test]
fn wrong_usage_is_status_2() {
    for arguments in [
        "client",
        "client a --dry-run --steer",
        "client a --interval 0.01",
        "client a --max-step -1",
        "client a --param poll_rate=1",
        "client a --ca file",
    ] {
        let output = Program::new("ntimed").args(arguments).run();
        assert_eq!(output.status, Some(2), "{arguments}");
    }
}
