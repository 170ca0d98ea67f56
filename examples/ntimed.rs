//! Writes Ntimed's traces, replays them, and lists what can be tuned.

use core::time::Duration;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use horolog_examples::NtsArguments;
use horolog_examples::address::HostPort;
use horolog_examples::cli::{self, Outcome, Verdict, context};
use horolog_examples::ntimed::{BumpArgument, ParamRecord, Poll, Replay};
use horolog_examples::seconds::seconds;
use horolog_examples::stop::Signals;
use horolog_ntimed::{Param, Params, Simulator};

/// Evaluate NTP exchanges the way of Ntimed.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:\n  \
    ntimed poll time1.example time2.example --trace poll.trace\n  \
    ntimed sim --trace poll.trace\n  \
    ntimed sim --trace poll.trace --classic --bump 600,2e-6,0.001 --out client.trace\n  \
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
    /// Replay a poller's trace against a simulated clock that is steered
    Sim(Sim),
    /// List every parameter with its range, default and meaning
    Params(ListParams),
}

#[derive(Args, Debug)]
#[command(after_help = "Example: ntimed poll time1.example time2.example --trace poll.trace")]
struct PollServers {
    /// Servers to ask
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
    /// Do what the original does, line by line, without any extension
    #[arg(long)]
    classic: bool,
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
        Command::Sim(arguments) => simulate(arguments),
        Command::Params(arguments) => list_params(arguments),
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
        None => Box::new(BufWriter::new(io::stdout())),
    };
    let poll = Poll::new(arguments.duration, security);
    let polled = poll.run(&arguments.servers, &mut *out, &signals)?;
    if arguments.trace.is_some() {
        print!("{polled}");
    }
    if polled.replies() == 0 {
        eprintln!("error: no usable reply");
        return Ok(Verdict::Bad);
    }
    Ok(Verdict::Good)
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
    let mut params = Params::default();
    for text in &arguments.params {
        params.set_text(text)?;
    }
    let mut simulator = if arguments.classic {
        Simulator::classic(params)
    } else {
        Simulator::new(params)
    };
    for bump in &arguments.bumps {
        simulator.add_bump(bump.0);
    }
    let replay = Replay::run(
        &mut simulator,
        &params,
        &arguments.trace,
        arguments.out.as_deref(),
        &Signals::listen()?,
    )?;
    if arguments.out.is_some() {
        print!("{replay}");
    }
    let Some(answer) = simulator.answer() else {
        return Ok(Verdict::Good);
    };
    if answer.peak.is_none() {
        let quorum = answer.quorum;
        eprintln!(
            "error: no quorum at the end: at most {} of {} sources agree",
            quorum.agreeing, quorum.voters
        );
        return Ok(Verdict::Bad);
    }
    Ok(Verdict::Good)
}

fn list_params(arguments: &ListParams) -> Outcome {
    for record in Param::ALL.map(ParamRecord::from) {
        if arguments.json {
            println!("{}", serde_json::to_string(&record)?);
        } else {
            println!("{record}");
        }
    }
    Ok(Verdict::Good)
}
