use core::fmt::Write as _;
use core::net::SocketAddr;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::peer::missing;
use crate::{Daemon, Scratch, ask_dns, free_port, wait_for};

/// Knot: signs zones and serves them.
#[derive(Clone, Copy, Debug)]
pub struct Knot(());

/// A zone that was signed.
#[derive(Clone, Debug)]
pub struct SignedZone {
    /// Its name, without final dot; that of the root is one.
    pub name: String,
    /// Its records with their signatures, a line each.
    pub text: String,
    /// Its key-signing key as a DNSKEY record.
    pub key: String,
    /// The digests of that key as DS records.
    pub digests: String,
}

/// A knotd that runs.
#[derive(Debug)]
pub struct KnotServer {
    address: SocketAddr,
    _daemon: Daemon,
    _scratch: Scratch,
}

/// The type of SOA records.
const SOA: u16 = 6;

impl Knot {
    /// That of the system, if there is one.
    ///
    /// # Panics
    ///
    /// Where there is none and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn installed() -> Option<Self> {
        let programs = ["/usr/sbin/knotd", "/usr/sbin/keymgr", "/usr/bin/kzonesign"];
        if programs.iter().all(|path| Path::new(path).exists()) {
            return Some(Self(()));
        }
        missing("knot is not installed")
    }

    /// Whether a program that looks zones up is there too.
    ///
    /// # Panics
    ///
    /// Where it is not and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn has(program: &str) -> bool {
        let path = Path::new("/usr/bin").join(program);
        path.exists() || missing::<()>(&format!("{program} is not installed")).is_some()
    }

    /// A zone around records: SOA and NS in front of them.
    #[must_use]
    pub fn zone(records: &str) -> String {
        format!(
            "$TTL 300\n@ IN SOA ns.invalid. admin.invalid. 1 3600 600 86400 300\n\
             @ IN NS ns.invalid.\n{records}"
        )
    }

    /// The beginning of a shell script for a network namespace of its own: Knot serves zones whose
    /// files are in `scratch` at the port that `resolv.conf` means, which is all that it says, and
    /// `$knot` is its number. It ends with the script.
    #[must_use]
    pub fn as_resolver(scratch: &Scratch, zones: &[&str]) -> String {
        let at = scratch.path().display();
        scratch.write(
            "resolv.conf",
            "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n",
        );
        let configuration = configuration(scratch, 53, zones, "");
        let loaded = zones.iter().fold(String::new(), |mut text, zone| {
            let _ = write!(text, " && grep -q '{zone}.*loaded' {at}/log");
            text
        });
        format!(
            "set -e\n\
             ip link set lo up\n\
             mount --bind {at}/resolv.conf /etc/resolv.conf\n\
             /usr/sbin/knotd -c {configuration} 2>{at}/log &\n\
             knot=$!\n\
             trap 'kill $(jobs -p)' EXIT\n\
             for try in $(seq 1200); do\n\
             grep -q 'server started' {at}/log{loaded} && break\n\
             sleep 0.05\n\
             done\n",
            configuration = configuration.display(),
        )
    }

    /// Signs a zone by keys made on the spot, as of now or of another Unix second.
    ///
    /// # Panics
    ///
    /// Where knot does not.
    #[must_use]
    pub fn sign(self, name: &str, text: &str, time: Option<u64>) -> SignedZone {
        let scratch = Scratch::new();
        let signing = "    dnssec-signing: on\n    dnssec-policy: leap\n";
        let configuration = configuration(&scratch, 53, &[name], signing);
        scratch.write(&zone_file(name), text);
        let output = scratch.path().join("out");
        let mut sign = Command::new("/usr/bin/kzonesign");
        sign.arg("-c").arg(&configuration).arg("-o").arg(&output);
        if let Some(time) = time {
            sign.args(["-t", &time.to_string()]);
        }
        run(sign.arg(name));
        let text = fs::read_to_string(output.join(zone_file(name)));
        let key = |form: &str| {
            let mut command = Command::new("/usr/sbin/keymgr");
            run(command.arg("-c").arg(&configuration).args([name, form]))
        };
        SignedZone {
            name: name.to_owned(),
            text: text.expect("the zone is signed"),
            key: key("dnskey"),
            digests: key("ds"),
        }
    }

    /// Serves zones as they are at a free port of 127.0.0.1, and waits until it answers.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn serve(self, zones: &[(&str, &str)]) -> KnotServer {
        let scratch = Scratch::new();
        let port = free_port();
        let names: Vec<_> = zones.iter().map(|(name, _)| *name).collect();
        let configuration = configuration(&scratch, port, &names, "");
        for (name, text) in zones {
            scratch.write(&zone_file(name), text);
        }
        let log = fs::File::create(scratch.path().join("log")).expect("a log file");
        let mut command = Command::new("/usr/sbin/knotd");
        let mut daemon = Daemon::start(command.arg("-c").arg(configuration).stderr(log));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        for name in names {
            wait_for("knotd to serve its zones", || {
                let log = || fs::read_to_string(scratch.path().join("log"));
                assert!(daemon.is_running(), "knotd ended: {:?}", log());
                // Without error, and with an answer.
                let response = ask_dns(address, name, SOA)?;
                (response[3] % 16 == 0 && response[7] > 0).then_some(())
            });
        }
        KnotServer {
            address,
            _daemon: daemon,
            _scratch: scratch,
        }
    }
}

impl KnotServer {
    /// Where it serves.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The file of a zone, as the configuration names it; knot has no name for the root.
fn zone_file(name: &str) -> String {
    format!("{}.zone", name.trim_end_matches('.'))
}

fn configuration(
    scratch: &Scratch,
    port: u16,
    zones: &[&str],
    options: &str,
) -> std::path::PathBuf {
    for folder in ["db", "run", "out"] {
        fs::create_dir(scratch.path().join(folder)).expect("a folder for knot");
    }
    let at = scratch.path().display();
    let mut text = format!(
        "server:\n    rundir: \"{at}/run\"\n    listen: [ 127.0.0.1@{port} ]\n\
         log:\n  - target: stderr\n    any: info\n\
         database:\n    storage: \"{at}/db\"\n    journal-db-max-size: 16M\n    kasp-db-max-size: 16M\n    timer-db-max-size: 16M\n    catalog-db-max-size: 16M\n\
         policy:\n  - id: leap\n    algorithm: ecdsap256sha256\n    nsec3: on\n\
         template:\n  - id: default\n    storage: \"{at}\"\n    file: \"%s.zone\"\n    zonefile-sync: -1\n    journal-content: none\n    semantic-checks: off\n{options}\
         zone:\n"
    );
    for zone in zones {
        writeln!(text, "  - domain: {zone}").expect("a string takes all");
    }
    scratch.write("knot.conf", &text)
}

/// Runs a command to its end and gives back what it printed.
fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}
