//! The pictures of `ntimed sim --plot`.

use std::fs;
use std::path::Path;
use std::process::Command;

use horolog_tests::{Scratch, assert_whole, ntimed, ntimed_trace, program};

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
            let from = ntimed_trace(&format!("{name}.trace"));
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
    let svg = plot(&ntimed_trace("d-liar.trace"), "");
    assert!(svg.contains("\nliar: falseticker at the end\n"), "{svg}");
    assert!(svg.contains("\nunsync: nothing usable\n"), "{svg}");
    // Nearly each usable reply has a point; at first some are too near each other.
    let points = svg.matches("<circle").count();
    assert!((600..=705 + 4).contains(&points), "{points}");
}

#[test]
fn bumps_are_marked() {
    let bumps = "--bump 2000,2e-6,0.001 --bump 4000,-1e-6,0 --bump 4050,0,-0.003 --bump 1e9,1,1";
    let svg = plot(&ntimed_trace("a-lan.trace"), bumps);
    for word in [
        "bump +1.000 ms +2.000 ppm",
        "bump -1.000 ppm",
        "bump -3.000 ms",
        "by steering and bumps",
        "1 step of the clock, 3 bumps.",
    ] {
        assert!(svg.contains(word), "{word}: {svg}");
    }
    let without = plot(&ntimed_trace("a-lan.trace"), "");
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
    let arguments = format!("sim --trace {}", ntimed_trace("b-mixed.trace").display());
    let path = scratch.path().join("run.svg");
    let plain = ntimed(&arguments);
    let plotted = ntimed(&format!("{arguments} --plot {}", path.display()));
    assert_eq!(plain.stdout, plotted.stdout);
    assert_eq!(plotted.stderr, "");
    ntimed(&format!("{arguments} --plot /no/such/folder/run.svg"))
        .assert_fails("cannot write /no/such/folder/run.svg");
}
