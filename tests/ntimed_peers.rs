//! `survey` and each command of `ntimed` against chronyd servers behind paths of different delay, some of which lie.
//!
//! All have their time from this machine's clock, so the truth is 0; a liar has a virtual clock of its
//! own that is shifted.

use core::net::SocketAddr;
use core::time::Duration;
use std::fs;

use horolog_tests::{
    Chrony, ChronyServer, Namespace, Network, Output, Program, Scratch, SlowPath, up_to_three_times,
};
use serde_json::Value;

/// Three servers, and the paths to them.
struct Peers {
    paths: Vec<SlowPath>,
    _servers: Vec<ChronyServer>,
    network: Network,
}

/// A server: by how much its clock is wrong, in seconds, and the delay to it and back, in
/// milliseconds.
struct Server(f64, u64, u64);

/// What `survey` says of each server, and of all.
struct Survey {
    output: Output,
    records: Vec<Value>,
    summary: Value,
    page: String,
}

/// What `ntimed sim` makes of a trace.
struct Replays {
    extended: Output,
    classic: Output,
}

impl Peers {
    /// The first is an older chronyd than the others, if both are there.
    fn start(servers: [Server; 3]) -> Option<Self> {
        let (older, newer) = (Chrony::installed()?, Chrony::newer()?);
        let network = Network::new()?;
        let (mut paths, mut running) = (Vec::new(), Vec::new());
        for (number, (Server(wrong, there, back), chrony)) in
            (1..).zip(servers.into_iter().zip([older, newer.clone(), newer]))
        {
            let mut chrony = chrony.within(network.left());
            if wrong != 0.0 {
                chrony = chrony.shifted(wrong)?;
            }
            let server = chrony.serve_at(network.left().at(1123 + number), "");
            let listen = SocketAddr::from(([127, 0, 0, 10 + number.to_be_bytes()[1]], 123));
            paths.push(SlowPath::start(
                network.right(),
                listen,
                server.address(),
                Duration::from_millis(there),
                Duration::from_millis(back),
            ));
            running.push(server);
        }
        Some(Self {
            paths,
            _servers: running,
            network,
        })
    }

    fn clients(&self) -> &Namespace {
        self.network.right()
    }

    fn names(&self) -> Vec<String> {
        let addresses = self.paths.iter().map(SlowPath::address);
        addresses.map(|address| address.ip().to_string()).collect()
    }

    fn survey(&self) -> Survey {
        let scratch = Scratch::new();
        let page = scratch.path().join("survey.html");
        let output = Program::within(self.clients(), "survey")
            .args(&self.names().join(" "))
            .args("--samples 6 --interval 0.1 --json --html")
            .arg(&page)
            .run();
        let mut records = output.json();
        let summary = records.pop().expect("a summary");
        assert_eq!(records.len(), 3, "{output:?}");
        Survey {
            page: fs::read_to_string(page).expect("a page"),
            output,
            records,
            summary,
        }
    }

    /// What `ntimed client` says of each reply before it would steer its clock on paper.
    fn clients_updates(&self) -> Vec<Value> {
        let output = Program::within(self.clients(), "ntimed")
            .arg("client")
            .args(&self.names().join(" "))
            .args("--json --interval 0.3 --duration 1.8")
            .run();
        assert_eq!(output.status, Some(0), "{output:?}");
        let mut records = output.json();
        let summary = records.pop().expect("a summary");
        assert_eq!(
            (
                &summary["agreeing"],
                &summary["voters"],
                &summary["dry_run"]
            ),
            (&2.into(), &3.into(), &true.into()),
            "{summary}"
        );
        records.retain(|record| record["mode"] == "startup" || record["mode"] == "stepping");
        records.retain(|record| record["action"] == "none");
        assert!(!records.is_empty(), "{output:?}");
        records
    }

