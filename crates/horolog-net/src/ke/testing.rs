//! Both ends for the tests: a listener in a thread, and TLS sessions that do as they are told.

use alloc::sync::Arc;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use horolog_nts::{KeOutcome, KeServer, KeServerConfig, KeServerError, KeTimeouts, Keyring, tls};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::time_provider::DefaultTimeProvider;
use rustls::version::TLS12;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use super::{KeEvent, KeHandler, KeLimits, KeListener};

/// NTPv4 with AES-SIV-CMAC-256.
pub(super) const REQUEST: &[u8] = &[0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x80, 0, 0, 0];

/// Long enough for whatever a test waits for.
pub(super) const LONG: Duration = Duration::from_mins(1);

/// Time for the handshake and for all of it.
pub(super) fn timeouts(handshake: Duration, exchange: Duration) -> KeTimeouts {
    KeTimeouts {
        handshake,
        exchange,
    }
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A certificate for `ntp.example` and this host, and its key.
pub(super) struct Identity {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Identity {
    pub(super) fn new() -> Self {
        let names = ["ntp.example", "127.0.0.1", "::1"].map(String::from);
        Self::of(&rcgen::CertificateParams::new(names).unwrap())
    }

    pub(super) fn of(params: &rcgen::CertificateParams) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }

    pub(super) fn server(&self) -> ServerConfig {
        let chain = vec![self.certificate.clone()];
        tls::server_config(provider(), chain, self.key.clone_key()).unwrap()
    }

    pub(super) fn old_server(&self) -> ServerConfig {
        let chain = vec![self.certificate.clone()];
        ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS12])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, self.key.clone_key())
            .unwrap()
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        roots
    }

    pub(super) fn client(&self) -> ClientConfig {
        tls::client_config(provider(), Arc::new(DefaultTimeProvider), self.roots()).unwrap()
    }

    pub(super) fn old_client(&self) -> ClientConfig {
        ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS12])
            .unwrap()
            .with_root_certificates(self.roots())
            .with_no_client_auth()
    }
}

/// A [`KeListener`] in a thread of its own.
pub(super) struct Listening {
    pub(super) address: SocketAddr,
    pub(super) identity: Identity,
    connections: Arc<AtomicUsize>,
    events: Arc<Mutex<Vec<KeEvent>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Recorder {
    keyring: Keyring,
    events: Arc<Mutex<Vec<KeEvent>>>,
}

impl KeHandler for Recorder {
    fn respond(
        &mut self,
        server: &KeServer<'_>,
        session: &ServerConnection,
        response: &mut Vec<u8>,
    ) -> Result<KeOutcome, KeServerError> {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        server.respond(session, &self.keyring, &mut rng, response)
    }

    fn handle_event(&mut self, _: SocketAddr, event: &KeEvent) {
        self.events.lock().unwrap().push(event.clone());
    }
}

impl Listening {
    /// With all the time in the world.
    pub(super) fn patient(limits: KeLimits) -> Self {
        Self::start("127.0.0.1:0", limits, timeouts(LONG, LONG))
    }

    pub(super) fn start(address: &str, limits: KeLimits, timeouts: KeTimeouts) -> Self {
        let identity = Identity::new();
        let session = Arc::new(identity.server());
        let address = address.parse().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let events = Arc::new(Mutex::new(Vec::new()));
        let (sender, receiver) = mpsc::channel();
        let thread = {
            let (connections, stop) = (Arc::clone(&connections), Arc::clone(&stop));
            let events = Arc::clone(&events);
            thread::spawn(move || {
                let config = KeServerConfig::new().with_timeouts(timeouts);
                let mut listener = KeListener::bind(address, session, &config, limits).unwrap();
                sender.send(listener.local_address().unwrap()).unwrap();
                let keyring = Keyring::new(1, &[0x2b; 32]);
                let mut recorder = Recorder { keyring, events };
                while !stop.load(Ordering::SeqCst) {
                    let wait = Duration::from_millis(20);
                    listener.poll(wait, &mut recorder).unwrap();
                    connections.store(listener.len(), Ordering::SeqCst);
                    assert!(listener.len() <= limits.connections);
                }
            })
        };
        Self {
            address: receiver.recv().unwrap(),
            identity,
            connections,
            events,
            stop,
            thread: Some(thread),
        }
    }

    /// How many clients are connected.
    pub(super) fn len(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until so many clients are connected.
    pub(super) fn wait_for(&self, connections: usize) {
        wait_until(|| self.len() == connections);
    }

    pub(super) fn events(&self) -> Vec<KeEvent> {
        self.events.lock().unwrap().clone()
    }

    /// Waits until something became of so many clients and none is left.
    pub(super) fn wait_for_events(&self, number: usize) -> Vec<KeEvent> {
        wait_until(|| self.events().len() >= number && self.len() == 0);
        let events = self.events();
        assert_eq!(events.len(), number, "{events:?}");
        events
    }

    pub(super) fn client(&self) -> Peer<ClientConnection> {
        self.client_with(self.identity.client())
    }

    pub(super) fn client_with(&self, config: ClientConfig) -> Peer<ClientConnection> {
        let name = "ntp.example".try_into().unwrap();
        let session = ClientConnection::new(Arc::new(config), name).unwrap();
        Peer::new(TcpStream::connect(self.address).unwrap(), session)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let joined = self.thread.take().unwrap().join();
        assert!(joined.is_ok() || thread::panicking());
    }
}

/// Looks again and again, for a minute at most.
pub(super) fn wait_until(mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < end, "waited in vain");
        thread::sleep(Duration::from_millis(5));
    }
}

/// One end of a TLS session that blocks.
pub(super) struct Peer<S> {
    pub(super) stream: TcpStream,
    pub(super) session: S,
}

impl<S, D> Peer<S>
where
    S: core::ops::DerefMut<Target = rustls::ConnectionCommon<D>>,
    D: rustls::SideData,
{
    pub(super) fn new(stream: TcpStream, session: S) -> Self {
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream.set_write_timeout(Some(LONG)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, session }
    }

    pub(super) fn handshake(&mut self) -> io::Result<()> {
        while self.session.is_handshaking() {
            self.session.complete_io(&mut self.stream)?;
        }
        self.flush()
    }

    pub(super) fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.session.writer().write_all(octets)?;
        self.flush()
    }

    /// What waits to be sent, as TLS has it.
    pub(super) fn output(&mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        while self.session.wants_write() {
            self.session.write_tls(&mut octets).unwrap();
        }
        octets
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        let octets = self.output();
        self.stream.write_all(&octets)
    }

    /// Says that nothing more will come.
    pub(super) fn close_notify(&mut self) {
        self.session.send_close_notify();
        self.flush().unwrap();
    }

    /// All that comes until the other side says that it is all.
    pub(super) fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut octets = Vec::new();
        rustls::Stream::new(&mut self.session, &mut self.stream).read_to_end(&mut octets)?;
        Ok(octets)
    }

    /// What the other side says to a request.
    pub(super) fn ask(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        self.handshake()?;
        self.send(request)?;
        self.receive()
    }

    /// Ends the connection without a word.
    pub(super) fn reset(self) {
        let socket = socket2::SockRef::from(&self.stream);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    }
}
