use core::net::Ipv4Addr;
use core::sync::atomic::{AtomicU32, Ordering};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// A UDP port that was free a moment ago, for servers that cannot be told to pick one.
///
/// # Panics
///
/// Where no socket can be had.
#[must_use]
pub fn free_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket on loopback");
    socket
        .local_addr()
        .expect("a bound socket has an address")
        .port()
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
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Short, because the path of a Unix socket may have no more than 107 octets.
        let path = env::temp_dir().join(format!("horolog-{}-{number}", process::id()));
        fs::create_dir(&path).expect("a folder for the test");
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
