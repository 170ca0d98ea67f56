use core::net::SocketAddr;
use std::env;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::{Daemon, Exit, Namespace, wait_for};

/// The path of an example program, which `cargo test --workspace` builds.
///
/// # Panics
///
/// Where it is not built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let test = env::current_exe().expect("the path of the test");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("a test stands in target/PROFILE/deps");
    let path = profile
        .join("examples")
        .join(name)
        .with_extension(env::consts::EXE_EXTENSION);
    assert!(
        path.exists(),
        "{} is not built: run `cargo build --examples`",
        path.display()
    );
    path
}

/// One run of an example program.
#[derive(Debug)]
pub struct Program {
    command: Command,
    stdin: Vec<u8>,
}

/// What a program printed and how it ended.
#[derive(Debug)]
pub struct Output {
    /// Its exit status.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Program {
    /// A program by its name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            command: Command::new(program(name)),
            stdin: Vec::new(),
        }
    }

    /// A program by its name, in a host of a [`Network`](crate::Network).
    #[must_use]
    pub fn within(host: &Namespace, name: &str) -> Self {
        Self {
            command: host.command(program(name)),
            stdin: Vec::new(),
        }
    }

    /// Adds arguments, separated by spaces.
    #[must_use]
    pub fn args(mut self, arguments: &str) -> Self {
        self.command.args(arguments.split_whitespace());
        self
    }

    /// Adds one argument, whatever is in it.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Gives it these octets as standard input.
    #[must_use]
    pub fn stdin(mut self, octets: impl Into<Vec<u8>>) -> Self {
        self.stdin = octets.into();
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    ///
    /// Where it cannot be run or prints what is no text.
    #[must_use]
    pub fn run(self) -> Output {
        let output = self.run_raw();
        let text = |octets| String::from_utf8(octets).expect("text");
        Output {
            status: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Runs it to its end; what it prints may be any octets.
    ///
    /// # Panics
    ///
    /// Where it cannot be run.
    #[must_use]
    pub fn run_raw(mut self) -> std::process::Output {
        let command = self.command.stdin(Stdio::piped());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut stdin = child.stdin.take().expect("it is piped");
        // A program that does not read its input may have ended before it got all.
        let _ = stdin.write_all(&self.stdin);
        drop(stdin);
        child.wait_with_output().expect("the program ends")
    }
}

impl Output {
    /// Checks that the program ended with 1 and one line on standard error, which has this in it.
    ///
    /// # Panics
    ///
    /// Where it did not.
    pub fn assert_fails(&self, error: &str) {
        assert_eq!(self.status, Some(1), "{self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        assert!(self.stderr.contains(error), "{error:?}: {self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
    }

    /// Standard output as JSON, a value a line.
    ///
    /// # Panics
    ///
    /// Where a line is none.
    #[must_use]
    pub fn json(&self) -> Vec<Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        self.stdout.lines().map(parse).collect()
    }

    /// The lines of JSON that are samples, and the one that is the summary.
    ///
    /// # Panics
    ///
    /// Where there is no summary.
    #[must_use]
    pub fn samples(&self) -> (Vec<Value>, Value) {
        let (summaries, others): (Vec<_>, Vec<_>) = self
            .json()
            .into_iter()
            .partition(|line| line.get("summary").is_some());
        let samples = others
            .into_iter()
            .filter(|line| line.get("offset").is_some())
            .collect();
        (
            samples,
            summaries
                .into_iter()
                .next()
                .unwrap_or_else(|| panic!("no summary: {self:?}")),
        )
    }
}

/// The program `serve`, running.
#[derive(Debug)]
pub struct Serve {
    daemon: Daemon,
    addresses: Vec<SocketAddr>,
    stdout: BufReader<ChildStdout>,
}

impl Serve {
    /// Starts it at a free port of 127.0.0.1 and waits until it is ready.
    ///
    /// # Panics
    ///
    /// Where it does not become ready.
    #[must_use]
    pub fn start(arguments: &str) -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::run(Command::new(program("serve")), listen, arguments)
    }

    /// Starts it at port 123 of a host of a [`Network`](crate::Network) and waits until it is ready.
    ///
    /// # Panics
    ///
    /// Where it does not become ready.
    #[must_use]
    pub fn start_within(host: &Namespace, arguments: &str) -> Self {
        Self::run(host.command(program("serve")), host.at(123), arguments)
    }

    fn run(mut command: Command, listen: SocketAddr, arguments: &str) -> Self {
        command
            .args(["--listen", &listen.to_string()])
            .args(arguments.split_whitespace());
        let mut daemon = Daemon::start(&mut command);
        let mut stdout = BufReader::new(daemon.child().stdout.take().expect("it is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line of text");
        let words = line
            .trim()
            .strip_prefix("ready ")
            .unwrap_or_default()
            .split(' ');
        let address = |word: &str| word.strip_prefix("ntp=")?.parse().ok();
        let addresses: Vec<_> = words.filter_map(address).collect();
        assert!(!addresses.is_empty(), "serve says {line:?}");
        Self {
            daemon,
            addresses,
            stdout,
        }
    }

    /// Where it serves: on 127.0.0.1 or in its host.
    ///
    /// # Panics
    ///
    /// Never: it always does.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        *self.addresses.first().expect("at least one")
    }

    /// Everywhere it serves.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        self.daemon.signal(name);
    }

    /// Ends it and gives back its counters.
    ///
    /// # Panics
    ///
    /// Where it ends with an error or without counters.
    #[must_use]
    pub fn terminate(mut self) -> Value {
        self.daemon.signal("TERM");
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("a line of text");
        let status = wait_for("serve to end", || {
            self.daemon.child().try_wait().ok().flatten()
        });
        let exit = Exit {
            status,
            stdout: line,
        };
        assert!(exit.status.success(), "{exit:?}");
        serde_json::from_str(&exit.stdout).unwrap_or_else(|error| panic!("{error} in {exit:?}"))
    }
}
