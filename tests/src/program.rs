use core::time::Duration;
use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::peer::Launcher;
use crate::{Namespace, Running, VirtualClock};

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

    /// A program by its name, without the right to set the clock.
    ///
    /// # Panics
    ///
    /// Where it is not built.
    #[must_use]
    pub fn without_rights(name: &str) -> Self {
        Self {
            command: Launcher::ours(name).command(),
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

    /// A program by its name, with a clock of its own; it may steer that alone.
    ///
    /// # Panics
    ///
    /// Where it is not built.
    #[must_use]
    pub fn with_clock(clock: &VirtualClock, name: &str) -> Self {
        Self {
            command: Launcher::ours(name).with_clock(clock).command(),
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

    /// Keeps what it prints on standard error in a file.
    ///
    /// # Panics
    ///
    /// Where there can be no such file.
    #[must_use]
    pub fn errors_in(mut self, log: &Path) -> Self {
        let log = File::create(log).expect("a log file");
        self.command.stderr(log);
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
        Output::from(self.run_raw())
    }

    /// Starts it and reads what it prints as it comes.
    ///
    /// # Panics
    ///
    /// Where it cannot be run.
    #[must_use]
    pub fn start(mut self) -> Running {
        Running::start(&mut self.command)
    }

    /// Starts it, sends it a signal once this has happened, and tells what it printed and how long it
    /// took to end.
    ///
    /// # Panics
    ///
    /// Where it cannot be run or prints what is no text.
    #[must_use]
    pub fn run_and_signal<T>(
        mut self,
        name: &str,
        happens: impl FnOnce() -> T,
    ) -> (Output, Duration) {
        let command = self.command.stdin(Stdio::null());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program runs");
        let _kept = happens();
        let start = Instant::now();
        let id = child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.expect("kill").success(), "cannot send {name}");
        let output = child.wait_with_output().expect("the program ends");
        (Output::from(output), start.elapsed())
    }

    /// The same with a standard output that takes nothing, as of a full disk.
    ///
    /// # Panics
    ///
    /// Where it cannot be run or says on standard error what is no text.
    #[must_use]
    pub fn run_without_room(self) -> Output {
        let full = File::options().write(true).open("/dev/full");
        Output::from(self.run_into(full.expect("a device that is always full").into()))
    }

    /// Runs it to its end; what it prints may be any octets.
    ///
    /// # Panics
    ///
    /// Where it cannot be run.
    #[must_use]
    pub fn run_raw(self) -> std::process::Output {
        self.run_into(Stdio::piped())
    }

    fn run_into(mut self, stdout: Stdio) -> std::process::Output {
        let command = self.command.stdin(Stdio::piped());
        let command = command.stdout(stdout).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut stdin = child.stdin.take().expect("it is piped");
        // A program that does not read its input may have ended before it got all.
        let _ = stdin.write_all(&self.stdin);
        drop(stdin);
        child.wait_with_output().expect("the program ends")
    }
}

/// What it printed has to be text.
impl From<std::process::Output> for Output {
    fn from(output: std::process::Output) -> Self {
        let text = |octets| String::from_utf8(octets).expect("text");
        Self {
            status: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
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

/// How many lines of a text start so.
#[must_use]
pub fn count_lines(text: &str, start: &str) -> usize {
    text.lines().filter(|line| line.starts_with(start)).count()
}
