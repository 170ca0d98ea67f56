use alloc::sync::Arc;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::net::UdpSocket;
use std::thread::{self, JoinHandle};

use crate::Namespace;

/// A slow path through a network: UDP between clients in a namespace and one server, each way with a
/// delay of its own, and never less.
#[derive(Debug)]
pub struct SlowPath {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a datagram may be.
const LONGEST: usize = 2048;

impl SlowPath {
    /// Starts one where the clients are, at an address of theirs.
    ///
    /// # Panics
    ///
    /// Where the namespace cannot be entered or the address cannot be had.
    #[must_use]
    pub fn start(
        clients: &Namespace,
        listen: SocketAddr,
        server: SocketAddr,
        there: Duration,
        back: Duration,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (clients, stopped) = (clients.clone(), Arc::clone(&stop));
        let (sender, bound) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            // For this thread alone, and those that it starts.
            clients.enter();
            let listener = UdpSocket::bind(listen);
            let listener = listener.unwrap_or_else(|error| panic!("no {listen}: {error}"));
            let moment = Some(Duration::from_millis(20));
            listener.set_read_timeout(moment).expect("a timeout");
            sender.send(()).expect("somebody waits");
            while !stopped.load(Ordering::Relaxed) {
                let mut octets = vec![0; LONGEST];
                if let Ok((length, client)) = listener.recv_from(&mut octets) {
                    octets.truncate(length);
                    let listener = listener.try_clone().expect("a second handle");
                    thread::spawn(move || {
                        thread::sleep(there);
                        if let Some(reply) = ask(server, &octets) {
                            thread::sleep(back);
                            let _ = listener.send_to(&reply, client);
                        }
                    });
                }
            }
        });
        bound.recv().expect("a socket in the namespace");
        Self {
            address: listen,
            stop,
            thread: Some(thread),
        }
    }

    /// Where clients send to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Sends a datagram and waits for one reply.
fn ask(server: SocketAddr, octets: &[u8]) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect(server).ok()?;
    socket.set_read_timeout(Some(PATIENCE)).ok()?;
    socket.send(octets).ok()?;
    let mut reply = vec![0; LONGEST];
    let length = socket.recv(&mut reply).ok()?;
    reply.truncate(length);
    Some(reply)
}

impl Drop for SlowPath {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // One that panicked has said so.
            let _ = thread.join();
        }
    }
}
