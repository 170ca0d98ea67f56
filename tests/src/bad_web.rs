use alloc::sync::Arc;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use horolog_examples::tls::{Identity, provider};
use horolog_net::https::server_config;
use rustls::{ServerConnection, StreamOwned};

use crate::Pki;

/// A web server that answers as a test wants it to, rightly or not.
///
/// It lasts as long as the process.
#[derive(Debug)]
pub struct BadWebServer {
    address: SocketAddr,
    connections: Arc<AtomicU32>,
}

/// The server's side of a TLS connection.
pub type TlsStream = StreamOwned<ServerConnection, TcpStream>;

impl BadWebServer {
    /// Starts one at a free port of 127.0.0.1; each connection goes to the rule.
    ///
    /// # Panics
    ///
    /// Where there is no port.
    #[must_use]
    pub fn start(pki: &Pki, rule: impl Fn(TlsStream) + Send + Sync + 'static) -> Self {
        let identity = Identity::from_pem(pki.certificate(), pki.key()).expect("an identity");
        let config = server_config(provider(), identity.chain, identity.key);
        let config = Arc::new(config.expect("a configuration"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicU32::new(0));
        let (rule, counter) = (Arc::new(rule), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::Relaxed);
                let session = ServerConnection::new(Arc::clone(&config)).expect("a session");
                let rule = Arc::clone(&rule);
                let _ = stream.set_read_timeout(Some(Duration::from_mins(1)));
                thread::spawn(move || rule(StreamOwned::new(session, stream)));
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// One that answers every request with these octets.
    #[must_use]
    pub fn saying(pki: &Pki, response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        Self::start(pki, move |mut stream| {
            while read_request(&mut stream) {
                if stream.write_all(&response).is_err() {
                    return;
                }
            }
        })
    }

    /// Where it serves.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> u32 {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Waits for the end of a request's head; tells whether there was one.
pub fn read_request(stream: &mut TlsStream) -> bool {
    let mut last = [0; 4];
    let mut octet = [0];
    while let Ok(1) = stream.read(&mut octet) {
        last.rotate_left(1);
        last[3] = octet[0];
        if last == *b"\r\n\r\n" {
            return true;
        }
    }
    false
}
