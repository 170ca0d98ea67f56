//! Selection, clustering and combining of RFC 5905 (sections 11.2.1 to 11.2.3, with the rules of
//! appendix A.5.5 that they name), behind its clock filter.
//!
//! Where the text and the code of the appendix say different things, the text is followed: the code
//! has a survivor for each of a candidate's three edges, and no mean in its jitters.
//!
//! Servers have neither root delay nor root dispersion here, and are always reachable. Offsets have
//! the RFC's sign: what to add to the clock.

use horolog_ntimed::{Exchange, SimulatedClock};

use super::clock_filter::{ClockFilter, Sample};
use super::discipline::Discipline;

/// Frequency tolerance, section 7.2.
pub(crate) const PHI: f64 = 15e-6;
/// The precision s.rho of the local clock and r.rho of a server's, in seconds.
pub(crate) const PRECISION: f64 = 1e-6;
/// MINDISP, section 7.2, in seconds.
const MIN_DISPERSION: f64 = 0.005;
/// MAXDIST, section 7.2, in seconds.
const MAX_DISTANCE: f64 = 1.0;
/// NMIN, section 11.1: clustering leaves so many.
const MIN_SURVIVORS: usize = 3;
/// Seconds between two polls of a server.
pub(crate) const POLL_INTERVAL: f64 = 64.0;

#[derive(Clone, Debug)]
struct Association {
    filter: ClockFilter,
    stratum: u8,
}

/// A server that [`accept`](Rfc5905::accept) lets through.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    server: usize,
    offset: f64,
    /// Root synchronization distance, lambda.
    distance: f64,
    jitter: f64,
    stratum: u8,
    at: f64,
}

/// An evaluation by the RFC, and its way of steering.
#[derive(Clone, Debug)]
pub(crate) struct Rfc5905 {
    associations: Vec<Association>,
    /// s.p, the system peer.
    system_peer: Option<usize>,
    /// s.t, the arrival of the last update used.
    updated: Option<f64>,
    discipline: Discipline,
}

impl Rfc5905 {
    pub(crate) fn new(servers: usize) -> Self {
        let association = Association {
            filter: ClockFilter::new(),
            stratum: 0,
        };
        Self {
            associations: vec![association; servers],
            system_peer: None,
            updated: None,
            discipline: Discipline::new(),
        }
    }

    /// Section 9.2: a sample from the four timestamps, which goes through the clock filter.
    pub(crate) fn handle(
        &mut self,
        server: usize,
        exchange: &Exchange,
        now: f64,
        clock: &mut SimulatedClock,
    ) {
        let delay = exchange.high() - exchange.low();
        let sample = Sample {
            offset: -f64::midpoint(exchange.low(), exchange.high()),
            delay: delay.max(PRECISION),
            dispersion: 2.0 * PRECISION + PHI * (delay + exchange.processing()),
            at: now,
        };
        let is_synchronized = self.updated.is_some();
        let association = &mut self.associations[server];
        association.stratum = exchange.stratum.get();
        if association.filter.update(sample, is_synchronized) {
            self.clock_select(now, clock);
        }
    }

    /// A.5.5.1, the order of section 11.2.
    fn clock_select(&mut self, now: f64, clock: &mut SimulatedClock) {
        let servers = 0..self.associations.len();
        let candidates: Vec<_> = servers.filter_map(|at| self.accept(at, now)).collect();
        let mut survivors = select(&candidates);
        // Section 11.2.2: by the merit factor.
        let merit = |one: &Candidate| f64::from(one.stratum) * MAX_DISTANCE + one.distance;
        survivors.sort_by(|a, b| merit(a).total_cmp(&merit(b)));
        let survivors = cluster(survivors);
        // CMIN is 1. A.5.5.1: no clock hop while the old system peer is as good by its stratum.
        let old = survivors
            .iter()
            .find(|one| Some(one.server) == self.system_peer);
        let peer = match (survivors.first(), old) {
            (Some(first), Some(old)) if old.stratum == first.stratum => Some(*old),
            (first, _) => first.copied(),
        };
        self.system_peer = peer.map(|peer| peer.server);
        // Section 11.2.3: an update that is not later than the last one used is discarded.
        if let Some(peer) = peer
            && self.updated.is_none_or(|updated| updated < peer.at)
        {
            self.updated = Some(peer.at);
            let offset = combine(&survivors);
            if self.discipline.update(offset, peer.at, clock) {
                // Section 11.2.3: all associations are reset.
                *self = Self {
                    discipline: self.discipline.clone(),
                    ..Self::new(self.associations.len())
                };
            }
        }
    }

    /// Section 12, once a second.
    pub(crate) fn adjust(&mut self, clock: &mut SimulatedClock) {
        self.discipline.adjust(clock);
    }

