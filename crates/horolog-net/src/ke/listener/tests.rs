use core::net::Ipv4Addr;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{self, TcpStream};
use std::thread;

use horolog_nts::tls::SessionError;
use horolog_nts::{KeClientConfig, KeOutcome, KePhase, KeResponse, KeServerError, ResponseError};
use rustls::Error;

use super::*;
use crate::ke::establish;
use crate::ke::testing::{LONG, Listening, REQUEST, timeouts, wait_until};

const MANY: KeLimits = KeLimits {
    connections: 1000,
    per_address: 1000,
    farewell: Duration::from_millis(100),
};

fn cookies(response: &[u8]) -> usize {
    KeResponse::decode(response).unwrap().cookies().count()
}

fn error_code(response: &[u8]) -> u16 {
    match KeResponse::decode(response) {
        Err(ResponseError::Error { code }) => code.number(),
        other => panic!("{other:?}"),
    }
}

fn is_established(event: &KeEvent) -> bool {
    matches!(event, KeEvent::Answered(Ok(KeOutcome::Established { .. })))
}

#[test]
fn slow_clients_hinder_no_other() {
    let listening = Listening::patient(MANY);
    let silent: Vec<_> = (0..50)
        .map(|_| TcpStream::connect(listening.address).unwrap())
        .collect();
    let mut shaken = Vec::new();
    for _ in 0..10 {
        let mut client = listening.client();
        client.handshake().unwrap();
        client.send(&REQUEST[..5]).unwrap();
        shaken.push(client);
    }
    let session = Arc::new(listening.identity.client());
    let config = KeClientConfig::new().with_timeouts(timeouts(LONG, LONG));
    thread::scope(|scope| {
        for _ in 0..30 {
            scope.spawn(|| {
                let name = "ntp.example".try_into().unwrap();
                let association = establish(listening.address, name, &session, &config).unwrap();
                assert_eq!(association.cookies.len(), 8);
                assert_eq!((association.server, association.port), (None, None));
            });
        }
    });
    wait_until(|| listening.len() == 60);
    let events = listening.events();
    assert_eq!(events.len(), 30);
    assert!(events.iter().all(is_established), "{events:?}");
    // Those that were slow get theirs all the same.
    for mut client in shaken {
        client.send(&REQUEST[5..]).unwrap();
        assert_eq!(cookies(&client.receive().unwrap()), 8);
    }
    drop(silent);
    let events = listening.wait_for_events(90);
    let hung_up = events.iter().filter(|event| **event == KeEvent::HungUp);
    assert_eq!(hung_up.count(), 50);
}

#[test]
fn silence_frees_the_place() {
    let short = Duration::from_millis(300);
    let listening = Listening::start("127.0.0.1:0", MANY, timeouts(short, LONG));
    let mut silent = TcpStream::connect(listening.address).unwrap();
    let mut half = listening.client();
    let hello = half.output();
    half.stream.write_all(&hello[..hello.len() / 2]).unwrap();
    // Both see the connection end without a word of TLS.
    for stream in [&mut silent, &mut half.stream] {
        stream.set_read_timeout(Some(LONG)).unwrap();
        assert_eq!(stream.read(&mut [0; 9]).unwrap(), 0);
    }
    assert_eq!(listening.wait_for_events(2), [KeEvent::Slow, KeEvent::Slow]);
}

#[test]
fn who_has_shaken_hands_and_is_silent_is_told() {
    let is_told = |exchange| {
        let listening = Listening::start("127.0.0.1:0", MANY, timeouts(LONG, exchange));
        for sent in [0, 7] {
            let mut client = listening.client();
            let told = client.ask(&REQUEST[..sent]);
            if listening.wait_for_events(1 + usize::from(sent > 0)).last() == Some(&KeEvent::Slow) {
                return false;
            }
            assert_eq!(error_code(&told.unwrap()), 1);
        }
        let phase = KePhase::Message;
        let timed_out = KeEvent::Answered(Err(KeServerError::TimedOut { phase }));
        assert_eq!(listening.events(), [timed_out.clone(), timed_out]);
        true
    };
    // Where this host is busy the handshake does not end in time either.
    let seconds = [0.5, 2.0, 8.0, 30.0];
    assert!(
        seconds
            .map(Duration::from_secs_f32)
            .into_iter()
            .any(is_told)
    );
}

#[test]
fn timeouts_beyond_all_measure() {
    let limits = KeLimits {
        farewell: Duration::MAX,
        ..MANY
    };
    let forever = timeouts(Duration::MAX, Duration::MAX);
    let listening = Listening::start("127.0.0.1:0", limits, forever);
    let config = KeClientConfig::new().with_timeouts(forever);
    let session = Arc::new(listening.identity.client());
    let name = "ntp.example".try_into().unwrap();
    assert!(establish(listening.address, name, &session, &config).is_ok());
    listening.wait_for_events(1);
}

