mod drawing;

use horolog_ntimed::{
    Bump, Combiner, Peak, Rejection, SimulatedClock, Simulator, Trace, TracePeer,
};

use crate::chart::Series;

/// What a picture of a replay needs, of any length in bounded memory.
///
/// Offsets are seconds that the clock is ahead, times seconds since the start.
#[derive(Clone, Debug, Default)]
pub struct RunPlot {
    bumps: Vec<Bump>,
    time: f64,
    replies: u64,
    evaluated: u64,
    sources: Vec<Source>,
    /// What has no series of its own.
    others: Bounds,
    offset: Series,
    agreed: Bounds,
    weight: Series,
    agreeing: Series,
    voters: Series,
    no_majority: Series,
    /// What steering adds to the clock's frequency, in seconds per second.
    steering: Series,
    /// The same with what bumps have added.
    frequency: Series,
    steps: Series,
    /// The newest, while the simulator is at work.
    peak: Option<Peak>,
}

/// One server's bounds.
#[derive(Clone, Debug, Default)]
struct Source {
    host: String,
    address: String,
    bounds: Bounds,
    /// Why it does not count at the end.
    fault: Option<&'static str>,
}

/// Lower and upper bound and what is most likely, which come together.
#[derive(Clone, Debug, Default)]
struct Bounds {
    low: Series,
    mid: Series,
    high: Series,
}

/// Servers beyond these are drawn as one.
const MOST_SOURCES: usize = 32;

impl RunPlot {
    /// A picture of a run in which these bumps are planned.
    #[must_use]
    pub fn new(bumps: impl IntoIterator<Item = Bump>) -> Self {
        Self {
            bumps: bumps.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Takes a line that the simulator puts out.
    pub fn note(&mut self, line: &Trace<'_>) {
        match line {
            Trace::Now { time, .. } => {
                let seconds = time.seconds().saturating_sub(SimulatedClock::START);
                let whole = u32::try_from(seconds).map_or(f64::INFINITY, f64::from);
                self.time = whole + f64::from(time.nanoseconds()) * 1e-9;
            }
            Trace::SimPll(adjustment) => {
                let bumps = self.bumps.iter().filter(|bump| bump.when <= self.time);
                let bumped: f64 = bumps.map(|bump| bump.frequency).sum();
                self.steering.push(self.time, adjustment.frequency);
                self.frequency
                    .push(self.time, adjustment.frequency + bumped);
            }
            Trace::Packet { peer, .. } => {
                self.replies += 1;
                // One that is always refused has its place, too.
                let _ = self.source(*peer);
            }
            Trace::Filter { peer, report } => {
                self.evaluated += 1;
                let time = self.time;
                let bounds = match self.source(*peer) {
                    Some(source) => &mut source.bounds,
                    None => &mut self.others,
                };
                bounds.push(time, [report.low, report.mid, report.high]);
            }
            Trace::Combine { peak, .. } => self.peak = Some(*peak),
            _ => {}
        }
    }

    /// Takes what a simulator knows after a line of the trace, and what had been added to its clock
    /// before.
    pub fn note_after(&mut self, event: &Trace<'_>, simulator: &Simulator, added: f64) {
        if !matches!(event, Trace::Poll { .. }) {
            return;
        }
        // No time passes with a reply, so the clock is where it was or has been stepped.
        let step = simulator.clock().added() - added;
        if step != 0.0 {
            self.steps.push(self.time, step);
            self.offset.cut();
            self.weight.cut();
        }
        let peak = self.peak.take();
        match simulator.answer() {
            Some(answer) => {
                let quorum = answer.quorum;
                self.agreeing.push(self.time, number(quorum.agreeing));
                self.voters.push(self.time, number(quorum.voters));
                if let (Some(offset), Some([low, high])) = (answer.offset, answer.bounds) {
                    self.agreed.push(self.time, [low, offset, high]);
                    let weight = answer.peak.map_or(f64::NAN, |peak| peak.weight);
                    self.combine(offset, weight);
                } else {
                    self.no_majority.push(self.time, number(quorum.voters));
                    self.agreed.cut();
                    self.offset.cut();
                    self.weight.cut();
                }
            }
            None => {
                if let Some(peak) = peak.filter(|peak| *peak != Combiner::NO_PEAK) {
                    self.combine(peak.offset, peak.weight);
                }
            }
        }
    }

    fn combine(&mut self, offset: f64, weight: f64) {
        self.offset.push(self.time, offset);
        self.weight.push(self.time, weight);
    }

    /// A server's series, unless there are too many.
    fn source(&mut self, peer: TracePeer<'_>) -> Option<&mut Source> {
        let known = |source: &Source| source.host == peer.host && source.address == peer.address;
        let place = match self.sources.iter().position(known) {
            Some(place) => place,
            None if self.sources.len() < MOST_SOURCES => {
                self.sources.push(Source {
                    host: peer.host.to_owned(),
                    address: peer.address.to_owned(),
                    ..Source::default()
                });
                self.sources.len() - 1
            }
            None => return None,
        };
        self.sources.get_mut(place)
    }

    /// Takes who does not count at the end, and why.
    fn note_end(&mut self, simulator: &Simulator) {
        let Some(answer) = simulator.answer() else {
            return;
        };
        for (id, rejection) in &answer.rejected {
            if let Some(peer) = simulator.peer(*id)
                && let Some(source) = self.source(peer)
            {
                source.fault = Some(fault(rejection));
            }
        }
    }
}

impl Bounds {
    fn push(&mut self, time: f64, [low, mid, high]: [f64; 3]) {
        self.low.push(time, low);
        self.mid.push(time, mid);
        self.high.push(time, high);
    }

    const fn cut(&mut self) {
        self.low.cut();
        self.mid.cut();
        self.high.cut();
    }
}

/// Why a source does not count, in two words.
const fn fault(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::Silent | Rejection::Stale(_) => "silent",
        Rejection::Refused(_) => "refused",
        Rejection::Untrusted => "not trusted",
        Rejection::Duplicate(_) | Rejection::SameServer(_) => "same server",
        Rejection::Contradictory(_) => "contradicts itself",
        Rejection::Falseticker(_) => "falseticker",
        _ => "rejected",
    }
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_ntimed::{Adjustment, FilterBranch, FilterReport, Params};
    use horolog_time::UnixTime;

    /// Time passes, and the kernel steers.
    fn second(plot: &mut RunPlot, seconds: i64, frequency: f64) {
        plot.note(&Trace::Now {
            time: UnixTime::from_seconds(SimulatedClock::START + seconds),
            task: None,
        });
        plot.note(&Trace::SimPll(Adjustment {
            frequency,
            ..Adjustment::default()
        }));
    }

    fn filter(host: &str, mid: f64) -> Trace<'_> {
        Trace::Filter {
            peer: TracePeer {
                host,
                address: "192.0.2.1",
            },
            report: FilterReport {
                branch: FilterBranch::Usual,
                low: mid - 1e-3,
                mid,
                high: mid + 1e-3,
                low_limit: 0.0,
                average_mid: 0.0,
                high_limit: 0.0,
            },
        }
    }

