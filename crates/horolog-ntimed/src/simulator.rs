mod agenda;
mod bump;
mod error;

use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use horolog_ntp::constants::PORT;
use horolog_time::{NtpDate, UnixTime};

use crate::{
    Answer, ClassicEvaluator, Clock, Combiner, Density, Evaluator, Exchange, FilterReport, Params,
    Peak, PllUpdate, Refusal, SimulatedClock, Source, SourceId, Trace, TracePacket, TracePeer,
    date,
};
use agenda::{Agenda, Task};

pub use bump::Bump;
pub use error::SimulatorError;

/// Replays a poller's trace against a simulated clock that is steered by what comes out.
///
/// Time follows the trace's `Now` lines; what steering has added to the clock is added to T1 and T4
/// of every reply. It keeps no lines, so a trace may have any length.
///
/// Like the original it passes over a `Now` that is less than 1 ms ahead, and so one that goes back;
/// and in classic mode over the replies before the first `Now` that is not, with which the original
/// begins to evaluate.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Params, Simulator, TraceReader};
///
/// let text = "\
/// ## NTIMED Format poll-server 1.0
/// ## Found 1 peers
/// ## Peer lan 192.0.2.1
/// Now 1416000000.136897087
/// Poll lan 192.0.2.1 [0 4 4   1   6  -20 0.000060000 0.001500000 0x7f7f0101 -24.547789182 \
/// 1416000000.136364221 -0.001743793 0.000033379 0.002243280]
/// ";
/// # let text = &text.replace("##", "#");
/// let mut simulator = Simulator::classic(Params::default());
/// let mut lines = Vec::new();
/// for line in TraceReader::new(text) {
///     simulator.handle_line(&line?, &mut |line| lines.push(line.to_string()))?;
/// }
/// assert_eq!(lines.len(), 7);
/// assert_eq!(
///     lines[5],
///     "Combine lan 192.0.2.1 0.001744 0.001994 0.002243 1.994e-03 4.004e+03 3.603e+00",
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Simulator {
    clock: SimulatedClock,
    engine: Engine,
    answer: Option<Answer>,
    pll: Option<PllUpdate>,
    peers: Vec<Peer>,
    agenda: Agenda,
    begun: bool,
    /// Whether time has moved.
    moved: bool,
    /// Whole seconds of the first `Now`.
    first: Option<i64>,
}

#[derive(Clone, Debug)]
enum Engine {
    Classic(ClassicEvaluator),
    Extended(Evaluator),
}

/// What both engines tell of an exchange.
struct Outcome {
    filtered: Option<Result<FilterReport, Refusal>>,
    combined: Option<(Density, Peak)>,
    pll: Option<PllUpdate>,
}

#[derive(Clone, Debug)]
struct Peer {
    host: String,
    address: String,
    /// What the address means, if it does.
    ip: Option<IpAddr>,
    source: SourceId,
}

impl Peer {
    fn has_address(&self, address: &str, ip: Option<IpAddr>) -> bool {
        match (self.ip, ip) {
            (Some(own), Some(other)) => own == other,
            _ => self.address == address,
        }
    }
}

/// Where a peer was asked. Traces have a column for its IP address alone; a port other than 123
/// stands behind its host, as it was typed.
fn address(peer: TracePeer<'_>) -> Option<SocketAddr> {
    let behind = peer.host.rsplit_once(':');
    // Without brackets all of it is an IPv6 address.
    let behind = behind.filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
    let port = behind.and_then(|(_, digits)| digits.parse().ok());
    let address = peer.address.parse().ok()?;
    Some(SocketAddr::new(address, port.unwrap_or(PORT)))
}

impl Simulator {
    /// How far apart two `Now` lines may be, in seconds.
    pub const MAX_GAP: u32 = 86_400;

    /// The smallest step of time that is simulated, in seconds.
    const MIN_STEP: f64 = 1e-3;