#[test]
fn one_octet_at_a_time() {
    let listening = Listening::patient(MANY);
    let mut client = listening.client();
    let trickle = |client: &mut crate::ke::testing::Peer<_>| {
        for octet in client.output() {
            client.stream.write_all(&[octet]).unwrap();
        }
    };
    while client.session.is_handshaking() {
        trickle(&mut client);
        if client.session.is_handshaking() {
            client.session.read_tls(&mut client.stream).unwrap();
            client.session.process_new_packets().unwrap();
        }
    }
    for octet in REQUEST {
        client.session.writer().write_all(&[*octet]).unwrap();
        trickle(&mut client);
    }
    assert_eq!(cookies(&client.receive().unwrap()), 8);
}

#[test]
fn a_request_of_20_000_octets() {
    let listening = Listening::patient(MANY);
    let long = [
        &REQUEST[..12],
        &[0x3f, 0xff, 0x4e, 0x20],
        &vec![b'z'; 20_000],
        &REQUEST[12..],
    ]
    .concat();
    assert_eq!(error_code(&listening.client().ask(&long).unwrap()), 1);
    let events = listening.wait_for_events(1);
    assert!(
        matches!(
            events[..],
            [KeEvent::Answered(Err(KeServerError::Request(_)))]
        ),
        "{events:?}"
    );
}

#[test]
fn data_behind_the_end() {
    let listening = Listening::patient(MANY);
    let twice = [REQUEST, REQUEST].concat();
    assert_eq!(error_code(&listening.client().ask(&twice).unwrap()), 1);

    // Behind the response nobody looks, and nothing of the response is lost.
    let mut client = listening.client();
    client.handshake().unwrap();
    client.send(REQUEST).unwrap();
    wait_until(|| listening.events().len() == 2);
    client.send(&[0x55; 5000]).unwrap();
    assert_eq!(cookies(&client.receive().unwrap()), 8);
    drop(client);
    assert!(is_established(&listening.wait_for_events(2)[1]));
}

#[test]
fn a_client_that_does_not_take_its_response() {
    let listening = Listening::patient(MANY);
    let mut client = listening.client();
    client.handshake().unwrap();
    client.send(REQUEST).unwrap();
    // Before the answer it would be data behind the end.
    wait_until(|| listening.events().len() == 1);
    // It stays, and sends as much as it can.
    let flood = thread::spawn(move || while client.send(&[7; 1000]).is_ok() {});
    assert!(is_established(&listening.wait_for_events(1)[0]));
    flood.join().unwrap();
    let mut idle = listening.client();
    idle.handshake().unwrap();
    idle.send(REQUEST).unwrap();
    listening.wait_for_events(2);
    drop(idle);
}

#[test]
fn resets_at_each_stage() {
    let listening = Listening::patient(MANY);
    let first = listening.client();
    listening.wait_for(1);
    first.reset();
    assert_eq!(listening.wait_for_events(1), [KeEvent::HungUp]);

    let mut second = listening.client();
    second.flush().unwrap();
    second.session.read_tls(&mut second.stream).unwrap();
    second.reset();
    assert_eq!(listening.wait_for_events(2)[1], KeEvent::HungUp);

    let mut third = listening.client();
    third.handshake().unwrap();
    third.send(&REQUEST[..9]).unwrap();
    third.reset();
    assert_eq!(listening.wait_for_events(3)[2], KeEvent::HungUp);

    let mut fourth = listening.client();
    fourth.handshake().unwrap();
    fourth.send(REQUEST).unwrap();
    wait_until(|| listening.events().len() == 4);
    fourth.reset();
    assert!(is_established(&listening.wait_for_events(4)[3]));
}

#[test]
fn connections_beyond_the_cap_wait_for_a_place() {
    let limits = KeLimits {
        connections: 2,
        ..MANY
    };
    let listening = Listening::patient(limits);
    let first = TcpStream::connect(listening.address).unwrap();
    let second = TcpStream::connect(listening.address).unwrap();
    listening.wait_for(2);
    let waiting = {
        let mut client = listening.client();
        thread::spawn(move || client.ask(REQUEST).unwrap())
    };
    // As long as both stay, nothing happens.
    thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    assert_eq!((listening.len(), listening.events().len()), (2, 0));
    drop(second);
    assert_eq!(cookies(&waiting.join().unwrap()), 8);
    drop(first);
    listening.wait_for_events(3);
}

#[test]
fn connections_of_one_address_beyond_the_cap_are_closed() {
    let limits = KeLimits {
        per_address: 2,
        ..MANY
    };
    let listening = Listening::patient(limits);
    let first = TcpStream::connect(listening.address).unwrap();
    let second = TcpStream::connect(listening.address).unwrap();
    listening.wait_for(2);
    let mut third = TcpStream::connect(listening.address).unwrap();
    third.set_read_timeout(Some(LONG)).unwrap();
    assert_eq!(third.read(&mut [0; 9]).unwrap(), 0);
    assert_eq!(listening.events(), [KeEvent::TooMany]);

    // Another address of this host is another client.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let other = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0));
    socket.bind(&other.into()).unwrap();
    socket.connect(&listening.address.into()).unwrap();
    let mut client = listening.client();
    client.stream = socket.into();
    client.stream.set_read_timeout(Some(LONG)).unwrap();
    assert_eq!(cookies(&client.ask(REQUEST).unwrap()), 8);
    drop((first, second, client));
    // The one that client() opened first was one too many again.
    let events = listening.wait_for_events(5);
    let too_many = events.iter().filter(|event| **event == KeEvent::TooMany);
    assert_eq!(too_many.count(), 2);
}