    /// A.5.5.3: the server has been heard, and its root distance (A.5.5.2) is below MAXDIST and what
    /// a poll interval adds to it.
    fn accept(&self, server: usize, now: f64) -> Option<Candidate> {
        let Association { filter, stratum } = &self.associations[server];
        let peer = filter.peer()?;
        let aged = peer.dispersion + PHI * (now - peer.updated);
        let distance = peer.delay.max(MIN_DISPERSION) / 2.0 + aged + peer.jitter;
        (distance <= MAX_DISTANCE + PHI * POLL_INTERVAL).then_some(Candidate {
            server,
            offset: peer.offset,
            distance,
            jitter: peer.jitter,
            stratum: *stratum,
            at: peer.at,
        })
    }
}

/// Section 11.2.1: the smallest interval that holds points of a majority, and those whose midpoint
/// lies within.
///
/// Step 5 asks for as many midpoints outside as there are falsetickers; here, as in the code, fewer
/// are as good: a falseticker's interval may be wide enough to have its midpoint inside.
fn select(candidates: &[Candidate]) -> Vec<Candidate> {
    let count = candidates.len();
    let mut edges: Vec<(f64, i32)> = Vec::new();
    for candidate in candidates {
        edges.push((candidate.offset - candidate.distance, -1));
        edges.push((candidate.offset, 0));
        edges.push((candidate.offset + candidate.distance, 1));
    }
    edges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut falsetickers = 0;
    while 2 * falsetickers < count {
        let wanted = i32::try_from(count - falsetickers).unwrap();
        let mut midpoints = 0;
        let mut scan = |edges: &mut dyn Iterator<Item = &(f64, i32)>, sign: i32| {
            let mut chime = 0;
            for (edge, kind) in edges {
                chime += sign * kind;
                if chime >= wanted {
                    return Some(*edge);
                }
                if *kind == 0 {
                    midpoints += 1;
                }
            }
            None
        };
        let low = scan(&mut edges.iter(), -1);
        let high = scan(&mut edges.iter().rev(), 1);
        if let (Some(low), Some(high)) = (low, high)
            && midpoints <= falsetickers
            && low < high
        {
            let inside = |candidate: &&Candidate| (low..=high).contains(&candidate.offset);
            return candidates.iter().filter(inside).copied().collect();
        }
        falsetickers += 1;
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

/// Section 11.2.3: the mean by the inverse of the root distance.
fn combine(survivors: &[Candidate]) -> f64 {
    let weights: f64 = survivors.iter().map(|s| 1.0 / s.distance).sum();
    let offsets: f64 = survivors.iter().map(|s| s.offset / s.distance).sum();
    offsets / weights
}

fn candidates(all: &[(f64, f64)]) -> Vec<Candidate> {
    let one = |(server, (offset, distance)): (usize, &(f64, f64))| Candidate {
        server,
        offset: *offset,
        distance: *distance,
        jitter: 0.001,
        stratum: 1,
        at: 0.0,
    };
    all.iter().enumerate().map(one).collect()
}

fn servers(candidates: &[Candidate]) -> Vec<usize> {
    candidates.iter().map(|one| one.server).collect()
}

#[test]
fn rfc_5905_section_11_2_1_a_majority_clique_has_all_midpoints() {
    let chosen = |all: &[(f64, f64)]| servers(&select(&candidates(all)));
    assert_eq!(chosen(&[(0.0, 0.1), (0.01, 0.1), (0.3, 0.1)]), [0, 1]);
    // The interval of the third has the others' midpoints, but they have not its own.
    assert_eq!(chosen(&[(0.0, 0.1), (0.01, 0.1), (0.3, 0.5)]), [0, 1]);
    // Two of four are no majority.
    assert_eq!(
        chosen(&[(0.0, 0.1), (0.0, 0.1), (1.0, 0.1), (1.0, 0.1)]),
        []
    );
    assert_eq!(chosen(&[]), []);
}

#[test]
fn rfc_5905_section_11_2_2_outliers_go_until_three_are_left() {
    let left = |all: &[(f64, f64)]| servers(&cluster(candidates(all)));
    let far = [
        (0.0, 0.1),
        (0.001, 0.1),
        (0.09, 0.1),
        (0.002, 0.1),
        (0.05, 0.1),
    ];
    assert_eq!(left(&far), [0, 1, 3]);
    // What is within the jitter of each stays.
    assert_eq!(
        left(&[(0.0, 0.1), (0.0001, 0.1), (0.0002, 0.1), (0.0, 0.1)]),
        [0, 1, 2, 3]
    );
}

#[test]
fn rfc_5905_section_11_2_3_the_near_weigh_more() {
    let offset = combine(&candidates(&[(0.0, 0.1), (0.003, 0.2)]));
    assert!((offset - 0.001).abs() < 1e-12);
}
