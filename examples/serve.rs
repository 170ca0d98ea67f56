//! A real NTP server: plain NTP, MACs and NTS, rate limit, interleaved mode.
//!
//! It offers the system's clock as it is. With a leap-second list it announces leap seconds on the
//! day that ends with one.

#![expect(clippy::std_instead_of_alloc, reason = "programs have std")]

use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;
use std::time::{Instant, SystemTime};

use clap::Parser;
use horolog_examples::address::listen_address;
use horolog_examples::cli::{self, Outcome, Verdict, context};
use horolog_examples::random;
use horolog_examples::say;
use horolog_examples::serve::{
    Counters, KeyEstablishment, LeapOffer, LeapOptions, NextSession, NtsOptions, Rotation, Server,
    lock,
};
use horolog_examples::stop::Signals;
use horolog_net::clock;
use horolog_ntp::{
    InterleavedTable, KeyFileFormat, MacKeys, RateLimit, RateLimiter, ReferenceId, ServerResponder,
    Stratum, SystemState,
};
use horolog_nts::{KeServerConfig, Keyring};
use horolog_time::UnixTime;
use rustls::ServerConfig;
use zeroize::Zeroizing;

/// Serve time over NTP from the system's clock.
#[derive(Debug, Parser)]
#[command(
    after_help = "Example: serve --listen 127.0.0.1:11123 --nts 127.0.0.1:14460 --self-signed pki --interleaved\n\
    Prints `ready ntp=ADDR:PORT nts=ADDR:PORT ca=PATH` when it is, and its counters as JSON when it ends\n\
    (SIGTERM, SIGINT). SIGHUP reads certificate, keys and leap list again, and asks the DNS again."
)]
struct Options {
    /// Address and port to serve at; may stand more than once. Port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", required = true, value_parser = listen_address)]
    listen: Vec<SocketAddr>,
    /// Stratum to claim, 1 to 15
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..16))]
    stratum: u8,
    /// Reference ID to claim, up to four ASCII characters
    #[arg(long, default_value = "LOCL", value_parser = reference_id)]
    refid: ReferenceId,
    #[command(flatten)]
    leap: LeapOptions,
    /// Threads for each address
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    workers: u8,
    /// Requests a second that one client (an IPv4 address, an IPv6 network of 64 bits) may make
    #[arg(long, value_name = "PACKETS/SECOND", value_parser = rate_limit)]
    rate_limit: Option<RateLimit>,
    /// Answer in interleaved mode where clients ask for it
    #[arg(long)]
    interleaved: bool,
    /// Keys in chrony's form: ID TYPE HEX:SECRET
    #[arg(long, value_name = "FILE")]
    mac_keys: Option<PathBuf>,
    #[command(flatten)]
    nts: NtsOptions,
    /// Print the counters as JSON on standard error so often
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    stats: Option<u64>,
}

/// Clients that the rate limit remembers.
const CLIENTS: usize = 1 << 16;
/// Replies kept for interleaved mode.
const REPLIES: usize = 1 << 14;

fn main() -> ExitCode {
    let options: Options = cli::parse();
    cli::run(|| serve(&options))
}

fn serve(options: &Options) -> Outcome {
    let signals = Signals::listen()
        .and_then(Signals::and_reload)
        .map_err(context("cannot listen to signals"))?;
    let leap = options.leap.offer()?;
    let system = SystemState {
        stratum: Stratum::new(options.stratum),
        reference_id: options.refid,
        precision: clock::precision(),
        ..SystemState::local_primary()
    };
    let mut responder = ServerResponder::new(system);
    if let Some(path) = &options.mac_keys {
        responder.set_keys(read_keys(path)?);
    }
    if options.interleaved {
        responder = responder.with_interleaved(InterleavedTable::new(REPLIES));
    }
    if let Some(limit) = options.rate_limit {
        responder = responder.with_rate_limit(RateLimiter::new(limit, CLIENTS, random::seed()));
    }
    announce(&mut responder, &leap);
    let server = Server::bind(
        &options.listen,
        options.workers.into(),
        options.interleaved,
        responder,
    )?
    .with_leap_list(Arc::clone(&leap));
    let nts = options.nts.nts.map(|address| Nts::new(options, address));
    let nts = nts.transpose()?;
    let mut state = State {
        options,
        ask_dns: options.leap.start(&leap, server.counters(), &signals),
        leap,
        keyring: nts.as_ref().map(|nts| Arc::clone(&nts.keyring)),
        session: Arc::default(),
        rotation: Rotation::default(),
        next_stats: options.stats.and_then(after),
        signals: signals.clone(),
    };
    let config = options.nts.config(server.addresses())?;
    let counters = server.counters();
    let (server, establishment) = start(server, nts, &config)?;
    let session = Arc::clone(&state.session);
    thread::scope(|scope| {
        if let Some(establishment) = establishment {
            scope.spawn(|| establishment.run(&signals, &session));
        }
        server.run(&signals, |responder, counters| {
            state.keep_house(responder, counters, signals.take_reload());
        });
    });
    match writeln!(io::stdout(), "{}", json(&counters)) {
        // Whoever started it may have read no further than the line that says it is ready.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(context("cannot write")(error).into())
        }
        _ => Ok(Verdict::Good),
    }
}

