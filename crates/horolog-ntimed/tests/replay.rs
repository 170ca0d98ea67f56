//! The original's traces, and what the original makes of them.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use horolog_ntimed::{Bump, Filter, Params, PllMode, Simulator, Trace, TraceReader};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn replay(name: &str) -> Vec<String> {
    replay_with(name, &[], &[])
}

/// With parameters and bumps as the original's command line has them.
fn replay_with(name: &str, tuned: &[&str], bumps: &[[f64; 3]]) -> Vec<String> {
    let mut simulator = Simulator::classic(params(tuned));
    add_bumps(&mut simulator, bumps);
    run(simulator, &fs::read_to_string(data(name)).unwrap())
}

fn params(tuned: &[&str]) -> Params {
    let mut params = Params::default();
    for text in tuned {
        params.set_text(text).unwrap();
    }
    params
}

fn add_bumps(simulator: &mut Simulator, bumps: &[[f64; 3]]) {
    for [when, frequency, phase] in bumps.iter().copied() {
        simulator.add_bump(Bump {
            when,
            frequency,
            phase,
        });
    }
}

fn run(mut simulator: Simulator, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in TraceReader::new(text) {
        let line = line.unwrap();
        simulator
            .handle_line(&line, &mut |line| lines.push(line.to_string()))
            .unwrap();
    }
    lines
}

/// The original's lines, without its parameters.
fn original(name: &str) -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(data(name)).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(ToOwned::to_owned).collect()
}

/// Lines that the original does not print: it refuses leap indicator 3 in silence.
fn without_refusals(lines: Vec<String>) -> Vec<String> {
    let mut lines = lines;
    lines.retain(|line| line != "NF Not synchronised");
    lines
}

fn assert_same(ours: Vec<String>, out: &str) -> usize {
    let ours = without_refusals(ours);
    let theirs = original(out);
    for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        assert_eq!(ours, theirs, "{out}, line {}", number + 1);
    }
    assert_eq!(ours.len(), theirs.len(), "{out}");
    ours.len()
}

#[test]
fn every_line_is_the_originals() {
    for (trace, out, filters) in [
        ("a-lan.trace", "a-lan.out.gz", 153),
        ("d-liar.trace", "d-liar.out.gz", 705),
    ] {
        let ours = replay(trace);
        for kind in ["NTP_Filter ", "Combine ", "PLL "] {
            let count = ours.iter().filter(|line| line.starts_with(kind)).count();
            assert_eq!(count, filters, "{kind}");
        }
        assert_same(ours, out);
    }
}

