//! Asks many servers side by side and shows in pictures what they say, each and together.
//!
//! Without a server it starts five on loopback, behind simulated paths, one of which lies.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use horolog_examples::NtsArguments;
use horolog_examples::address::{Family, HostPort};
use horolog_examples::chart;
use horolog_examples::cli::{self, Context, Outcome, Verdict, context};
use horolog_examples::query::{Plan, Security};
use horolog_examples::seconds::seconds;
use horolog_examples::stop::Signals;
use horolog_examples::survey::{
    EmbeddedServer, Findings, Plate, Screen, ServerRecord, SurveyRecord, page, plates_of,
    plates_together, survey, table, verdict,
};
use horolog_ntp::Version;

/// Ask many servers side by side and draw what they say.
#[derive(Debug, Parser)]
#[command(
    after_help = "Example: survey time1.example time2.example time3.example --html survey.html\n\
    Exit status: 0 a majority of the servers agrees, 1 not so, 2 wrong usage."
)]
// The embedded servers have no NTS, and what was asked for is not left out in silence.
#[command(mut_arg("nts", |nts| nts.requires("servers")))]
struct Options {
    /// Servers to ask, `SERVER[:PORT]`; without one, embedded servers behind simulated paths
    #[arg(value_name = "SERVER[:PORT]")]
    servers: Vec<HostPort>,
    #[command(flatten)]
    nts: NtsArguments,
    /// Requests to each server
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    samples: u32,
    /// Seconds from one request to the next [default: 2, and 0.1 for embedded servers]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    interval: Option<Duration>,
    /// Seconds to wait for a reply
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    timeout: Duration,
    /// Use IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// Use IPv6 addresses only
    #[arg(short = '6', long)]
    ipv6: bool,
    /// Write a page with all pictures and a table, which needs no other file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write each picture into a file of its own
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
    /// A JSON object for each server and one for all
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options: Options = cli::parse();
    cli::run(|| run(&options))
}

fn run(options: &Options) -> Outcome {
    let signals = Signals::listen().map_err(context("cannot listen to signals"))?;
    let findings = if options.servers.is_empty() {
        survey_embedded(options, &signals)?
    } else {
        let servers = options.servers.iter();
        let named: Vec<_> = servers
            .map(|server| (server.to_string(), server.clone()))
            .collect();
        survey(
            &named,
            &options.plan(2.0, options.nts.security()?),
            &signals,
        )
    };
    if let Some(path) = &options.html {
        write(path, &page(&findings))?;
    }
    if let Some(folder) = &options.svg {
        write_pictures(folder, &findings)?;
    }
    if options.json {
        for (_, server, standing) in findings.each() {
            cli::print_json(&ServerRecord::new(server, standing));
        }
        cli::print_json(&SurveyRecord::from(&findings));
    } else {
        cli::print(table(&findings));
    }
    if findings.peak().is_none() {
        cli::note(format_args!("error: {}", verdict(&findings)));
        return Ok(Verdict::Bad);
    }
    Ok(Verdict::Good)
}

/// Starts servers on loopback and asks them.
fn survey_embedded(options: &Options, signals: &Signals) -> Result<Findings, Context> {
    let host = if options.ipv6 {
        IpAddr::from(Ipv6Addr::LOCALHOST)
    } else {
        IpAddr::from(Ipv4Addr::LOCALHOST)
    };
    let servers = EmbeddedServer::bind_all(host)?;
    let named: Vec<_> = servers.iter().map(EmbeddedServer::place).collect();
    let plan = options.plan(0.1, Security::None);
    // They end when the asking does, not only on a signal.
    let serving = Signals::default();
    thread::scope(|scope| {
        for server in &servers {
            scope.spawn(|| server.run(&serving));
        }
        let findings = survey(&named, &plan, signals);
        serving.stop();
        Ok(findings)
    })
}

impl Options {
    fn plan(&self, interval: f64, security: Security) -> Plan {
        Plan {
            samples: self.samples,
            interval: self.interval.unwrap_or(Duration::from_secs_f64(interval)),
            timeout: self.timeout,
            version: Version::V4,
            interleaved: false,
            leap_field: None,
            security,
            family: Family::from_options(self.ipv4, self.ipv6),
        }
    }
}

fn write_pictures(folder: &Path, findings: &Findings) -> Result<(), Context> {
    fs::create_dir_all(folder).map_err(context(format!("cannot make {}", folder.display())))?;
    let write_all = |before: &str, plates: &[Plate]| {
        plates.iter().try_for_each(|plate| {
            let name = format!("{before}-{}.svg", plate.name);
            write(&folder.join(name), &chart::file(&plate.picture.to_svg()))
        })
    };
    write_all("together", &plates_together(findings, Screen::Wide))?;
    for (number, server, _) in findings.each() {
        // A name may hold anything, a file's not.
        let letter = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        };
        let name: String = server.name.chars().take(60).map(letter).collect();
        write_all(
            &format!("{:02}-{name}", number + 1),
            &plates_of(findings, number),
        )?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Context> {
    fs::write(path, text).map_err(context(format!("cannot write {}", path.display())))
}
