//! Clock errors on simulated networks: classic, extended, and RFC 5905.
//!
//! `cargo test --release -p horolog-ntimed --test networks -- --nocapture` prints the table of the
//! README. Everything is seeded; the same table comes out on every machine.

#![expect(clippy::unwrap_used, reason = "a test may")]

#[path = "networks/clock_filter.rs"]
mod clock_filter;
#[path = "networks/discipline.rs"]
mod discipline;
#[path = "networks/model.rs"]
mod model;
#[path = "networks/rfc5905.rs"]
mod rfc5905;

use core::ops::Range;

use horolog_ntimed::{
    ClassicEvaluator, Clock, Evaluator, Params, PollSchedule, SimulatedClock, Source, SourceId,
};
use model::{Network, Random};
use rfc5905::Rfc5905;

/// From when on the error counts, and how long a run is, in seconds.
const COUNTS: Range<u32> = 1800..6 * 3600;
const SEEDS: u64 = 8;

enum Engine {
    Classic(ClassicEvaluator, Vec<SourceId>),
    Extended(Evaluator, Vec<SourceId>),
    Rfc(Rfc5905),
}

impl Engine {
    fn all(servers: usize) -> [Self; 3] {
        let mut classic = ClassicEvaluator::new(Params::default());
        let classic_ids = (0..servers).map(|_| classic.add_source()).collect();
        let mut extended = Evaluator::new(Params::default());
        let ids = (0..servers).map(|_| extended.add_source(Source::default()));
        let ids = ids.collect();
        [
            Self::Classic(classic, classic_ids),
            Self::Extended(extended, ids),
            Self::Rfc(Rfc5905::new(servers)),
        ]
    }
}

/// Errors of the clock, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Errors {
    rms: f64,
    p95: f64,
    max: f64,
}

impl Errors {
    fn of(mut errors: Vec<f64>) -> Self {
        let count = errors.len();
        let squares: f64 = errors.iter().map(|error| error * error).sum();
        errors.sort_by(f64::total_cmp);
        Self {
            rms: (squares / f64::from(u32::try_from(count).unwrap())).sqrt(),
            p95: errors[count * 95 / 100],
            max: errors[count - 1],
        }
    }
}

/// One run: the same network, oscillator and random numbers whatever the engine does.
fn run(
    network: &Network,
    mut engine: Engine,
    seed: u64,
    counts: Range<u32>,
    errors: &mut Vec<f64>,
) {
    let mut oscillator = Random(seed);
    let mut delays = Random(seed ^ 0x5555_5555);
    let mut clock = SimulatedClock::new();
    // The loop of RFC 5905 would take hours to come to rest from there.
    if !matches!(engine, Engine::Rfc(_)) {
        clock.bump(10e-6, 0.03);
    }
    let mut schedule = PollSchedule::new(network.paths.len(), &Params::default()).unwrap();
    let mut burst_until = 0.0;
    let mut now = 0.0;
    for second in 0..counts.end {
        let end = f64::from(second + 1);
        clock.bump(network.wander / 60.0 * oscillator.normal(), 0.0);
        if let Engine::Rfc(rfc) = &mut engine {
            rfc.adjust(&mut clock);
        }
        clock.tick();
        if let Some((share, _)) = network.bursts {
            // Bursts last 120 s in the mean.
            let length = 120.0 * oscillator.exponential();
            let begins = oscillator.uniform() < share / (1.0 - share) / 120.0;
            if begins && end > burst_until {
                burst_until = end + length;
            }
        }
        while schedule.peek().time < end {
            let poll = schedule.next().unwrap();
            clock.sleep(poll.time - now);
            now = now.max(poll.time);
            let full = delays.uniform();
            let queue = match network.bursts {
                Some((_, most)) if now < burst_until => most * full,
                _ => 0.0,
            };
            let path = network.paths[poll.server];
            let date = clock.now();
            let exchange = model::exchange(&path, poll.server, &clock, date, queue, &mut delays);
            match &mut engine {
                Engine::Classic(evaluator, ids) => {
                    let Ok(_) = evaluator.handle_exchange(ids[poll.server], &exchange, &mut clock);
                }
                Engine::Extended(evaluator, ids) => {
                    let Ok(_) = evaluator.handle_exchange(ids[poll.server], &exchange, &mut clock);
                }
                Engine::Rfc(rfc) => rfc.handle(poll.server, &exchange, now, &mut clock),
            }
        }
        clock.sleep(end - now);
        now = end;
        if counts.contains(&second) {
            errors.push(clock.added().abs());
        }
    }
}

fn measure(network: &Network) -> [Errors; 3] {
    let mut errors = [const { Vec::new() }; 3];
    for seed in 0..SEEDS {
        let engines = Engine::all(network.paths.len());
        for (engine, errors) in engines.into_iter().zip(&mut errors) {
            run(network, engine, seed, COUNTS, errors);
        }
    }
    errors.map(Errors::of)
}

/// By how much extended is better at least, where something is wrong with the network.
const BETTER: [(&str, f64); 3] = [
    ("bufferbloat bursts", 5.0),
    ("one liar of five", 500.0),
    ("two liars of five", 500.0),
];

/// An error of the clock, in seconds, by which a run would count as lost.
const DIVERGED: f64 = 0.02;

#[test]
fn extended_is_never_worse_than_classic_and_better_with_liars_and_bursts() {
    let mut table = Vec::from([
        "| network | classic RMS | 95 % | extended RMS | 95 % | RFC 5905 RMS | 95 % |".to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ]);
    for network in Network::all() {
        let results = measure(&network);
        let row = results.map(|e| format!("{:.1} | {:.1}", e.rms * 1e6, e.p95 * 1e6));
        table.push(format!("| {} | {} |", network.name, row.join(" | ")));
        let [classic, extended, rfc] = results;
        let factor = BETTER.iter().find(|(name, _)| *name == network.name);
        let factor = factor.map_or(1.0, |(_, factor)| *factor);
        assert!(
            extended.rms * factor <= classic.rms && extended.p95 * factor <= classic.p95,
            "{}: {classic:?}, {extended:?}",
            network.name
        );
        // No run gets lost: not even in a burst is a clock off by what a full queue adds. Only the
        // original follows liars, and to where they are.
        let has_liars = network.name.contains("liar");
        let most = if has_liars { 0.11 } else { DIVERGED };
        for (errors, most) in [(classic, most), (extended, DIVERGED), (rfc, DIVERGED)] {
            assert!(errors.max < most, "{}: {errors:?}", network.name);
        }
    }
    println!("{}", table.join("\n"));
    let readme = include_str!("../README.md").lines();
    let printed: Vec<_> = readme.filter(|line| line.starts_with('|')).collect();
    assert_eq!(printed, table, "the README has another table");
}

/// Polls come faster than a clock can be steered.
#[test]
fn a_crowd_of_servers_steers_as_well_as_a_few() {
    let network = Network::crowd(400);
    let [_, extended, _] = Engine::all(network.paths.len());
    let mut errors = Vec::new();
    run(&network, extended, 1, 300..500, &mut errors);
    let errors = Errors::of(errors);
    assert!(errors.max < 200e-6, "{errors:?}");
}