/// A trace's name, parameters and bumps.
type Case = (&'static str, &'static [&'static str], &'static [[f64; 3]]);

const RANDOM: [Case; 11] = [
    (
        "r20",
        &["pll_std_p_init=0.13770842095291522", "pll_std_p_limit=0.5"],
        &[[78.674_009_310_246_84, 0.0, 1.5]],
    ),
    ("r31", &[], &[]),
    (
        "r60",
        &[
            "pll_std_i_init=1000",
            "pll_std_stiffen_rate=1",
            "pll_std_p_limit=1e-06",
            "ntp_filter_threshold=0.01",
        ],
        &[[173.950_247_429_830_48, 0.001, -0.02]],
    ),
    (
        "r80",
        &[
            "pll_std_p_init=0.23573205252754542",
            "pll_std_stiffen_rate=0.6071229982285549",
        ],
        &[],
    ),
    (
        "r86",
        &[
            "pll_std_p_init=0.5",
            "pll_std_capture_time=898.9248736715971",
            "pll_std_stiffen_rate=0.7244200148651021",
            "ntp_filter_average=3",
            "ntp_filter_threshold=5.032893054563837",
        ],
        &[],
    ),
    (
        "r182",
        &[
            "pll_std_p_init=0.3411616678620678",
            "pll_std_stiffen_rate=0.883709979445831",
            "pll_std_p_limit=1e-06",
            "ntp_filter_threshold=10",
        ],
        &[],
    ),
    (
        "r210",
        &[
            "pll_std_p_init=0.03608091174406043",
            "pll_std_i_init=628.491786820027",
            "poll_rate=2104.3888694562347",
        ],
        &[[203.0, 2e-6, 0.0005], [260.263_375_174_186_9, 1e-4, 0.0]],
    ),
    ("r229", &[], &[[0.0, 2e-6, -0.02]]),
    (
        "r231",
        &[
            "pll_std_i_init=10",
            "ntp_filter_average=1000",
            "ntp_filter_threshold=4.656596562414874",
        ],
        &[],
    ),
    ("r238", &[], &[[480.0, 0.0, 0.0]]),
    (
        "r1118",
        &[
            "pll_std_capture_time=20",
            "pll_std_stiffen_rate=0.99",
            "pll_std_p_limit=0.01",
        ],
        &[[300.5, 2e-6, -0.001]],
    ),
];

#[test]
fn every_line_of_random_traces_is_the_originals() {
    let lines = RANDOM.map(|(name, params, bumps)| {
        let ours = replay_with(&format!("{name}.trace"), params, bumps);
        assert_same(ours, &format!("{name}.out.gz"))
    });
    assert_eq!(lines.iter().sum::<usize>(), 7_886);
}

/// What `ntimed poll` wrote is a trace to the original: it reads all of it and says the same.
#[test]
fn a_trace_that_our_poller_wrote_is_the_same_to_the_original() {
    let ours = replay("polled.trace");
    for kind in ["NTP_Packet ", "NTP_Filter ", "Combine ", "PLL "] {
        let count = ours.iter().filter(|line| line.starts_with(kind)).count();
        assert_eq!(count, 12, "{kind}");
    }
    assert_eq!(assert_same(ours, "polled.out.gz"), 170);
}

/// What [`Filter::new`] is: the original's filter, if it noted that it has begun to remember.
#[test]
fn a_filter_that_remembers_is_what_the_original_meant() {
    let theirs = original("far.remembered.out.gz");
    let theirs: Vec<_> = theirs
        .iter()
        .filter(|line| line.starts_with("NTP_Filter "))
        .collect();
    let text = fs::read_to_string(data("far.trace")).unwrap();
    let mut filters: HashMap<&str, Filter> = HashMap::new();
    let mut branches = [0; 5];
    let mut ours = Vec::new();
    for line in TraceReader::new(&text) {
        let Trace::Poll { peer, packet } = line.unwrap() else {
            continue;
        };
        // Nothing was steered.
        let exchange = packet.exchange(0.0).unwrap();
        let filter = filters.entry(peer.host).or_default();
        let report = filter
            .handle_exchange(&exchange, &Params::default())
            .unwrap();
        branches[usize::from(report.branch.number())] += 1;
        ours.push(Trace::Filter { peer, report }.to_string());
    }
    assert_eq!(ours.iter().collect::<Vec<_>>(), theirs);
    assert_eq!(branches, [0, 8, 8, 8, 96]);
}

#[test]
fn the_originals_lines_come_back_the_same() {
    for out in ["a-lan.out.gz", "d-liar.out.gz"] {
        for line in original(out) {
            let trace = Trace::decode(&line, 1).unwrap();
            assert!(!matches!(trace, Trace::Other(_)), "{line}");
            assert_eq!(trace.to_string(), line);
        }
    }
    for trace in ["a-lan.trace", "b-mixed.trace", "d-liar.trace"] {
        for line in fs::read_to_string(data(trace)).unwrap().lines() {
            assert_eq!(Trace::decode(line, 1).unwrap().to_string(), line);
        }
    }
}

/// The original aborts in this trace on `dt > 0`, because a `Now` line goes back and so two replies
/// come at one instant. Up to there every line is the same; here the PLL waits for time to pass.
#[test]
fn a_trace_that_aborts_the_original_is_replayed_to_its_end() {
    let lines = replay("b-mixed.trace");
    let theirs = original("b-mixed.out.gz");
    let ours = without_refusals(lines.clone());
    assert_eq!(theirs.len(), 202);
    for (number, theirs) in theirs.iter().enumerate() {
        assert_eq!(ours.get(number), Some(theirs), "line {}", number + 1);
    }
    // It comes to its end within the PLL, so the line of that is the next one.
    assert!(ours[theirs.len()].starts_with("PLL 3 "));
    let text = fs::read_to_string(data("b-mixed.trace")).unwrap();
    let polls = text
        .lines()
        .filter(|line| line.starts_with("Poll "))
        .count();
    let mut tracked = Vec::new();
    for line in &lines {
        assert!(!line.contains("nan") && !line.contains("inf"), "{line}");
        if let Trace::Pll(report) = Trace::decode(line, 1).unwrap()
            && report.mode == PllMode::Tracking
        {
            tracked.push(report);
        }
    }
    let packets = lines.iter().filter(|line| line.starts_with("NTP_Packet "));
    assert_eq!(packets.count(), polls);
    // The first one begins to track, the one at the same instant as another is not steered by.
    let idle: Vec<_> = tracked
        .iter()
        .enumerate()
        .filter(|(_, report)| report.adjustment.duration == 0.0)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(idle.len(), 2, "{idle:?}");
    assert!(tracked[idle[1]].elapsed.abs() < 1e-9);
    assert!(tracked[idle[1]].adjustment.offset.abs() < 1e-12);
    assert!(tracked[idle[1] + 1].adjustment.duration > 0.0);
    assert!(tracked.last().unwrap().offset.abs() < 1e-3);
}

#[test]
fn what_the_extended_evaluation_says_is_numbers() {
    let others = ["far", "b-mixed"].map(|name| (name, &[][..], &[][..]));
    for (name, tuned, bumps) in RANDOM.into_iter().chain(others) {
        let mut simulator = Simulator::new(params(tuned));
        add_bumps(&mut simulator, bumps);
        let text = fs::read_to_string(data(&format!("{name}.trace"))).unwrap();
        let polls = text.lines().filter(|line| line.starts_with("Poll "));
        let lines = run(simulator, &text);
        let packets = lines.iter().filter(|line| line.starts_with("NTP_Packet "));
        assert_eq!(packets.count(), polls.count(), "{name}");
        for line in lines {
            let mut words = line.split(' ');
            assert!(
                words.all(|word| !["nan", "-nan", "inf", "-inf"].contains(&word)),
                "{name}: {line}"
            );
        }
    }
}

#[test]
fn bumps_are_steered_away() {
    let text = fs::read_to_string(data("a-lan.trace")).unwrap();
    let mut simulator = Simulator::classic(Params::default());
    simulator.add_bump(Bump {
        when: 1000.5,
        frequency: 2e-6,
        phase: 0.0005,
    });
    let mut offsets = Vec::new();
    for line in TraceReader::new(&text) {
        simulator
            .handle_line(&line.unwrap(), &mut |line| {
                if let Trace::Combine { peak, .. } = line {
                    offsets.push(peak.offset);
                }
            })
            .unwrap();
    }
    let largest = |from: usize, to: usize| {
        let part = offsets.get(from..to).unwrap();
        part.iter().map(|offset| offset.abs()).fold(0.0, f64::max)
    };
    let all = offsets.len();
    assert!(largest(40, all) > 4e-4, "the bump is seen");
    assert!(largest(all - 20, all) < 2e-4, "the bump is gone");
}