/// What the client's TLS says of the alert that came.
fn alert(result: io::Result<Vec<u8>>) -> Error {
    let error = result.unwrap_err();
    let error = error.into_inner().expect("an error of TLS");
    *error.downcast().expect("an error of TLS")
}

/// § 3: TLS 1.3 and `ntske/1`, or nothing.
#[test]
fn rfc_8915_section_3_other_sessions_are_refused() {
    let listening = Listening::patient(MANY);
    let mut old = listening.identity.old_client();
    old.alpn_protocols = vec![b"ntske/1".to_vec()];
    let refused = alert(listening.client_with(old).ask(REQUEST));
    assert_eq!(
        refused,
        Error::AlertReceived(rustls::AlertDescription::ProtocolVersion)
    );

    let mut other = listening.identity.client();
    other.alpn_protocols = vec![b"h2".to_vec()];
    let refused = alert(listening.client_with(other).ask(REQUEST));
    assert_eq!(
        refused,
        Error::AlertReceived(rustls::AlertDescription::NoApplicationProtocol)
    );

    let mut none = listening.identity.client();
    none.alpn_protocols.clear();
    let mut client = listening.client_with(none);
    client.handshake().unwrap();
    assert_eq!(client.receive().unwrap(), []);

    let mut plain = TcpStream::connect(listening.address).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    plain.set_read_timeout(Some(LONG)).unwrap();
    let mut answer = Vec::new();
    plain.read_to_end(&mut answer).unwrap();
    assert_eq!(answer.first(), Some(&21), "an alert");
    drop((client, plain));

    let events = listening.wait_for_events(4);
    assert!(
        matches!(events[0], KeEvent::Tls(Error::PeerIncompatible(_))),
        "{events:?}"
    );
    assert_eq!(events[1], KeEvent::Tls(Error::NoApplicationProtocol));
    assert_eq!(events[2], KeEvent::Session(SessionError::NoAlpn));
    assert!(
        matches!(events[3], KeEvent::Tls(Error::InvalidMessage(_))),
        "{events:?}"
    );
}

/// Whatever the response says, the server ends its side of the session behind it, and the connection.
#[test]
fn rfc_8915_section_4_close_notify() {
    let listening = Listening::patient(MANY);
    let ask = |request| {
        let mut client = listening.client();
        // It ends with a close_notify, or this fails.
        let response = client.ask(request).unwrap();
        assert_eq!(client.stream.read(&mut [0]).unwrap(), 0);
        response
    };
    assert_eq!(cookies(&ask(REQUEST)), 8);
    assert_eq!(error_code(&ask(&[0x80, 0, 0, 0])), 1);
    listening.wait_for_events(2);
}

#[test]
fn a_client_may_close_its_side_before_the_response() {
    let listening = Listening::patient(MANY);
    // With a word of TLS, without, and with both in one segment with the request.
    for (notifies, shuts) in [(true, false), (false, true), (true, true)] {
        let mut client = listening.client();
        client.handshake().unwrap();
        client.session.writer().write_all(REQUEST).unwrap();
        if notifies {
            client.session.send_close_notify();
        }
        client.flush().unwrap();
        if shuts {
            client.stream.shutdown(net::Shutdown::Write).unwrap();
        }
        assert_eq!(cookies(&client.receive().unwrap()), 8);
    }
    let events = listening.wait_for_events(3);
    assert!(events.iter().all(is_established), "{events:?}");

    // Who has asked for nothing gets nothing.
    let mut client = listening.client();
    client.handshake().unwrap();
    client.close_notify();
    let nothing = client.receive();
    assert_eq!(
        nothing.unwrap_err().kind(),
        ErrorKind::UnexpectedEof,
        "no close_notify"
    );
    assert_eq!(listening.wait_for_events(4)[3], KeEvent::HungUp);

    // Half a request is a bad one.
    let mut client = listening.client();
    client.handshake().unwrap();
    client.send(&REQUEST[..9]).unwrap();
    client.close_notify();
    assert_eq!(error_code(&client.receive().unwrap()), 1);
    listening.wait_for_events(5);
}

#[test]
fn another_certificate_for_those_who_come() {
    let (first, second) = (
        crate::ke::testing::Identity::new(),
        crate::ke::testing::Identity::new(),
    );
    let config = KeServerConfig::new();
    let address = "127.0.0.1:0".parse().unwrap();
    let limits = KeLimits::default();
    let mut listener = KeListener::bind(address, first.server().into(), &config, limits).unwrap();
    let taken = KeListener::bind(
        listener.local_address().unwrap(),
        first.server().into(),
        &config,
        limits,
    );
    assert!(matches!(taken, Err(NetError::Bind { .. })), "{taken:?}");
    listener.set_session(second.server().into());
    assert!(listener.is_empty());
}
