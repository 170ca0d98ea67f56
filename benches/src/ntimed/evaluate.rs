//! One exchange through a filter, and through all of an evaluation.

use std::hint::black_box;
use std::io::Read as _;

use horolog_ntimed::{
    ClassicEvaluator, Evaluator, Filter, FilterReport, Params, SimulatedClock, Source, Trace,
    TracePacket, TraceReader,
};
use horolog_ntp::ReferenceId;

use super::PollTrace;
use crate::Operation;
use crate::group::Group;

/// What an exchange is made of: 80 octets of dates and four of a header.
const OCTETS: usize = 84;

pub(super) fn operations() -> Vec<Operation> {
    [
        filter(),
        evaluate("ntimed/evaluate/5-sources", 5),
        evaluate("ntimed/evaluate/50-sources", 50),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Packets of a trace, in a ring.
#[derive(Clone)]
struct Packets {
    packets: Vec<TracePacket>,
    next: usize,
}

impl Packets {
    fn new() -> Self {
        let mut text = String::new();
        PollTrace::new(500, 0.0)
            .read_to_string(&mut text)
            .expect("it is made in memory");
        let packets = TraceReader::new(&text).filter_map(|line| match line {
            Ok(Trace::Poll { packet, .. }) => Some(packet),
            _ => None,
        });
        Self {
            packets: packets.collect(),
            next: 0,
        }
    }

    /// The next one, and which it is.
    fn next(&mut self) -> (usize, TracePacket) {
        let at = self.next;
        self.next = (at + 1) % self.packets.len();
        (at, self.packets[at])
    }
}

fn filter() -> Vec<Operation> {
    let params = Params::default();
    let by = |mut filter: Filter| {
        let mut packets = Packets::new();
        let exchanges = packets.packets.iter().map(|packet| packet.exchange(0.0));
        let exchanges: Vec<_> = exchanges.flatten().collect();
        move || {
            let (at, _) = packets.next();
            filter.handle_exchange(black_box(&exchanges[at]), black_box(&params))
        }
    };
    let is_right = |report: FilterReport| report.low < report.mid && report.mid < report.high;
    Group::new("ntimed/filter/exchange", OCTETS)
        .with("horolog", by(Filter::new()), |report| {
            report.is_ok_and(is_right)
        })
        .with("horolog-forgetful", by(Filter::forgetful()), |report| {
            report.is_ok_and(is_right)
        })
        .operations()
}

/// A clock that is asked about by one source after the other.
fn evaluate(name: &'static str, sources: usize) -> Vec<Operation> {
    let interval = 64.0 / f64::from(u32::try_from(sources).expect("there are few"));
    let mut packets = Packets::new();
    let mut source = 0;
    let mut until_tick = 0.0;
    let mut next = move |clock: &mut SimulatedClock| {
        let mut left = interval;
        while left > until_tick {
            clock.sleep(until_tick);
            clock.tick();
            left -= until_tick;
            until_tick = 1.0;
        }
        clock.sleep(left);
        until_tick -= left;
        let (_, packet) = packets.next();
        let at = source;
        source = (at + 1) % sources;
        let id = u32::try_from(at).unwrap_or_default();
        let packet = TracePacket {
            reference_id: ReferenceId::from_octets(id.to_be_bytes()),
            ..packet
        };
        (at, packet.exchange(clock.added()).expect("a reply arrived"))
    };

    let mut clock = SimulatedClock::new();
    let mut evaluator = Evaluator::new(Params::default());
    let add = |_| evaluator.add_source(Source::default());
    let ids: Vec<_> = (0..sources).map(add).collect();
    let mut next_too = next.clone();
    let mut evaluate = move || {
        let (at, exchange) = next(&mut clock);
        evaluator.handle_exchange(ids[at], black_box(&exchange), &mut clock)
    };
    // All windows are full then, and the clock is steered.
    for _ in 0..10 * sources {
        let Ok(_) = evaluate();
    }

    let mut clock = SimulatedClock::new();
    let mut classic = ClassicEvaluator::new(Params::default());
    let ids: Vec<_> = (0..sources).map(|_| classic.add_source()).collect();
    let mut evaluate_as_before = move || {
        let (at, exchange) = next_too(&mut clock);
        classic.handle_exchange(ids[at], black_box(&exchange), &mut clock)
    };
    for _ in 0..10 * sources {
        let Ok(_) = evaluate_as_before();
    }
    Group::new(name, OCTETS)
        .with("horolog-classic", evaluate_as_before, |evaluation| {
            evaluation.is_ok_and(|evaluation| evaluation.estimate.is_some())
        })
        .with("horolog", evaluate, |evaluation| {
            evaluation.is_ok_and(|evaluation| evaluation.pll.is_some())
        })
        .operations()
}
