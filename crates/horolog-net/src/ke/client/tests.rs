use core::time::Duration;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::thread::JoinHandle;

use horolog_nts::{KeError, KePhase, KeTimeouts, MAX_MESSAGE_LENGTH, tls::SessionError};
use rustls::{ServerConfig, ServerConnection};

use super::*;
use crate::ke::KeLimits;
use crate::ke::testing::{Identity, LONG, Listening, Peer, REQUEST, timeouts};

/// NTPv4 and AES-SIV-CMAC-256 with one cookie, but for the end.
const RESPONSE: &[u8] = &[
    0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0, 5, 0, 4, 1, 2, 3, 4,
];
const END: &[u8] = &[0x80, 0, 0, 0];

const SOON: Duration = Duration::from_millis(400);

/// A server of one connection that does as it is told.
fn serve(act: impl FnOnce(TcpStream) + Send + 'static) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (
        address,
        thread::spawn(move || act(listener.accept().unwrap().0)),
    )
}

/// One that shakes hands before it does so, and has read the request.
fn serve_tls(
    config: ServerConfig,
    act: impl FnOnce(&mut Peer<ServerConnection>) + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    serve(move |stream| {
        let session = ServerConnection::new(Arc::new(config)).unwrap();
        let mut peer = Peer::new(stream, session);
        if peer.handshake().is_err() {
            return;
        }
        let mut request = [0; 100];
        let mut stream = rustls::Stream::new(&mut peer.session, &mut peer.stream);
        if stream.read(&mut request).is_ok_and(|length| length > 0) {
            act(&mut peer);
        }
    })
}

fn ask(
    identity: &Identity,
    address: SocketAddr,
    timeouts: KeTimeouts,
) -> Result<Association, KeNetError> {
    let config = KeClientConfig::new().with_timeouts(timeouts);
    let session = Arc::new(identity.client());
    establish(
        address,
        "ntp.example".try_into().unwrap(),
        &session,
        &config,
    )
}

/// What a server's response leads to.
fn ask_for(response: Vec<u8>) -> Result<Association, KeNetError> {
    let identity = Identity::new();
    let (address, server) = serve_tls(identity.server(), move |peer| {
        // The client may have had enough.
        if peer.send(&response).is_ok() {
            peer.session.send_close_notify();
            let _ = peer.flush();
        }
        let _ = peer.receive();
    });
    let result = ask(&identity, address, timeouts(LONG, LONG));
    server.join().unwrap();
    result
}

fn timed_out(result: Result<Association, KeNetError>) -> KePhase {
    match result {
        Err(KeNetError::Ke(KeError::TimedOut { phase })) => phase,
        other => panic!("{other:?}"),
    }
}

#[test]
fn silent_servers() {
    let identity = Identity::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts; the system has connected.
    let result = ask(&identity, address, timeouts(SOON, LONG));
    assert_eq!(timed_out(result), KePhase::Handshake);

    let (address, server) = serve_tls(identity.server(), |peer| {
        let _ = peer.receive();
    });
    let result = ask(&identity, address, timeouts(LONG, SOON));
    // Where this host is busy the handshake does not end in time either.
    let phase = timed_out(result);
    assert!(matches!(phase, KePhase::Message | KePhase::Handshake));
    server.join().unwrap();
}

#[test]
fn trickling_servers_run_out_of_time() {
    let identity = Identity::new();
    // A record of the handshake that does not end.
    let (address, server) = serve(|mut stream| {
        let mut octets = [22, 3, 3, 0x3f, 0xff, 2, 0, 0x3f, 0xfb].into_iter();
        while stream.write_all(&[octets.next().unwrap_or(0)]).is_ok() {
            thread::sleep(Duration::from_millis(10));
        }
    });
    let result = ask(&identity, address, timeouts(SOON, LONG));
    assert_eq!(timed_out(result), KePhase::Handshake);
    server.join().unwrap();

    // Records that nobody knows, for ever.
    let phase_after = |exchange| {
        let (address, server) = serve_tls(identity.server(), |peer| {
            while peer.send(&[0x3f, 0xff, 0, 0]).is_ok() {
                thread::sleep(Duration::from_millis(10));
            }
        });
        let result = ask(&identity, address, timeouts(LONG, exchange));
        server.join().unwrap();
        timed_out(result)
    };
    // Where this host is busy the handshake does not end in time either.
    let seconds = [1, 4, 30].map(Duration::from_secs).into_iter();
    assert!(
        seconds
            .map(phase_after)
            .any(|phase| phase == KePhase::Message)
    );
}

#[test]
fn servers_that_close_early() {
    let identity = Identity::new();
    // Before the handshake, when it has read what the client says.
    let (address, server) = serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]).unwrap();
    });
    let result = ask(&identity, address, timeouts(LONG, LONG));
    server.join().unwrap();
    let early = |received| KeError::ClosedEarly { received };
    assert!(
        matches!(result, Err(KeNetError::Ke(ref error)) if *error == early(0)),
        "{result:?}"
    );
    // After the handshake, with and without a word, and inside of the response.
    for received in [0, 6, 13, RESPONSE.len()] {
        for notifies in [false, true] {
            let (address, server) = serve_tls(identity.server(), move |peer| {
                peer.send(&RESPONSE[..received]).unwrap();
                if notifies {
                    peer.close_notify();
                }
            });
            let result = ask(&identity, address, timeouts(LONG, LONG));
            server.join().unwrap();
            assert!(
                matches!(result, Err(KeNetError::Ke(ref error)) if *error == early(received)),
                "{received}: {result:?}"
            );
        }
    }
}