    #[test]
    fn a_long_run_makes_a_small_picture_with_its_spikes() {
        let mut plot = RunPlot::new([]);
        for seconds in 0..300_000_i32 {
            let spike = if seconds == 200_000 { 1.0 } else { 0.0 };
            second(&mut plot, seconds.into(), 3e-6 + spike * 1e-6);
            plot.note(&filter("a", 1e-5 + spike));
        }
        let simulator = Simulator::classic(Params::default());
        assert_eq!(plot.steering.range(), Some([3e-6, 4e-6]));
        let svg = plot.to_svg("long", &simulator);
        assert!(svg.len() < 250_000, "{}", svg.len());
        // The spike alone is above 1 s, beside a bound of 1 ms.
        assert!(svg.contains("\n+1 s\n"), "{svg}");
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn servers_beyond_some_are_one() {
        let mut plot = RunPlot::new([]);
        for number in 0..10_000 {
            second(&mut plot, number, 0.0);
            plot.note(&filter(&format!("host{number}"), 0.0));
        }
        assert_eq!(plot.sources.len(), MOST_SOURCES);
        assert_eq!(plot.others.mid.count(), 10_000 - 32);
        assert_eq!(plot.evaluated, 10_000);
        let svg = plot.to_svg("many", &Simulator::new(Params::default()));
        assert!(svg.contains("\nhost31\n") && !svg.contains("\nhost32\n"));
        assert!(svg.contains("\nall other servers\n"));
    }

    #[test]
    fn bumps_are_added_to_the_frequency_when_they_happen() {
        let bump = |when, frequency| Bump {
            when,
            frequency,
            phase: 0.0,
        };
        let mut plot = RunPlot::new([bump(10.0, 2e-6), bump(30.0, 5e-6)]);
        for seconds in 0..20 {
            second(&mut plot, seconds, -1e-6);
        }
        let line = &plot.frequency.lines()[0];
        assert!((line[9][1] + 1e-6).abs() < 1e-12);
        assert!((line[10][1] - 1e-6).abs() < 1e-12);
        assert_eq!(plot.steering.range(), Some([-1e-6, -1e-6]));
        let svg = plot.to_svg("bumps", &Simulator::classic(Params::default()));
        assert!(svg.contains("1 bump."), "{svg}");
        assert!(!svg.contains("+5.000 ppm"), "the run ended before: {svg}");
    }
}
