//! The program `ntimed`, as a user runs it.

use core::time::Duration;
use std::fs::{self, File};
use std::io::Write as _;
use std::process::Command;
use std::thread;

use horolog_tests::{Program, Scratch, count_lines, ntimed, ntimed_trace};
use serde_json::json;

/// The first lines of a trace.
const HEAD: &str = "# NTIMED Format poll-server 1.0\n# Found 1 peers\n# Peer a 192.0.2.1\n";

#[test]
fn classic_prints_the_originals_lines_and_nothing_else() {
    let output = ntimed(&format!(
        "sim --classic --trace {}",
        ntimed_trace("a-lan.trace").display()
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.stderr, "");
    let lines: Vec<_> = output.stdout.lines().collect();
    // The original has a parameter more, `foo`.
    assert_eq!(lines.len(), 8 + 15_143);
    assert_eq!(
        lines[8..10],
        [
            "Now 1000000.000000000 SIMPLL",
            "SIMPLL 0.000e+00 0.000e+00 0.000e+00"
        ]
    );
    assert_eq!(
        lines.last().unwrap(),
        &"PLL 3 6.400e+01 -4.238e-06 4.753e+03 -> 1.227e-07 6.500e+01 -2.995e-06 2.895e-02 4.825e-04"
    );
}

#[test]
fn the_liar_is_named() {
    let output = ntimed(&format!(
        "sim --trace {}",
        ntimed_trace("d-liar.trace").display()
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    let polls = count_lines(&output.stdout, "NTP_Packet ");
    assert_eq!(polls, 939);
    assert_eq!(
        count_lines(&output.stdout, "# Quorum ") + count_lines(&output.stdout, "# No quorum "),
        polls
    );
    assert!(
        count_lines(
            &output.stdout,
            "# Rejected liar 203.0.113.4 falseticker: says -0.2"
        ) > 0
    );
    assert!(
        count_lines(
            &output.stdout,
            "# Rejected unsync 203.0.113.5 refused: Not synchronised"
        ) > 0
    );
    let last = output
        .stdout
        .lines()
        .rfind(|line| line.starts_with("# Quorum "))
        .unwrap();
    assert!(last.starts_with("# Quorum 2 of 3 "), "{last}");
}

#[test]
fn out_takes_the_trace_and_leaves_a_summary() {
    let scratch = Scratch::new();
    let out = scratch.path().join("client.trace");
    let from = ntimed_trace("b-mixed.trace");
    let arguments = format!("sim --trace {} --out {}", from.display(), out.display());
    let output = ntimed(&arguments);
    assert_eq!(output.status, Some(0), "{output:?}");
    let written = fs::read_to_string(&out).unwrap();
    assert_eq!(count_lines(&written, "NTP_Filter "), 714);
    assert!(!written.contains("nan"));
    let summary: Vec<_> = output.stdout.lines().collect();
    assert_eq!(summary.len(), 4, "{output:?}");
    assert_eq!(summary[0], "replies    714 (714 evaluated)");
    assert!(summary[1].starts_with("offset     clock "), "{output:?}");
    assert_eq!(summary[2], "quorum     3 of 3");

    // By another name it is the same file, and stays as it is.
    let copy = scratch.write("copy.trace", &fs::read_to_string(&from).unwrap());
    let other = scratch.path().join("./copy.trace");
    let onto_itself = format!("sim --trace {} --out {}", copy.display(), other.display());
    ntimed(&onto_itself).assert_fails("it is the trace itself");
    assert_eq!(fs::read(&copy).unwrap(), fs::read(&from).unwrap());

    let output = ntimed(&format!("{arguments}/no/such/folder"));
    assert_eq!(output.status, Some(1));
    assert!(
        output.stderr.starts_with("error: cannot write "),
        "{output:?}"
    );
}

#[test]
fn bumps_and_parameters_change_the_run() {
    let from = ntimed_trace("a-lan.trace");
    let from = from.display();
    let plain = ntimed(&format!("sim --classic --trace {from}"));
    let bumped = ntimed(&format!(
        "sim --classic --trace {from} --bump 600.5,2e-6,-0.001"
    ));
    assert_eq!(bumped.status, Some(0), "{bumped:?}");
    let differs = plain
        .stdout
        .lines()
        .zip(bumped.stdout.lines())
        .position(|(a, b)| a != b);
    let before = plain
        .stdout
        .lines()
        .take(differs.unwrap())
        .collect::<Vec<_>>();
    let last = before
        .iter()
        .rfind(|line| line.starts_with("Now "))
        .unwrap();
    assert!(last["Now ".len()..].parse::<f64>().is_err());
    let second: f64 = last.split(' ').nth(1).unwrap().parse().unwrap();
    assert!((1_000_600.0..1_000_700.0).contains(&second), "{last}");

    let tuned = ntimed(&format!(
        "sim --classic --trace {from} --param pll_std_p_init=0.1"
    ));
    assert!(
        tuned
            .stdout
            .starts_with("# param pll_std_p_init 0.1 # min 0.001, max 0.5, default 0.33\n")
    );
    assert!(tuned.stdout.contains(" 1.000e-01 1.667e-03\n"));
}

#[test]
fn what_is_no_trace_is_refused_with_its_line() {
    let scratch = Scratch::new();
    let head = HEAD;
    for (text, error) in [
        (String::new(), ": the trace is empty"),
        (
            "# Found 1 peers\n".to_owned(),
            ": line 1: the first line is not \"# NTIMED Format poll-server 1.0\"",
        ),
        (
            format!("{head}Now soon\n"),
            ": line 4, column 5: expected seconds with nine decimals",
        ),
        (
            format!(
                "{head}Poll b 192.0.2.1 [0 4 4 1 6 -20 0.0 0.0 0x7f7f0101 -2.0 1416000000.136364221 -0.001 0.00003 0.002]\n"
            ),
            ": line 4: a reply of a server that no \"# Peer\" line named",
        ),
        (
            format!("{head}Now 1416000000.000000000\nNow 1516000000.000000000\n"),
            ": line 5: more than 86400 s without a line",
        ),
        (
            format!("{head}{}\n", "x".repeat(70_000)),
            ": line 4: longer than 65536 octets",
        ),
    ] {
        let path = scratch.write("bad.trace", &text);
        let output = ntimed(&format!(
            "sim --trace {} --out {}",
            path.display(),
            scratch.path().join("out").display()
        ));
        assert_eq!(output.status, Some(1), "{output:?}");
        assert_eq!(output.stderr, format!("error: {}{error}\n", path.display()));
    }
    let path = scratch.path().join("latin-1.trace");
    let latin_1 = [head.as_bytes(), b"# caf\xe9\n\nNow 1416000000.500000000"].concat();
    fs::write(&path, latin_1).unwrap();
    let output = ntimed(&format!("sim --classic --trace {}", path.display()));
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(count_lines(&output.stdout, "Now "), 2, "{output:?}");
    let output = Program::new("ntimed")
        .args("sim --trace -")
        .stdin(head)
        .run();
    assert_eq!(output.status, Some(0), "{output:?}");
}

/// A pipe whose writer has nothing to say; nothing but a signal ends it in time.
#[test]
fn a_signal_ends_a_replay_that_waits_for_its_trace() {
    const REPLY: &str = "Poll a 192.0.2.1 [0 4 4 1 6 -20 0.0 0.0 0x7f7f0101 -2.0 1416000000.136364221 -0.001 0.00003 0.002]\n";
    let scratch = Scratch::new();
    let pipe = scratch.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let program = Program::new("ntimed")
        .args("sim --out /dev/null --trace")
        .arg(&pipe);
    let (output, _) = program.run_and_signal("INT", || {
        let mut writer = File::options().write(true).open(&pipe).expect("a reader");
        let head = format!("{HEAD}Now 1416000000.500000000\n{REPLY}Now 14160");
        writer.write_all(head.as_bytes()).expect("it is taken");
        // In time the second reply would be read too.
        thread::spawn(move || {
            thread::sleep(Duration::from_mins(1));
            let _ = writer.write_all(format!("00001.500000000\n{REPLY}").as_bytes());
        });
    });
    assert_eq!(
        (output.status, &*output.stderr),
        (Some(0), ""),
        "{output:?}"
    );
    let replies = output.stdout.lines().next().expect("a summary");
    let so_far = ["replies    0 (0 evaluated)", "replies    1 (1 evaluated)"];
    assert!(so_far.contains(&replies), "{output:?}");
}

#[test]
fn without_a_quorum_at_the_end_the_status_is_1() {
    let scratch = Scratch::new();
    let packet = |t1: &str, lie: f64| {
        format!(
            "[0 4 4   2   6  -20 0.001 0.001 0x7f7f0101 -20.0 {t1} {:.9} 0.000030000 {:.9}]",
            0.01 + lie,
            0.01 - lie
        )
    };
    let text = format!(
        "# NTIMED Format poll-server 1.0\n# Found 2 peers\n# Peer a 192.0.2.1\n# Peer b 192.0.2.2\n\
         Now 1416000001.000000000\nPoll a 192.0.2.1 {}\nNow 1416000002.000000000\nPoll b 192.0.2.2 {}\n",
        packet("1416000001.000000000", 0.0),
        packet("1416000002.000000000", 0.5),
    );
    let path = scratch.write("two.trace", &text);
    let output = ntimed(&format!("sim --trace {}", path.display()));
    assert_eq!(output.status, Some(1), "{output:?}");
    assert_eq!(
        output.stderr,
        "error: no quorum at the end: at most 1 of 2 sources agree\n"
    );
}

#[test]
fn sim_tells_each_evaluated_reply_as_json() {
    let scratch = Scratch::new();
    let from = ntimed_trace("d-liar.trace");
    let from = from.display();
    let mut lines = ntimed(&format!("sim --json --trace {from}")).json();
    let summary = lines.pop().expect("a summary");
    assert_eq!(lines.len(), 705);
    for (name, expected) in [
        ("summary", json!(true)),
        ("replies", json!(939)),
        ("evaluated", json!(705)),
        ("agreeing", json!(2)),
        ("voters", json!(3)),
        ("leap", json!("none")),
        ("leap_disputed", json!(false)),
        ("steps", json!(1)),
    ] {
        assert_eq!(summary[name], expected, "{name} in {summary}");
    }
    let last = &lines[704];
    assert_eq!(last["mode"], "tracking", "{last}");
    assert_eq!(last["bounds"], summary["bounds"], "{last}");
    assert_eq!(last["frequency"], summary["frequency"], "{last}");
    let steps: Vec<_> = lines
        .iter()
        .filter(|line| line["action"] == "step")
        .collect();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0]["step"], summary["stepped"]);
    // The first reply of the trace: T1, then T2 - T1, T3 - T2 and T4 - T3.
    let first = &lines[0];
    assert_eq!(
        (&first["server"], &first["address"]),
        (&json!("near"), &json!("192.0.2.2"))
    );
    assert_eq!(first["t1"], "1416000000.246047973", "{first}");
    assert_eq!(first["t4"], "1416000000.256693124", "{first}");
    assert_eq!(
        (&first["mode"], &first["offset"]),
        (&json!("no-quorum"), &json!(null))
    );
    let reasons = last["rejected"].as_array().expect("a list");
    let reason = reasons.iter().find(|one| one["server"] == "liar");
    let reason = reason.expect("the liar")["reason"]
        .as_str()
        .expect("a text");
    assert!(reason.starts_with("falseticker: says -0.2"), "{reason}");

    // What people are told is the same, and goes where it is told to.
    let out = scratch.path().join("client.trace");
    let out = out.display();
    let with_out = ntimed(&format!("sim --json --trace {from} --out {out}")).json();
    assert_eq!(with_out.len(), lines.len() + 1);
    let written = fs::read_to_string(out.to_string()).expect("a trace");
    assert_eq!(written, ntimed(&format!("sim --trace {from}")).stdout);
}

#[test]
fn classic_tells_as_json_what_the_original_knows() {
    let from = ntimed_trace("a-lan.trace");
    let from = from.display();
    let text = ntimed(&format!("sim --classic --trace {from}")).stdout;
    let mut lines = ntimed(&format!("sim --classic --json --trace {from}")).json();
    let summary = lines.pop().expect("a summary");
    assert_eq!(summary["evaluated"], 153, "{summary}");
    let combined = text.lines().filter(|line| line.starts_with("Combine "));
    let combined: Vec<_> = combined.collect();
    assert_eq!(lines.len(), combined.len());
    let fraction = |word: &str| word.parse::<f64>().expect("a number");
    for (line, expected) in lines.iter().zip(combined) {
        let words: Vec<_> = expected.split(' ').collect();
        for (name, word) in [("offset", words[6]), ("weight", words[7])] {
            let number = line[name].as_f64().expect("a number");
            let expected = fraction(word);
            assert!((number - expected).abs() <= 1e-3 * expected.abs(), "{line}");
        }
        for name in ["agreeing", "voters", "rejected", "bounds", "leap"] {
            assert!(line.get(name).is_none(), "{name} in {line}");
        }
    }
    // mode dt offset weight -> p dur integrator ua ub
    let pll = text.lines().rfind(|line| line.starts_with("PLL ")).unwrap();
    let integrator = fraction(pll.split(' ').nth(8).expect("an integrator"));
    let frequency = summary["frequency"].as_f64().expect("a number");
    assert!(
        (frequency - integrator).abs() < 1e-3 * integrator.abs(),
        "{pll} {summary}"
    );
}

#[test]
fn a_disputed_leap_second_is_told() {
    // On 30 June 2015, and of three servers.
    let poll = |number: u32, leap: u8| {
        let second = 1_435_622_400 + number;
        format!(
            "Now {second}.500000000\nPoll s{number} 192.0.2.{number} [{leap} 4 4   1   6  -20 \
             0.001 0.001 0x7f7f010{number} -20.0 {second}.000000000 0.01 0.00003 0.01]\n"
        )
    };
    let text = |leaps: [u8; 3]| {
        let peers = [1, 2, 3].map(|n| format!("# Peer s{n} 192.0.2.{n}\n"));
        let peers = peers.concat();
        let polls: String = (1..).zip(leaps).map(|(n, leap)| poll(n, leap)).collect();
        format!("# NTIMED Format poll-server 1.0\n# Found 3 peers\n{peers}{polls}")
    };
    let run = |leaps, arguments: &str| {
        Program::new("ntimed")
            .args(&format!("sim --trace - {arguments}"))
            .stdin(text(leaps))
            .run()
    };
    let told = "# Leap second disputed: 2 say insert, 0 delete, 1 none";
    for (leaps, disputed) in [([1, 1, 0], true), ([1, 1, 1], false), ([0, 0, 0], false)] {
        let output = run(leaps, "");
        assert_eq!(output.status, Some(0), "{output:?}");
        assert_eq!(
            count_lines(&output.stdout, told),
            usize::from(disputed),
            "{output:?}"
        );
        assert_eq!(
            count_lines(&output.stdout, "# Leap"),
            usize::from(disputed),
            "{output:?}"
        );
        let summary = run(leaps, "--out /dev/null").stdout;
        let line = "leap       disputed: 2 say insert, 0 delete, 1 none";
        assert_eq!(
            count_lines(&summary, line),
            usize::from(disputed),
            "{summary}"
        );
        let lines = run(leaps, "--json").json();
        let expected = if leaps[0] == 0 { "none" } else { "insert" };
        for line in &lines[2..] {
            assert_eq!(line["leap"], expected, "{line}");
            assert_eq!(line["leap_disputed"], disputed, "{line}");
        }
        // In classic mode nobody votes.
        assert_eq!(count_lines(&run(leaps, "--classic").stdout, "# Leap"), 0);
    }
}

#[test]
fn params_are_listed() {
    let output = ntimed("params");
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.stdout.lines().count(), 11);
    assert!(output.stdout.contains("ntp_filter_average"));

    let records = ntimed("params --json").json();
    assert_eq!(records.len(), 11);
    assert_eq!(records[0]["name"], "pll_std_p_init");
    assert_eq!(records[0]["default"], 0.33);
    assert_eq!(records[0]["min"], 0.001);
    assert_eq!(records[0]["max"], 0.5);
    assert_eq!(records[0]["classic"], true);
    assert!(records[0]["meaning"].as_str().unwrap().contains("PLL"));
}

#[test]
fn wrong_usage_is_status_2() {
    for arguments in [
        "",
        "sim",
        "sim --trace x --bump 1,2",
        "sim --trace x --param foo=64",
        "sim --trace x --param window=0",
        "poll",
        "poll host:0",
        "poll 127.0.0.1 --duration -1",
        "poll 127.0.0.1 --ca file",
    ] {
        assert_eq!(ntimed(arguments).status, Some(2), "{arguments}");
    }
}
