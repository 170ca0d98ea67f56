//! What hostile clients of the key establishment can make the server keep.

extern crate alloc;

use alloc::sync::Arc;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use horolog_net::ke::{KeEvent, KeHandler, KeLimits, KeListener};
use horolog_nts::{
    KeOutcome, KeServer, KeServerConfig, KeServerError, KeTimeouts, Keyring, MAX_MESSAGE_LENGTH,
    tls,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::time_provider::DefaultTimeProvider;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

struct Handler(Keyring);

impl KeHandler for Handler {
    fn respond(
        &mut self,
        server: &KeServer<'_>,
        session: &ServerConnection,
        response: &mut Vec<u8>,
    ) -> Result<KeOutcome, KeServerError> {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        server.respond(session, &self.0, &mut rng, response)
    }

    fn handle_event(&mut self, _: SocketAddr, _: &KeEvent) {}
}

fn sessions() -> (Arc<ClientConfig>, Arc<ServerConfig>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certified = rcgen::generate_simple_self_signed(["ntp.example".into()]).expect("a name");
    let certificate = certified.cert.der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let clock = Arc::new(DefaultTimeProvider);
    let client = tls::client_config(Arc::clone(&provider), clock, roots);
    let server = tls::server_config(provider, vec![certificate], key.into());
    (
        client.expect("a client").into(),
        server.expect("a server").into(),
    )
}

/// One client and its server, in one thread, and what the server has allocated for it.
struct Pair<'c> {
    listener: KeListener<'c>,
    handler: Handler,
    stream: TcpStream,
    session: ClientConnection,
    /// Octets that it keeps.
    current: i64,
    /// The most that it ever kept until something more came.
    kept: i64,
    /// The most that there ever were, while it looked at what came.
    peak: i64,
}

impl<'c> Pair<'c> {
    fn new(config: &'c KeServerConfig) -> Self {
        let (client, server) = sessions();
        let address = "127.0.0.1:0".parse().expect("an address");
        let listener = KeListener::bind(address, server, config, KeLimits::default());
        let listener = listener.expect("a port");
        let stream = TcpStream::connect(listener.local_address().expect("an address"));
        let stream = stream.expect("a connection");
        stream.set_nonblocking(true).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        let name = "ntp.example".try_into().expect("a name");
        let mut pair = Self {
            listener,
            handler: Handler(Keyring::new(1, &[7; 32])),
            stream,
            session: ClientConnection::new(client, name).expect("a client"),
            current: 0,
            kept: 0,
            peak: 0,
        };
        while pair.listener.is_empty() {
            pair.poll();
        }
        pair
    }

    fn poll(&mut self) {
        let wait = Duration::from_millis(1);
        let info = allocation_counter::measure(|| {
            let polled = self.listener.poll(wait, &mut self.handler);
            polled.expect("no signals here");
        });
        let most = i64::try_from(info.bytes_max).expect("a small number");
        self.peak = self.peak.max(self.current + most);
        self.current += info.bytes_current;
        self.kept = self.kept.max(self.current);
    }

    /// Sends it all, and lets the server take it, unless it has had enough.
    fn send(&mut self, octets: &[u8]) {
        for portion in octets.chunks(4096) {
            let _ = self.stream.write_all(portion);
            self.poll();
        }
        for _ in 0..20 {
            self.poll();
        }
    }

    fn output(&mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        while self.session.wants_write() {
            self.session.write_tls(&mut octets).expect("a vector");
        }
        octets
    }

    fn handshake(&mut self) {
        while self.session.is_handshaking() {
            let octets = self.output();
            self.send(&octets);
            while self.session.read_tls(&mut self.stream).is_ok() {
                self.session.process_new_packets().expect("TLS");
            }
        }
        let octets = self.output();
        self.send(&octets);
    }
}

/// Records of the handshake with this in them, so many octets in each.
fn handshake_records(octets: &[u8], portion: usize) -> Vec<u8> {
    let record = |portion: &[u8]| {
        let length = u16::try_from(portion.len()).expect("a record");
        [&[22, 3, 1][..], &length.to_be_bytes(), portion].concat()
    };
    octets.chunks(portion).flat_map(record).collect()
}

/// A message of the handshake that says it has so many octets.
fn message(kind: u8, length: usize) -> Vec<u8> {
    let [_, high, middle, low] = u32::try_from(length).expect("24 bits").to_be_bytes();
    let mut octets = vec![0; 4 + length];
    octets[..4].copy_from_slice(&[kind, high, middle, low]);
    octets
}

