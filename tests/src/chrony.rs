use core::net::SocketAddr;
use std::env;
use std::process::Command;

use crate::peer::{Launcher, Peer, is_root, missing};
use crate::{Namespace, Scratch, VirtualClock, free_port};

/// A chronyd and its chronyc, of the system or unpacked in a folder.
#[derive(Clone, Debug)]
pub struct Chrony {
    daemon: Launcher,
    control: Launcher,
}

/// The keys that tests use: those of the captures.
const KEYS: &str = "1 MD5 ASCII:md5secret\n\
    2 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233\n\
    5 AES128 HEX:2B7E151628AED2A6ABF7158809CF4F3C\n\
    6 AES256 HEX:603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4\n";

impl Chrony {
    /// The key file of all tests, in chrony's form.
    pub const KEYS: &str = KEYS;

    /// Options of a source that is asked four times a second: four samples take one, with `iburst` they
    /// take six. A reply counts until the next request, so more often would not do on a busy machine.
    pub const OFTEN: &str = "minpoll -2 maxpoll -2";

    /// The chrony of the system, if there is one.
    ///
    /// # Panics
    ///
    /// Where there is none and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn installed() -> Option<Self> {
        let daemon = Launcher::new("/usr/sbin/chronyd");
        let control = Launcher::new("/usr/bin/chronyc");
        match daemon.zip(control) {
            Some((daemon, control)) => Some(Self { daemon, control }),
            None => missing("chrony is not installed"),
        }
    }

    /// The newer chrony that `.ci/peers` unpacks, or the one in `HOROLOG_TRIXIE`.
    ///
    /// # Panics
    ///
    /// Where there is none and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn newer() -> Option<Self> {
        let daemon = Launcher::unpacked("usr/sbin/chronyd");
        let control = Launcher::unpacked("usr/bin/chronyc");
        match daemon.zip(control) {
            Some((daemon, control)) => Some(Self { daemon, control }),
            None => missing("chrony 4.6 is not unpacked (.ci/peers does it)"),
        }
    }

    /// The same in a host of a [`Network`](crate::Network), where it serves at the ports 123 and 4460.
    #[must_use]
    pub fn within(self, namespace: &Namespace) -> Self {
        let daemon = self.daemon.within(namespace);
        Self { daemon, ..self }
    }

    /// The same with a clock of its own that is wrong by these seconds.
    ///
    /// # Panics
    ///
    /// Where the virtual clock is not built and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn shifted(self, offset: f64) -> Option<Self> {
        let clock = VirtualClock::built()?.off_by(offset);
        let daemon = self.daemon.with_clock(&clock);
        Some(Self { daemon, ..self })
    }

    /// Starts a server at a free port of 127.0.0.1 with further lines of configuration, and waits
    /// until it answers.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn serve(&self, configuration: &str) -> ChronyServer {
        let address = self.free_address(123);
        self.serve_at(address, configuration)
    }

    /// A free port of 127.0.0.1, or this one of a namespace.
    pub(crate) fn free_address(&self, port: u16) -> SocketAddr {
        match self.daemon.namespace() {
            Some(namespace) => namespace.at(port),
            None => SocketAddr::from(([127, 0, 0, 1], free_port())),
        }
    }

    /// Starts a server at this address with further lines of configuration, and waits until it answers.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn serve_at(&self, address: SocketAddr, configuration: &str) -> ChronyServer {
        let (ip, port) = (address.ip(), address.port());
        let lines =
            format!("local stratum 3\nport {port}\nbindaddress {ip}\nallow\n{configuration}");
        let mut server = self.run(Scratch::new(), &lines);
        server.peer.wait_for_port("udp", port);
        ChronyServer { address, ..server }
    }

    /// Starts a client with these lines of configuration; it serves nobody.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn client(&self, configuration: &str) -> ChronyServer {
        self.run(Scratch::new(), &format!("port 0\n{configuration}"))
    }

    fn run(&self, scratch: Scratch, configuration: &str) -> ChronyServer {
        write_configuration(&scratch, configuration);
        ChronyServer {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            key_exchange: None,
            chrony: self.clone(),
            peer: self.start(scratch),
        }
    }

    /// Starts what is configured in a folder.
    fn start(&self, scratch: Scratch) -> Peer {
        let mut command = self.command(&scratch);
        let mut peer = Peer::start(command.arg("-d"), scratch);
        peer.wait_for("the command socket", |peer| {
            peer.path().join("sock").exists().then_some(())
        });
        peer
    }

    /// Its version, major and minor.
    pub(crate) fn version(&self) -> (u16, u16) {
        let output = self.daemon.command().arg("--version").output();
        let output = output.expect("chronyd runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // `chronyd (chrony) version 4.6.1 (+CMDMON …)`.
        let version = text.split_once(" version ").and_then(|(_, version)| {
            let mut numbers = version.split(|letter: char| !letter.is_ascii_digit());
            Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
        });
        version.unwrap_or_else(|| panic!("chronyd says {text:?}"))
    }

    /// Asks once and tells the offset, as `chronyd -Q` does: seconds by which the clock is wrong.
    ///
    /// # Panics
    ///
    /// Where it measures nothing.
    #[must_use]
    pub fn measure(&self, server: SocketAddr, options: &str) -> f64 {
        let (ip, port) = (server.ip(), server.port());
        self.ask(&format!(
            "server {ip} port {port} {} {options}",
            Self::OFTEN
        ))
        .unwrap_or_else(|text| panic!("chronyd -Q says {text}"))
    }

    /// Asks once the servers of a configuration and tells the offset, or what it says instead.
    pub(crate) fn ask(&self, configuration: &str) -> Result<f64, String> {
        let scratch = Scratch::new();
        write_configuration(&scratch, &format!("port 0\n{configuration}"));
        let mut command = self.command(&scratch);
        let output = command.args(["-Q", "-t", "20"]);
        let output = output.output().expect("chronyd runs");
        let text = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        let offset = text
            .split_once("System clock wrong by ")
            .and_then(|(_, rest)| rest.split_once(' '));
        offset
            .and_then(|(offset, _)| offset.parse().ok())
            .ok_or(text)
    }

    /// A command for what is configured in a folder. It never asks to set the clock.
    fn command(&self, scratch: &Scratch) -> Command {
        let mut command = self.daemon.command();
        command.arg("-x");
        if is_root() {
            command.args(["-u", "root"]);
        } else {
            let user = env::var("USER").unwrap_or_else(|_| "nobody".into());
            command.args(["-U", "-u", &user]);
        }
        command.arg("-f").arg(scratch.path().join("chrony.conf"));
        command
    }
}

