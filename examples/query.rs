//! Asks NTP servers what time it is, side by side, and prints every sample and a summary.
//!
//! Without a server it starts one on loopback and asks that, with NTS: no network, no privileges, no
//! files.

#![expect(clippy::std_instead_of_alloc, reason = "programs have std")]

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::time::Duration;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::SystemTime;

use clap::Parser;
use horolog_examples::address::{Family, HostPort};
use horolog_examples::cli::{self, Outcome, Verdict, context};
use horolog_examples::mac_key::KeyArgument;
use horolog_examples::query::{
    Event, HttpsCheckOptions, LeapCheck, LeapOptions, LeapSources, NtsPlan, Plan, Proof, Sample,
    SampleRecord, Security, Summary, SummaryRecord, TroubleRecord, ask, disagreement,
};
use horolog_examples::say;
use horolog_examples::seconds::seconds;
use horolog_examples::serve::{KeyEstablishment, NextSession, Server};
use horolog_examples::stop::Signals;
use horolog_examples::tls::{self, Identity};
use horolog_examples::{random, units};
use horolog_net::clock;
use horolog_ntp::{InterleavedTable, MacKeys, Measurement, ServerResponder, SystemState, Version};
use horolog_nts::{
    AeadAlgorithm, KE_PORT, KeClientConfig, KeConfigError, KeServerConfig, KeyRotation, Keyring,
};
use horolog_time::{UnixTime, UtcInstant};

/// Ask NTP servers what time it is.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "switches are what they are")]
#[command(
    after_help = "Example: query --nts nts1.example nts2.example --samples 8 --json\n\
    With --leap --json there is one more object for each server:\n  \
    {\"leap_check\":true,\"server\",\"at\":UTC,\"leap\":\"none|insert|delete\",\"agrees\":bool,\"sources\":[{\n  \
    \"source\":\"extension-field|list|dns\",\"name\",\"state\":\"agrees|contradicts|expired|absent|left-out|malformed\",\n  \
    \"leap\":\"none|insert|delete\",\"leaps\",\"tai_utc\",\"expires\":UTC,\"security\"},...]} (null where not known)\n\
    Exit status: 0 every server told a usable time and they agree, leap seconds too, 1 not so, 2 wrong usage."
)]
struct Options {
    /// Servers to ask, `SERVER[:PORT]`, each at the first of its addresses that answers; without one, an embedded server on loopback
    #[arg(value_name = "SERVER[:PORT]")]
    servers: Vec<HostPort>,
    /// Establish keys first, and believe nothing that they do not protect (NTS, RFC 8915)
    #[arg(long, conflicts_with = "key")]
    nts: bool,
    /// Port of the key establishment
    #[arg(long, value_name = "PORT", default_value_t = KE_PORT, requires = "nts", value_parser = clap::value_parser!(u16).range(1..))]
    nts_port: u16,
    /// Certificates of the authorities to trust, in place of the system's
    #[arg(long, value_name = "PEM", requires = "nts")]
    ca: Option<PathBuf>,
    /// AEAD algorithms to offer, by number, best first: of 15, 16, 17, 30, 31 [default: 30,15]
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = aead)]
    aead: Option<Vec<AeadAlgorithm>>,
    /// Requests to each server
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    samples: u32,
    /// Seconds from one request to the next [default: 2, and 0.1 for the embedded server]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    interval: Option<Duration>,
    /// Seconds to wait for a reply
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds)]
    timeout: Duration,
    /// Version of the requests, 3 or 4
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(3..=4))]
    ntp_version: u8,
    /// Ask for interleaved replies (RFC 9769)
    #[arg(long)]
    interleaved: bool,
    /// Authenticate with a symmetric key; ALGORITHM is md5, sha1, sha256, sha512 or aes-cmac
    #[arg(long, value_name = "ID:ALGORITHM:HEX")]
    key: Option<KeyArgument>,
    /// Use IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// Use IPv6 addresses only
    #[arg(short = '6', long)]
    ipv6: bool,
    #[command(flatten)]
    leap: LeapOptions,
    #[command(flatten)]
    check: HttpsCheckOptions,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options: Options = cli::parse();
    if let Some(wrong) = options.contradiction() {
        cli::refuse(wrong);
    }
    cli::run(|| query(&options))
}

fn query(options: &Options) -> Outcome {
    let signals = Signals::listen().map_err(context("cannot listen to signals"))?;
    let sources = options.leap.sources()?;
    options.check.check_authorities()?;
    if options.servers.is_empty() {
        return query_embedded(options, &sources, &signals);
    }
    Ok(query_servers(
        options,
        &options.servers,
        options.security()?,
        &sources,
        &signals,
    ))
}

