//! The program `ntimed`, as a user runs it.

use core::net::SocketAddr;
use std::collections::HashSet;
use std::fs;
use std::io::Read as _;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::SystemTime;

use horolog_ntimed::{Trace, TraceReader};
use horolog_tests::{
    Daemon, Output, Program, Scratch, Serve, assert_whole, free_port, program, wait_for,
};
use horolog_time::{NtpDate, NtpDuration, UnixTime};

fn ntimed(arguments: &str) -> Output {
    Program::new("ntimed").args(arguments).run()
}

fn trace(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/horolog-ntimed/tests/data")
        .join(name)
}

fn count(text: &str, start: &str) -> usize {
    text.lines().filter(|line| line.starts_with(start)).count()
}

#[test]
fn classic_prints_the_originals_lines_and_nothing_else() {
    let output = ntimed(&format!(
        "sim --classic --trace {}",
        trace("a-lan.trace").display()
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
    let output = ntimed(&format!("sim --trace {}", trace("d-liar.trace").display()));
    assert_eq!(output.status, Some(0), "{output:?}");
    let polls = count(&output.stdout, "NTP_Packet ");
    assert_eq!(polls, 939);
    assert_eq!(
        count(&output.stdout, "# Quorum ") + count(&output.stdout, "# No quorum "),
        polls
    );
    assert!(
        count(
            &output.stdout,
            "# Rejected liar 203.0.113.4 falseticker: says -0.2"
        ) > 0
    );
    assert!(
        count(
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
    let from = trace("b-mixed.trace");
    let arguments = format!("sim --trace {} --out {}", from.display(), out.display());
    let output = ntimed(&arguments);
    assert_eq!(output.status, Some(0), "{output:?}");
    let written = fs::read_to_string(&out).unwrap();
    assert_eq!(count(&written, "NTP_Filter "), 714);
    assert!(!written.contains("nan"));
    let summary: Vec<_> = output.stdout.lines().collect();
    assert_eq!(summary.len(), 4, "{output:?}");
    assert_eq!(summary[0], "replies    714 (714 evaluated)");
    assert!(summary[1].starts_with("offset     clock "), "{output:?}");
    assert_eq!(summary[2], "quorum     3 of 3");

    let output = ntimed(&format!("{arguments}/no/such/folder"));
    assert_eq!(output.status, Some(1));
    assert!(
        output.stderr.starts_with("error: cannot write "),
        "{output:?}"
    );
}

#[test]
fn bumps_and_parameters_change_the_run() {
    let from = trace("a-lan.trace");
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

/// Replays a trace and gives back its picture.
fn plot(from: &Path, arguments: &str) -> String {
    let scratch = Scratch::new();
    let path = scratch.path().join("run.svg");
    let output = ntimed(&format!(
        "sim --trace {} --out /dev/null --plot {} {arguments}",
        from.display(),
        path.display()
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    let svg = fs::read_to_string(path).expect("a picture");
    assert!(svg.starts_with("<?xml "));
    assert!(svg.contains("prefers-color-scheme:dark"));
    assert_whole(&svg);
    svg
}

#[test]
fn a_run_is_drawn_with_all_its_series() {
    const PANELS: [&str; 5] = [
        "and what is most likely",
        "Combined offset",
        "Weight: how likely the combined offset is",
        "What is added to the clock&apos;s frequency",
        "How many servers agree",
    ];
    for (name, hosts, replies) in [
        ("a-lan", &["lan"][..], "153 replies, 153"),
        ("b-mixed", &["lan", "near", "far"], "714 replies, 714"),
        (
            "d-liar",
            &["near", "near2", "liar", "unsync"],
            "939 replies, 705",
        ),
    ] {
        for classic in [false, true] {
            let from = trace(&format!("{name}.trace"));
            let svg = plot(&from, if classic { "--classic" } else { "" });
            let title = format!("Replay of {name}.trace");
            assert!(svg.contains(&title), "{svg}");
            let notes = format!("{replies} of them usable; 1 step of the clock, 0 bumps.");
            assert!(svg.contains(&notes), "{svg}");
            for (number, panel) in PANELS.iter().enumerate() {
                let expected = !classic || number < 4;
                assert_eq!(svg.contains(panel), expected, "{name} {classic}: {panel}");
            }
            for host in hosts {
                let said = [format!("\n{host}\n"), format!("\n{host}: ")];
                assert!(said.iter().any(|said| svg.contains(said)), "{host}: {svg}");
            }
            assert!(svg.contains("\nstep -"), "{svg}");
            assert!(svg.matches("<polyline").count() >= 3, "{svg}");
            assert_eq!(svg.contains("what all that agree allow"), !classic);
        }
    }
    let svg = plot(&trace("d-liar.trace"), "");
    assert!(svg.contains("\nliar: falseticker at the end\n"), "{svg}");
    assert!(svg.contains("\nunsync: nothing usable\n"), "{svg}");
    // Nearly each usable reply has a point; at first some are too near each other.
    let points = svg.matches("<circle").count();
    assert!((600..=705 + 4).contains(&points), "{points}");
}

#[test]
fn bumps_are_marked() {
    let bumps = "--bump 2000,2e-6,0.001 --bump 4000,-1e-6,0 --bump 4050,0,-0.003 --bump 1e9,1,1";
    let svg = plot(&trace("a-lan.trace"), bumps);
    for word in [
        "bump +1.000 ms +2.000 ppm",
        "bump -1.000 ppm",
        "bump -3.000 ms",
        "by steering and bumps",
        "1 step of the clock, 3 bumps.",
    ] {
        assert!(svg.contains(word), "{word}: {svg}");
    }
    let without = plot(&trace("a-lan.trace"), "");
    assert!(
        !without.contains("bumps\n") && !without.contains("bump +"),
        "{without}"
    );
}

#[test]
fn a_run_without_replies_has_a_picture() {
    let scratch = Scratch::new();
    let text = "# NTIMED Format poll-server 1.0\n# Found 1 peers\n# Peer <b>&'\u{1b} 192.0.2.1\n\
                Now 1416000000.000000000\nPoll <b>&'\u{1b} 192.0.2.1 [3 4 4 0 6 -20 0.0 0.0 0x00000000 0.0 1416000000.000000000 0.0 0.0 0.0]\n";
    let from = scratch.write("none & \"nothing\".trace", text);
    for classic in ["", "--classic"] {
        let svg = scratch.path().join("run.svg");
        let mut command = Command::new(program("ntimed"));
        command.args(["sim", "--out", "/dev/null", "--trace"]);
        command.arg(&from).arg("--plot").arg(&svg);
        command.args(classic.split_whitespace());
        let _ = command.status().expect("the program");
        let svg = fs::read_to_string(&svg).expect("a picture");
        assert_whole(&svg);
        assert!(
            svg.contains("Replay of none &amp; &quot;nothing&quot;.trace"),
            "{svg}"
        );
        assert!(!svg.contains("<b>") && !svg.contains('\u{1b}'), "{svg}");
        assert!(svg.contains("0 of them usable; 0 steps"), "{svg}");
    }
}

#[test]
fn a_picture_changes_nothing_else() {
    let scratch = Scratch::new();
    let arguments = format!("sim --trace {}", trace("b-mixed.trace").display());
    let path = scratch.path().join("run.svg");
    let plain = ntimed(&arguments);
    let plotted = ntimed(&format!("{arguments} --plot {}", path.display()));
    assert_eq!(plain.stdout, plotted.stdout);
    assert_eq!(plotted.stderr, "");
    ntimed(&format!("{arguments} --plot /no/such/folder/run.svg"))
        .assert_fails("cannot write /no/such/folder/run.svg");
}

#[test]
fn what_is_no_trace_is_refused_with_its_line() {
    let scratch = Scratch::new();
    let head = "# NTIMED Format poll-server 1.0\n# Found 1 peers\n# Peer a 192.0.2.1\n";
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
    assert_eq!(count(&output.stdout, "Now "), 2, "{output:?}");
    let output = Program::new("ntimed")
        .args("sim --trace -")
        .stdin(head)
        .run();
    assert_eq!(output.status, Some(0), "{output:?}");
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

/// A trace is read line by line, by the rules that the original's reader has; gives back the hosts
/// of the replies in it.
fn read_back(text: &str) -> Vec<String> {
    let lines: Vec<_> = TraceReader::new(text)
        .map(|line| line.unwrap_or_else(|error| panic!("{error} in {text}")))
        .collect();
    assert_eq!(lines[0], Trace::Format);
    let Trace::Found { peers } = lines[1] else {
        panic!("{text}")
    };
    let peers = usize::try_from(peers).expect("a count");
    let named: Vec<_> = lines[2..2 + peers]
        .iter()
        .map(|line| match line {
            Trace::Peer(peer) => *peer,
            _ => panic!("{line}"),
        })
        .collect();
    let mut before = None;
    let mut hosts = Vec::new();
    for line in &lines[2 + peers..] {
        match line {
            Trace::Now { time, task: None } => {
                assert!(before <= Some(*time), "{line}");
                before = Some(*time);
            }
            Trace::Poll { peer, packet } => {
                assert!(named.contains(peer), "{line}");
                assert!(packet.processing >= 0.0 && packet.back != 0.0, "{line}");
                assert!(
                    packet.exchange(0.0).expect("an arrival").low().abs() < 1.0,
                    "{line}"
                );
                hosts.push(peer.host.to_owned());
            }
            _ => panic!("{line}"),
        }
    }
    hosts
}

#[test]
fn what_is_polled_is_replayed() {
    let servers = [
        Serve::start("--stratum 2 --refid GPS"),
        Serve::start("--refid PPS"),
    ];
    let [first, second] = servers.each_ref().map(|serve| serve.address().to_string());
    let scratch = Scratch::new();
    let path = scratch.path().join("poll.trace");
    let path = path.display();
    let output = ntimed(&format!(
        "poll {first} {second} {first} --duration 2 --trace {path}"
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(
        output.stderr,
        format!("{first} has the address of {first}: asked once\n")
    );
    let summary: Vec<_> = output.stdout.lines().collect();
    assert_eq!(summary.len(), 2, "{output:?}");
    for (line, host) in summary.iter().zip([&first, &second]) {
        assert!(line.starts_with(host.as_str()), "{output:?}");
        assert!(line.contains("  127.0.0.1  "), "{output:?}");
    }

    let trace = fs::read_to_string(path.to_string()).unwrap();
    let hosts = read_back(&trace);
    assert!(hosts.contains(&first) && hosts.contains(&second), "{trace}");
    for classic in ["--classic", ""] {
        let replay = ntimed(&format!("sim {classic} --trace {path}"));
        assert_eq!(replay.stderr, "");
        assert_eq!(count(&replay.stdout, "NTP_Packet "), hosts.len());
        assert_eq!(
            count(&replay.stdout, "NTP_Filter "),
            hosts.len(),
            "{replay:?}"
        );
    }
}

/// A server that answers each request with this first word, reference ID and reference time.
fn answering(
    address: &str,
    word: [u8; 4],
    reference_id: [u8; 4],
    reference: [u8; 8],
) -> SocketAddr {
    let socket = UdpSocket::bind(address).expect("a socket");
    let address = socket.local_addr().expect("an address");
    thread::spawn(move || {
        let mut request = [0; 48];
        while let Ok((48, client)) = socket.recv_from(&mut request) {
            let now = UnixTime::try_from(SystemTime::now()).expect("now");
            let now = NtpDate::from_unix(now).expect("now").timestamp();
            let after = now + NtpDuration::from_nanoseconds(1_000).expect("a span");
            let mut reply = Vec::from(word);
            reply.extend([[0, 0, 0x40, 0], [0, 1, 0, 0], reference_id].as_flattened());
            reply.extend(reference);
            reply.extend(&request[40..]);
            reply.extend(now.to_octets());
            reply.extend(after.to_octets());
            let _ = socket.send_to(&reply, client);
        }
    });
    address
}

/// As the original's poller does, which writes every reply that answers its request. The forms are
/// those that it printed for chronyd without sources, which says nothing of a reference.
#[test]
fn replies_that_tell_no_time_are_in_the_trace() {
    let serve = Serve::start("");
    let good = serve.address();
    let unsynchronised = answering("127.0.0.1:0", [0xe4, 0, 6, 0xe7], [0; 4], [0; 8]);
    let kissing = answering("[::1]:0", [0x24, 0, 10, 0xec], *b"RATE", [0; 8]);
    let ancient = answering("127.0.0.1:0", [0x24, 2, 250, 0], [192, 0, 2, 1], [0x80; 8]);
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let silent = silent.local_addr().expect("an address");
    let named = format!("localhost:{}", free_port());
    let scratch = Scratch::new();
    let path = scratch.path().join("poll.trace");
    let path = path.display();
    let output = ntimed(&format!(
        "poll {good} {unsynchronised} {kissing} {ancient} {silent} {named} --duration 0.9 --trace {path}"
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    let trace = fs::read_to_string(path.to_string()).unwrap();
    let hosts = read_back(&trace);
    let asked = [good, unsynchronised, kissing, ancient].map(|address| address.to_string());
    assert_eq!(HashSet::from_iter(hosts), HashSet::from(asked), "{trace}");
    let polls: Vec<_> = trace
        .lines()
        .filter(|line| line.starts_with("Poll "))
        .collect();
    for line in &polls {
        assert_eq!(Trace::decode(line, 1).unwrap().to_string(), **line);
    }
    // Without a time of setting it is 2036-02-07 06:28:16.
    for (host, address, start) in [
        (
            unsynchronised,
            "127.0.0.1",
            "3 4 4   0   6  -25 0.250000000 1.000000000 0x00000000",
        ),
        (
            kissing,
            "::1",
            "0 4 4   0  10  -20 0.250000000 1.000000000 0x52415445",
        ),
        (
            ancient,
            "127.0.0.1",
            "0 4 4   2 250    0 0.250000000 1.000000000 0xc0000201",
        ),
    ] {
        let start = format!("Poll {host} {address} [{start} ");
        let line = polls.iter().find(|line| line.starts_with(&start));
        let line = line.unwrap_or_else(|| panic!("{start} in {trace}"));
        let words: Vec<_> = line[start.len()..].split(' ').collect();
        let [reference, t1] = [0, 1].map(|at| words[at].parse::<f64>().unwrap());
        if host != ancient {
            assert!((reference + t1 - 2_085_978_496.0).abs() < 1e-3, "{line}");
        }
    }
    let replay = ntimed(&format!("sim --classic --trace {path}"));
    for refusal in ["NF Not synchronised", "NF Bad stratum 0", "NF ancient ref "] {
        assert!(
            count(&replay.stdout, refusal) > 0,
            "{refusal} in {replay:?}"
        );
    }
}

#[test]
fn a_signal_ends_polling_with_what_was_measured() {
    let serve = Serve::start("");
    let scratch = Scratch::new();
    let path = scratch.path().join("poll.trace");
    let mut command = Command::new(program("ntimed"));
    command
        .args(["poll", &serve.address().to_string(), "--trace"])
        .arg(&path);
    let mut poll = Daemon::start(&mut command);
    wait_for("a reply in the trace", || {
        let text = fs::read_to_string(&path).ok()?;
        text.contains("\nPoll ").then_some(())
    });
    poll.signal("INT");
    let status = wait_for("the polling to end", || {
        poll.child().try_wait().ok().flatten()
    });
    assert!(status.success(), "{status}");
    let mut summary = String::new();
    let stdout = poll.child().stdout.as_mut().unwrap();
    stdout.read_to_string(&mut summary).unwrap();
    assert!(summary.contains(" replies to "), "{summary}");
    let hosts = read_back(&fs::read_to_string(&path).unwrap());
    assert!(!hosts.is_empty());
}

#[test]
fn polling_takes_replies_that_nts_protects() {
    let scratch = Scratch::new();
    let port = free_port();
    let folder = scratch.path().display();
    let serve = Serve::start(&format!("--nts 127.0.0.1:{port} --self-signed {folder}"));
    let arguments =
        format!("poll 127.0.0.1 --duration 0 --nts --nts-port {port} --ca {folder}/ca.pem");
    // On a busy machine a reply may come too late for it.
    let mut asked = 0;
    let output = wait_for("a reply in time", || {
        asked += 1;
        let output = ntimed(&arguments);
        (output.status == Some(0)).then_some(output)
    });
    assert_eq!(read_back(&output.stdout), ["127.0.0.1"]);
    let counters = serve.terminate();
    assert_eq!(counters["answered"], asked, "{counters}");
}

#[test]
fn polling_nobody_is_an_error() {
    let port = free_port();
    let output = ntimed(&format!("poll 127.0.0.1:{port} --duration 0"));
    output.assert_fails("no usable reply");
    assert!(read_back(&output.stdout).is_empty());
    let output = ntimed("poll 127.0.0.1 --trace /no/such/folder/file");
    output.assert_fails("cannot write /no/such/folder/file");
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
