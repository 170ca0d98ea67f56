//! Asks servers and steers a clock by what they say; writes Ntimed's traces, replays them, and lists
//! what can be tuned.

use core::time::Duration;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use horolog_examples::NtsArguments;
use horolog_examples::address::HostPort;
use horolog_examples::chart;
use horolog_examples::cli::{self, Outcome, Verdict, context};
use horolog_examples::leap::RefreshedDnsOptions;
use horolog_examples::ntimed::{
    BumpArgument, Client, ParamRecord, Poll, PollRecord, Replay, RunPlot, ServerList,
};
use horolog_examples::say;
use horolog_examples::seconds::seconds;
use horolog_examples::stop::Signals;
use horolog_ntimed::{Param, ParamError, Params, Simulator};

/// Evaluate NTP exchanges the way of Ntimed.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:\n  \
    ntimed client time1.example time2.example time3.example\n  \
    ntimed poll time1.example time2.example --trace poll.trace\n  \
    ntimed sim --trace poll.trace\n  \
    ntimed sim --trace poll.trace --classic --bump 600,2e-6,0.001 --out client.trace\n  \
    ntimed sim --trace poll.trace --out client.trace --plot run.svg\n  \
    ntimed sim --trace poll.trace --json\n  \
    ntimed params\n\
    Exit status: 0 done and true, 1 could not, or the sources disagree at the end, 2 wrong usage.")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask servers for a while and write a trace of it
    Poll(PollServers),
    /// Ask servers from now on and steer the clock by what they say, on paper or in truth
    Client(ClientArguments),
    /// Replay a poller's trace against a simulated clock that is steered
    Sim(Sim),
    /// List every parameter with its range, default and meaning
    Params(ListParams),
}

#[derive(Args, Debug)]
#[command(after_help = "Example: ntimed poll time1.example time2.example --trace poll.trace")]
struct PollServers {
    /// Servers to ask, a name at all its addresses
    #[arg(value_name = "SERVER[:PORT]", required = true)]
    servers: Vec<HostPort>,
    /// For how long
    #[arg(long, value_name = "SECONDS", default_value = "1800", value_parser = seconds)]
    duration: Duration,
    #[command(flatten)]
    nts: NtsArguments,
    /// Write the trace there and print a summary
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// A JSON object for each poll, and one for the whole; the trace goes to --trace alone
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    ntimed client time1.example time2.example time3.example\n  \
    ntimed client --servers /etc/ntimed.servers --nts --steer --leap-dns leapsecond.utcd.org\n\
    Offsets are how far the clock is ahead; steps and slews are what is added to it. SIGHUP reads the\n\
    files of servers and of authorities again and looks all names up anew; with NTS keys are then\n\
    established anew. SIGINT and SIGTERM end with a summary.\n\
    With --leap-dns leap seconds and TAI-UTC are shown, and what servers announce is compared with them.\n\
    With --steer too the kernel is told of TAI-UTC, and of a leap second on its day; not while most\n\
    servers contradict, unless DNSSEC vouches for it, and never because of servers alone.\n\
    Exit status: 0 there was a quorum at the end, 1 there was none, or the clock cannot be steered.")]
struct ClientArguments {
    /// Servers to ask, a name at the first of its addresses that answers
    #[arg(value_name = "SERVER[:PORT]", required_unless_present = "servers_file")]
    servers: Vec<HostPort>,
    /// Further servers, one a line, with comments from `#` on
    #[arg(long = "servers", id = "servers_file", value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    nts: NtsArguments,
    /// Leave the clock alone and steer one on paper (this is the default)
    #[arg(long, conflicts_with = "steer")]
    dry_run: bool,
    /// Steer the system's clock; this takes the right `CAP_SYS_TIME`
    #[arg(long)]
    steer: bool,
    /// End with an error rather than step the clock by more
    #[arg(long, value_name = "SECONDS", default_value_t = 1000.0, value_parser = max_step)]
    max_step: f64,
    /// For how long; without it until a signal comes
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    duration: Option<Duration>,
    /// Ask each server so often from the start, in place of the schedule: for servers of your own
    #[arg(long, value_name = "SECONDS", value_parser = interval)]
    interval: Option<Duration>,
    /// Tune a parameter
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = check_param)]
    params: Vec<String>,
    /// Write a poller's trace there, of a clock that nobody steers
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    leap: LeapArguments,
    /// A JSON object for each reply, and one for the whole
    #[arg(long)]
    json: bool,
}

/// Leap seconds from the DNS; here a name with announcements will do.
#[derive(Args, Debug)]
#[command(mut_arg("leap-dns", |name| name.help(
    "A name in the DNS with the newest announcement of the IERS, such as leapsecond.utcd.org, or \
    with a list of leap seconds, such as leapsecond.dotat.at"
)))]
struct LeapArguments {
    #[command(flatten)]
    dns: RefreshedDnsOptions,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: ntimed sim --trace poll.trace --param poll_rate=32 --classic")]
struct Sim {
    /// The trace to replay, `-` for standard input
    #[arg(long, value_name = "FILE")]
    trace: PathBuf,
    /// At WHEN seconds add FREQ s/s and PHASE s to the clock
    #[arg(
        long = "bump",
        value_name = "WHEN,FREQ,PHASE",
        allow_hyphen_values = true
    )]
    bumps: Vec<BumpArgument>,
    /// Tune a parameter
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = check_param)]
    params: Vec<String>,
    /// Write the client's trace there and print a summary
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Draw the run into an SVG file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Do what the original does, line by line, without any extension
    #[arg(long)]
    classic: bool,
    /// A JSON object for each evaluated reply, and one for the whole; the trace goes to --out alone
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: ntimed params --json")]
struct ListParams {
    /// A JSON object for each parameter
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options: Options = cli::parse();
    cli::run(|| match &options.command {
        Command::Poll(arguments) => poll(arguments),
        Command::Client(arguments) => client(arguments),
        Command::Sim(arguments) => simulate(arguments),
        Command::Params(arguments) => {
            list_params(arguments);
            Ok(Verdict::Good)
        }
    })
}

