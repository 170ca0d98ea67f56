use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::net::UdpSocket;
use std::thread;

use horolog_net::clock;
use horolog_ntp::{Arrival, ReferenceId, ServerResponder, Stratum, SystemState};
use horolog_time::{NtpDuration, NtpShort, NtpTimestamp};

use crate::address::HostPort;
use crate::cli::{Context, context};
use crate::random;
use crate::stop::Signals;

/// A server on loopback behind a path that is simulated, with a clock that is off.
#[derive(Debug)]
pub struct EmbeddedServer {
    path: Path,
    socket: UdpSocket,
    address: SocketAddr,
}

/// All in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Path {
    name: &'static str,
    stratum: u8,
    reference_id: [u8; 4],
    /// What its clock is ahead.
    offset: f64,
    there: f64,
    back: f64,
    /// The mean of what is added each way.
    jitter: f64,
    /// Of 100 requests so many wait in a full queue, up to this long.
    burst: (u64, f64),
    /// The last of so many requests is lost; 0 for none.
    loss: u64,
}

const PATHS: [Path; 5] = [
    Path {
        name: "lan",
        stratum: 1,
        reference_id: *b"GPS\0",
        offset: 0.01,
        there: 0.1,
        back: 0.1,
        jitter: 0.03,
        burst: (0, 0.0),
        loss: 0,
    },
    Path {
        name: "near",
        stratum: 2,
        reference_id: [192, 0, 2, 1],
        offset: 0.3,
        there: 4.0,
        back: 4.0,
        jitter: 0.4,
        burst: (0, 0.0),
        loss: 0,
    },
    Path {
        name: "busy",
        stratum: 2,
        reference_id: [192, 0, 2, 2],
        offset: -0.5,
        there: 9.0,
        back: 8.0,
        jitter: 0.5,
        burst: (40, 60.0),
        loss: 0,
    },
    Path {
        name: "far",
        stratum: 3,
        reference_id: [198, 51, 100, 7],
        offset: 1.0,
        there: 70.0,
        back: 55.0,
        jitter: 3.0,
        burst: (0, 0.0),
        loss: 12,
    },
    Path {
        name: "liar",
        stratum: 1,
        reference_id: *b"PPS\0",
        offset: 100.0,
        there: 2.0,
        back: 2.0,
        jitter: 0.2,
        burst: (0, 0.0),
        loss: 0,
    },
];

/// How soon a server sees that it should end.
const PATIENCE: Duration = Duration::from_millis(200);
/// Octets of the longest request that is looked at.
const LONGEST_REQUEST: usize = 512;

impl EmbeddedServer {
    /// One for each path at this address: a LAN, near, busy, far, and one that lies.
    ///
    /// # Errors
    ///
    /// Where a socket cannot be had.
    pub fn bind_all(host: IpAddr) -> Result<Vec<Self>, Context> {
        PATHS
            .into_iter()
            .map(|path| {
                let what = || format!("cannot start the embedded server {}", path.name);
                let socket = UdpSocket::bind((host, 0)).map_err(context(what()))?;
                socket
                    .set_read_timeout(Some(PATIENCE))
                    .map_err(context(what()))?;
                let address = socket.local_addr().map_err(context(what()))?;
                Ok(Self {
                    path,
                    socket,
                    address,
                })
            })
            .collect()
    }

    /// Its name and where to ask it.
    #[must_use]
    pub fn place(&self) -> (String, HostPort) {
        (self.path.name.to_owned(), self.address.into())
    }

    /// Serves until the signals say stop.
    pub fn run(&self, signals: &Signals) {
        let system = SystemState {
            stratum: Stratum::new(self.path.stratum),
            reference_id: ReferenceId::from_octets(self.path.reference_id),
            precision: clock::precision(),
            root_dispersion: NtpShort::from_bits(64),
            ..SystemState::local_primary()
        };
        let mut responder = ServerResponder::new(system);
        let mut request = [0; LONGEST_REQUEST];
        let mut requests = 0_u64;
        while !signals.should_stop() {
            let Ok((length, client)) = self.socket.recv_from(&mut request) else {
                continue;
            };
            requests = requests.wrapping_add(1);
            if self.path.loss > 0 && requests.is_multiple_of(self.path.loss) {
                continue;
            }
            let octets = request.get(..length).unwrap_or_default();
            self.answer(&mut responder, octets, client);
        }
    }

    fn answer(&self, responder: &mut ServerResponder, request: &[u8], client: SocketAddr) {
        let path = &self.path;
        let mut there = path.there + exponential(path.jitter);
        if happens(path.burst.0) {
            there += path.burst.1 * share();
        }
        wait(there);
        let arrival = Arrival {
            source: client.ip(),
            receive: self.now(),
            transmit: self.now(),
        };
        let mut reply = [0; LONGEST_REQUEST];
        let Ok(response) = responder.respond(request, arrival, &mut reply) else {
            return;
        };
        wait(path.back + exponential(path.jitter));
        let octets = reply.get(..response.length).unwrap_or_default();
        // A reply that cannot be sent is one that gets lost.
        let _ = self.socket.send_to(octets, client);
    }

    fn now(&self) -> NtpTimestamp {
        let offset = NtpDuration::from_seconds_f64(self.path.offset * 1e-3);
        clock::now() + offset.unwrap_or_default()
    }
}

fn wait(milliseconds: f64) {
    thread::sleep(Duration::try_from_secs_f64(milliseconds * 1e-3).unwrap_or_default());
}

fn happens(of_100: u64) -> bool {
    random::seed() % 100 < of_100
}

/// From above 0 to 1, evenly.
fn share() -> f64 {
    let [a, b, c, d, ..] = random::seed().to_be_bytes();
    (f64::from(u32::from_be_bytes([a, b, c, d])) + 1.0) / 4_294_967_296.0
}

fn exponential(mean: f64) -> f64 {
    -share().ln() * mean
}
