//! A signal ends the waiting of every socket.

extern crate alloc;

use alloc::sync::Arc;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::process::{self, Command};
use std::thread;
use std::time::Instant;

use horolog_net::NetError;
use horolog_net::ke::{self, KeEvent, KeHandler, KeLimits, KeListener, KeNetError};
use horolog_net::udp::{Batch, ClientSocket, ServerSocket};
use horolog_nts::{
    KeClientConfig, KeOutcome, KeServer, KeServerConfig, KeServerError, KeTimeouts, tls,
};
use rustls::ServerConnection;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::time_provider::DefaultTimeProvider;
use signal_hook::consts::SIGUSR1;
use socket2::{Domain, Socket, Type};

/// Sends signals to this process until `wait` returns, which it should do with an error.
fn is_interrupted<T>(wait: impl FnOnce() -> Result<T, KeNetError>) {
    let done = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&done);
    let signals = thread::spawn(move || {
        while !until.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
            let id = process::id().to_string();
            let status = Command::new("kill").args(["-USR1", &id]).status();
            assert!(status.expect("kill runs").success());
        }
    });
    let start = Instant::now();
    let result = wait();
    done.store(true, Ordering::SeqCst);
    signals.join().expect("the signals are sent");
    let error = result.err().expect("an error");
    let is_interrupted = matches!(error, KeNetError::Net(NetError::Interrupted));
    assert!(is_interrupted, "{error}");
    assert!(start.elapsed() < Duration::from_secs(30));
}

/// Nobody comes.
struct Nobody;

impl KeHandler for Nobody {
    fn respond(
        &mut self,
        _: &KeServer<'_>,
        _: &ServerConnection,
        _: &mut Vec<u8>,
    ) -> Result<KeOutcome, KeServerError> {
        unreachable!()
    }

    fn handle_event(&mut self, _: SocketAddr, _: &KeEvent) {}
}

fn main() {
    let seen = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGUSR1, Arc::clone(&seen)).expect("SIGUSR1 can be caught");

    let local = "127.0.0.1:0".parse().expect("an address");
    let mut server = ServerSocket::bind(local).expect("a port");
    let address = server.local_address().expect("an address");
    let mut client = ClientSocket::connect(address).expect("a way to this host");

    is_interrupted(|| Ok(client.receive(&mut [0; 8], Duration::from_mins(1))?));
    is_interrupted(|| Ok(client.receive(&mut [0; 8], Duration::MAX)?));
    is_interrupted(|| Ok(server.receive(&mut Batch::new(4, 8), Duration::from_mins(1))?));

    // A server of the key establishment that nobody asks, and clients of one that says nothing:
    // connected, and not even that because its queue is full.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certified = rcgen::generate_simple_self_signed(["ntp.example".into()]).expect("a name");
    let certificate = certified.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let session = tls::server_config(Arc::clone(&provider), vec![certificate], key.into());
    let session = session.expect("a certificate and its key");
    let config = KeServerConfig::new();
    let mut listener =
        KeListener::bind(local, session.into(), &config, KeLimits::default()).expect("a port");
    is_interrupted(|| Ok(listener.poll(Duration::from_mins(1), &mut Nobody)?));

    let clock = Arc::new(DefaultTimeProvider);
    let roots = rustls::RootCertStore::empty();
    let session = Arc::new(tls::client_config(provider, clock, roots).expect("a client"));
    let (handshake, exchange) = (Duration::from_mins(1), Duration::from_mins(1));
    let timeouts = KeTimeouts {
        handshake,
        exchange,
    };
    let config = KeClientConfig::new().with_timeouts(timeouts);
    let silent = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    silent.bind(&local.into()).expect("a port");
    silent.listen(0).expect("a queue");
    let address = silent.local_addr().expect("an address");
    let address = address.as_socket().expect("an address of IP");
    // Who is connected stays so, until the queue is full.
    let mut kept = Vec::new();
    for _ in 0..3 {
        let name = "ntp.example".try_into().expect("a name");
        is_interrupted(|| ke::establish(address, name, &session, &config));
        let more = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        more.set_nonblocking(true).expect("a socket");
        let _ = more.connect(&address.into());
        kept.push(more);
    }
    assert!(seen.load(Ordering::SeqCst));
}