fn poll(arguments: &PollServers) -> Outcome {
    let signals = Signals::listen().map_err(context("cannot listen to signals"))?;
    let security = arguments.nts.security()?;
    let mut out: Box<dyn Write> = match &arguments.trace {
        Some(path) => {
            let what = format!("cannot write {}", path.display());
            Box::new(BufWriter::new(File::create(path).map_err(context(what))?))
        }
        None if arguments.json => Box::new(io::sink()),
        None => Box::new(BufWriter::new(io::stdout())),
    };
    let poll = Poll::new(arguments.duration, security);
    let tell = |record: &PollRecord| {
        if arguments.json {
            cli::print_json(record);
        }
    };
    let polled = poll.run(&arguments.servers, &mut *out, tell, &signals)?;
    if arguments.json {
        cli::print_json(&polled.summary());
    } else if arguments.trace.is_some() {
        cli::print(&polled);
    }
    if polled.replies() == 0 {
        cli::note("error: no usable reply");
        return Ok(Verdict::Bad);
    }
    Ok(Verdict::Good)
}

fn client(arguments: &ClientArguments) -> Outcome {
    let signals = Signals::listen()
        .and_then(Signals::and_reload)
        .map_err(context("cannot listen to signals"))?;
    let client = Client {
        servers: ServerList {
            servers: arguments.servers.clone(),
            file: arguments.file.clone(),
        },
        nts: arguments.nts.clone(),
        params: params(&arguments.params)?,
        interval: arguments.interval,
        duration: arguments.duration,
        steer: arguments.steer,
        max_step: arguments.max_step,
        json: arguments.json,
        trace: arguments.trace.clone(),
        leap: arguments.leap.dns.clone(),
    };
    if client.run(&mut io::stdout(), &signals)? {
        return Ok(Verdict::Good);
    }
    cli::note("error: no quorum at the end");
    Ok(Verdict::Bad)
}

/// From a tenth of a second to a day.
fn interval(text: &str) -> Result<Duration, &'static str> {
    let interval = seconds(text)?;
    if interval < Duration::from_millis(100) {
        return Err("expected at least 0.1 seconds");
    }
    Ok(interval)
}

/// Seconds, or `inf`.
fn max_step(text: &str) -> Result<f64, &'static str> {
    let seconds = text.parse().ok();
    let seconds = seconds.filter(|seconds: &f64| *seconds >= 0.0);
    seconds.ok_or("expected seconds from 0 on")
}

fn params(texts: &[String]) -> Result<Params, ParamError> {
    let mut params = Params::default();
    for text in texts {
        params.set_text(text)?;
    }
    Ok(params)
}

/// A parameter that exists and can have the value.
fn check_param(text: &str) -> Result<String, String> {
    let mut params = Params::default();
    match params.set_text(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn simulate(arguments: &Sim) -> Outcome {
    let params = params(&arguments.params)?;
    let mut simulator = if arguments.classic {
        Simulator::classic(params)
    } else {
        Simulator::new(params)
    };
    for bump in &arguments.bumps {
        simulator.add_bump(bump.0);
    }
    let bumps = arguments.bumps.iter().map(|bump| bump.0);
    let mut plot = arguments.plot.as_ref().map(|_| RunPlot::new(bumps));
    let replay = Replay::run(
        &mut simulator,
        &params,
        &arguments.trace,
        arguments.out.as_deref(),
        plot.as_mut(),
        arguments.json,
        &Signals::listen()?,
    )?;
    if let (Some(path), Some(plot)) = (&arguments.plot, plot) {
        let title = arguments.trace.file_name().unwrap_or_default();
        let svg = plot.to_svg(&title.to_string_lossy(), &simulator);
        let what = format!("cannot write {}", path.display());
        fs::write(path, chart::file(&svg)).map_err(context(what))?;
    }
    if arguments.json {
        cli::print_json(&replay.summary(&simulator));
    } else if arguments.out.is_some() {
        cli::print(&replay);
    }
    let Some(answer) = simulator.answer() else {
        return Ok(Verdict::Good);
    };
    if answer.peak.is_none() {
        let quorum = answer.quorum;
        cli::note(format_args!(
            "error: no quorum at the end: at most {} of {} sources agree",
            quorum.agreeing, quorum.voters
        ));
        return Ok(Verdict::Bad);
    }
    Ok(Verdict::Good)
}

fn list_params(arguments: &ListParams) {
    for record in Param::ALL.map(ParamRecord::from) {
        if arguments.json {
            cli::print_json(&record);
        } else {
            say!("{record}");
        }
    }
}
