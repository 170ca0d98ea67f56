use std::process::Command;

use crate::peer::{Launcher, Peer, missing, trixie};
use crate::{Namespace, Pki, Scratch};

/// The ntpd and ntpq of NTPsec, as `.ci/peers` unpacks them. Its ports are fixed, so it runs in hosts
/// of a [`Network`](crate::Network).
#[derive(Clone, Debug)]
pub struct Ntpsec {
    daemon: Launcher,
    control: Launcher,
}

impl Ntpsec {
    /// The one that is unpacked, if there is one.
    ///
    /// # Panics
    ///
    /// Where there is none and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn unpacked() -> Option<Self> {
        let daemon = Launcher::unpacked("usr/sbin/ntpd");
        let control = Launcher::unpacked("usr/bin/python3");
        let Some((daemon, control)) = daemon.zip(control) else {
            return missing("ntpsec is not unpacked (.ci/peers does it)");
        };
        let root = trixie();
        let home = root.join("usr").display().to_string();
        Some(Self {
            daemon,
            control: control
                .word(root.join("usr/bin/ntpq"))
                .variable("PYTHONHOME", home)
                .variable("PYTHONDONTWRITEBYTECODE", "1"),
        })
    }

    /// Starts a server, NTS included, at the ports 123 and 4460 of a host with further lines of
    /// configuration, and waits until it has the time.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn serve(&self, host: &Namespace, pki: &Pki, configuration: &str) -> NtpsecDaemon {
        let scratch = Scratch::new();
        // The local clock is a source at once; waiting for a better one would take minutes.
        let lines = format!(
            "refclock local stratum 4 minpoll 3 maxpoll 3\n\
             tos orphan 4 orphanwait 1 minsane 1\n\
             nts enable\nnts cert {}\nnts key {}\nnts cookie {}\n{configuration}",
            pki.certificate().display(),
            pki.key().display(),
            scratch.path().join("cookie").display()
        );
        let mut server = self.run(host, scratch, &lines);
        server.peer.wait_for_port("tcp", 4460);
        let control = server.control.clone();
        server.peer.wait_for("the stratum", |_| {
            let system = query(control.command(), "rv 0 stratum");
            system.contains("stratum=4").then_some(())
        });
        server
    }

    /// Starts a client of an NTS server at port 4460 of another host; `options` are those of its
    /// `server` line.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn client(
        &self,
        host: &Namespace,
        server: &Namespace,
        pki: &Pki,
        options: &str,
    ) -> NtpsecDaemon {
        let lines = format!(
            "server {} nts ca {} {options}\ntos minsane 1\n",
            server.v4(),
            pki.authority().display()
        );
        self.run(host, Scratch::new(), &lines)
    }

    fn run(&self, host: &Namespace, scratch: Scratch, configuration: &str) -> NtpsecDaemon {
        let at = |name: &str| scratch.path().join(name).display().to_string();
        // ntpq is heard at 127.0.0.1 only.
        let lines = format!(
            "driftfile {}\nstatsdir {}/\ndisable kernel\n\
             restrict default nomodify noquery\nrestrict 127.0.0.1\n{configuration}\n",
            at("drift"),
            scratch.path().display()
        );
        let file = scratch.write("ntp.conf", &lines);
        let mut command = self.daemon.clone().within(host).command();
        command.args(["-n", "-x", "-c"]).arg(file);
        command.args(["-p", &at("pid")]);
        let mut peer = Peer::start(&mut command, scratch);
        peer.wait_for_port("udp", 123);
        let control = self.control.clone().within(host);
        NtpsecDaemon { peer, control }
    }
}

/// An ntpd of NTPsec that runs.
#[derive(Debug)]
pub struct NtpsecDaemon {
    peer: Peer,
    control: Launcher,
}

impl NtpsecDaemon {
    /// What ntpq prints for a command, such as `peers`, `ntsinfo` or `rv &1`.
    ///
    /// # Panics
    ///
    /// Where ntpq cannot be run.
    #[must_use]
    pub fn control(&self, command: &str) -> String {
        query(self.control.command(), command)
    }

    /// A variable of a client's only source, such as `ntscookies`, `reach` or `offset`
    /// (milliseconds).
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        let report = self.control(&format!("rv &1 {name}"));
        let (found, value) = report.trim().split_once('=')?;
        (found == name).then(|| value.to_owned())
    }

    /// Whether a client's only source answered one of the last eight requests.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        let reach = self.variable("reach");
        let digits = reach.as_deref().map(|reach| reach.trim_start_matches("0x"));
        digits.is_some_and(|digits| u8::from_str_radix(digits, 16).is_ok_and(|reach| reach != 0))
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.peer.log()
    }
}

fn query(mut ntpq: Command, command: &str) -> String {
    let output = ntpq.args(["-n", "-c", command, "127.0.0.1"]).output();
    let output = output.expect("ntpq runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
