//! Traces read and written, in memory.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Read as _;

use horolog_ntimed::{Trace, TraceReader};

use super::PollTrace;
use crate::Operation;
use crate::group::Group;

const POLLS: u32 = 100;

pub(super) fn operations() -> Vec<Operation> {
    let mut text = String::new();
    PollTrace::new(POLLS, 2e-6)
        .read_to_string(&mut text)
        .expect("it is made in memory");
    let text: &'static str = text.leak();
    let mut operations = read(text);
    operations.extend(write(text));
    operations
}

/// The limit cuts at spaces, and reads what are numbers with the standard library.
fn read(text: &'static str) -> Vec<Operation> {
    let by_hand = move || -> Option<(u32, f64)> {
        let (mut polls, mut sum) = (0, 0.0);
        for line in black_box(text).lines() {
            let Some(poll) = line.strip_prefix("Poll ") else {
                continue;
            };
            let (_, packet) = poll.split_once('[')?;
            let words = packet.strip_suffix(']')?.split_ascii_whitespace();
            for word in words {
                sum += match word.strip_prefix("0x") {
                    Some(digits) => f64::from(u32::from_str_radix(digits, 16).ok()?),
                    None => word.parse::<f64>().ok()?,
                };
            }
            polls += 1;
        }
        Some((polls, sum))
    };
    let horolog = move || {
        let (mut polls, mut sum) = (0, 0.0);
        for line in TraceReader::new(black_box(text)) {
            if let Trace::Poll { packet, .. } = black_box(line?) {
                polls += 1;
                sum += packet.there + packet.back;
            }
        }
        Ok::<_, horolog_ntimed::TraceError>((polls, sum))
    };
    Group::new("ntimed/read-trace/100-polls", text.len())
        .with("limit", by_hand, |read| {
            read.is_some_and(|(polls, _)| polls == POLLS)
        })
        .with("horolog", horolog, |read| {
            read.is_ok_and(|(polls, sum)| polls == POLLS && sum > 0.0)
        })
        .operations()
}

fn write(text: &'static str) -> Vec<Operation> {
    let lines: Result<Vec<_>, _> = TraceReader::new(text).collect();
    let lines = lines.expect("it is right");
    let mut room = String::with_capacity(text.len());
    Group::new("ntimed/write-trace/100-polls", text.len())
        .with(
            "horolog",
            move || {
                room.clear();
                for line in black_box(&lines) {
                    writeln!(room, "{line}")?;
                }
                Ok::<_, std::fmt::Error>(room.len())
            },
            |written| written == Ok(text.len()),
        )
        .operations()
}