/// Whatever the response says, the client ends its side of the session and sends nothing more.
#[test]
fn rfc_8915_section_4_close_notify() {
    const INTERNAL_ERROR: &[u8] = &[0x80, 2, 0, 2, 0, 2];
    let identity = Identity::new();
    for (start, is_good) in [(RESPONSE, true), (INTERNAL_ERROR, false)] {
        // A server that says no more: what it left unread would reset the connection.
        let (address, server) = serve_tls(identity.server(), move |peer| {
            peer.send(&[start, END].concat()).unwrap();
            assert_eq!(peer.receive().expect("a close_notify"), []);
        });
        let result = ask(&identity, address, timeouts(LONG, LONG));
        server.join().unwrap();
        assert_eq!(result.is_ok(), is_good, "{result:?}");
    }
}

#[test]
fn what_stands_behind_the_end_is_not_looked_at() {
    let response = [RESPONSE, END, &[0xff; 5000]].concat();
    assert_eq!(ask_for(response).unwrap().cookies.len(), 1);
}

/// § 4.1.3: an Error record.
#[test]
fn rfc_8915_section_4_1_3_errors() {
    let refused = ask_for([&[0x80, 2, 0, 2, 0, 1], END].concat());
    let code = horolog_nts::ErrorCode::BAD_REQUEST;
    assert!(
        matches!(refused, Err(KeNetError::Ke(KeError::Refused { code: said })) if said == code),
        "{refused:?}"
    );
}

#[test]
fn long_responses() {
    // Records that nobody knows fill it up to the longest message.
    let response = |length: usize| {
        let filling = length - RESPONSE.len() - 4 - END.len();
        let [high, low] = u16::try_from(filling).unwrap().to_be_bytes();
        let zeros = vec![0; filling];
        [RESPONSE, &[0x3f, 0xff, high, low], &zeros, END].concat()
    };
    let longest = response(MAX_MESSAGE_LENGTH);
    assert_eq!(longest.len(), 64 * 1024);
    assert_eq!(ask_for(longest).unwrap().cookies.len(), 1);
    let refused = ask_for(response(MAX_MESSAGE_LENGTH + 1));
    assert!(
        matches!(refused, Err(KeNetError::Ke(KeError::Malformed(_)))),
        "{refused:?}"
    );
    // Endless records.
    let endless = [RESPONSE, &[0x3f, 0xff, 0, 0].repeat(100_000)].concat();
    let refused = ask_for(endless);
    assert!(
        matches!(refused, Err(KeNetError::Ke(KeError::Malformed(_)))),
        "{refused:?}"
    );
}

/// What TLS says of a server.
fn refusal(ours: &Identity, server: ServerConfig) -> rustls::Error {
    let (address, server) = serve_tls(server, |_| panic!("there is a request"));
    let result = ask(ours, address, timeouts(LONG, LONG));
    server.join().unwrap();
    match result {
        Err(KeNetError::Tls(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn certificates_that_are_not_good() {
    let (ours, other) = (Identity::new(), Identity::new());
    let refused = refusal(&ours, other.server());
    assert!(
        matches!(refused, rustls::Error::InvalidCertificate(_)),
        "{refused}"
    );

    let names = ["other.example".to_owned()];
    let params = rcgen::CertificateParams::new(names).unwrap();
    let other = Identity::of(&params);
    let refused = refusal(&other, other.server());
    assert!(
        refused.to_string().contains("not valid for name"),
        "{refused}"
    );

    let mut params = rcgen::CertificateParams::new(["ntp.example".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let expired = Identity::of(&params);
    let refused = refusal(&expired, expired.server());
    assert!(refused.to_string().contains("expired"), "{refused}");
}

/// § 3: TLS 1.3 and `ntske/1`, or nothing.
#[test]
fn rfc_8915_section_3_other_servers_are_refused() {
    let identity = Identity::new();
    let refused = refusal(&identity, identity.old_server());
    assert_eq!(
        refused,
        rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion)
    );

    let mut without = identity.server();
    without.alpn_protocols.clear();
    let (address, server) = serve_tls(without, |_| panic!("there is a request"));
    let result = ask(&identity, address, timeouts(LONG, LONG));
    server.join().unwrap();
    assert!(
        matches!(result, Err(KeNetError::Session(SessionError::NoAlpn))),
        "{result:?}"
    );
}

#[test]
fn nobody_there() {
    // A port that UDP holds, and nobody has with TCP.
    let holder = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap();
    let result = ask(&Identity::new(), address, timeouts(LONG, LONG));
    assert!(
        matches!(&result, Err(KeNetError::Net(NetError::Connect { address: asked, source }))
            if *asked == address && source.kind() == io::ErrorKind::ConnectionRefused),
        "{result:?}"
    );
}

#[test]
fn over_ipv6() {
    if UdpSocket::bind("[::1]:0").is_err() {
        eprintln!("SKIPPED: no IPv6 loopback");
        return;
    }
    let limits = KeLimits::default();
    let listening = Listening::start("[::1]:0", limits, timeouts(LONG, LONG));
    let session = Arc::new(listening.identity.client());
    let name = ServerName::try_from("::1").unwrap();
    let config = KeClientConfig::new().with_timeouts(timeouts(LONG, LONG));
    let association = establish(listening.address, name, &session, &config).unwrap();
    assert_eq!(association.cookies.len(), 8);
    assert_eq!(listening.wait_for_events(1).len(), 1);
    let mut client = listening.client();
    assert!(client.ask(REQUEST).is_ok());
}
