use core::net::SocketAddr;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::fs::File;
use std::io::{self, BufWriter};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::Scope;
use std::time::Instant;

use horolog_ntimed::{Param, Params, Source, TracePeer, Trust};
use horolog_time::NtpDuration;

use super::asker::{News, Told};
use super::clock::ClientClock;
use super::discipline::Discipline;
use super::fleet::{Crew, Fleet};
use super::jump_watch::{JumpWatch, Reading};
use super::leap_keeper::{self, LeapKeeper};
use super::record::GenerationRecord;
use super::report::Report;
use super::server::{Server, Standing};
use super::{Client, SteerError};
use crate::address::HostPort;
use crate::cli::{self, Context, context};
use crate::ntimed::poll_trace::PollTrace;
use crate::query::{Event, Security};
use crate::units;

/// A client while it runs.
pub(super) struct Run<'scope, 'env, 'o> {
    client: &'env Client,
    pub(super) crew: Crew<'env>,
    params: Params,
    pub(super) start: Instant,
    pub(super) fleet: Fleet<'scope, 'env>,
    told: Receiver<Told>,
    pub(super) discipline: Discipline,
    pub(super) watch: JumpWatch,
    pub(super) report: Report<'o>,
    pub(super) trace: Option<PollTrace<BufWriter<File>>>,
    pub(super) polls: u64,
    pub(super) replies: u64,
    pub(super) leap: Option<LeapKeeper>,
    /// Whether it was said that servers announce what the kernel is not told.
    pub(super) leap_mentioned: bool,
}

/// How long the start waits for servers to be found.
const GATHERING: Duration = Duration::from_secs(5);
/// How long a step of the clock by somebody else may go unseen.
const WATCH: Duration = Duration::from_millis(50);

impl<'scope, 'env, 'o> Run<'scope, 'env, 'o> {
    pub(super) fn new(
        client: &'env Client,
        scope: &'scope Scope<'scope, 'env>,
        crew: Crew<'env>,
        clock: ClientClock,
        report: Report<'o>,
        trace: Option<PollTrace<BufWriter<File>>>,
        leap: Option<LeapKeeper>,
    ) -> Self {
        let (sender, told) = mpsc::channel();
        let params = params(client);
        Self {
            client,
            crew,
            params,
            start: Instant::now(),
            fleet: Fleet::new(scope, crew, sender),
            told,
            discipline: Discipline::new(params, clock),
            watch: JumpWatch::default(),
            report,
            trace,
            polls: 0,
            replies: 0,
            leap,
            leap_mentioned: false,
        }
    }

    /// Runs to the end; tells whether the sources agree there.
    pub(super) fn run(mut self, servers: Vec<HostPort>) -> Result<bool, Context> {
        let on_paper = self.discipline.clock().is_on_paper();
        self.report.begin(on_paper).map_err(cannot_write)?;
        // Nothing is known yet that could be forgotten.
        drop(self.fleet.set_servers(servers));
        let worked = self.work();
        // However it ends, no slew goes on without an end.
        let settled = self.discipline.settle().map_err(cannot_steer);
        worked.and(settled)?;
        let record = self.summary();
        self.report.summary(&record).map_err(cannot_write)?;
        Ok(record.offset.is_some())
    }

