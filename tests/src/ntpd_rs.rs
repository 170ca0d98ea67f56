use core::fmt::Write as _;
use core::net::SocketAddr;

use crate::peer::{Launcher, Peer, missing};
use crate::{Namespace, Pki, Scratch, VirtualClock};

/// The ntp-daemon and ntp-ctl of ntpd-rs, as `.ci/peers` unpacks them. It does not run unless it may
/// steer a clock, and gets one of its own; it runs in hosts of a [`Network`](crate::Network).
#[derive(Clone, Debug)]
pub struct NtpdRs {
    daemon: Launcher,
    control: Launcher,
}

impl NtpdRs {
    /// The one that is unpacked, if there is one.
    ///
    /// # Panics
    ///
    /// Where there is none and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn unpacked() -> Option<Self> {
        let daemon = Launcher::unpacked("usr/bin/ntp-daemon");
        let control = Launcher::unpacked("usr/bin/ntp-ctl");
        let Some((daemon, control)) = daemon.zip(control) else {
            return missing("ntpd-rs is not unpacked (.ci/peers does it)");
        };
        let daemon = daemon.with_clock(&VirtualClock::built()?);
        Some(Self { daemon, control })
    }

    /// Starts a server, NTS included, at the ports 123 and 4460 of a host.
    ///
    /// With an upstream, which may not be on the same host nor at an IPv6 address, it is waited for
    /// until it has the time; without, it answers with the leap indicator of a clock that has not. A
    /// client at the address of the upstream takes its answers for a loop: see
    /// [`Namespace::second_v4`].
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn serve(&self, host: &Namespace, pki: &Pki, upstream: Option<SocketAddr>) -> NtpdRsDaemon {
        let mut lines = format!(
            "[[server]]\nlisten = \"{}\"\n\
             [[nts-ke-server]]\nlisten = \"{}\"\n\
             certificate-chain-path = \"{}\"\nprivate-key-path = \"{}\"\n",
            host.at(123),
            host.at(4460),
            pki.certificate().display(),
            pki.key().display()
        );
        if let Some(upstream) = upstream {
            write!(
                lines,
                "[[source]]\nmode = \"server\"\naddress = \"{upstream}\"\n"
            )
            .expect("a string");
        }
        let mut server = self.run(host, &lines);
        server.peer.wait_for_port("udp", 123);
        server.peer.wait_for_port("tcp", 4460);
        if upstream.is_some() {
            server.wait_for("Stratum: 4");
        }
        server
    }

    /// Starts a client of an NTS server at port 4460 of another host.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn client(&self, host: &Namespace, server: &Namespace, pki: &Pki) -> NtpdRsDaemon {
        let lines = format!(
            "[[source]]\nmode = \"nts\"\naddress = \"{}\"\ncertificate-authority = \"{}\"\n",
            server.v4(),
            pki.authority().display()
        );
        self.run(host, &lines)
    }

    fn run(&self, host: &Namespace, configuration: &str) -> NtpdRsDaemon {
        let scratch = Scratch::new();
        let lines = format!(
            "{configuration}\
             [observability]\nlog-level = \"info\"\nobservation-path = \"{}\"\n\
             [source-defaults]\ninitial-poll-interval = 0\n\
             poll-interval-limits = {{ min = 0, max = 1 }}\n\
             [synchronization]\nminimum-agreeing-sources = 1\n",
            scratch.path().join("observe").display()
        );
        let file = scratch.write("ntp.toml", &lines);
        let control = self.control.clone().word("-c").word(&file).word("status");
        let mut command = self.daemon.clone().within(host).command();
        command.arg("-c").arg(file).env("NO_COLOR", "1");
        let mut peer = Peer::start(&mut command, scratch);
        peer.wait_for("the socket of ntp-ctl", |peer| {
            peer.path().join("observe").exists().then_some(())
        });
        NtpdRsDaemon { peer, control }
    }
}

/// An ntp-daemon that runs.
#[derive(Debug)]
pub struct NtpdRsDaemon {
    peer: Peer,
    control: Launcher,
}

impl NtpdRsDaemon {
    /// What `ntp-ctl status` prints.
    ///
    /// # Panics
    ///
    /// Where it cannot be run.
    #[must_use]
    pub fn status(&self) -> String {
        status(&self.control)
    }

    /// Waits until its status has this in it, and gives the status back.
    ///
    /// # Panics
    ///
    /// Where it does not come.
    pub fn wait_for(&mut self, text: &str) -> String {
        let control = self.control.clone();
        self.peer.wait_for(text, |_| {
            let status = status(&control);
            status.contains(text).then_some(status)
        })
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.peer.log()
    }
}

fn status(control: &Launcher) -> String {
    let output = control.command().output().expect("ntp-ctl runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
