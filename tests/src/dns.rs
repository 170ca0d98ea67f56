use alloc::sync::Arc;
use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::net::UdpSocket;
use std::process::Command;
use std::thread::{self, JoinHandle};

use crate::peer::missing;

/// A DNS request as far as tests look at it.
#[derive(Clone, Copy, Debug)]
pub struct DnsRequest<'a> {
    /// All of it.
    pub octets: &'a [u8],
    /// The question: name, type and class.
    pub question: &'a [u8],
    /// The type that is asked for.
    pub record_type: u16,
}

impl<'a> DnsRequest<'a> {
    fn read(octets: &'a [u8]) -> Option<Self> {
        let mut end = 12;
        while let Some(length) = octets.get(end)
            && *length != 0
        {
            end += 1 + usize::from(*length);
        }
        let question = octets.get(12..end + 5)?;
        let record_type = question.get(question.len() - 4..question.len() - 2)?;
        Some(Self {
            octets,
            question,
            record_type: u16::from_be_bytes(record_type.try_into().ok()?),
        })
    }

    /// A response with this code and these records behind the question.
    ///
    /// # Panics
    ///
    /// For more records than can be counted.
    #[must_use]
    pub fn respond(&self, code: u8, answers: &[Vec<u8>]) -> Vec<u8> {
        let mut response = self.octets[..2].to_vec();
        // A response, recursion desired and available, one question.
        response.extend([0x81, 0x80 | code, 0, 1]);
        let count = u16::try_from(answers.len()).expect("few answers");
        response.extend(count.to_be_bytes());
        response.extend([0; 4]);
        response.extend(self.question);
        response.extend(answers.concat());
        response
    }

    /// A record of the type and name that are asked for.
    ///
    /// # Panics
    ///
    /// For data that are too long.
    #[must_use]
    pub fn record(&self, rdata: &[u8]) -> Vec<u8> {
        // The name is that of the question; class IN, a TTL of one minute.
        let mut record = vec![0xc0, 12];
        record.extend(self.record_type.to_be_bytes());
        record.extend([0, 1, 0, 0, 0, 60]);
        record.extend(u16::try_from(rdata.len()).expect("short").to_be_bytes());
        record.extend(rdata);
        record
    }
}

/// A name server on loopback that answers as the test wants, over UDP.
#[derive(Debug)]
pub struct FakeDns {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl FakeDns {
    /// Starts it. Where the test answers nothing, the server is silent.
    ///
    /// # Panics
    ///
    /// Where no socket can be had.
    pub fn start(respond: impl Fn(&DnsRequest<'_>) -> Option<Vec<u8>> + Send + 'static) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket on loopback");
        let address = socket.local_addr().expect("a bound socket has an address");
        let patience = Some(Duration::from_millis(20));
        socket.set_read_timeout(patience).expect("a timeout");
        let stop = Arc::new(AtomicBool::new(false));
        let requests = Arc::new(AtomicUsize::new(0));
        let (stopped, count) = (Arc::clone(&stop), Arc::clone(&requests));
        let thread = thread::spawn(move || {
            let mut buffer = [0; 1500];
            while !stopped.load(Ordering::Relaxed) {
                let Ok((length, client)) = socket.recv_from(&mut buffer) else {
                    continue;
                };
                count.fetch_add(1, Ordering::Relaxed);
                let response = DnsRequest::read(&buffer[..length]).and_then(|it| respond(&it));
                if let Some(response) = response {
                    let _ = socket.send_to(&response, client);
                }
            }
        });
        Self {
            address,
            stop,
            requests,
            thread: Some(thread),
        }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests have come.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Drop for FakeDns {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A command that runs another in a network of its own, without any link, and with mounts of its
/// own, if this machine allows it.
///
/// # Panics
///
/// Where it does not and `HOROLOG_REQUIRE_PEERS` is set.
#[must_use]
pub fn private_network() -> Option<Command> {
    let command = || {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount"]);
        // Shells complain of a locale that is not installed.
        command.env("LC_ALL", "C");
        command
    };
    let allowed = command().arg("true").output();
    if allowed.is_ok_and(|output| output.status.success()) {
        return Some(command());
    }
    missing("no network namespace can be made")
}

/// What a name server answers over UDP to a plain request without EDNS, if it does; it is asked some
/// times.
#[must_use]
pub fn ask_dns(server: SocketAddr, name: &str, record_type: u16) -> Option<Vec<u8>> {
    (0..10).find_map(|_| ask_once(server, name, record_type))
}

fn ask_once(server: SocketAddr, name: &str, record_type: u16) -> Option<Vec<u8>> {
    let mut request = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        request.push(u8::try_from(label.len()).ok()?);
        request.extend(label.as_bytes());
    }
    request.push(0);
    request.extend(record_type.to_be_bytes());
    request.extend([0, 1]);
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    socket.connect(server).ok()?;
    let patience = Some(Duration::from_millis(500));
    socket.set_read_timeout(patience).ok()?;
    socket.send(&request).ok()?;
    let mut buffer = vec![0; 65_535];
    let length = socket.recv(&mut buffer).ok()?;
    buffer.truncate(length);
    Some(buffer)
}
