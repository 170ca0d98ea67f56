use core::time::Duration;
use std::io::Read as _;
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

/// Looks again and again until there is something, for some seconds.
///
/// # Panics
///
/// Where nothing comes.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    const PATIENCE: Duration = Duration::from_secs(30);
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
