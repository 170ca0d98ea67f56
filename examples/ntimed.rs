//! Replays Ntimed's traces and lists what can be tuned.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use horolog_examples::cli::{self, Outcome, Verdict};
use horolog_examples::ntimed::{BumpArgument, ParamRecord, Replay};
use horolog_examples::stop::Signals;
use horolog_ntimed::{Param, Params, Simulator};

/// Evaluate NTP exchanges the way of Ntimed.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:\n  \
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
    /// Replay a poller's trace against a simulated clock that is steered
    Sim(Sim),
    /// List every parameter with its range, default and meaning
    Params(ListParams),
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
    let options = Options::parse();
    cli::run(|| match &options.command {
        Command::Sim(arguments) => simulate(arguments),
        Command::Params(arguments) => list_params(arguments),
    })
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