/// Starts a server on loopback and asks it, with NTS unless something else is asked for.
fn query_embedded(options: &Options, sources: &LeapSources, signals: &Signals) -> Outcome {
    let mut keys = MacKeys::new();
    if let Some(key) = &options.key {
        // There is one key alone, so its number cannot be taken.
        let _ = keys.insert(key.key()?);
    }
    let system = SystemState {
        precision: clock::precision(),
        ..SystemState::local_primary()
    };
    let responder = ServerResponder::new(system)
        .with_keys(keys)
        .with_interleaved(InterleavedTable::new(64));
    let here = options.loopback();
    let listen = [SocketAddr::new(here, 0)];
    let mut server = Server::bind(&listen, 1, true, responder)?;
    let addresses: Vec<_> = server
        .addresses()
        .iter()
        .map(|&address| address.into())
        .collect();
    let mut config = KeServerConfig::new();
    if let [address] = server.addresses() {
        if !options.json {
            say!("no server given: asking an embedded one at {address}");
        }
        config = config.with_port(address.port());
    }
    let mut establishment = None;
    let mut security = options.security();
    if options.key.is_none() && options.ntp_version == 4 {
        let (identity, authority) = Identity::ephemeral(vec![here.to_string()])?;
        let session =
            horolog_nts::tls::server_config(tls::provider(), identity.chain, identity.key)?;
        let keyring = Keyring::random(KeyRotation::default(), now(), &mut random::system());
        let keyring = Arc::new(RwLock::new(keyring));
        server = server.with_keyring(Arc::clone(&keyring));
        let (any, counters) = (SocketAddr::new(here, 0), server.counters());
        let bound = KeyEstablishment::bind(any, session.into(), &config, keyring, counters)?;
        let session = tls::client_config(tls::trust_only([authority])?)?;
        let port = bound.address()?.port();
        let plan = NtsPlan::new(port, options.client_config()?, session);
        security = Ok(Security::Nts(plan));
        establishment = Some(bound);
    }
    let security = security?;
    // It ends when the asking does, not only on a signal.
    let serving = Signals::default();
    thread::scope(|scope| {
        let next = NextSession::default();
        scope.spawn(|| server.run(&serving, |_, _| {}));
        if let Some(establishment) = establishment {
            let (serving, next) = (&serving, next);
            scope.spawn(move || establishment.run(serving, &next));
        }
        let verdict = query_servers(options, &addresses, security, sources, signals);
        serving.stop();
        Ok(verdict)
    })
}

impl Options {
    /// Where the embedded server is.
    const fn loopback(&self) -> IpAddr {
        if self.ipv6 {
            IpAddr::V6(Ipv6Addr::LOCALHOST)
        } else {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        }
    }

    /// What does not go together, and clap cannot tell.
    fn contradiction(&self) -> Option<&'static str> {
        if self.nts && self.ntp_version != 4 {
            return Some("--nts protects version 4 alone");
        }
        let offers = self.aead.is_some();
        let asks_plainly = !self.nts && !self.servers.is_empty();
        if offers && (asks_plainly || self.key.is_some() || self.ntp_version != 4) {
            return Some("--aead is for --nts");
        }
        None
    }

    /// What replies have to be authenticated with.
    fn security(&self) -> Result<Security, Box<dyn core::error::Error + Send + Sync>> {
        Ok(match &self.key {
            Some(key) => Security::Mac(key.clone()),
            None if self.nts => {
                let session = tls::client_config(tls::trust(self.ca.as_deref())?)?;
                let plan = NtsPlan::new(self.nts_port, self.client_config()?, session);
                Security::Nts(plan)
            }
            None => Security::None,
        })
    }

    fn client_config(&self) -> Result<KeClientConfig, KeConfigError> {
        let config = KeClientConfig::new();
        match &self.aead {
            Some(algorithms) => config.with_algorithms(algorithms),
            None => Ok(config),
        }
    }
}

fn query_servers(
    options: &Options,
    servers: &[HostPort],
    security: Security,
    sources: &LeapSources,
    signals: &Signals,
) -> Verdict {
    let interval = if options.servers.is_empty() {
        Duration::from_millis(100)
    } else {
        Duration::from_secs(2)
    };
    let plan = Plan {
        samples: options.samples,
        interval: options.interval.unwrap_or(interval),
        timeout: options.timeout,
        version: Version::from_bits(options.ntp_version),
        interleaved: options.interleaved,
        security,
        family: Family::from_options(options.ipv4, options.ipv6),
        leap_field: options.leap.field(),
    };
    let width = servers
        .iter()
        .map(|server| server.to_string().len())
        .max()
        .unwrap_or_default();
    let printer = Printer {
        json: options.json,
        leap: options.leap.leap,
        width,
    };
    let (results, check): (Vec<_>, _) = thread::scope(|scope| {
        let check = scope.spawn(|| options.check.run(plan.family, signals));
        let askers: Vec<_> = servers
            .iter()
            .map(|server| {
                let plan = &plan;
                scope.spawn(move || {
                    let name = server.to_string();
                    let result = ask(server, plan, signals, |address, event| {
                        printer.event(&name, address, &event);
                    });
                    (name, result)
                })
            })
            .collect();
        let results = askers
            .into_iter()
            .filter_map(|asker| asker.join().ok())
            .collect();
        (results, check.join().ok().flatten())
    });
    let mut verdict = if results.len() == servers.len() {
        Verdict::Good
    } else {
        Verdict::Bad
    };
    let mut bounds = Vec::new();
    for (name, result) in &results {
        match result {
            Ok(summary) => {
                printer.summary(name, summary);
                if let Some(best) = summary.best() {
                    bounds.push((name, best.bounds()));
                    verdict = worst(verdict, printer.leap(name, best, sources, summary));
                } else {
                    cli::note(format_args!("error: {name}: no usable reply"));
                    verdict = Verdict::Bad;
                }
            }
            Err(error) => {
                cli::report(error);
                verdict = Verdict::Bad;
            }
        }
    }
    if let Some((first, second)) = disagreement(&bounds) {
        cli::note(format_args!(
            "error: {first} and {second} disagree: their times cannot both be right"
        ));
        verdict = Verdict::Bad;
    }
    match check {
        Some(check) => worst(verdict, check.report(&bounds, options.json)),
        None => verdict,
    }
}

