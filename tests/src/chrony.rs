use core::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::{Daemon, Scratch, free_port, wait_for};

/// A chronyd and its chronyc, of the system or unpacked in a folder.
#[derive(Clone, Debug)]
pub struct Chrony {
    daemon: Vec<PathBuf>,
    control: Vec<PathBuf>,
}

/// The keys that tests use: those of the captures.
const KEYS: &str = "1 MD5 ASCII:md5secret\n\
    2 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233\n\
    5 AES128 HEX:2B7E151628AED2A6ABF7158809CF4F3C\n\
    6 AES256 HEX:603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4\n";

impl Chrony {
    /// The key file of all tests, in chrony's form.
    pub const KEYS: &str = KEYS;

    /// The chrony of the system, if there is one.
    ///
    /// # Panics
    ///
    /// Where there is none and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn installed() -> Option<Self> {
        let found = [
            PathBuf::from("/usr/sbin/chronyd"),
            PathBuf::from("/usr/bin/chronyc"),
        ];
        if found.iter().all(|path| path.exists()) {
            let [daemon, control] = found;
            return Some(Self {
                daemon: vec![daemon],
                control: vec![control],
            });
        }
        missing("chrony is not installed")
    }

    /// The newer chrony that `.ci/peers` unpacks, or the one in `HOROLOG_TRIXIE`.
    ///
    /// # Panics
    ///
    /// Where there is none and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn newer() -> Option<Self> {
        let root = env::var_os("HOROLOG_TRIXIE").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/trixie"),
            PathBuf::from,
        );
        let libraries = fs::read_dir(root.join("usr/lib"))
            .into_iter()
            .flatten()
            .flatten();
        let library = libraries
            .map(|entry| entry.path())
            .find(|path| loader(path).is_some());
        let Some((library, loader)) =
            library.and_then(|path| loader(&path).map(|loader| (path, loader)))
        else {
            return missing("chrony 4.6 is not unpacked (.ci/peers does it)");
        };
        let run = |program: &str| {
            vec![
                loader.clone(),
                "--library-path".into(),
                library.clone(),
                root.join(program),
            ]
        };
        Some(Self {
            daemon: run("usr/sbin/chronyd"),
            control: run("usr/bin/chronyc"),
        })
    }

    /// Starts a server at a free port of 127.0.0.1 with further lines of configuration, and waits
    /// until it answers.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn serve(&self, configuration: &str) -> ChronyServer {
        let port = free_port();
        let scratch = Scratch::new();
        let server = self.run(
            scratch,
            &format!("local stratum 3\nport {port}\nbindaddress 127.0.0.1\nallow 127.0.0.0/8\n{configuration}"),
        );
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        // A server that is bound refuses no datagram.
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket on loopback");
        socket.connect(address).expect("loopback has a route");
        wait_for("chronyd to open its port", || {
            let refused = socket.send(&[0]).is_err() || {
                std::thread::sleep(core::time::Duration::from_millis(10));
                socket.send(&[0]).is_err()
            };
            (!refused).then_some(())
        });
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
        let socket = scratch.path().join("sock");
        let configuration = configuration_file(&scratch, configuration);
        let mut command = command(&self.daemon);
        command.arg("-d").arg("-f").arg(&configuration);
        command.stderr(fs::File::create(scratch.path().join("log")).expect("a log file"));
        let daemon = Daemon::start(&mut command);
        let control = self.control.clone();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = ChronyServer {
            address,
            socket,
            control,
            daemon,
            scratch,
        };
        wait_for("chronyd to open its socket", || {
            assert!(
                server.daemon.is_running(),
                "chronyd ended: {}",
                server.log()
            );
            server.socket.exists().then_some(())
        });
        server
    }

    /// Asks once and prints the offset, as `chronyd -Q` does: seconds by which the clock is wrong.
    ///
    /// # Panics
    ///
    /// Where it measures nothing.
    #[must_use]
    pub fn measure(&self, server: SocketAddr, options: &str) -> f64 {
        let scratch = Scratch::new();
        let line = format!(
            "server {} port {} iburst {options}\nport 0\n",
            server.ip(),
            server.port()
        );
        let configuration = configuration_file(&scratch, &line);
        let mut command = command(&self.daemon);
        let output = command
            .args(["-Q", "-t", "20", "-f"])
            .arg(&configuration)
            .output()
            .expect("chronyd runs");
        let text = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        let offset = text
            .split_once("System clock wrong by ")
            .and_then(|(_, rest)| rest.split_once(' '));
        offset
            .and_then(|(offset, _)| offset.parse().ok())
            .unwrap_or_else(|| panic!("chronyd -Q says {text}"))
    }
}

/// A chronyd that runs.
#[derive(Debug)]
pub struct ChronyServer {
    address: SocketAddr,
    socket: PathBuf,
    control: Vec<PathBuf>,
    daemon: Daemon,
    scratch: Scratch,
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
        let mut words = self.control.iter();
        let mut command = Command::new(words.next().expect("a program"));
        command
            .args(words)
            .arg("-h")
            .arg(&self.socket)
            .args(arguments.split_whitespace());
        let output = command.output().expect("chronyc runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.scratch.path().join("log")).unwrap_or_default()
    }
}

/// Writes the keys and a configuration, its lines and those that all tests share.
fn configuration_file(scratch: &Scratch, lines: &str) -> PathBuf {
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
    )
}

/// A command that may not set the clock: as root without the capability, and never asking to.
fn command(program: &[PathBuf]) -> Command {
    let mut words = program.iter();
    let first = words.next().expect("a program");
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command
            .args(["--bounding-set", "-sys_time", "--inh-caps", "-sys_time"])
            .arg(first);
        command
    } else {
        Command::new(first)
    };
    command.args(words).arg("-x");
    if is_root() {
        command.args(["-u", "root"]);
    } else {
        command.args([
            "-U",
            "-u",
            &env::var("USER").unwrap_or_else(|_| "nobody".into()),
        ]);
    }
    command
}

/// The dynamic loader of a folder of libraries.
fn loader(library: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(library).ok()?.flatten();
    entries.map(|entry| entry.path()).find(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("ld-linux"))
    })
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A peer that is not there: a loud line, or a failure where peers are required.
pub(crate) fn missing<T>(what: &str) -> Option<T> {
    assert!(
        env::var_os("HOROLOG_REQUIRE_PEERS").is_none(),
        "{what}, and HOROLOG_REQUIRE_PEERS is set"
    );
    eprintln!("SKIPPED: {what}");
    None
}
