use core::net::SocketAddr;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdout, Command};

use serde_json::Value;

use crate::daemon::look_for;
use crate::peer::Launcher;
use crate::{Daemon, Namespace, Pki, Scratch, VirtualClock, free_port, program, wait_for};

/// The program `serve`, running.
#[derive(Debug)]
pub struct Serve {
    daemon: Daemon,
    /// Where it prints what goes wrong.
    scratch: Scratch,
    host: Option<Namespace>,
    clock: Option<VirtualClock>,
    arguments: String,
    addresses: Vec<SocketAddr>,
    key_exchange: Option<SocketAddr>,
    /// What it said when it was ready.
    ready: String,
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
        let arguments = format!("--listen 127.0.0.1:0 {arguments}");
        Self::run(Scratch::new(), None, None, arguments)
    }

    /// The same with a clock of its own.
    ///
    /// # Panics
    ///
    /// Where it does not become ready.
    #[must_use]
    pub fn start_with_clock(clock: &VirtualClock, arguments: &str) -> Self {
        let arguments = format!("--listen 127.0.0.1:0 {arguments}");
        Self::run(Scratch::new(), None, Some(clock.clone()), arguments)
    }

    /// Starts it at port 123 of a host of a [`Network`](crate::Network) and waits until it is ready.
    ///
    /// # Panics
    ///
    /// Where it does not become ready.
    #[must_use]
    pub fn start_within(host: &Namespace, arguments: &str) -> Self {
        let arguments = format!("--listen {} {arguments}", host.at(123));
        Self::run(Scratch::new(), Some(host.clone()), None, arguments)
    }

    /// The same with NTS, at free ports of 127.0.0.1 that stay its own over a
    /// [`restart`](Self::restart).
    ///
    /// # Panics
    ///
    /// Where it does not become ready.
    #[must_use]
    pub fn start_nts(pki: &Pki, arguments: &str) -> Self {
        let [ntp, nts] = [free_port(), free_port()];
        let nts = SocketAddr::from(([127, 0, 0, 1], nts));
        let arguments = format!("--listen 127.0.0.1:{ntp} {} {arguments}", options(nts, pki));
        Self::run(Scratch::new(), None, None, arguments)
    }

    /// The same, but clients are sent to the same port of 127.0.0.2, where a
    /// [`Relay`](crate::Relay) may be.
    ///
    /// # Panics
    ///
    /// Where it does not become ready.
    #[must_use]
    pub fn start_nts_behind_relay(pki: &Pki, arguments: &str) -> Self {
        let [ntp, nts] = [free_port(), free_port()];
        let nts = SocketAddr::from(([127, 0, 0, 1], nts));
        let options = options(nts, pki);
        let listen = format!("--listen 127.0.0.1:{ntp} --advertise 127.0.0.2:{ntp}");
        let arguments = format!("{listen} {options} {arguments}");
        Self::run(Scratch::new(), None, None, arguments)
    }

    /// The same with NTS, at the ports 123 and 4460 of a host of a [`Network`](crate::Network).
    ///
    /// # Panics
    ///
    /// Where it does not become ready.
    #[must_use]
    pub fn start_nts_within(host: &Namespace, pki: &Pki, arguments: &str) -> Self {
        let options = options(host.at(4460), pki);
        Self::start_within(host, &format!("{options} {arguments}"))
    }

    /// Lines of a shell script that start it and wait until it is ready; whoever runs them ends it.
    #[must_use]
    pub fn script(scratch: &Scratch, arguments: &str) -> String {
        let (serve, ready) = (program("serve"), scratch.path().join("ready"));
        let (serve, ready) = (serve.display(), ready.display());
        format!(
            "{serve} {arguments} >{ready} &\n\
             for try in $(seq 1200); do\n\
             grep -q ready {ready} && break\n\
             sleep 0.05\n\
             done\n"
        )
    }

    fn run(
        scratch: Scratch,
        host: Option<Namespace>,
        clock: Option<VirtualClock>,
        arguments: String,
    ) -> Self {
        let mut command = match (&host, &clock) {
            (Some(host), _) => host.command(program("serve")),
            (None, Some(clock)) => Launcher::ours("serve").with_clock(clock).command(),
            (None, None) => Command::new(program("serve")),
        };
        let log = scratch.path().join("log");
        command.args(arguments.split_whitespace());
        let mut daemon = Daemon::start_with_errors_in(&mut command, &log);
        let mut stdout = BufReader::new(daemon.child().stdout.take().expect("it is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line of text");
        let words = line.trim().strip_prefix("ready ").unwrap_or_default();
        let named = |name: &str| {
            let words = words.split(' ').filter_map(|word| word.strip_prefix(name));
            words
                .filter_map(|word| word.parse().ok())
                .collect::<Vec<_>>()
        };
        let (addresses, key_exchange) = (named("ntp="), named("nts=").pop());
        let serve = Self {
            daemon,
            scratch,
            host,
            clock,
            arguments,
            addresses,
            key_exchange,
            ready: line.trim_end().to_owned(),
            stdout,
        };
        let log = serve.log();
        assert!(!serve.addresses.is_empty(), "serve says {line:?}: {log}");
        serve
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

    /// Where it establishes keys.
    ///
    /// # Panics
    ///
    /// Where it does not.
    #[must_use]
    pub const fn key_exchange(&self) -> SocketAddr {
        self.key_exchange.expect("a server with NTS")
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        self.daemon.signal(name);
    }

    /// The line that says that it is ready.
    #[must_use]
    pub fn ready(&self) -> &str {
        &self.ready
    }

    /// How many files and sockets it has open.
    #[must_use]
    pub fn open_files(&self) -> usize {
        self.daemon.open_files()
    }

    /// What it printed on standard error.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Waits until it has printed this on standard error.
    ///
    /// # Panics
    ///
    /// Where it does not.
    pub fn wait_for_log(&self, text: &str) {
        let found = look_for(|| self.log().contains(text).then_some(()));
        found.unwrap_or_else(|| panic!("waited in vain for {text:?}: {}", self.log()));
    }

    fn log_path(&self) -> PathBuf {
        self.scratch.path().join("log")
    }

    /// Ends it and starts it again with the same arguments; its log begins anew. Gives the counters
    /// of the one that ended.
    ///
    /// # Panics
    ///
    /// Where it ends with an error or does not become ready again.
    #[must_use]
    pub fn restart(mut self) -> (Self, Value) {
        let counters = self.end();
        let Self {
            scratch,
            host,
            clock,
            arguments,
            ..
        } = self;
        (Self::run(scratch, host, clock, arguments), counters)
    }

    /// Ends it and gives back its counters.
    ///
    /// # Panics
    ///
    /// Where it ends with an error or without counters.
    #[must_use]
    pub fn terminate(mut self) -> Value {
        self.end()
    }

    fn end(&mut self) -> Value {
        self.daemon.signal("TERM");
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("a line of text");
        let status = wait_for("serve to end", || {
            self.daemon.child().try_wait().ok().flatten()
        });
        assert!(status.success(), "{status}: {line}{}", self.log());
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}"))
    }
}

/// The arguments for NTS.
fn options(nts: SocketAddr, pki: &Pki) -> String {
    let (certificate, key) = (pki.certificate().display(), pki.key().display());
    format!("--nts {nts} --cert {certificate} --key {key}")
}
