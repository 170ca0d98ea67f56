use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::sync::atomic::{AtomicU32, Ordering};
use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::sync::Once;
use std::{fs, process};

use nix::sched::{CloneFlags, setns};

use crate::peer::missing;

/// Two hosts with a cable between them and no way out: network namespaces of the test's own.
///
/// Servers that insist on ports 123 and 4460 run in one and their clients in the other, beside other
/// tests that do the same. The namespaces go with it.
#[derive(Debug)]
pub struct Network {
    left: Namespace,
    right: Namespace,
}

/// One of the hosts of a [`Network`].
#[derive(Clone, Debug)]
pub struct Namespace {
    name: String,
    number: u16,
}

impl Network {
    /// A new pair, if this machine allows namespaces.
    ///
    /// # Panics
    ///
    /// Where it does not and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        static SWEPT: Once = Once::new();
        // This process has none yet: those of its number are left from another.
        SWEPT.call_once(|| sweep(|owner| owner == process::id() || has_ended(owner)));
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}", process::id());
        let network = Self {
            left: Namespace::new(&name, 1),
            right: Namespace::new(&name, 2),
        };
        match network.build() {
            Ok(()) => Some(network),
            Err(error) => missing(&format!("no network namespace can be made: {error}")),
        }
    }

    /// The host that tests run servers on.
    #[must_use]
    pub const fn left(&self) -> &Namespace {
        &self.left
    }

    /// The host that tests run clients on.
    #[must_use]
    pub const fn right(&self) -> &Namespace {
        &self.right
    }

    fn build(&self) -> Result<(), String> {
        let (left, right) = (&self.left, &self.right);
        for host in [left, right] {
            ip(&format!("netns add {}", host.name))?;
        }
        let ends = (&left.name, &right.name);
        ip(&format!(
            "link add cable netns {} type veth peer name cable netns {}",
            ends.0, ends.1
        ))?;
        for host in [left, right] {
            let name = &host.name;
            ip(&format!("-n {name} link set lo up"))?;
            ip(&format!("-n {name} link set cable up"))?;
            for v4 in [host.v4(), host.second_v4()] {
                ip(&format!("-n {name} address add {v4}/24 dev cable"))?;
            }
            let v6 = host.v6();
            ip(&format!("-n {name} address add {v6}/64 dev cable nodad"))?;
        }
        Ok(())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for host in [&self.left, &self.right] {
            if Path::new(NAMESPACES).join(&host.name).exists()
                && let Err(error) = ip(&format!("netns delete {}", host.name))
            {
                eprintln!("{} stays: {error}", host.name);
            }
        }
    }
}

impl Namespace {
    fn new(network: &str, number: u16) -> Self {
        let name = format!("{network}-{number}");
        Self { name, number }
    }

    /// Its name, as `ip netns` knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its IPv4 address, 198.51.100.1 or 198.51.100.2.
    #[must_use]
    pub fn v4(&self) -> IpAddr {
        let [.., number] = self.number.to_be_bytes();
        Ipv4Addr::new(198, 51, 100, number).into()
    }

    /// Its second IPv4 address, 198.51.100.101 or 198.51.100.102: who asks from the first does not
    /// take a server for a client of its own that has its time from here.
    #[must_use]
    pub fn second_v4(&self) -> IpAddr {
        let [.., number] = self.number.to_be_bytes();
        Ipv4Addr::new(198, 51, 100, 100 + number).into()
    }

    /// Its IPv6 address, `fd00:99::1` or `fd00:99::2`.
    #[must_use]
    pub fn v6(&self) -> IpAddr {
        Ipv6Addr::new(0xfd00, 0x99, 0, 0, 0, 0, 0, self.number).into()
    }

    /// A port of its IPv4 address.
    #[must_use]
    pub fn at(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.v4(), port)
    }

    /// Moves the thread that calls it into the namespace, and those that this starts from then on:
    /// sockets that they make are there.
    ///
    /// # Panics
    ///
    /// Where that is not allowed.
    pub fn enter(&self) {
        let file = File::open(Path::new(NAMESPACES).join(&self.name)).expect("the namespace");
        setns(file, CloneFlags::CLONE_NEWNET).expect("the right to enter it");
    }

    /// A command that runs a program in it. The process is the program's own.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(program);
        command
    }
}

const PREFIX: &str = "horolog-";
const NAMESPACES: &str = "/run/netns";

/// Removes what tests left that were killed, by the numbers of their processes.
fn sweep(is_gone: impl Fn(u32) -> bool) {
    let entries = fs::read_dir(NAMESPACES).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split('-').next());
        let owner = owner.and_then(|owner| owner.parse::<u32>().ok());
        if owner.is_some_and(&is_gone) {
            let _ = ip(&format!("netns delete {name}"));
        }
    }
}

/// Whether there is no process of this number.
fn has_ended(process: u32) -> bool {
    !Path::new(&format!("/proc/{process}")).exists()
}

/// Runs `ip`; an error is what it says.
fn ip(arguments: &str) -> Result<(), String> {
    let output = Command::new("ip")
        .args(arguments.split_whitespace())
        .output();
    let output = output.map_err(|error| format!("ip: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let error = String::from_utf8_lossy(&output.stderr);
    Err(format!("ip {arguments}: {}", error.trim()))
}

#[cfg(test)]
mod tests {
    use std::panic;

    use super::*;

    fn exists(name: &str) -> bool {
        Path::new(NAMESPACES).join(name).exists()
    }

    #[test]
    fn namespaces_go_with_a_test_that_fails() {
        let Some(network) = Network::new() else {
            return;
        };
        let names = [network.left.name.clone(), network.right.name.clone()];
        assert!(names.iter().all(|name| exists(name)), "{names:?}");
        let ended = panic::catch_unwind(move || {
            let _network = network;
            panic!("as a test does that fails");
        });
        assert!(ended.is_err());
        assert!(!names.iter().any(|name| exists(name)), "{names:?}");
    }

    #[test]
    fn namespaces_of_a_process_that_was_killed_are_swept() {
        if Network::new().is_none() {
            return;
        }
        let mut gone = Command::new("true").spawn().expect("true runs");
        gone.wait().expect("it ends");
        let name = format!("{PREFIX}{}-0-1", gone.id());
        ip(&format!("netns add {name}")).expect("a namespace");
        sweep(has_ended);
        assert!(!exists(&name), "{name}");
    }
}