/// A hello of the client with these extensions.
fn hello(extensions: &[u8]) -> Vec<u8> {
    let length = u16::try_from(extensions.len()).expect("an extension");
    let head = [0, 0, 2, 0x13, 1, 1, 0];
    let body = [
        &[3, 3][..],
        &[7; 32],
        &head,
        &length.to_be_bytes(),
        extensions,
    ]
    .concat();
    let mut octets = message(1, body.len());
    octets[4..].copy_from_slice(&body);
    octets
}

/// As many extensions as there is room for.
fn many_extensions() -> Vec<u8> {
    let numbers = 0x1000..0x1000 + 16_000_u16;
    let extension = |number: u16| [number.to_be_bytes(), [0; 2]].concat();
    hello(&numbers.flat_map(extension).collect::<Vec<_>>())
}

/// As many key shares as there is room for.
fn many_key_shares() -> Vec<u8> {
    let shares = [0xfa, 0xfa, 0, 1, 7].repeat(13_000);
    let length = u16::try_from(shares.len()).expect("an extension");
    let lengths = [(length + 2).to_be_bytes(), length.to_be_bytes()].concat();
    hello(&[&[0, 51][..], &lengths, &shares].concat())
}

#[test]
fn memory_of_a_connection_is_bounded() {
    // Nobody is to be sent away meanwhile, however busy this host is.
    let timeouts = KeTimeouts {
        handshake: Duration::from_mins(10),
        exchange: Duration::from_mins(10),
    };
    let config = KeServerConfig::new()
        .with_request_limit(MAX_MESSAGE_LENGTH)
        .with_timeouts(timeouts);
    let mut pairs = vec![("silent", Pair::new(&config))];
    let longest = message(1, 0xff00);
    let all_but_one = &longest[..longest.len() - 1];
    for (name, octets, portion) in [
        ("a long hello", all_but_one, 16_384),
        ("in pieces", all_but_one, 100),
        ("octet by octet", all_but_one, 1),
        ("many extensions", &many_extensions(), 16_384),
        ("many key shares", &many_key_shares(), 16_384),
        ("many messages", &[4, 0, 0, 0].repeat(4000), 16_000),
    ] {
        let mut pair = Pair::new(&config);
        pair.send(&handshake_records(octets, portion));
        pairs.push((name, pair));
    }

    let mut pair = Pair::new(&config);
    pair.handshake();
    pairs.push(("shaken hands", pair));

    let mut pair = Pair::new(&config);
    pair.handshake();
    pair.send(&[23, 3, 3, 0x40, 0]);
    pair.send(&[0; 16_000]);
    pairs.push(("a long record", pair));

    // With another behind it that is not over either.
    let mut pair = Pair::new(&config);
    pair.handshake();
    let record = [&[0x3f, 0xff, 0x3f, 0xf0][..], &[0; 0x3ff0]].concat();
    for left in [0, 0, 0, 20] {
        let part = &record[..record.len() - left];
        pair.session.writer().write_all(part).expect("room");
        let octets = pair.output();
        pair.send(&octets);
    }
    pair.send(&[23, 3, 3, 0x40, 0]);
    pair.send(&[0; 16_000]);
    assert_eq!(pair.listener.len(), 1);
    pairs.push(("a long request", pair));

    let mut pair = Pair::new(&config);
    pair.handshake();
    let request = [0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x80, 0, 0, 0];
    pair.session.writer().write_all(&request).expect("room");
    let octets = pair.output();
    pair.send(&octets);
    pair.stream.set_nonblocking(false).expect("a socket");
    let patience = Some(Duration::from_mins(1));
    pair.stream.set_read_timeout(patience).expect("a socket");
    assert!(pair.stream.read(&mut [0; 100]).expect("a response") > 0);
    pairs.push(("an answer not taken", pair));

    for (name, pair) in &pairs {
        println!("{:>8} kept, at most {:>8}: {name}", pair.kept, pair.peak);
    }
    let limit = i64::try_from(KeLimits::MEMORY).expect("a small number");
    for (name, pair) in pairs {
        assert!(pair.kept <= limit, "{name}: {} octets", pair.kept);
        assert!(pair.peak <= 8 * limit, "{name}: {} octets", pair.peak);
    }
}
