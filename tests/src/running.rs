use core::time::Duration;
use std::io::{BufRead as _, BufReader};
use std::process::{ChildStdout, Command};
use std::time::Instant;

use serde_json::Value;

use crate::Daemon;

/// A program that prints JSON, a value a line, while it runs.
#[derive(Debug)]
pub struct Running {
    daemon: Daemon,
    stdout: BufReader<ChildStdout>,
}

/// No test waits longer for a line.
const PATIENCE: Duration = Duration::from_mins(2);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut daemon = Daemon::start(command);
        let stdout = BufReader::new(daemon.child().stdout.take().expect("it is piped"));
        Self { daemon, stdout }
    }

    /// The next line; `None` where there are no more.
    ///
    /// # Panics
    ///
    /// Where it is no JSON.
    pub fn line(&mut self) -> Option<Value> {
        let mut line = String::new();
        let length = self.stdout.read_line(&mut line).expect("a line of text");
        let parse = || serde_json::from_str(&line);
        (length > 0).then(|| parse().unwrap_or_else(|error| panic!("{error} in {line}")))
    }

    /// The lines up to one like this, which is the last of them.
    ///
    /// # Panics
    ///
    /// Where there is none within some minutes.
    pub fn lines_until(&mut self, is_last: impl Fn(&Value) -> bool) -> Vec<Value> {
        let end = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        loop {
            let Some(line) = self.line() else {
                panic!("no such line: {lines:?}")
            };
            lines.push(line);
            if lines.last().is_some_and(&is_last) {
                return lines;
            }
            assert!(Instant::now() < end, "waited in vain: {lines:?}");
        }
    }

    /// Sends it a signal by its name.
    pub fn signal(&self, name: &str) {
        self.daemon.signal(name);
    }

    /// Ends it by SIGINT, and gives the lines that were left.
    ///
    /// # Panics
    ///
    /// Where it does not end with 0.
    #[must_use]
    pub fn interrupt(mut self) -> Vec<Value> {
        self.daemon.signal("INT");
        let lines = core::iter::from_fn(|| self.line()).collect();
        let status = self.daemon.child().wait().expect("it ends");
        assert!(status.success(), "{status}: {lines:?}");
        lines
    }
}