    /// Checks that `ntimed client` names a liar by its address, that it and no other is one, and
    /// that the truth is within the bounds.
    fn assert_client_names(&self, liar: &str) {
        let updates = self.clients_updates();
        let mut named = false;
        for update in &updates {
            let rejected = update["rejected"].as_array().expect("a list");
            for one in rejected {
                let reason = one["reason"].as_str().expect("a reason");
                if one["server"] == liar && reason.starts_with("falseticker: says ") {
                    named = true;
                } else {
                    assert_eq!(reason, "no sample yet", "{update}");
                }
            }
            let bound = |which: usize| update["bounds"][which].as_f64().expect("a bound");
            assert!(bound(0) <= 0.0 && 0.0 <= bound(1), "{update}");
            assert_eq!(update["agreeing"], 2, "{update}");
        }
        assert!(named, "{updates:?}");
    }

    /// Each server is asked twice at least.
    fn poll_and_replay(&self) -> Replays {
        let scratch = Scratch::new();
        let trace = scratch.path().join("poll.trace");
        let polled = Program::within(self.clients(), "ntimed")
            .arg("poll")
            .args(&self.names().join(" "))
            .args("--duration 3 --trace")
            .arg(&trace)
            .run();
        assert_eq!(polled.status, Some(0), "{polled:?}");
        let replay = |options| {
            let program = Program::new("ntimed").args(options).arg("--trace");
            let output = program.arg(&trace).run();
            let replies = output.stdout.matches("\nNTP_Filter ").count();
            assert!(replies >= 6, "{polled:?} {output:?}");
            output
        };
        Replays {
            extended: replay("sim"),
            classic: replay("sim --classic"),
        }
    }
}

impl Survey {
    fn number(&self, key: &str) -> f64 {
        let number = self.summary[key].as_f64();
        number.unwrap_or_else(|| panic!("no {key}: {}", self.summary))
    }

    fn quorum(&self) -> (u64, u64) {
        let count = |key: &str| self.summary[key].as_u64().expect("a count");
        (count("agreeing"), count("voters"))
    }

    /// Checks that one server is called a falseticker with what it says, and the others agree, also
    /// on the page.
    fn assert_liar(&self, liar: usize, says: f64) {
        assert_eq!(self.output.status, Some(0), "{:?}", self.output);
        assert_eq!(self.quorum(), (2, 3), "{}", self.summary);
        for (number, record) in self.records.iter().enumerate() {
            assert_eq!(record["agrees"], number != liar, "{record}");
            assert_eq!(record["reason"].is_null(), number != liar, "{record}");
        }
        let record = &self.records[liar];
        let reason = record["reason"].as_str().expect("a reason");
        assert!(reason.starts_with("falseticker: says "), "{reason}");
        let [low, high] = ["low", "high"].map(|key| record[key].as_f64().expect("a bound"));
        assert!(low <= says && says <= high, "{record}");
        assert!(self.page.contains("2 of 3 servers agree"));
        assert!(self.page.contains(reason), "{reason}");
    }

    /// Checks that the answer lies within its bounds, and so does this.
    fn assert_holds(&self, truth: f64) {
        let [low, offset, high] = ["low", "offset", "high"].map(|key| self.number(key));
        assert!(low <= offset && offset <= high, "{}", self.summary);
        assert!(low <= truth && truth <= high, "{}", self.summary);
    }
}

impl Replays {
    /// The quorum and its bounds in the order of the replies, until the clock is stepped.
    fn quorums(&self) -> Vec<Vec<&str>> {
        let lines = self.extended.stdout.lines();
        let before = lines.take_while(|line| !line.starts_with("PLL 2 "));
        let quorums = before.filter_map(|line| line.strip_prefix("# Quorum "));
        quorums.map(|line| line.split(' ').collect()).collect()
    }

    /// Checks that the liar is named by its address, that it and no other is rejected once all have
    /// been asked, and that the truth is within the bounds.
    fn assert_liar(&self, liar: &str) {
        assert_eq!(self.extended.status, Some(0), "{:?}", self.extended);
        let named = format!("# Rejected {liar} {liar} falseticker: says ");
        assert!(self.extended.stdout.contains(&named), "{:?}", self.extended);
        let falsetickers = self.extended.stdout.matches(" falseticker: ").count();
        let his = self.extended.stdout.matches(&named).count();
        assert_eq!(falsetickers, his, "{:?}", self.extended);
        let quorums = self.quorums();
        assert!(!quorums.is_empty(), "{:?}", self.extended);
        for quorum in quorums {
            let [agreeing, "of", "3", low, high] = quorum[..] else {
                panic!("{quorum:?}");
            };
            assert_eq!(agreeing, "2");
            let [low, high] = [low, high].map(|bound| bound.parse::<f64>().expect("a bound"));
            assert!(low <= 0.0 && 0.0 <= high, "{quorum:?}");
        }
    }

