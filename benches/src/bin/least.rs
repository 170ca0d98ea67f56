//! The least time that each operation took, and its ratio to the first of its group.
//!
//! The operations of a group take turns, half a millisecond each and many times over: on a busy
//! machine the least is what was not interrupted, and turbo and neighbours are the same for all.

use std::time::{Duration, Instant};

use horolog_benches::{Operation, operations};

const TURN: Duration = Duration::from_micros(500);
const TURNS: u32 = 1000;

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    println!("| operation | ns | to the first |");
    println!("| --- | ---: | ---: |");
    let mut operations = operations();
    for group in operations.chunk_by_mut(|a, b| a.group() == b.group()) {
        if !group.iter().any(|one| format!("{one:?}").contains(&wanted)) {
            continue;
        }
        let times = least(group);
        for (operation, time) in group.iter().zip(&times) {
            let ratio = time / times.first().unwrap_or(time);
            println!("| `{operation:?}` | {time:.0} | {ratio:.2} |");
        }
    }
}

/// Nanoseconds of each.
fn least(group: &mut [Operation]) -> Vec<f64> {
    let rounds: Vec<_> = group.iter_mut().map(rounds).collect();
    let mut least = vec![f64::INFINITY; group.len()];
    for _ in 0..TURNS {
        for ((operation, rounds), least) in group.iter_mut().zip(&rounds).zip(&mut least) {
            let time = time(operation, *rounds).as_secs_f64() * 1e9;
            *least = least.min(time / f64::from(*rounds));
        }
    }
    least
}

/// How many of them fill a turn, which is so short that some are never interrupted.
fn rounds(operation: &mut Operation) -> u32 {
    let mut rounds = 1;
    while rounds < 1 << 20 && time(operation, rounds) < TURN {
        rounds *= 2;
    }
    rounds
}

fn time(operation: &mut Operation, rounds: u32) -> Duration {
    let start = Instant::now();
    operation.repeat(rounds.into());
    start.elapsed()
}
