//! Asking servers for as long as the program runs, and steering a clock by what they say.

mod asker;
mod clock;
mod discipline;
mod fleet;
mod jump_watch;
mod leap_keeper;
mod record;
mod report;
mod run;
mod sample;
mod server;
mod server_list;
mod slew;
mod steer_error;
mod system_clock;
mod turns;

use core::sync::atomic::AtomicU64;
use core::time::Duration;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::thread;

use horolog_ntimed::Params;

use super::LeapWatch;
use super::poll;
use super::poll_trace::PollTrace;
use crate::NtsArguments;
use crate::cli::{Context, context};
use crate::leap::RefreshedDnsOptions;
use crate::stop::Signals;
use clock::ClientClock;
use fleet::Crew;
use leap_keeper::LeapKeeper;
use report::Report;
use run::Run;

pub use server_list::ServerList;
pub use steer_error::SteerError;

/// Asks servers, evaluates what they say and steers the clock by it, or does so on paper.
#[derive(Clone, Debug)]
pub struct Client {
    /// Whom to ask.
    pub servers: ServerList,
    /// What replies have to be authenticated with.
    pub nts: NtsArguments,
    /// How to evaluate.
    pub params: Params,
    /// The time in which each server is asked once, in place of the schedule.
    pub interval: Option<Duration>,
    /// For how long.
    pub duration: Option<Duration>,
    /// Whether to steer the system's clock.
    pub steer: bool,
    /// The largest step, in seconds.
    pub max_step: f64,
    /// Whether to print JSON.
    pub json: bool,
    /// Where to write what a poller's trace would say.
    pub trace: Option<PathBuf>,
    /// Where to hear of leap seconds.
    pub leap: RefreshedDnsOptions,
}

impl Client {
    /// Runs until the time is over or the signals say stop. Tells whether there was a quorum at the
    /// end.
    ///
    /// # Errors
    ///
    /// * Where the clock is to be steered and this program may not; nothing was sent then.
    /// * Where there is no server, or no file can be read or written.
    /// * Where the clock would have to be stepped too far.
    pub fn run(&self, out: &mut dyn Write, signals: &Signals) -> Result<bool, Context> {
        let servers = self.servers.read()?;
        let security = self.nts.security()?;
        let trace = self.trace.as_ref().map(|path| {
            let file = File::create(path);
            let file = file.map_err(context(format!("cannot write {}", path.display())))?;
            Ok::<_, Context>(PollTrace::new(BufWriter::new(file)))
        });
        let trace = trace.transpose()?;
        // Behind all else that may be wrong: what is taken over here is steered from now on.
        let clock = if self.steer {
            let taken = ClientClock::of_system(self.max_step);
            taken.map_err(context("cannot run the client"))?
        } else {
            ClientClock::on_paper(self.max_step)
        };
        let plan = poll::plan(security);
        let generation = AtomicU64::new(0);
        let crew = Crew {
            plan: &plan,
            signals,
            generation: &generation,
        };
        let report = Report::new(out, self.json);
        let leap = LeapWatch::start(&self.leap, signals).map(LeapKeeper::new);
        thread::scope(|scope| {
            let result = Run::new(self, scope, crew, clock, report, trace, leap).run(servers);
            // The askers end.
            signals.stop();
            result
        })
    }
}
