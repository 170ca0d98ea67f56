//! Time over HTTPS: asks web servers for bounds on the offset of this clock, or serves time so.
//!
//! Without arguments it does both on loopback: no network, no privileges, no files.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use horolog_examples::cli::{self, Outcome};
use horolog_examples::httpstime::{ClientOptions, ServeOptions, client, demonstrate, serve};

/// Time over HTTPS.
#[derive(Debug, Parser)]
#[command(
    after_help = "Example: httpstime client https://www.example --rounds 10\n\
    Without arguments it serves on loopback and asks that."
)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find bounds on the offset of this clock by asking web servers
    #[command(after_help = "Example: httpstime client https://time.example --json\n\
        Exit status: 0 every server told the time and they agree, 1 not so, 2 wrong usage.")]
    Client(ClientOptions),
    /// Tell the time of this clock
    #[command(
        after_help = "Example: httpstime serve --listen 127.0.0.1:8443 --self-signed pki\n\
        Prints `ready https=ADDR:PORT ca=PATH` when it does, and its counters as JSON when it ends."
    )]
    Serve(ServeOptions),
}

fn main() -> ExitCode {
    let options: Options = cli::parse();
    cli::run(|| -> Outcome {
        match &options.command {
            Some(Command::Client(options)) => client(options),
            Some(Command::Serve(options)) => serve(options),
            None => demonstrate(),
        }
    })
}
