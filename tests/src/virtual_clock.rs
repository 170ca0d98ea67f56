use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use horolog_time::{UnixTime, UtcInstant};

use crate::Scratch;
use crate::peer::missing;

/// A clock of its own for a process, which may steer it: `tests/peers/vclock.c`.
///
/// Processes that are given the same one each have a clock that starts as it says.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    variables: Vec<(&'static str, String)>,
}

impl VirtualClock {
    /// One that is right, if the library is built.
    ///
    /// # Panics
    ///
    /// Where it is not and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn built() -> Option<Self> {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/vclock.so");
        if !library.exists() {
            return missing("the virtual clock is not built (.ci/peers does it)");
        }
        let variables = vec![("LD_PRELOAD", library.display().to_string())];
        Some(Self { variables })
    }

    /// The same, wrong by these seconds.
    #[must_use]
    pub fn off_by(self, seconds: f64) -> Self {
        self.variable("VCLOCK_OFFSET", seconds.to_string())
    }

    /// The same, gaining so many parts per million.
    #[must_use]
    pub fn gaining(self, ppm: f64) -> Self {
        self.variable("VCLOCK_PPM", ppm.to_string())
    }

    /// The same, but so many seconds after the start somebody else steps it.
    #[must_use]
    pub fn stepped_after(self, seconds: f64, by: f64) -> Self {
        self.variable("VCLOCK_JUMP", format!("{seconds},{by}"))
    }

    /// The same, showing this time at this moment.
    ///
    /// # Panics
    ///
    /// Where it is no time of UTC.
    #[must_use]
    pub fn showing(self, utc: &str) -> Self {
        let utc: UtcInstant = utc.parse().expect("a time of UTC");
        let now = UnixTime::try_from(SystemTime::now()).expect("a time");
        let seconds = utc.to_unix().seconds() - now.seconds();
        self.variable("VCLOCK_OFFSET", seconds.to_string())
    }

    /// The same in a kernel that has these status bits, in C's hexadecimal.
    #[must_use]
    pub fn status(self, bits: &str) -> Self {
        self.variable("VCLOCK_STATUS", bits)
    }

    /// The same, telling of changes in the file `clock` of a folder.
    #[must_use]
    pub fn logging(self, scratch: &Scratch) -> Self {
        let path = scratch.path().join(LOG);
        self.variable("VCLOCK_LOG", path.display().to_string())
    }

    /// What was told of changes in a folder, a line each.
    #[must_use]
    pub fn log(scratch: &Scratch) -> Vec<String> {
        let log = fs::read_to_string(scratch.path().join(LOG)).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// The same for a command, and all that it starts. It still has whatever right it has to steer
    /// the system's clock where it goes past the library.
    pub fn give_to<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.envs(self.variables())
    }

    /// What its process has in the environment.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.variables.clone().into_iter()
    }

    fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }
}

const LOG: &str = "clock";