/// A chronyd that runs.
#[derive(Debug)]
pub struct ChronyServer {
    pub(crate) address: SocketAddr,
    pub(crate) key_exchange: Option<SocketAddr>,
    pub(crate) peer: Peer,
    chrony: Chrony,
}

impl ChronyServer {
    /// Where it serves.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What chronyc prints for a command.
    ///
    /// # Panics
    ///
    /// Where chronyc cannot be run.
    #[must_use]
    pub fn control(&self, arguments: &str) -> String {
        let mut command = self.chrony.control.command();
        command
            .arg("-h")
            .arg(self.peer.path().join("sock"))
            .args(arguments.split_whitespace());
        let output = command.output().expect("chronyc runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What chronyc tells of a client's only source, such as `Offset`, `Interleaved` or
    /// `Total valid RX`, as it prints it (`ntpdata`).
    #[must_use]
    pub fn ntp_data(&self, name: &str) -> Option<String> {
        let report = self.control("ntpdata");
        let mut fields = report.lines().filter_map(|line| line.split_once(':'));
        let (_, value) = fields.find(|(key, _)| key.trim() == name)?;
        Some(value.trim().to_owned())
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.peer.log()
    }

    /// Ends it and starts it again with the same configuration, at the same ports.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn restart(mut self) -> Self {
        self.peer = self.chrony.start(self.peer.terminate());
        if self.address.port() != 0 {
            self.peer.wait_for_port("udp", self.address.port());
        }
        if let Some(address) = self.key_exchange {
            self.peer.wait_for_port("tcp", address.port());
        }
        self
    }
}

/// Writes the keys and a configuration, its lines and those that all tests share.
fn write_configuration(scratch: &Scratch, lines: &str) {
    let keys = scratch.write("keys", KEYS);
    let at = |name: &str| scratch.path().join(name).display().to_string();
    scratch.write(
        "chrony.conf",
        &format!(
            "{lines}\ncmdport 0\nbindcmdaddress {}\npidfile {}\nkeyfile {}\n",
            at("sock"),
            at("pid"),
            keys.display()
        ),
    );
}
