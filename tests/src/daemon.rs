use core::time::Duration;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

/// A process that is ended when the test ends.
#[derive(Debug)]
pub struct Daemon(Child);

/// How a process ended.
#[derive(Debug)]
pub struct Exit {
    /// Its status.
    pub status: ExitStatus,
    /// What it printed on standard output and was not read before.
    pub stdout: String,
}

impl Daemon {
    /// Starts a command with its standard output kept.
    ///
    /// # Panics
    ///
    /// Where it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        Self(child.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}")))
    }

    /// Starts a command with its standard output kept, and what goes wrong in a file.
    ///
    /// # Panics
    ///
    /// Where it cannot be started.
    pub fn start_with_errors_in(command: &mut Command, log: &Path) -> Self {
        Self::start(command.stderr(File::create(log).expect("a log file")))
    }

    /// Starts a command with all that it prints in a file.
    ///
    /// # Panics
    ///
    /// Where it cannot be started.
    pub fn start_logging(command: &mut Command, log: &Path) -> Self {
        let file = File::create(log).expect("a log file");
        let again = file.try_clone().expect("the log file a second time");
        let command = command.stdin(Stdio::null()).stdout(file).stderr(again);
        let child = command.spawn();
        Self(child.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}")))
    }

    /// The process.
    pub const fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Sends a signal by its name.
    ///
    /// # Panics
    ///
    /// Where that fails.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.0.id().to_string()])
            .status();
        assert!(status.expect("kill").success(), "cannot send {name}");
    }

    /// Ends the process by SIGTERM and tells how it ended.
    ///
    /// # Panics
    ///
    /// Where it does not end within some seconds.
    #[must_use]
    pub fn terminate(mut self) -> Exit {
        self.signal("TERM");
        let status = wait_for("the process to end", || self.0.try_wait().ok().flatten());
        let mut stdout = String::new();
        if let Some(mut pipe) = self.0.stdout.take() {
            pipe.read_to_string(&mut stdout)
                .expect("text on standard output");
        }
        Exit { status, stdout }
    }

    /// Whether a socket is open at this port in the network that the process sees: `udp`, or `tcp`
    /// and listening. Nothing is sent.
    #[must_use]
    pub fn is_listening(&self, protocol: &str, port: u16) -> bool {
        // A line is `sl local_address rem_address st …`, addresses are `HEX:PORT` in hexadecimal.
        let state = if protocol == "tcp" { "0A" } else { "07" };
        ["", "6"].iter().any(|version| {
            let path = format!("/proc/{}/net/{protocol}{version}", self.0.id());
            let table = fs::read_to_string(path).unwrap_or_default();
            table.lines().any(|line| {
                let mut words = line.split_whitespace().skip(1);
                let local = words.next().and_then(|local| local.split_once(':'));
                let is_port =
                    local.is_some_and(|(_, hex)| u16::from_str_radix(hex, 16) == Ok(port));
                is_port && words.nth(1) == Some(state)
            })
        })
    }

    /// How many files and sockets it has open.
    ///
    /// # Panics
    ///
    /// Where the system does not say.
    #[must_use]
    pub fn open_files(&self) -> usize {
        let path = format!("/proc/{}/fd", self.0.id());
        fs::read_dir(path).expect("a running process").count()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.is_running() {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

/// Looks again and again until there is something, for a minute and a half.
///
/// # Panics
///
/// Where nothing comes.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    look_for(look).unwrap_or_else(|| panic!("waited in vain for {what}"))
}

/// Looks again and again until there is something, for a minute and a half.
pub(crate) fn look_for<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    const PATIENCE: Duration = Duration::from_secs(90);
    let end = Instant::now() + PATIENCE;
    loop {
        let found = look();
        if found.is_some() || Instant::now() >= end {
            return found;
        }
        thread::sleep(Duration::from_millis(20));
    }
}
