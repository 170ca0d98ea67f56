//! The original's traces, and what the original makes of them.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use horolog_ntimed::{Bump, Params, PllMode, Simulator, Trace, TraceReader};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn replay(name: &str) -> Vec<String> {
    let text = fs::read_to_string(data(name)).unwrap();
    let mut simulator = Simulator::classic(Params::default());
    let mut lines = Vec::new();
    for line in TraceReader::new(&text) {
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

#[test]
fn every_line_is_the_originals() {
    for (trace, out, filters) in [
        ("a-lan.trace", "a-lan.out.gz", 153),
        ("d-liar.trace", "d-liar.out.gz", 705),
    ] {
        let ours = without_refusals(replay(trace));
        let theirs = original(out);
        for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert_eq!(ours, theirs, "{out}, line {}", number + 1);
        }
        assert_eq!(ours.len(), theirs.len());
        for kind in ["NTP_Filter ", "Combine ", "PLL "] {
            let count = ours.iter().filter(|line| line.starts_with(kind)).count();
            assert_eq!(count, filters, "{kind}");
        }
    }
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
/// come at one instant. Here the PLL waits for time to pass.
#[test]
fn a_trace_that_aborts_the_original_is_replayed_to_its_end() {
    let lines = replay("b-mixed.trace");
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
