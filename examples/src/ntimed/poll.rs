use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Instant;

use horolog_ntimed::{Params, PollSchedule, TracePeer};
use horolog_ntp::{KissAction, Measurement, Version};

use super::packet::packet;
use super::pause::Pause;
use super::poll_record::{PollRecord, PolledRecord};
use super::poll_trace::PollTrace;
use crate::address::{Family, HostPort};
use crate::cli::{self, Context, context};
use crate::progress;
use crate::query::{Event, Plan, Poller, Security, TroubleRecord};
use crate::stop::Signals;

/// Asks servers, each at all its addresses, on Ntimed's schedule and writes its poller's trace, with
/// every reply that answers a request, whether it tells the time or not.
#[derive(Clone, Debug)]
pub struct Poll {
    plan: Plan,
    duration: Duration,
}

/// How the servers are asked that the schedule names.
pub(super) fn plan(security: Security) -> Plan {
    let timeout = Duration::try_from_secs_f64(PollSchedule::TIMEOUT);
    Plan {
        samples: 1,
        interval: Duration::ZERO,
        timeout: timeout.unwrap_or(Duration::from_millis(800)),
        version: Version::V4,
        interleaved: false,
        leap_field: None,
        security,
        family: Family::Any,
    }
}

/// What came of it, server by server.
#[derive(Clone, Debug)]
pub struct Polled {
    peers: Vec<Peer>,
    elapsed: Duration,
}

#[derive(Clone, Debug)]
struct Peer {
    host: String,
    address: String,
    replies: u32,
    polls: u32,
}

/// What came of one request.
#[derive(Debug)]
struct Polling {
    /// The server's place.
    server: usize,
    /// Where it was asked.
    address: SocketAddr,
    event: Event,
    /// The reply, whatever it said.
    answered: Option<Measurement>,
}

impl Poll {
    /// For so long, with replies authenticated as told.
    #[must_use]
    pub fn new(duration: Duration, security: Security) -> Self {
        Self {
            plan: plan(security),
            duration,
        }
    }

    /// Asks until the time is over or the signals say stop. Each line is out as soon as it is known,
    /// and `tell` is called for each poll.
    ///
    /// A server that cannot be asked, or has the address of another, is told of and left out.
    ///
    /// # Errors
    ///
    /// Where no server can be asked, and where the trace cannot be written.
    pub fn run(
        &self,
        servers: &[HostPort],
        out: &mut dyn Write,
        mut tell: impl FnMut(&PollRecord),
        signals: &Signals,
    ) -> Result<Polled, Context> {
        let pollers = self.pollers(servers, signals);
        let what = || "cannot write the trace";
        let Some(schedule) = PollSchedule::new(pollers.len(), &Params::default()) else {
            return Err(context("cannot poll")("no server can be asked"));
        };
        let peers = pollers.iter().map(|(server, poller)| Peer {
            host: server.to_string(),
            address: poller.address().ip().to_string(),
            replies: 0,
            polls: 0,
        });
        let mut polled = Polled {
            peers: peers.collect(),
            elapsed: Duration::ZERO,
        };
        let mut trace = PollTrace::new(out);
        let peers = polled.peers.iter().map(Peer::as_trace);
        trace.head(peers).map_err(context(what()))?;
        let (sender, receiver) = mpsc::channel();
        let start = Instant::now();
        let bar = progress::bar(self.duration.as_secs(), "polling");
        let result = thread::scope(|scope| {
            for (number, asked) in pollers.into_iter().enumerate() {
                let (schedule, sender) = (schedule.clone(), sender.clone());
                scope.spawn(move || {
                    self.ask(number, asked, schedule, start, signals, &sender);
                });
            }
            // The last asker closes the channel.
            drop(sender);
            loop {
                bar.set_position(start.elapsed().as_secs());
                match receiver.recv_timeout(Duration::from_millis(500)) {
                    Ok(polling) => {
                        if let Some(record) = polled.record(&polling, start.elapsed()) {
                            tell(&record);
                        }
                        let written = polled.write(&polling, &mut trace);
                        if let Err(error) = written {
                            signals.stop();
                            return Err(context(what())(error));
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return Ok(()),
                }
            }
        });
        bar.finish_and_clear();
        polled.elapsed = start.elapsed();
        result.map(|()| polled)
    }

    /// Those that can be asked, each address once.
    fn pollers<'s>(
        &self,
        servers: &'s [HostPort],
        signals: &Signals,
    ) -> Vec<(&'s HostPort, Poller<'_>)> {
        let results: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = servers
                .iter()
                .map(|server| scope.spawn(|| self.find(server, signals)))
                .collect();
            let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
            servers.iter().zip(joined).collect()
        });
        let results = results.into_iter().flat_map(|(server, found)| {
            let crashed = |_| vec![Err(context(format!("cannot ask {server}"))("it panicked"))];
            let found = found.unwrap_or_else(crashed).into_iter();
            found.map(move |result| (server, result))
        });
        let mut pollers: Vec<(&HostPort, Poller<'_>)> = Vec::new();
        for (server, result) in results {
            match result {
                Ok(poller) => {
                    let same = |(_, other): &&(_, Poller<'_>)| other.address() == poller.address();
                    match pollers.iter().find(same) {
                        Some((other, _)) => {
                            cli::note(format_args!(
                                "{server} has the address of {other}: asked once"
                            ));
                        }
                        None => pollers.push((server, poller)),
                    }
                }
                Err(error) => cli::report(&error),
            }
        }
        pollers
    }

    /// A server at each of its addresses, as the original asks it; with NTS where its keys are for.
    fn find(&self, server: &HostPort, signals: &Signals) -> Vec<Result<Poller<'_>, Context>> {
        let poller = |place: &HostPort| Poller::new(place, &self.plan, signals);
        let what = format!("cannot ask {server}");
        let host = server.clone();
        let family = self.plan.family;
        match &self.plan.security {
            Security::Nts(_) => return vec![poller(server)],
            Security::None | Security::Mac(_) => {}
        }
        match signals.unless_stopped(move || host.resolve_all(family)) {
            Some(Ok(found)) => found.into_iter().map(|at| poller(&at.into())).collect(),
            Some(Err(error)) => vec![Err(context(what)(error))],
            None => vec![Err(context(what)("interrupted by a signal"))],
        }
    }

