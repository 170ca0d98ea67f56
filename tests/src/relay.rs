use alloc::sync::Arc;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// A link that loses what a rule says: UDP between clients and one server, through the test.
///
/// Clients send to the relay and have its answers from there; the server sees a port of its own for
/// each of them. Nothing is delayed or reordered.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    passages: Arc<Mutex<Vec<Passage>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Which way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the server.
    Request,
    /// To the client.
    Response,
}

/// A datagram that came to a [`Relay`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Which way it went.
    pub direction: Direction,
    /// What the rule left of it.
    pub octets: Vec<u8>,
    /// Whether it was passed on.
    pub passed: bool,
}

/// One client: where it is, and the socket that stands for it at the server.
type Client = (SocketAddr, UdpSocket);

/// What the thread works with.
struct Worker<R> {
    listener: UdpSocket,
    server: SocketAddr,
    clients: Vec<Client>,
    rule: R,
    passages: Arc<Mutex<Vec<Passage>>>,
}

impl Relay {
    /// Starts one at an address, whose port may be 0.
    ///
    /// The rule is asked for every datagram: which way it goes, how many came before it that way, and
    /// the datagram, which it may change. It is passed on where the rule says so.
    ///
    /// # Panics
    ///
    /// Where the address cannot be had.
    #[must_use]
    pub fn start(
        listen: SocketAddr,
        server: SocketAddr,
        rule: impl FnMut(Direction, usize, &mut Vec<u8>) -> bool + Send + 'static,
    ) -> Self {
        let listener = UdpSocket::bind(listen)
            .unwrap_or_else(|error| panic!("the relay cannot have {listen}: {error}"));
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let passages = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let mut worker = Worker {
            listener,
            server,
            clients: Vec::new(),
            rule,
            passages: Arc::clone(&passages),
        };
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                worker.work();
            }
        });
        Self {
            address,
            passages,
            stop,
            thread: Some(thread),
        }
    }

    /// Where clients send to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything that came until now, in order.
    #[must_use]
    pub fn passages(&self) -> Vec<Passage> {
        let passages = self.passages.lock();
        passages.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many went this way until now, and how many of them were lost.
    #[must_use]
    pub fn count(&self, direction: Direction) -> (usize, usize) {
        let passages = self.passages();
        let this_way = passages.iter().filter(|one| one.direction == direction);
        let lost = this_way.clone().filter(|one| !one.passed).count();
        (this_way.count(), lost)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A rule that panicked has said so.
            let _ = thread.join();
        }
    }
}

/// The longest UDP datagram.
const LONGEST: usize = 65_535;
/// Clients that are remembered; one that takes a new port for each request counts each time.
const CLIENTS: usize = 64;

impl<R: FnMut(Direction, usize, &mut Vec<u8>) -> bool> Worker<R> {
    /// Waits a moment for datagrams and passes on one from each socket that has some.
    fn work(&mut self) {
        const MOMENT: u16 = 20;
        let sockets = self.clients.iter().map(|(_, socket)| socket);
        let sockets = core::iter::once(&self.listener).chain(sockets);
        let mut waiting: Vec<_> = sockets
            .map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN))
            .collect();
        if poll(&mut waiting, PollTimeout::from(MOMENT)).is_err() {
            return;
        }
        let ready: Vec<_> = waiting
            .iter()
            .map(|socket| socket.any() == Some(true))
            .collect();
        // Responses first: a new client may push the oldest out.
        for index in 0..self.clients.len() {
            if ready[index + 1] {
                self.respond(index);
            }
        }
        if ready[0] {
            self.request();
        }
    }

    fn request(&mut self) {
        let mut octets = vec![0; LONGEST];
        let Ok((length, client)) = self.listener.recv_from(&mut octets) else {
            return;
        };
        octets.truncate(length);
        if !self.clients.iter().any(|(known, _)| *known == client) {
            if self.clients.len() == CLIENTS {
                self.clients.remove(0);
            }
            let local = SocketAddr::new(self.server.ip(), 0);
            let socket = UdpSocket::bind(local).expect("a socket beside the server");
            socket.connect(self.server).expect("the server has a route");
            self.clients.push((client, socket));
        }
        if self.judge(Direction::Request, &mut octets)
            && let Some((_, socket)) = self.clients.iter().find(|(known, _)| *known == client)
        {
            // A server that is gone loses it.
            let _ = socket.send(&octets);
        }
    }

    fn respond(&mut self, index: usize) {
        let mut octets = vec![0; LONGEST];
        let (client, socket) = &self.clients[index];
        let client = *client;
        let Ok(length) = socket.recv(&mut octets) else {
            return;
        };
        octets.truncate(length);
        if self.judge(Direction::Response, &mut octets) {
            let _ = self.listener.send_to(&octets, client);
        }
    }

    /// Asks the rule and keeps a note.
    fn judge(&mut self, direction: Direction, octets: &mut Vec<u8>) -> bool {
        let mut passages = self.passages.lock().unwrap_or_else(PoisonError::into_inner);
        let before = passages.iter().filter(|one| one.direction == direction);
        let passed = (self.rule)(direction, before.count(), octets);
        passages.push(Passage {
            direction,
            octets: octets.clone(),
            passed,
        });
        passed
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    fn bound() -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let patience = Some(Duration::from_secs(10));
        socket.set_read_timeout(patience).expect("a timeout");
        socket
    }

    fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
        let mut octets = [0; 64];
        let (length, from) = socket.recv_from(&mut octets).expect("a datagram");
        (octets[..length].to_vec(), from)
    }

    fn relay(
        server: &UdpSocket,
        rule: impl FnMut(Direction, usize, &mut Vec<u8>) -> bool + Send + 'static,
    ) -> Relay {
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        Relay::start(local, server.local_addr().expect("an address"), rule)
    }

    #[test]
    fn two_clients_have_their_own_answers() {
        let server = bound();
        let relay = relay(&server, |_, _, _| true);
        let clients = [bound(), bound()];
        for (client, octet) in clients.iter().zip([1, 2]) {
            client.send_to(&[octet], relay.address()).unwrap();
        }
        for _ in &clients {
            let (mut octets, from) = receive(&server);
            octets.push(9);
            server.send_to(&octets, from).unwrap();
        }
        for (client, octet) in clients.iter().zip([1, 2]) {
            assert_eq!(receive(client), (vec![octet, 9], relay.address()));
        }
        assert_eq!(relay.count(Direction::Request), (2, 0));
        assert_eq!(relay.count(Direction::Response), (2, 0));
    }

    #[test]
    fn the_rule_loses_and_changes() {
        let server = bound();
        let relay = relay(&server, |direction, before, octets| {
            octets.push(7);
            direction == Direction::Response || before != 1
        });
        let client = bound();
        for octet in [1, 2, 3] {
            client.send_to(&[octet], relay.address()).unwrap();
        }
        let (first, from) = receive(&server);
        assert_eq!((first, receive(&server).0), (vec![1, 7], vec![3, 7]));
        server.send_to(&[4], from).unwrap();
        assert_eq!(receive(&client), (vec![4, 7], relay.address()));
        assert_eq!(relay.count(Direction::Request), (3, 1));
        assert_eq!(relay.count(Direction::Response), (1, 0));
        let lost: Vec<_> = relay
            .passages()
            .into_iter()
            .filter(|one| !one.passed)
            .collect();
        let expected = Passage {
            direction: Direction::Request,
            octets: vec![2, 7],
            passed: false,
        };
        assert_eq!(lost, [expected]);
    }
}
