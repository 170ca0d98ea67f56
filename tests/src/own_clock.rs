use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::peer::{Launcher, missing};
use crate::{Output, Running, Scratch, program};

/// A clock of a program's own, which it may steer, while it has no right to touch the system's:
/// `tests/peers/vclock.c`.
#[derive(Debug)]
pub struct OwnClock {
    scratch: Scratch,
    offset: f64,
    ppm: f64,
    jump: Option<(f64, f64)>,
}

/// Something that was done to a clock, and how wrong it was then: the truth, not what the program
/// thinks.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockChange {
    /// By what it was done.
    pub what: String,
    /// Seconds that were added at once.
    pub step: f64,
    /// Seconds that it is ahead of the system's clock now.
    pub error: f64,
    /// What it gains on the system's clock from now on, in parts per million.
    pub ppm: f64,
}

impl OwnClock {
    /// One that is ahead by these seconds and gains so many parts per million; `None` where it is
    /// not built.
    ///
    /// # Panics
    ///
    /// Where it is not built and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn new(offset: f64, ppm: f64) -> Option<Self> {
        if Launcher::new("/bin/true")?.own_clock(0.0).is_none() {
            return missing("the virtual clock is not built (.ci/peers does it)");
        }
        Some(Self {
            scratch: Scratch::new(),
            offset,
            ppm,
            jump: None,
        })
    }

    /// The same, but somebody else steps it so many seconds after the start.
    #[must_use]
    pub fn stepped_after(self, after: f64, by: f64) -> Self {
        Self {
            jump: Some((after, by)),
            ..self
        }
    }

    /// Runs an example program under it to its end.
    ///
    /// # Panics
    ///
    /// Where it cannot be run.
    #[must_use]
    pub fn run(&self, name: &str, arguments: &str) -> Output {
        let mut command = self.command(name, arguments);
        let output = command.stdin(Stdio::null()).output();
        Output::new(output.expect("the program runs"))
    }

    /// Starts an example program that prints JSON.
    ///
    /// # Panics
    ///
    /// Where it cannot be run.
    #[must_use]
    pub fn start(&self, name: &str, arguments: &str) -> Running {
        Running::start(&mut self.command(name, arguments))
    }

    /// What was done to it so far.
    ///
    /// # Panics
    ///
    /// Where the log is no such thing.
    #[must_use]
    pub fn changes(&self) -> Vec<ClockChange> {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        text.lines().map(change).collect()
    }

    fn log(&self) -> PathBuf {
        self.scratch.path().join("clock")
    }

    fn command(&self, name: &str, arguments: &str) -> Command {
        let path = program(name).display().to_string();
        let launcher = Launcher::new(&path).and_then(|it| it.own_clock(self.offset));
        let mut launcher = launcher
            .expect("it was there a moment ago")
            .variable("VCLOCK_PPM", self.ppm.to_string())
            .variable("VCLOCK_LOG", self.log().display().to_string());
        if let Some((after, by)) = self.jump {
            launcher = launcher.variable("VCLOCK_JUMP", format!("{after},{by}"));
        }
        let mut command = launcher.command();
        command.args(arguments.split_whitespace());
        command
    }
}

/// `TIME WHAT step SECONDS error SECONDS rate PPM ppm`.
fn change(line: &str) -> ClockChange {
    let number = |name: &str| {
        let (_, rest) = line.split_once(&format!(" {name} "))?;
        rest.split(' ').next()?.parse().ok()
    };
    let what = line
        .split_once(' ')
        .and_then(|(_, rest)| rest.split_once(" step "));
    let parse = || {
        Some(ClockChange {
            what: what?.0.to_owned(),
            step: number("step")?,
            error: number("error")?,
            ppm: line.rsplit(' ').nth(1)?.parse().ok()?,
        })
    };
    parse().unwrap_or_else(|| panic!("{line}"))
}