    /// Asks one server at its turns.
    fn ask(
        &self,
        number: usize,
        (server, mut poller): (&HostPort, Poller<'_>),
        schedule: PollSchedule,
        start: Instant,
        signals: &Signals,
        sender: &Sender<Polling>,
    ) {
        let mut pause = Pause::NONE;
        // The schedule's own time starts with its first poll.
        let first = schedule.peek().time;
        for turn in schedule.filter(|turn| turn.server == number) {
            let after = Duration::try_from_secs_f64(turn.time - first);
            let Some(after) = after.ok().filter(|after| *after <= self.duration) else {
                return;
            };
            signals.sleep_until(start + after);
            if signals.should_stop() {
                return;
            }
            if pause.skips() {
                continue;
            }
            let event = match poller.poll(signals, |address, event| warn(server, address, &event)) {
                Ok(Some(event)) => event,
                Ok(None) => return,
                Err(error) => {
                    cli::report(&error);
                    Event::Lost {
                        discarded: 0,
                        refused: false,
                        unauthentic: None,
                    }
                }
            };
            warn(server, poller.address(), &event);
            let action = match &event {
                Event::Kiss(code) => Some(code.action()),
                _ => None,
            };
            let polling = Polling {
                server: number,
                address: poller.address(),
                event,
                answered: poller.answered().copied(),
            };
            if sender.send(polling).is_err() || action == Some(KissAction::Stop) {
                return;
            }
            if action == Some(KissAction::SlowDown) {
                pause.lengthen();
            }
        }
    }
}

/// Tells people why a server is asked less from now on, or not at all.
fn warn(server: &HostPort, address: SocketAddr, event: &Event) {
    if let Event::Kiss(_) | Event::NotEstablished(_) = event
        && let Some(record) = TroubleRecord::new(&server.to_string(), address, event)
    {
        cli::note(format_args!(
            "{server} {}: {}",
            address.ip(),
            record.error()
        ));
    }
}

impl Polled {
    /// How many replies told the time.
    #[must_use]
    pub fn replies(&self) -> u32 {
        let replies = self.peers.iter().map(|peer| peer.replies);
        replies.fold(0, u32::saturating_add)
    }

    /// All of it as JSON.
    #[must_use]
    pub fn summary(&self) -> PolledRecord {
        let polls = self.peers.iter().map(|peer| peer.polls);
        PolledRecord {
            summary: true,
            elapsed: self.elapsed.as_secs_f64(),
            servers: self.peers.len(),
            polls: polls.fold(0, u32::saturating_add),
            replies: self.replies(),
        }
    }

    fn record(&self, polling: &Polling, elapsed: Duration) -> Option<PollRecord> {
        let peer = self.peers.get(polling.server)?;
        Some(PollRecord::new(
            elapsed.as_secs_f64(),
            &peer.host,
            polling.address,
            &polling.event,
            polling.answered.as_ref(),
        ))
    }

    fn write(&mut self, polling: &Polling, trace: &mut PollTrace<impl Write>) -> io::Result<()> {
        let Some(peer) = self.peers.get_mut(polling.server) else {
            return Ok(());
        };
        peer.polls += 1;
        let is_sample = matches!(polling.event, Event::Sample(_));
        let packet = polling.answered.as_ref().and_then(packet);
        peer.replies += u32::from(packet.is_some() && is_sample);
        trace.poll(packet.map(|packet| (peer.as_trace(), packet)))
    }
}

impl Peer {
    fn as_trace(&self) -> TracePeer<'_> {
        TracePeer {
            host: &self.host,
            address: &self.address,
        }
    }
}

/// A line for each server.
impl fmt::Display for Polled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.peers.iter().map(|peer| peer.host.len()).max();
        let width = width.unwrap_or_default();
        for peer in &self.peers {
            let Peer {
                host,
                address,
                replies,
                polls,
            } = peer;
            writeln!(
                f,
                "{host:<width$}  {address}  {replies} replies to {polls} polls"
            )?;
        }
        Ok(())
    }
}
