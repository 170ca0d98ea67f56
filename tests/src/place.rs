use core::net::Ipv4Addr;
use core::ops::Range;
use core::sync::atomic::{AtomicU32, Ordering};
use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// A port that was free for UDP and TCP on 127.0.0.1 a moment ago, for servers that cannot be told to
/// pick one.
///
/// It is below those that the kernel gives to sockets without one, so that no client takes it before
/// the server does, and no two calls of a process name the same.
///
/// # Panics
///
/// Where no port is free.
#[must_use]
pub fn free_port() -> u16 {
    const PORTS: Range<u32> = 10_000..32_000;
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let count = PORTS.end - PORTS.start;
    // Processes that run beside each other begin far apart.
    let first = process::id().wrapping_mul(7919) % count;
    for _ in PORTS {
        let step = NUMBER.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + (first + step) % count;
        let port = u16::try_from(port).expect("a port");
        let address = (Ipv4Addr::LOCALHOST, port);
        if UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// A folder of a test's own, removed in the end.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new folder that others cannot read, as chronyd demands of its socket's.
    ///
    /// # Panics
    ///
    /// Where it cannot be made.
    #[must_use]
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let path = loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            // Short, because the path of a Unix socket may have no more than 107 octets.
            let path = env::temp_dir().join(format!("horolog-{}-{number}", process::id()));
            match fs::create_dir(&path) {
                Ok(()) => break path,
                // Of a test that was killed, in a process of the same number.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => panic!("no folder for the test: {error}"),
            }
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700))
                .expect("the test's own folder");
        }
        Self(path)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file in it.
    ///
    /// # Panics
    ///
    /// Where that fails.
    #[expect(clippy::must_use_candidate, reason = "the file is what matters")]
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a file in the test's folder");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
                .expect("the test's own file");
        }
        path
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_somebody_left_is_left_alone() {
        let number = |scratch: &Scratch| -> u32 {
            let name = scratch.path().display().to_string();
            let (_, number) = name.rsplit_once('-').expect("a number");
            number.parse().expect("a number")
        };
        let first = Scratch::new();
        // Other tests may have taken some of the next.
        let prefix = format!("horolog-{}", process::id());
        let left: Vec<_> = (1..10)
            .map(|more| env::temp_dir().join(format!("{prefix}-{}", number(&first) + more)))
            .filter(|path| fs::create_dir(path).is_ok())
            .collect();
        let next = Scratch::new();
        assert!(next.path().exists() && !left.iter().any(|path| path == next.path()));
        drop(next);
        assert!(left.iter().all(|path| path.exists()));
        for path in left {
            fs::remove_dir(path).expect("a folder of this test");
        }
    }

    #[test]
    fn ports_are_free_and_no_two_are_one() {
        let ports = [free_port(), free_port(), free_port()];
        assert!(ports[0] != ports[1] && ports[1] != ports[2], "{ports:?}");
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, ports[0]));
        assert!(taken.is_ok(), "{taken:?}");
    }
}
