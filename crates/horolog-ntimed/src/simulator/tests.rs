use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{Bump, Simulator, address};
use crate::{Params, TracePeer, TraceReader};

const HEAD: &str = "# NTIMED Format poll-server 1.0\n# Found 1 peers\n# Peer lan 192.0.2.1\n";

fn packet(t1: &str, back: &str) -> String {
    format!(
        "Poll lan 192.0.2.1 [0 4 4   1   6  -20 0.000060000 0.001500000 0x7f7f0101 -24.5 {t1} \
         -0.001743793 0.000033379 {back}]\n"
    )
}

fn lines(mut simulator: Simulator, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in TraceReader::new(&format!("{HEAD}{text}")) {
        simulator
            .handle_line(&line.unwrap(), &mut |line| lines.push(line.to_string()))
            .unwrap();
    }
    lines
}

fn classic() -> Simulator {
    Simulator::classic(Params::default())
}

/// When what is done, as the `Now` lines say.
fn tasks(lines: &[String]) -> Vec<&str> {
    let tasks = lines
        .iter()
        .filter_map(|line| line.strip_prefix("Now 10000"));
    tasks.collect()
}

#[test]
fn a_bump_comes_before_the_tick_of_its_second_but_for_the_first() {
    let mut simulator = classic();
    for when in [1.0, 0.0] {
        simulator.add_bump(Bump {
            when,
            frequency: 1e-3,
            phase: 0.0,
        });
    }
    let lines = lines(
        simulator,
        "Now 1416000000.500000000\nNow 1416000001.250000000\n",
    );
    assert_eq!(
        tasks(&lines),
        [
            "00.000000000 SIMPLL",
            "00.000000000 BUMP",
            "00.500000000 Readline",
            "01.000000000 BUMP",
            "01.000000000 SIMPLL",
            "01.250000000 Readline",
        ]
    );
}

/// What was planned first: the trace's line if it is more than a second ahead, else the tick.
#[test]
fn what_was_planned_first_comes_first() {
    let text = "Now 1416000000.250000000\nNow 1416000001.000000000\nNow 1416000003.000000000\n\
                Now 1416000003.500000000\n";
    let lines = lines(classic(), text);
    assert_eq!(
        tasks(&lines),
        [
            "00.000000000 SIMPLL",
            "00.250000000 Readline",
            "01.000000000 SIMPLL",
            "01.000000000 Readline",
            "02.000000000 SIMPLL",
            "03.000000000 Readline",
            "03.000000000 SIMPLL",
            "03.500000000 Readline",
        ]
    );
}

#[test]
fn a_bump_in_the_past_comes_with_the_next_line() {
    let mut simulator = classic();
    let mut out = Vec::new();
    let text = format!("{HEAD}Now 1416000000.500000000\n");
    for line in TraceReader::new(&text) {
        simulator.handle_line(&line.unwrap(), &mut |_| ()).unwrap();
    }
    simulator.add_bump(Bump {
        when: 0.25,
        frequency: 0.0,
        phase: 0.125,
    });
    for line in TraceReader::new("Now 1416000000.750000000\n") {
        simulator
            .handle_line(&line.unwrap(), &mut |line| out.push(line.to_string()))
            .unwrap();
    }
    assert_eq!(tasks(&out), ["00.500000000 BUMP", "00.750000000 Readline"]);
    assert!((simulator.clock().added() - 0.125).abs() < 1e-12);
}

/// The original has no filters yet while it reads up to the first `Now` that is ahead.
#[test]
fn classic_evaluates_from_when_time_moves() {
    let poll = packet("1416000000.000500000", "0.002243280");
    let text = format!("{poll}Now 1416000000.000999999\n{poll}Now 1416000000.001000000\n{poll}");
    let packets = |simulator| {
        let lines = lines(simulator, &text);
        lines
            .iter()
            .filter(|line| line.starts_with("NTP_Packet "))
            .count()
    };
    assert_eq!(packets(classic()), 1);
    assert_eq!(packets(Simulator::new(Params::default())), 3);
}

#[test]
fn without_an_arrival_a_reply_is_told_of_but_not_evaluated() {
    let mut simulator = classic();
    simulator.add_bump(Bump {
        when: 0.0,
        frequency: 0.0,
        phase: 0.5,
    });
    let poll = packet("1416000000.250000000", "0.000000000");
    let refused = poll.replace("0.000033379", "0.000000000");
    let lines = lines(
        simulator,
        &format!("Now 1416000000.500000000\n{poll}{refused}"),
    );
    let told: Vec<_> = lines.iter().skip(4).map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "NTP_Packet lan 192.0.2.1 [0 4 4   1   6  -20 0.000060000 0.001500000 0x7f7f0101 \
             -25.000000000 1416000000.750000000 -0.501743793 0.000033379 0.000000000]",
            "NTP_Packet lan 192.0.2.1 [0 4 4   1   6  -20 0.000060000 0.001500000 0x7f7f0101 \
             -25.000000000 1416000000.750000000 -0.501743793 0.000000000 0.000000000]",
            "NF rx after tx 0.000e+00",
        ]
    );
}

#[test]
fn a_port_behind_the_host_tells_servers_apart() {
    for (host, address_text, expected) in [
        ("lan", "192.0.2.1", "192.0.2.1:123"),
        ("lan:124", "192.0.2.1", "192.0.2.1:124"),
        ("192.0.2.1:124", "192.0.2.1", "192.0.2.1:124"),
        ("2001:db8::1", "2001:db8::1", "[2001:db8::1]:123"),
        ("[2001:db8::1]:124", "2001:db8::1", "[2001:db8::1]:124"),
        ("lan:ntp", "192.0.2.1", "192.0.2.1:123"),
    ] {
        let peer = TracePeer {
            host,
            address: address_text,
        };
        assert_eq!(address(peer), expected.parse().ok(), "{host}");
    }
    let peer = TracePeer {
        host: "lan",
        address: "unknown",
    };
    assert_eq!(address(peer), None);
}

/// The original refuses T3 = T2, whether the reply has a time of arrival or not.
#[test]
fn a_coarse_clock_tells_time_but_in_classic_mode() {
    let now = "Now 1416000000.500000000\n";
    let coarse = |back| packet("1416000000.136364221", back).replace("0.000033379", "0.000000000");
    let told = |simulator, back| {
        let lines = lines(simulator, &format!("{now}{}", coarse(back)));
        let kind = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
        let told = lines
            .iter()
            .skip_while(|line| !line.starts_with("NTP_Packet"));
        told.map(kind).collect::<Vec<_>>().join(" ")
    };
    let extended = || Simulator::new(Params::default());
    assert_eq!(told(classic(), "0.002243280"), "NTP_Packet NF");
    assert_eq!(
        told(extended(), "0.002243280"),
        "NTP_Packet NTP_Filter Combine PLL"
    );
    assert_eq!(told(classic(), "0.000000000"), "NTP_Packet NF");
    assert_eq!(told(extended(), "0.000000000"), "NTP_Packet");
}