fn worst(a: Verdict, b: Verdict) -> Verdict {
    if a == Verdict::Good { b } else { a }
}

/// Prints samples and summaries, each call one whole line.
#[derive(Clone, Copy)]
struct Printer {
    json: bool,
    leap: bool,
    width: usize,
}

impl Printer {
    fn event(&self, name: &str, address: SocketAddr, event: &Event) {
        let trouble = TroubleRecord::new(name, address, event);
        let width = self.width;
        match (event, self.json) {
            (Event::Sample(sample), true) => {
                cli::print_json(&SampleRecord::new(name, address, sample, now()));
            }
            (Event::Sample(sample), false) => self.sample(name, sample),
            (Event::Established { .. }, true) => {}
            (
                Event::Established {
                    address,
                    algorithm,
                    cookies,
                },
                false,
            ) => {
                let what = algorithm.name().unwrap_or("an unknown algorithm");
                say!(
                    "{name:<width$}  keys established: NTPv4 at {address}, AEAD {algorithm} ({what}), {cookies} cookies"
                );
            }
            (_, true) => cli::print_json(&trouble),
            (_, false) => {
                let error = trouble.as_ref().map_or("", TroubleRecord::error);
                say!("{name:<width$}  {error}");
            }
        }
    }

    fn sample(&self, name: &str, sample: &Sample) {
        let Sample { measurement, proof } = sample;
        let header = measurement.header();
        let cookies = match proof {
            Proof::Nts { cookies, .. } => format!("  cookies {cookies}"),
            _ => String::new(),
        };
        say!(
            "{name:<width$}  offset {:>9} ± {:>8}  delay {:>8}  stratum {:<2} {:<15} leap {}  auth {}{cookies}{}",
            units::offset(measurement.offset()),
            units::span(measurement.root_distance()),
            units::span(measurement.delay()),
            header.stratum,
            header.reference_id.describe(header.stratum).to_string(),
            header.leap,
            proof.name(),
            if measurement.is_interleaved() {
                "  interleaved"
            } else {
                ""
            },
            width = self.width,
        );
    }

    /// Compares a server's leap indicator with what is known of leap seconds.
    fn leap(
        &self,
        name: &str,
        best: &Measurement,
        sources: &LeapSources,
        summary: &Summary,
    ) -> Verdict {
        let time = best.t3().to_unix(now()).map(UtcInstant::from_unix);
        let Some(Ok(at)) = time else {
            return Verdict::Good;
        };
        let check = LeapCheck::new(name, at, best.leap(), sources, summary.leap_list());
        match (self.leap, self.json) {
            (true, true) => cli::print_json(&check),
            (true, false) => {
                let text = check.to_string();
                for line in text.lines() {
                    say!("{name:<width$}  {line}", width = self.width);
                }
            }
            (false, _) => {}
        }
        let problems = check.problems();
        for problem in problems {
            cli::note(format_args!("error: {problem}"));
        }
        if problems.is_empty() {
            Verdict::Good
        } else {
            Verdict::Bad
        }
    }

    fn summary(&self, name: &str, summary: &Summary) {
        if self.json {
            return cli::print_json(&SummaryRecord::new(name, summary));
        }
        let (samples, lost) = (summary.samples(), summary.lost());
        let Some((best, jitter)) = summary.best().zip(summary.jitter()) else {
            say!(
                "{name:<width$}  {samples} samples, {lost} lost",
                width = self.width
            );
            return;
        };
        let jitter = horolog_time::NtpDuration::from_seconds_f64(jitter).unwrap_or_default();
        say!(
            "{name:<width$}  {samples} samples, {lost} lost: offset {} ± {}, delay {}, jitter {}",
            units::offset(best.offset()),
            units::span(best.root_distance()),
            units::span(best.delay()),
            units::span(jitter),
            width = self.width,
        );
    }
}

fn now() -> UnixTime {
    UnixTime::try_from(SystemTime::now()).unwrap_or(UnixTime::EPOCH)
}

fn aead(text: &str) -> Result<AeadAlgorithm, &'static str> {
    let number = text.parse().map(AeadAlgorithm::from_number);
    number
        .ok()
        .filter(|algorithm| algorithm.is_supported())
        .ok_or("expected numbers of 15, 16, 17, 30 and 31")
}