    /// A simulation that has not begun, with all that [`Evaluator`] does.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self::with(Engine::Extended(Evaluator::new(params)))
    }

    /// A simulation that has not begun, of what the original does.
    #[must_use]
    pub fn classic(params: Params) -> Self {
        Self::with(Engine::Classic(ClassicEvaluator::new(params)))
    }

    fn with(engine: Engine) -> Self {
        let clock = SimulatedClock::new();
        Self {
            agenda: Agenda::new(clock.now()),
            clock,
            engine,
            answer: None,
            pll: None,
            peers: Vec::new(),
            begun: false,
            moved: false,
            first: None,
        }
    }

    /// Plans a bump. One that is in the past, or at no time at all, happens with the next line.
    ///
    /// One at the same time as the kernel's tick comes before it, and counts from this second on;
    /// only the tick of the start comes first.
    pub fn add_bump(&mut self, bump: Bump) {
        let start = date::from_unix(UnixTime::from_seconds(SimulatedClock::START));
        let when = date::add(start, bump.when).max(self.clock.now());
        self.agenda.add(when, Task::Bump(bump));
    }

    /// Whether it does what the original does.
    #[must_use]
    pub const fn is_classic(&self) -> bool {
        matches!(self.engine, Engine::Classic(_))
    }

    /// The clock as it is now.
    #[must_use]
    pub const fn clock(&self) -> &SimulatedClock {
        &self.clock
    }

    /// What all sources said at the last reply; `None` before the first one and in classic mode.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// What the loop did with the last reply; `None` where it was not told of an offset.
    #[must_use]
    pub const fn pll(&self) -> Option<&PllUpdate> {
        self.pll.as_ref()
    }

    /// The server behind a source of the answer.
    #[must_use]
    pub fn peer(&self, source: SourceId) -> Option<TracePeer<'_>> {
        let peer = self.peers.iter().find(|peer| peer.source == source)?;
        Some(TracePeer {
            host: &peer.host,
            address: &peer.address,
        })
    }

    /// Takes the next line of the trace and tells `out` what the client's own trace says then.
    ///
    /// # Errors
    ///
    /// * [`SimulatorError::NoFormat`] for a first line that is another.
    /// * [`SimulatorError::UnknownPeer`] for a reply of a server that was not named before.
    /// * [`SimulatorError::Gap`] where time jumps by more than [`MAX_GAP`](Self::MAX_GAP).
    pub fn handle_line(
        &mut self,
        line: &Trace<'_>,
        out: &mut impl FnMut(&Trace<'_>),
    ) -> Result<(), SimulatorError> {
        if !self.begun && *line != Trace::Format {
            return Err(SimulatorError::NoFormat);
        }
        self.begun = true;
        match line {
            Trace::Peer(peer) => {
                let ip = peer.address.parse().ok();
                let same = |other: &Peer| other.has_address(peer.address, ip);
                let is_duplicate = self.peers.iter().any(same);
                let source = match &mut self.engine {
                    Engine::Classic(evaluator) if is_duplicate => evaluator.add_duplicate(),
                    Engine::Classic(evaluator) => evaluator.add_source(),
                    Engine::Extended(evaluator) => evaluator.add_source(Source {
                        address: address(*peer),
                        ..Source::default()
                    }),
                };
                self.peers.push(Peer {
                    host: peer.host.into(),
                    address: peer.address.into(),
                    ip,
                    source,
                });
            }
            Trace::Now { time, .. } => self.handle_now(*time, out)?,
            Trace::Poll { peer, packet } => self.handle_poll(*peer, packet, out)?,
            _ => {}
        }
        Ok(())
    }

    fn handle_now(
        &mut self,
        time: UnixTime,
        out: &mut impl FnMut(&Trace<'_>),
    ) -> Result<(), SimulatorError> {
        let first = *self.first.get_or_insert(time.seconds());
        let seconds = time
            .seconds()
            .saturating_sub(first)
            .saturating_add(SimulatedClock::START);
        let time = UnixTime::new(seconds, time.nanoseconds())
            .map_or(date::from_unix(time), date::from_unix);
        let ahead = date::difference(time, self.clock.now());
        if ahead < Self::MIN_STEP {
            return Ok(());
        }
        if ahead > f64::from(Self::MAX_GAP) {
            return Err(SimulatorError::Gap { max: Self::MAX_GAP });
        }
        self.run_until(time, out);
        self.moved = true;
        Ok(())
    }

    /// Does what is planned until then, and then goes on with the trace.
    fn run_until(&mut self, time: NtpDate, out: &mut impl FnMut(&Trace<'_>)) {
        self.agenda.add(time, Task::Readline);
        while let Some((when, task)) = self.agenda.take() {
            self.clock.sleep(date::difference(when, self.clock.now()));
            out(&Trace::Now {
                time: date::to_unix(when),
                task: Some(task.name()),
            });
            match task {
                Task::Tick => {
                    self.agenda.add(date::add(when, 1.0), Task::Tick);
                    out(&Trace::SimPll(self.clock.tick()));
                }
                Task::Bump(bump) => self.clock.bump(bump.frequency, bump.phase),
                Task::Readline => return,
            }
        }
    }

    fn handle_poll(
        &mut self,
        peer: TracePeer<'_>,
        packet: &TracePacket,
        out: &mut impl FnMut(&Trace<'_>),
    ) -> Result<(), SimulatorError> {
        let known = |known: &&Peer| known.host == peer.host && known.address == peer.address;
        let known = self.peers.iter().find(known);
        let source = known.ok_or(SimulatorError::UnknownPeer)?.source;
        if self.is_classic() && !self.moved {
            return Ok(());
        }
        self.pll = None;
        let added = self.clock.added();
        out(&Trace::Packet {
            peer,
            packet: packet.with_added(added),
        });
        let Some(exchange) = packet.exchange(added) else {
            let refusal = match self.engine {
                Engine::Classic(_) => packet.refusal(),
                Engine::Extended(_) => packet.coarse_refusal(),
            };
            if let Some(refusal) = refusal {
                out(&Trace::Refused(refusal));
            }
            return Ok(());
        };
        let outcome = self.evaluate(source, &exchange);
        match outcome.filtered {
            Some(Ok(report)) => out(&Trace::Filter { peer, report }),
            Some(Err(refusal)) => out(&Trace::Refused(refusal)),
            None => {}
        }
        if let Some((density, peak)) = outcome.combined {
            out(&Trace::Combine {
                peer,
                density: [density.low(), density.mid(), density.high()],
                peak,
                log_weight: libm::log(peak.weight) / libm::log(10.0),
            });
        }
        self.pll = outcome.pll;
        if let Some(pll) = outcome.pll {
            out(&Trace::Pll(pll.report));
        }
        Ok(())
    }

    fn evaluate(&mut self, source: SourceId, exchange: &Exchange) -> Outcome {
        match &mut self.engine {
            Engine::Classic(evaluator) => {
                let Ok(evaluation) = evaluator.handle_exchange(source, exchange, &mut self.clock);
                let estimate = evaluation.estimate;
                Outcome {
                    filtered: Some(evaluation.filtered),
                    combined: estimate.map(|estimate| (estimate.density, estimate.peak)),
                    pll: estimate.map(|estimate| estimate.pll),
                }
            }
            Engine::Extended(evaluator) => {
                let Ok(evaluation) = evaluator.handle_exchange(source, exchange, &mut self.clock);
                let peak = evaluation.answer.peak.unwrap_or(Combiner::NO_PEAK);
                self.answer = Some(evaluation.answer);
                Outcome {
                    filtered: evaluation.filtered,
                    combined: evaluation.density.map(|density| (density, peak)),
                    pll: evaluation.pll,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