    /// The offset by which the original sets the clock.
    fn classic_step(&self) -> f64 {
        assert_eq!(self.classic.status, Some(0), "{:?}", self.classic);
        let mut lines = self.classic.stdout.lines();
        let line = lines.find_map(|line| line.strip_prefix("PLL 2 "));
        // `PLL MODE dt OFFSET weight -> ...`.
        let offset = line.and_then(|line| line.split(' ').nth(1));
        let offset = offset.unwrap_or_else(|| panic!("no step: {:?}", self.classic));
        offset.parse().expect("a number")
    }
}

#[test]
fn a_liar_in_the_middle_is_named_and_the_answer_holds_the_truth() {
    up_to_three_times(liar_in_the_middle);
}

fn liar_in_the_middle() {
    let Some(peers) = Peers::start([Server(0.0, 1, 1), Server(0.0, 12, 6), Server(0.2, 3, 3)])
    else {
        return;
    };
    let survey = peers.survey();
    survey.assert_liar(2, 0.2);
    survey.assert_holds(0.0);
    let liar = &peers.names()[2];
    assert_eq!(survey.records[2]["address"], liar.as_str());
    for (record, delay) in survey.records.iter().zip([0.002, 0.018, 0.006]) {
        assert!(record["delay"].as_f64() >= Some(delay), "{record}");
    }
    peers.poll_and_replay().assert_liar(liar);
    peers.assert_client_names(liar);
}

/// The original sets the clock by it: its triangle is by far the tallest.
#[test]
fn the_nearest_server_cannot_lead_the_others_astray() {
    up_to_three_times(nearest_server_lies);
}

fn nearest_server_lies() {
    let Some(peers) = Peers::start([Server(0.2, 0, 0), Server(0.0, 40, 20), Server(0.0, 30, 30)])
    else {
        return;
    };
    let survey = peers.survey();
    survey.assert_liar(0, 0.2);
    survey.assert_holds(0.0);
    let replays = peers.poll_and_replay();
    let liar = &peers.names()[0];
    replays.assert_liar(liar);
    peers.assert_client_names(liar);
    // Seconds that the local clock is ahead.
    let step = replays.classic_step();
    assert!((step + 0.2).abs() < 0.05, "{step}");
}

/// Against a majority that lies alike there is no defence: the honest one is called the liar.
#[test]
fn a_majority_of_liars_is_followed() {
    up_to_three_times(majority_lies);
}

fn majority_lies() {
    let Some(peers) = Peers::start([Server(0.2, 5, 5), Server(0.0, 0, 0), Server(0.2, 9, 3)])
    else {
        return;
    };
    let survey = peers.survey();
    survey.assert_liar(1, 0.0);
    survey.assert_holds(0.2);
}

#[test]
fn three_that_disagree_give_no_answer() {
    up_to_three_times(three_disagree);
}

fn three_disagree() {
    let Some(peers) = Peers::start([Server(0.2, 1, 1), Server(0.0, 2, 2), Server(-0.2, 3, 3)])
    else {
        return;
    };
    let survey = peers.survey();
    survey
        .output
        .assert_fails("no majority: at most 1 of 3 servers agree");
    assert_eq!(survey.quorum(), (1, 3));
    for key in ["offset", "low", "high"] {
        assert!(survey.summary[key].is_null(), "{}", survey.summary);
    }
    for record in &survey.records {
        assert_eq!(record["agrees"], false, "{record}");
        assert_eq!(record["reason"], "no majority");
    }
    let replays = peers.poll_and_replay();
    replays
        .extended
        .assert_fails("no quorum at the end: at most 1 of 3 sources agree");
    assert!(replays.quorums().is_empty(), "{:?}", replays.extended);
}