/// What the key establishment is started with.
struct Nts {
    address: SocketAddr,
    session: Arc<ServerConfig>,
    ca: Option<PathBuf>,
    keyring: Arc<RwLock<Keyring>>,
}

impl Nts {
    fn new(options: &Options, address: SocketAddr) -> Result<Self, Failure> {
        let now = now().ok_or("the clock is beyond all measure")?;
        let (session, ca) = options.nts.session()?;
        let keyring = Arc::new(RwLock::new(options.nts.keyring(now)?));
        Ok(Self {
            address,
            session,
            ca,
            keyring,
        })
    }
}

type Failure = Box<dyn core::error::Error + Send + Sync>;

/// Starts the key establishment, if there is one, and says that all is ready.
fn start(
    mut server: Server,
    nts: Option<Nts>,
    config: &KeServerConfig,
) -> Result<(Server, Option<KeyEstablishment<'_>>), Failure> {
    let mut ready = vec!["ready".to_owned()];
    ready.extend(
        server
            .addresses()
            .iter()
            .map(|address| format!("ntp={address}")),
    );
    let mut establishment = None;
    if let Some(nts) = nts {
        server = server.with_keyring(Arc::clone(&nts.keyring));
        let counters = server.counters();
        let bound =
            KeyEstablishment::bind(nts.address, nts.session, config, nts.keyring, counters)?;
        ready.push(format!("nts={}", bound.address()?));
        ready.extend(nts.ca.map(|ca| format!("ca={}", ca.display())));
        establishment = Some(bound);
    }
    say!("{}", ready.join(" "));
    Ok((server, establishment))
}

/// What changes while the server runs.
struct State<'o> {
    options: &'o Options,
    leap: Arc<LeapOffer>,
    /// Has the DNS asked at once.
    ask_dns: Arc<AtomicBool>,
    keyring: Option<Arc<RwLock<Keyring>>>,
    session: Arc<NextSession>,
    rotation: Rotation,
    next_stats: Option<Instant>,
    signals: Signals,
}

impl State<'_> {
    fn keep_house(
        &mut self,
        responder: &Mutex<ServerResponder>,
        counters: &Counters,
        reload: bool,
    ) {
        if reload {
            self.reload(responder);
        }
        announce(&mut lock(responder), &self.leap);
        if let (Some(keyring), Some(now)) = (&self.keyring, now()) {
            let (nts, rotation) = (&self.options.nts, &mut self.rotation);
            nts.rotate(keyring, now, rotation, &self.signals);
        }
        if self.next_stats.is_some_and(|next| next <= Instant::now()) {
            cli::note(json(counters));
            self.next_stats = self.options.stats.and_then(after);
        }
    }

    /// Reads the files again. What is bad is told of, and what was read before stays in force.
    fn reload(&mut self, responder: &Mutex<ServerResponder>) {
        if let Some(path) = &self.options.mac_keys {
            match read_keys(path) {
                Ok(keys) => lock(responder).set_keys(keys),
                Err(error) => cli::report(&error),
            }
        }
        if let Err(error) = self.options.leap.read(&self.leap) {
            cli::report(&error);
        }
        self.ask_dns.store(true, Ordering::Relaxed);
        let (Some(keyring), Some(now)) = (&self.keyring, now()) else {
            return;
        };
        match self.options.nts.session() {
            Ok((session, _)) => {
                *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
            }
            Err(error) => cli::report(&error),
        }
        match self.options.nts.stored_keyring(now) {
            Ok(Some(stored)) => {
                *keyring.write().unwrap_or_else(PoisonError::into_inner) = stored;
            }
            Ok(None) => {}
            Err(error) => cli::report(&error),
        }
    }
}

/// So many seconds from now; never, where that is beyond all time.
fn after(seconds: u64) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_secs(seconds))
}

fn read_keys(path: &Path) -> Result<MacKeys, cli::Context> {
    let what = || format!("cannot read keys {}", path.display());
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(context(what()))?);
    MacKeys::from_file(&text, KeyFileFormat::Chrony).map_err(context(what()))
}

/// Sets the leap indicator. A list that has expired announces nothing.
fn announce(responder: &mut ServerResponder, leap: &LeapOffer) {
    let Some(now) = now() else { return };
    let leap = leap.indicator(now);
    let system = *responder.system();
    if system.leap != leap {
        responder.set_system(SystemState { leap, ..system });
    }
}

fn now() -> Option<UnixTime> {
    UnixTime::try_from(SystemTime::now()).ok()
}

fn json(counters: &Counters) -> String {
    serde_json::to_string(counters).unwrap_or_default()
}

fn reference_id(text: &str) -> Result<ReferenceId, &'static str> {
    let mut octets = [0; 4];
    if text.is_empty()
        || text.len() > octets.len()
        || !text.bytes().all(|octet| octet.is_ascii_graphic())
    {
        return Err("expected one to four printable ASCII characters");
    }
    for (to, from) in octets.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    Ok(ReferenceId::from_octets(octets))
}

fn rate_limit(text: &str) -> Result<RateLimit, &'static str> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite());
    rate.and_then(RateLimit::per_second)
        .ok_or("expected a positive number of packets a second")
}
