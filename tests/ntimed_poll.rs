//! The program `ntimed poll`, as a user runs it.

use core::net::SocketAddr;
use std::collections::HashSet;
use std::fs;
use std::io::Read as _;
use std::net::UdpSocket;
use std::process::Command;
use std::thread;
use std::time::SystemTime;

use horolog_ntimed::{Trace, TraceReader};
use horolog_tests::{
    Daemon, Output, Program, Scratch, Serve, count_lines, free_port, program, up_to_three_times,
    wait_for,
};
use horolog_time::{NtpDate, NtpDuration, UnixTime};
use serde_json::{Value, json};

fn ntimed(arguments: &str) -> Output {
    Program::new("ntimed").args(arguments).run()
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
    up_to_three_times(polled_and_replayed);
}

fn polled_and_replayed() {
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

    let trace = fs::read_to_string(path.to_string()).expect("a trace");
    let hosts = read_back(&trace);
    assert!(hosts.contains(&first) && hosts.contains(&second), "{trace}");
    for classic in ["--classic", ""] {
        let replay = ntimed(&format!("sim {classic} --trace {path}"));
        assert_eq!(replay.stderr, "");
        assert_eq!(count_lines(&replay.stdout, "NTP_Packet "), hosts.len());
        assert_eq!(
            count_lines(&replay.stdout, "NTP_Filter "),
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
    up_to_three_times(replies_without_time);
}

fn replies_without_time() {
    let serve = Serve::start("");
    let good = serve.address();
    let unsynchronised = answering("127.0.0.1:0", [0xe4, 0, 6, 0xe7], [0; 4], [0; 8]);
    let kissing = answering("[::1]:0", [0x24, 0, 10, 0xec], *b"RATE", [0; 8]);
    let ancient = answering("127.0.0.1:0", [0x24, 2, 250, 0], [192, 0, 2, 1], [0x80; 8]);
    // Of version 3, though it was asked by version 4, and of mode 5.
    let older = answering("127.0.0.1:0", [0x1c, 1, 6, 0xe7], *b"GPS\0", [0; 8]);
    let broadcast = answering("127.0.0.1:0", [0x25, 1, 6, 0xe7], *b"GPS\0", [0; 8]);
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let silent = silent.local_addr().expect("an address");
    let named = format!("localhost:{}", free_port());
    let scratch = Scratch::new();
    let path = scratch.path().join("poll.trace");
    let path = path.display();
    let output = ntimed(&format!(
        "poll {good} {unsynchronised} {kissing} {ancient} {older} {broadcast} {silent} {named} \
         --duration 1.2 --trace {path}"
    ));
    assert_eq!(output.status, Some(0), "{output:?}");
    let trace = fs::read_to_string(path.to_string()).expect("a trace");
    let hosts = read_back(&trace);
    let asked = [good, unsynchronised, kissing, ancient, older, broadcast];
    let asked = asked.map(|address| address.to_string());
    assert_eq!(HashSet::from_iter(hosts), HashSet::from(asked), "{trace}");
    let polls: Vec<_> = trace
        .lines()
        .filter(|line| line.starts_with("Poll "))
        .collect();
    for line in &polls {
        assert_eq!(Trace::decode(line, 1).expect("a line").to_string(), **line);
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
        (
            older,
            "127.0.0.1",
            "0 3 4   1   6  -25 0.250000000 1.000000000 0x47505300",
        ),
        (
            broadcast,
            "127.0.0.1",
            "0 4 5   1   6  -25 0.250000000 1.000000000 0x47505300",
        ),
    ] {
        let start = format!("Poll {host} {address} [{start} ");
        let line = polls.iter().find(|line| line.starts_with(&start));
        let line = line.unwrap_or_else(|| panic!("{start} in {trace}"));
        let words: Vec<_> = line[start.len()..].split(' ').collect();
        let [reference, t1] = [0, 1].map(|at| words[at].parse::<f64>().expect("a number"));
        if host != ancient {
            assert!((reference + t1 - 2_085_978_496.0).abs() < 1e-3, "{line}");
        }
    }
    let told = format!("{kissing} ::1: kiss code RATE: asked too often, slowing down\n");
    assert!(output.stderr.contains(&told), "{output:?}");
    let replay = ntimed(&format!("sim --classic --trace {path}"));
    for refusal in [
        "NF Not synchronised",
        "NF Bad stratum 0",
        "NF ancient ref ",
        "NF Bad mode 5",
    ] {
        assert!(
            count_lines(&replay.stdout, refusal) > 0,
            "{refusal} in {replay:?}"
        );
    }
}

#[test]
fn polls_are_told_as_json_and_nothing_else() {
    up_to_three_times(polls_as_json);
}

fn polls_as_json() {
    let serve = Serve::start("--refid GPS");
    let good = serve.address();
    let kissing = answering("127.0.0.1:0", [0x24, 0, 10, 0xec], *b"RATE", [0; 8]);
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let silent = silent.local_addr().expect("an address");
    let scratch = Scratch::new();
    let path = scratch.path().join("poll.trace");
    let asked = format!("poll {good} {kissing} {silent} --duration 1.2 --json");
    for trace in [None, Some(path.display())] {
        let option = trace.as_ref().map(|path| format!(" --trace {path}"));
        let output = ntimed(&format!("{asked}{}", option.unwrap_or_default()));
        assert_eq!(output.status, Some(0), "{output:?}");
        let mut lines = output.json();
        let summary = lines.pop().expect("a summary");
        let of = |address: SocketAddr| {
            let server = address.to_string();
            let line = lines.iter().find(|line| line["server"] == server);
            let line = line.unwrap_or_else(|| panic!("{server} in {output:?}"));
            assert_eq!(line["address"], "127.0.0.1", "{line}");
            assert_eq!(line["port"], address.port(), "{line}");
            line
        };
        let line = of(good);
        assert_eq!(
            (&line["stratum"], &line["refid"]),
            (&json!(1), &json!("GPS"))
        );
        assert_eq!(
            (&line["auth"], &line["error"]),
            (&json!("none"), &Value::Null)
        );
        assert!(
            line["offset"].as_f64().expect("a number").abs() < 1.0,
            "{line}"
        );
        assert!(line["t4"].as_str() > line["t1"].as_str(), "{line}");
        let line = of(kissing);
        assert_eq!(
            (&line["stratum"], &line["kiss"]),
            (&json!(0), &json!("RATE"))
        );
        assert_eq!(line["offset"], Value::Null, "{line}");
        let line = of(silent).as_object().expect("an object");
        assert_eq!(line["error"], "no reply");
        for name in [
            "version", "stratum", "leap", "refid", "t1", "t4", "offset", "delay",
        ] {
            assert_eq!(line.get(name), Some(&Value::Null), "{name}");
        }
        assert_eq!(summary["summary"], true, "{summary}");
        assert_eq!(
            (&summary["servers"], &summary["polls"]),
            (&json!(3), &json!(lines.len()))
        );
        let told = lines
            .iter()
            .filter(|line| line["offset"].is_number())
            .count();
        assert_eq!(summary["replies"], told, "{summary}");
        if trace.is_some() {
            let replies = lines.iter().filter(|line| line["stratum"].is_number());
            let hosts = read_back(&fs::read_to_string(&path).expect("a trace"));
            let told = replies.map(|line| line["server"].as_str().expect("a name"));
            assert_eq!(hosts, told.collect::<Vec<_>>());
        }
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
    let output = ntimed(&format!("poll 127.0.0.1:{port} --duration 0 --json"));
    output.assert_fails("no usable reply");
    let lines = output.json();
    assert_eq!(lines[0]["error"], "connection refused", "{output:?}");
    assert_eq!(
        (&lines[1]["polls"], &lines[1]["replies"]),
        (&json!(1), &json!(0))
    );
    let output = ntimed("poll 127.0.0.1 --trace /no/such/folder/file");
    output.assert_fails("cannot write /no/such/folder/file");
}
