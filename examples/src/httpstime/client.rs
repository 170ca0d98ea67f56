use core::time::Duration;
use std::path::PathBuf;
use std::thread;
use std::time::SystemTime;

use clap::Args;
use horolog_https::{Round, SearchConfig, SearchError, TimeUrl};
use horolog_net::https::{HttpsConfig, HttpsNetError};
use horolog_time::UnixTime;

use super::record::{Record, line};
use super::refusal_file::RefusalFile;
use super::{Asked, CertTime, ask, config};
use crate::address::Family;
use crate::cli::{self, Context, Outcome, Verdict, context};
use crate::query::disagreement;
use crate::say;
use crate::seconds::decimal;
use crate::stop::Signals;
use crate::units;

/// What `httpstime client` takes.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches are what they are")]
pub struct ClientOptions {
    /// Servers to ask, `https://HOST[:PORT][/PATH]`, each at the first of its addresses that answers;
    /// the path is /.well-known/time by default
    #[arg(value_name = "URL", required = true)]
    servers: Vec<TimeUrl>,
    /// Certificates of the authorities to trust, in place of the system's
    #[arg(long, value_name = "PEM")]
    ca: Option<PathBuf>,
    /// Requests to each server at most
    #[arg(long, default_value_t = SearchConfig::new().rounds(), value_parser = clap::value_parser!(u32).range(1..=i64::from(SearchConfig::MAX_ROUNDS)))]
    rounds: u32,
    /// Take the Date of servers that do not offer time, too
    #[arg(long)]
    any_status: bool,
    /// The time that certificates have to be valid at
    #[arg(long, value_name = "TIME", value_enum, default_value_t)]
    cert_time: CertTime,
    /// Allow for a Date that is late by up to so much
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = lateness)]
    lateness: Duration,
    /// Keep servers that do not offer time in this file, and leave them alone for 30 days
    #[arg(long, value_name = "FILE")]
    remember: Option<PathBuf>,
    /// Use IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// Use IPv6 addresses only
    #[arg(short = '6', long)]
    ipv6: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Asks all servers side by side.
///
/// # Errors
///
/// Where signals, authorities or the file of servers that do not offer time are not to be had.
pub fn client(options: &ClientOptions) -> Outcome {
    let signals = Signals::listen().map_err(context("cannot listen to signals"))?;
    let mut file = RefusalFile::read(options.remember.as_deref())?;
    let mut config = config(options.ca.as_deref(), options.cert_time)?;
    config.search = SearchConfig::new()
        .with_rounds(options.rounds)
        .with_lateness(options.lateness);
    if options.any_status {
        config.search = config.search.with_any_status();
    }
    let results = ask_all(options, &config, &file, &signals);
    let now = UnixTime::try_from(SystemTime::now()).unwrap_or(UnixTime::EPOCH);
    let mut verdict = Verdict::Good;
    let mut bounds = Vec::new();
    for (url, result) in options.servers.iter().zip(results) {
        match result {
            Ok(Asked::Told(round)) => {
                bounds.push((url, round.bounds));
                if round.status.offers_time() {
                    file.list.forget(url);
                }
                print(options.json, url, &round);
            }
            Ok(Asked::Failed(error)) => {
                if let HttpsNetError::Search(SearchError::NotOffered { status }) = error {
                    file.list.remember(url, status, now);
                }
                cli::report(&context(url.to_string())(error));
                verdict = Verdict::Bad;
            }
            Err(error) => {
                cli::report(&error);
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
    file.write()?;
    Ok(verdict)
}

/// What came of each server, in their order.
fn ask_all(
    options: &ClientOptions,
    config: &HttpsConfig,
    file: &RefusalFile,
    signals: &Signals,
) -> Vec<Result<Asked, Context>> {
    let family = Family::from_options(options.ipv4, options.ipv6);
    thread::scope(|scope| {
        let askers: Vec<_> = options
            .servers
            .iter()
            .map(|url| {
                scope.spawn(move || {
                    let refusals = file.list.clone();
                    let observe = show_rounds(options.json, url);
                    ask(url, family, config, refusals, signals, observe)
                })
            })
            .collect();
        askers
            .into_iter()
            .map(|asker| {
                let gone = || context("cannot ask")("the thread has ended");
                asker.join().unwrap_or_else(|_| Err(gone()))
            })
            .collect()
    })
}

/// Prints each round, for people.
pub(super) fn show_rounds(json: bool, url: &TimeUrl) -> impl FnMut(&Round) + use<> {
    let url = url.clone();
    let mut first = None;
    move |round| {
        let first = *first.get_or_insert(round.bounds);
        if !json {
            say!("{}  {}", url.authority(), line(first, round));
        }
    }
}

/// Prints a server's bounds.
pub(super) fn print(json: bool, url: &TimeUrl, last: &Round) {
    if json {
        // Records hold nothing that JSON cannot say.
        cli::print_json(&Record::new(url, last));
        return;
    }
    let bounds = last.bounds;
    let decimals = match last.httpstime {
        Some(time) => format!("X-HTTPSTIME of {} decimals", time.decimals()),
        None => "no X-HTTPSTIME".to_owned(),
    };
    say!(
        "{}  offset {} ± {} after {} rounds, {decimals}",
        url.authority(),
        units::offset(bounds.mid()),
        units::span(bounds.width().half()),
        last.number,
    );
}

fn lateness(text: &str) -> Result<Duration, &'static str> {
    decimal(text)
        .filter(|&duration| duration <= SearchConfig::MAX_LATENESS)
        .ok_or("expected seconds from 0 to 60")
}
