use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::daemon::look_for;
use crate::{Daemon, Namespace, Scratch, VirtualClock, program};

/// How the program of a peer is run: its words, and what stands before them.
#[derive(Clone, Debug)]
pub(crate) struct Launcher {
    words: Vec<PathBuf>,
    environment: Vec<(&'static str, String)>,
    namespace: Option<Namespace>,
}

impl Launcher {
    /// A program of the system.
    pub(crate) fn new(program: &str) -> Option<Self> {
        let program = PathBuf::from(program);
        program.exists().then(|| Self {
            words: vec![program],
            environment: Vec::new(),
            namespace: None,
        })
    }

    /// An example program.
    pub(crate) fn ours(name: &str) -> Self {
        Self {
            words: vec![program(name)],
            environment: Vec::new(),
            namespace: None,
        }
    }

    /// A program that `.ci/peers` unpacks, or one in `HOROLOG_TRIXIE`, run by the loader and with the
    /// libraries beside it.
    pub(crate) fn unpacked(program: &str) -> Option<Self> {
        let root = trixie();
        let libraries = fs::read_dir(root.join("usr/lib")).ok()?.flatten();
        let (library, loader) = libraries
            .map(|entry| entry.path())
            .find_map(|path| loader(&path).map(|loader| (path, loader)))?;
        let program = root.join(program);
        program.exists().then(|| Self {
            words: vec![loader, "--library-path".into(), library, program],
            environment: Vec::new(),
            namespace: None,
        })
    }

    /// The same in a namespace.
    pub(crate) fn within(mut self, namespace: &Namespace) -> Self {
        self.namespace = Some(namespace.clone());
        self
    }

    /// The namespace that it is run in.
    pub(crate) const fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }

    /// The same with a word behind the others.
    pub(crate) fn word(mut self, word: impl Into<PathBuf>) -> Self {
        self.words.push(word.into());
        self
    }

    /// The same with a variable in its environment.
    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// The same with a clock of its own, which it may steer.
    pub(crate) fn with_clock(mut self, clock: &VirtualClock) -> Self {
        self.environment.extend(clock.variables());
        self
    }

    /// The same without the rights that root has beyond other users, but for its files.
    pub(crate) fn without_capabilities(mut self) -> Self {
        if is_root() {
            let words = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"];
            self.words.splice(..0, words.map(PathBuf::from));
        }
        self
    }

    /// The command, without the right to set the clock. It ends with the thread that starts it, so
    /// that nothing stays where a test is killed.
    pub(crate) fn command(&self) -> Command {
        const RESTRICT: [&str; 7] = [
            "setpriv",
            "--bounding-set",
            "-sys_time",
            "--inh-caps",
            "-sys_time",
            "--pdeathsig",
            "KILL",
        ];
        let restrict = RESTRICT.iter().filter(|_| is_root()).map(OsStr::new);
        let mut words = restrict.chain(self.words.iter().map(AsRef::as_ref));
        let first = words.next().expect("a program");
        let mut command = match &self.namespace {
            Some(namespace) => namespace.command(first),
            None => Command::new(first),
        };
        // Some do not start where the user's locale is not installed.
        command.args(words).env("LC_ALL", "C");
        command.envs(self.environment.iter().cloned());
        command
    }
}

/// A daemon of a peer, with its folder and its log.
#[derive(Debug)]
pub(crate) struct Peer {
    daemon: Daemon,
    scratch: Scratch,
}

impl Peer {
    /// Starts a command whose files are in a folder.
    pub(crate) fn start(command: &mut Command, scratch: Scratch) -> Self {
        let daemon = Daemon::start_logging(command, &scratch.path().join("log"));
        Self { daemon, scratch }
    }

    /// Sends it a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        self.daemon.signal(name);
    }

    /// Ends it by SIGTERM and gives back its folder.
    pub(crate) fn terminate(self) -> Scratch {
        let _ = self.daemon.terminate();
        self.scratch
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        self.scratch.path()
    }

    /// What it has printed.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.scratch.path().join("log"));
        String::from_utf8_lossy(&log.unwrap_or_default()).into_owned()
    }

    /// Waits until there is something; where it ends before or nothing comes, its log tells why.
    pub(crate) fn wait_for<T>(
        &mut self,
        what: &str,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> T {
        let found = look_for(|| {
            assert!(self.daemon.is_running(), "it ended: {}", self.log());
            look(self)
        });
        found.unwrap_or_else(|| panic!("waited in vain for {what}: {}", self.log()))
    }

    /// Waits until a port is open.
    pub(crate) fn wait_for_port(&mut self, protocol: &str, port: u16) {
        self.wait_for(&format!("{protocol} port {port}"), |peer| {
            peer.daemon.is_listening(protocol, port).then_some(())
        });
    }
}

/// Where `.ci/peers` unpacks newer peers.
pub(crate) fn trixie() -> PathBuf {
    env::var_os("HOROLOG_TRIXIE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/trixie"),
        PathBuf::from,
    )
}

/// The dynamic loader of a folder of libraries.
fn loader(library: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(library).ok()?.flatten();
    entries.map(|entry| entry.path()).find(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("ld-linux"))
    })
}

pub(crate) fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A peer that is not there: a loud line, and nothing.
///
/// # Panics
///
/// Where `HOROLOG_REQUIRE_PEERS` is set.
#[must_use]
pub fn missing<T>(what: &str) -> Option<T> {
    assert!(
        env::var_os("HOROLOG_REQUIRE_PEERS").is_none(),
        "{what}, and HOROLOG_REQUIRE_PEERS is set"
    );
    eprintln!("SKIPPED: {what}");
    None
}