    fn work(&mut self) -> Result<(), Context> {
        let signals = self.crew.signals;
        while !signals.should_stop() && !self.is_over() {
            if signals.take_reload() {
                self.reload();
            }
            self.take_turns()?;
            let told = self.told.recv_timeout(self.patience());
            self.look_for_jump()?;
            self.discipline.handle_timeout().map_err(cannot_steer)?;
            self.tend_leap()?;
            match told {
                Ok(told) => self.handle(told)?,
                Err(RecvTimeoutError::Timeout) => {}
                // The fleet keeps a sender.
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let duration = self.client.duration;
        duration.is_some_and(|duration| self.start.elapsed() >= duration)
    }

    /// How long there is nothing to do.
    fn patience(&self) -> Duration {
        let now = self.start.elapsed();
        let next = self.fleet.next_turn();
        let next = next.map_or(WATCH, |next| next.saturating_sub(now));
        let slew = self.discipline.poll_timeout();
        WATCH.min(next).min(slew.unwrap_or(WATCH))
    }

    fn take_turns(&mut self) -> Result<(), Context> {
        let now = self.start.elapsed();
        if self.fleet.next_turn().is_none() && (self.fleet.is_gathered() || now > GATHERING) {
            self.start_turns();
            if let Some(trace) = &mut self.trace {
                let named: Vec<_> = self.fleet.servers().iter().filter_map(named).collect();
                let peers = named
                    .iter()
                    .map(|(host, address)| TracePeer { host, address });
                trace.head(peers).map_err(cannot_trace)?;
            }
        }
        self.fleet.take_turns(now);
        Ok(())
    }

    fn start_turns(&mut self) {
        let now = self.start.elapsed();
        self.fleet
            .start_turns(&self.params, self.client.interval, now);
    }

    /// Reads whom to trust and the servers again. What is bad is told of, and stays as it was.
    fn reload(&mut self) {
        if let Some(leap) = &self.leap {
            leap.handle_reload();
        }
        if let Security::Nts(plan) = &self.crew.plan.security {
            match self.client.nts.security() {
                Ok(Security::Nts(new)) => plan.trust_as(&new),
                Ok(_) => {}
                Err(error) => cli::report(&error),
            }
        }
        match self.client.servers.read() {
            Ok(servers) => {
                for gone in self.fleet.set_servers(servers) {
                    self.discipline.remove_source(gone);
                }
                if self.fleet.next_turn().is_some() {
                    self.start_turns();
                }
            }
            Err(error) => cli::report(&error),
        }
    }

    /// Notices a step of the clock by somebody else.
    fn look_for_jump(&mut self) -> Result<(), Context> {
        let jump = Reading::now().and_then(|reading| self.watch.handle_reading(reading));
        let Some(jump) = jump else {
            return Ok(());
        };
        if let Some(sign) = self.leap.as_mut().and_then(|leap| leap.explain(jump)) {
            let done = leap_keeper::done(sign);
            return self.begin_generation(format!("the kernel {done} a leap second"));
        }
        self.discipline.reset().map_err(cannot_steer)?;
        if let Some(leap) = &mut self.leap {
            leap.handle_step();
        }
        // Not in the first minute: who steps the clock again and again has no server asked more.
        if self.fleet.is_steady() {
            self.start_turns();
        }
        let jump = NtpDuration::from_seconds_f64(jump).map_or_else(String::new, units::offset);
        self.begin_generation(format!(
            "somebody stepped the clock by {jump}, or the machine slept"
        ))
    }

    /// What was measured before is void, and exchanges under way will be.
    pub(super) fn begin_generation(&mut self, reason: String) -> Result<(), Context> {
        let generation = self.crew.generation.fetch_add(1, Ordering::SeqCst) + 1;
        let record = GenerationRecord {
            elapsed: self.start.elapsed().as_secs_f64(),
            generation,
            reason,
        };
        self.report.generation(&record).map_err(cannot_write)
    }

    fn handle(&mut self, told: Told) -> Result<(), Context> {
        let Told { key, news } = told;
        let Some(server) = self.fleet.by_key(key) else {
            return Ok(());
        };
        match news {
            News::Found(address) => {
                server.handle_answer();
                self.place(key, address)
            }
            News::NotFound(why) => {
                server.handle_answer();
                // Key establishments are not to be tried again and again (RFC 8915, section 4.2).
                if matches!(self.crew.plan.security, Security::Nts(_)) {
                    server.slow_down();
                }
                server.lament(&why);
                Ok(())
            }
            News::Trouble(address, event) => {
                let told = self.report.trouble(server, address, &event);
                told.map_err(cannot_write)
            }
            News::Asked {
                address,
                generation,
                event,
            } => {
                server.handle_answer();
                self.polls += 1;
                self.place(key, address)?;
                match event {
                    Event::Sample(sample) => {
                        self.handle_sample(key, address, generation, &sample.measurement)
                    }
                    event => self.handle_trouble(key, address, &event),
                }
            }
        }
    }

    /// A server was found at an address, where it was before or not.
    fn place(&mut self, key: u64, address: SocketAddr) -> Result<(), Context> {
        let twin = self.fleet.at(address, key).map(|twin| twin.name.clone());
        let Some(server) = self.fleet.by_key(key) else {
            return Ok(());
        };
        match server.standing {
            Standing::Asked(place, _) if place == address => return Ok(()),
            Standing::Stopped => return Ok(()),
            Standing::Asked(_, source) => self.discipline.remove_source(source),
            Standing::Sought | Standing::Duplicate(_) => {}
        }
        if let Some(twin) = twin {
            if server.standing != Standing::Duplicate(address) {
                cli::note(format_args!(
                    "{} has the address of {twin}: asked once",
                    server.name
                ));
            }
            server.standing = Standing::Duplicate(address);
            return Ok(());
        }
        let source = self.discipline.add_source(Source {
            address: Some(address),
            trust: trust(&self.crew.plan.security),
        });
        server.standing = Standing::Asked(address, source);
        let begun = self.fleet.next_turn().is_some();
        let server = self.fleet.by_source(source).and_then(named);
        if let (Some(trace), true, Some((host, address))) = (&mut self.trace, begun, &server) {
            trace
                .peer(TracePeer { host, address })
                .map_err(cannot_trace)?;
        }
        Ok(())
    }

    fn handle_trouble(
        &mut self,
        key: u64,
        address: SocketAddr,
        event: &Event,
    ) -> Result<(), Context> {
        if let Some(trace) = &mut self.trace {
            trace.poll(None).map_err(cannot_trace)?;
        }
        let Some(server) = self.fleet.by_key(key) else {
            return Ok(());
        };
        if server.obey(event) {
            if let Some(source) = server.source() {
                self.discipline.remove_source(source);
            }
            server.standing = Standing::Stopped;
        }
        let told = self.report.trouble(server, address, event);
        told.map_err(cannot_write)
    }
}

/// The parameters; an interval is the time in which all are asked.
fn params(client: &Client) -> Params {
    let mut params = client.params;
    if let Some(interval) = client.interval {
        let rate = interval.as_secs_f64();
        let rate = rate.clamp(Param::PollRate.min(), Param::PollRate.max());
        // It is in its range.
        let _ = params.set(Param::PollRate, rate);
    }
    params
}

/// A stratum is what anybody on the way can write into a reply, unless it is authenticated; one
/// that is authenticated is believed as a stratum 1. What its bounds are worth they say themselves,
/// and a majority has to agree with them.
const fn trust(security: &Security) -> Trust {
    match security {
        Security::None => Trust::ByStratum,
        Security::Mac(_) | Security::Nts(_) => Trust::Fixed(1.0),
    }
}

/// A server as traces have it, once it is known where it is.
pub(super) fn named(server: &Server) -> Option<(String, String)> {
    match server.standing {
        Standing::Asked(address, _) => Some((server.name.to_string(), address.ip().to_string())),
        Standing::Sought | Standing::Duplicate(_) | Standing::Stopped => None,
    }
}

pub(super) fn cannot_write(error: io::Error) -> Context {
    context("cannot write")(error)
}

pub(super) fn cannot_trace(error: io::Error) -> Context {
    context("cannot write the trace")(error)
}

pub(super) fn cannot_steer(error: SteerError) -> Context {
    context("the client ends")(error)
}
