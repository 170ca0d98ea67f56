//! A trace of any length, line by line through a simulation.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Read as _};

use horolog_ntimed::{Params, Simulator, Trace};

use super::PollTrace;
use crate::Operation;
use crate::group::Group;

/// What came of a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replayed {
    /// Replies that were combined with the others.
    pub combined: u32,
    /// Seconds that were simulated.
    pub seconds: u32,
    /// Seconds by which the clock is ahead of the servers, as the last reply has it.
    pub offset: f64,
}

/// Replays a trace without keeping its lines.
///
/// # Errors
///
/// A line that cannot be read, or that a simulation does not take.
pub fn replay(
    mut trace: impl BufRead,
    mut simulator: Simulator,
) -> Result<Replayed, Box<dyn Error>> {
    let mut replayed = Replayed::default();
    let mut line = String::new();
    let mut number = 0;
    loop {
        line.clear();
        if trace.read_line(&mut line)? == 0 {
            return Ok(replayed);
        }
        number += 1;
        let trace = Trace::decode(line.trim_end_matches('\n'), number)?;
        simulator.handle_line(&trace, &mut |line| match black_box(line) {
            Trace::Combine { peak, .. } => {
                replayed.combined += 1;
                replayed.offset = peak.offset;
            }
            Trace::SimPll(_) => replayed.seconds += 1,
            _ => {}
        })?;
    }
}

/// Whether all was combined and the clock is right in the end.
fn is_right(result: Result<Replayed, Box<dyn Error>>, polls: u32) -> bool {
    result.is_ok_and(|replayed| replayed.combined == polls && replayed.offset.abs() < 1e-3)
}

/// Replays of so many polls, and what it takes to make them.
///
/// # Panics
///
/// Where a result is wrong.
#[must_use]
pub fn replays(polls: u32) -> Vec<Operation> {
    let trace = move || BufReader::new(PollTrace::new(black_box(polls), 2e-6));
    let octets = trace().bytes().count();
    Group::new("ntimed/replay/polls", octets)
        .with(
            "generate",
            move || io::copy(&mut trace(), &mut io::sink()),
            |copied| copied.is_ok_and(|copied| copied == octets as u64),
        )
        .with(
            "horolog-classic",
            move || replay(trace(), Simulator::classic(Params::default())),
            |result| is_right(result, polls),
        )
        .with(
            "horolog",
            move || replay(trace(), Simulator::new(Params::default())),
            |result| is_right(result, polls),
        )
        .operations()
}
