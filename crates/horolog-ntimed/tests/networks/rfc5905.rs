//! Clock filter, selection, clustering and combining as RFC 5905 has them (sections 10 and 11.2, and
//! the code of appendix A.5.5).
//!
//! Offsets have the sign of this crate: seconds that the local clock is ahead.

use std::collections::VecDeque;

use horolog_ntimed::{Adjustment, Clock, Exchange, Params, Peak, Pll, PllAction, SimulatedClock};

/// Frequency tolerance, section 7.2.
const PHI: f64 = 15e-6;
/// MINDISP, section 7.2, in seconds.
const MIN_DISPERSION: f64 = 0.005;
/// Stages of the clock filter, section 10.
const STAGES: usize = 8;
/// Clustering leaves this many survivors at least, section 11.2.2.
const MIN_SURVIVORS: usize = 3;
/// Precision of both clocks together, in seconds.
const PRECISION: f64 = 2e-6;

#[derive(Clone, Copy, Debug)]
struct Stage {
    offset: f64,
    delay: f64,
    at: f64,
}

impl Stage {
    fn dispersion(&self, now: f64) -> f64 {
        PRECISION + PHI * (now - self.at)
    }
}

#[derive(Clone, Debug, Default)]
struct Association {
    stages: VecDeque<Stage>,
    used: Option<Stage>,
    jitter: f64,
    stratum: u8,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    offset: f64,
    /// Root synchronization distance, lambda.
    distance: f64,
    jitter: f64,
    stratum: u8,
}

/// An evaluation by the RFC, steering with the same PLL as the others.
#[derive(Clone, Debug)]
pub(crate) struct Rfc5905 {
    associations: Vec<Association>,
    pll: Pll,
    params: Params,
}

impl Rfc5905 {
    pub(crate) fn new(servers: usize) -> Self {
        Self {
            associations: vec![Association::default(); servers],
            pll: Pll::new(),
            params: Params::default(),
        }
    }

    pub(crate) fn handle(
        &mut self,
        server: usize,
        exchange: &Exchange,
        now: f64,
        clock: &mut SimulatedClock,
    ) {
        let association = &mut self.associations[server];
        association.stratum = exchange.stratum.get();
        association.filter(
            Stage {
                offset: f64::midpoint(exchange.low(), exchange.high()),
                delay: exchange.high() - exchange.low(),
                at: now,
            },
            now,
        );
        let candidates = self.associations.iter();
        let candidates: Vec<_> = candidates.filter_map(|a| a.candidate(now)).collect();
        let survivors = cluster(select(&candidates));
        let Some(peak) = combine(&survivors) else {
            return;
        };
        let update = self.pll.handle_estimate(peak, clock.now(), &self.params);
        match update.action {
            PllAction::Nothing => {}
            PllAction::Adjust(adjustment) => steer(clock, adjustment),
            PllAction::Step(offset) => {
                let Ok(()) = clock.step(offset);
                self.pll.reset();
                self.associations.fill(Association::default());
            }
        }
    }
}

fn steer(clock: &mut SimulatedClock, adjustment: Adjustment) {
    let Ok(()) = clock.adjust(adjustment);
}

impl Association {
    /// Section 10: of the last eight samples that with the least distance, if it is newer than the
    /// one used before.
    fn filter(&mut self, stage: Stage, now: f64) {
        self.stages.push_front(stage);
        self.stages.truncate(STAGES);
        let distance = |stage: &&Stage| stage.delay / 2.0 + stage.dispersion(now);
        let best = self
            .stages
            .iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
            .copied()
            .unwrap();
        let squares = self.stages.iter().map(|s| (s.offset - best.offset).powi(2));
        let others = (self.stages.len() - 1).max(1);
        let mean = squares.sum::<f64>() / f64::from(u32::try_from(others).unwrap());
        self.jitter = mean.sqrt().max(PRECISION);
        if self.used.is_none_or(|used| best.at > used.at) {
            self.used = Some(best);
        }
    }

    fn candidate(&self, now: f64) -> Option<Candidate> {
        let used = self.used?;
        Some(Candidate {
            offset: used.offset,
            distance: used.delay.max(MIN_DISPERSION) / 2.0 + used.dispersion(now) + self.jitter,
            jitter: self.jitter,
            stratum: self.stratum,
        })
    }
}

/// Section 11.2.1: the smallest interval that holds points of a majority.
fn select(candidates: &[Candidate]) -> Vec<Candidate> {
    let count = candidates.len();
    let mut edges: Vec<(f64, i32)> = Vec::new();
    for candidate in candidates {
        edges.push((candidate.offset - candidate.distance, -1));
        edges.push((candidate.offset, 0));
        edges.push((candidate.offset + candidate.distance, 1));
    }
    edges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut allowed = 0;
    while 2 * allowed < count {
        let wanted = i32::try_from(count - allowed).unwrap();
        let mut found = 0;
        let mut scan = |edges: &mut dyn Iterator<Item = &(f64, i32)>, sign: i32| {
            let mut chime = 0;
            for (edge, kind) in edges {
                chime += sign * kind;
                if chime >= wanted {
                    return Some(*edge);
                }
                if *kind == 0 {
                    found += 1;
                }
            }
            None
        };
        let low = scan(&mut edges.iter(), -1);
        let high = scan(&mut edges.iter().rev(), 1);
        if let (Some(low), Some(high)) = (low, high)
            && found <= allowed
            && low < high
        {
            let inside = |candidate: &&Candidate| (low..=high).contains(&candidate.offset);
            return candidates.iter().filter(inside).copied().collect();
        }
        allowed += 1;
    }
    Vec::new()
}

/// Section 11.2.2: casts out the one that is furthest from the others while that helps.
fn cluster(mut survivors: Vec<Candidate>) -> Vec<Candidate> {
    while survivors.len() > MIN_SURVIVORS {
        let others = f64::from(u32::try_from(survivors.len() - 1).unwrap());
        let selection_jitter = |one: &Candidate| {
            let squares = survivors
                .iter()
                .map(|other| (one.offset - other.offset).powi(2));
            (squares.sum::<f64>() / others).sqrt()
        };
        let (worst, most) = survivors
            .iter()
            .map(selection_jitter)
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap();
        let least = survivors.iter().map(|s| s.jitter).min_by(f64::total_cmp);
        if most < least.unwrap() {
            break;
        }
        survivors.remove(worst);
    }
    survivors
}

/// Section 11.2.3: the mean by the inverse of the distance. The weight that the PLL wants is the
/// height of triangles as wide.
fn combine(survivors: &[Candidate]) -> Option<Peak> {
    let weights: f64 = survivors.iter().map(|s| 1.0 / s.distance).sum();
    let offsets: f64 = survivors.iter().map(|s| s.offset / s.distance).sum();
    let trusted = survivors
        .iter()
        .map(|s| 1.0 / s.distance / f64::from(s.stratum));
    (!survivors.is_empty()).then(|| Peak {
        offset: offsets / weights,
        weight: trusted.sum(),
    })
}
