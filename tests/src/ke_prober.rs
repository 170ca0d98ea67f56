use alloc::sync::Arc;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::version::{TLS12, TLS13};
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, ProtocolVersion, RootCertStore,
};

use crate::Pki;

/// A client of the key establishment that sends what it is told to, in ways that others do not.
#[derive(Debug)]
pub struct KeProber {
    address: SocketAddr,
    roots: Arc<RootCertStore>,
}

/// How a request is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// At once; the connection stays open.
    Whole,
    /// A segment of TCP and a record of TLS for each octet.
    OctetByOctet,
    /// At once, with new keys of TLS in the middle.
    Rekeyed,
    /// At once, with the word that nothing more will come.
    Notified,
    /// The same, and TCP is closed on this side.
    Closed,
    /// At once, and some octets more when the answer may be on its way.
    Behind,
    /// With these protocols for ALPN.
    Alpn(&'static [&'static [u8]]),
    /// Over TLS 1.2.
    Tls12,
    /// Without TLS, and the octets are all there is.
    Plain,
    /// At once, and the connection is torn down.
    Reset,
}

/// What came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Heard {
    /// The octets of a session that was closed as it should be.
    Message(Vec<u8>),
    /// The connection ended with nothing said in it.
    Closed,
    /// TLS was refused.
    Alert(AlertDescription),
}

/// No test waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

impl KeProber {
    /// For the server at an address.
    ///
    /// # Panics
    ///
    /// Where the authority's certificate cannot be read.
    #[must_use]
    pub fn new(address: SocketAddr, pki: &Pki) -> Self {
        let authority = CertificateDer::from_pem_file(pki.authority()).expect("a certificate");
        let mut roots = RootCertStore::empty();
        roots.add(authority).expect("a certificate");
        let roots = Arc::new(roots);
        Self { address, roots }
    }

    /// Sends a request, and tells what came of it.
    ///
    /// # Panics
    ///
    /// Where there is no end within half a minute.
    #[must_use]
    pub fn ask(&self, request: &[u8], way: Way) -> Heard {
        let mut stream = TcpStream::connect(self.address).expect("a server");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        stream.set_write_timeout(Some(PATIENCE)).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        if way == Way::Plain {
            return ask_plainly(&stream, request);
        }
        let name = self.address.ip().into();
        let mut session = ClientConnection::new(self.config(way), name).expect("a client");
        while session.is_handshaking() {
            if let Err(error) = session.complete_io(&mut stream) {
                return ended(error);
            }
        }
        assert_eq!(session.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        send(&mut session, &stream, request, way);
        if way == Way::Reset {
            let socket = socket2::SockRef::from(&stream);
            socket.set_linger(Some(Duration::ZERO)).expect("a socket");
            return Heard::Closed;
        }
        let mut answer = Vec::new();
        let mut tls = rustls::Stream::new(&mut session, &mut stream);
        match tls.read_to_end(&mut answer) {
            Ok(_) if answer.is_empty() => Heard::Closed,
            Ok(_) => Heard::Message(answer),
            Err(error) => {
                assert!(answer.is_empty(), "{error} behind {answer:x?}");
                ended(error)
            }
        }
    }

    fn config(&self, way: Way) -> Arc<ClientConfig> {
        let version = if way == Way::Tls12 { &TLS12 } else { &TLS13 };
        let protocols = match way {
            Way::Alpn(protocols) => protocols,
            _ => &[b"ntske/1".as_slice()],
        };
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .expect("TLS 1.2 or 1.3")
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }
}

fn send(session: &mut ClientConnection, stream: &TcpStream, request: &[u8], way: Way) {
    let (first, second) = request.split_at(request.len() / 2);
    match way {
        Way::OctetByOctet => {
            for octet in request {
                session.writer().write_all(&[*octet]).expect("room");
                let mut octets = Vec::new();
                session.write_tls(&mut octets).expect("a vector");
                for octet in octets {
                    let mut stream = stream;
                    stream.write_all(&[octet]).expect("a server");
                }
            }
        }
        Way::Rekeyed => {
            write(session, stream, first);
            session.refresh_traffic_keys().expect("TLS 1.3");
            write(session, stream, second);
        }
        _ => write(session, stream, request),
    }
    if matches!(way, Way::Notified | Way::Closed) {
        session.send_close_notify();
        flush(session, stream);
    }
    if way == Way::Closed {
        stream.shutdown(Shutdown::Write).expect("a socket");
    }
    if way == Way::Behind {
        let mut first = [0];
        assert_eq!(stream.peek(&mut first).expect("an answer"), 1);
        write(session, stream, &[0x55; 5000]);
    }
}

fn write(session: &mut ClientConnection, stream: &TcpStream, octets: &[u8]) {
    session.writer().write_all(octets).expect("room");
    flush(session, stream);
}

/// The server may have had enough.
fn flush(session: &mut ClientConnection, mut stream: &TcpStream) {
    let mut octets = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut octets).expect("a vector");
    }
    let _ = stream.write_all(&octets);
}

fn ask_plainly(mut stream: &TcpStream, request: &[u8]) -> Heard {
    stream.write_all(request).expect("a server");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an end");
    match answer[..] {
        [] => Heard::Closed,
        // A record of TLS with an alert, fatal.
        [21, _, _, 0, 2, 2, alert] => Heard::Alert(alert.into()),
        _ => Heard::Message(answer),
    }
}

/// How TLS says that it ended before its time.
fn ended(error: std::io::Error) -> Heard {
    assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "no end");
    let error = error.into_inner().and_then(|error| error.downcast().ok());
    match error.as_deref() {
        Some(Error::AlertReceived(alert)) => Heard::Alert(*alert),
        Some(error) => panic!("{error}"),
        None => Heard::Closed,
    }
}
