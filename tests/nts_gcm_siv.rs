//! AES-128-GCM-SIV with keys as chrony 4.4 to 4.6 exported them, asked of a chrony that still does so
//! for a client that does not know better.

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};

use horolog_examples::{random, tls};
use horolog_ntp::{ClientConfig, Reply};
use horolog_nts::{
    AeadAlgorithm, Association, KeClient, KeClientConfig, KeProgress, NtsClient, NtsReply,
};
use horolog_tests::{Chrony, Direction, Pki};
use horolog_time::NtpTimestamp;
use rustls::{ClientConnection, Stream};

/// Says that keys of AES-128-GCM-SIV are exported as RFC 8915 has it.
const COMPLIANT: [u8; 4] = [0x04, 0, 0, 0];

/// A message of the key establishment without the record that says so, which has to be in it.
fn without_compliant(message: &[u8]) -> Vec<u8> {
    let (mut records, mut rest) = (Vec::new(), message);
    while let Some(&[_, _, l0, l1]) = rest.first_chunk() {
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let (record, after) = rest.split_at(4 + length);
        records.push(record);
        rest = after;
    }
    let count = records.len();
    records.retain(|&record| record != COMPLIANT);
    assert_eq!((records.len(), rest), (count - 1, &[][..]), "{message:x?}");
    records.concat()
}

/// A key establishment of which one message lacks the record.
fn establish(server: SocketAddr, pki: &Pki, lacking: Direction) -> Association {
    let config = KeClientConfig::new().with_algorithms(&[AeadAlgorithm::AES_128_GCM_SIV]);
    let config = config.expect("one that is supported");
    let trust = tls::trust(Some(pki.authority())).expect("the authority");
    let session = tls::client_config(trust).expect("TLS");
    let name = server.ip().into();
    let mut session = ClientConnection::new(session, name).expect("a session");
    let mut stream = TcpStream::connect(server).expect("the server");
    let mut client = KeClient::new(&config, Duration::ZERO);
    let mut request = client.poll_request().expect("a request");
    if lacking == Direction::Request {
        request = without_compliant(&request);
    }
    let mut response = Vec::new();
    let mut link = Stream::new(&mut session, &mut stream);
    link.write_all(&request).expect("the request goes");
    // It closes without a word of TLS, or with one.
    let _ = link.read_to_end(&mut response);
    if lacking == Direction::Response {
        response = without_compliant(&response);
    }
    assert_eq!(client.handle_octets(&response), KeProgress::Done);
    client.finish(&session).expect("keys")
}

/// Asks until a reply is authentic; tells how many were NAKs before, and the cookies then.
fn ask(server: SocketAddr, association: Association) -> (u64, usize) {
    let mut client = NtsClient::new(ClientConfig::default(), association).expect("NTPv4");
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let patience = Some(Duration::from_secs(10));
    socket.set_read_timeout(patience).expect("a timeout");
    let now = NtpTimestamp::from_parts(3_900_000_000, 0);
    let mut buffer = [0; 2048];
    for _ in 0..2 {
        let mut rng = random::system();
        let length = client.write_request(&mut buffer, now, &mut rng);
        let length = length.expect("a request");
        socket.send_to(&buffer[..length], server).expect("it goes");
        let length = socket.recv(&mut buffer).expect("a reply");
        match client.handle_reply(&buffer[..length], now) {
            Ok(NtsReply::Authentic(authentic)) => {
                assert!(matches!(authentic.reply, Reply::Measurement(_)));
                return (client.naks(), client.cookies().len());
            }
            Ok(NtsReply::Nak) => assert!(!client.needs_key_establishment()),
            other => panic!("{other:?}"),
        }
    }
    panic!("two NAKs");
}

#[test]
fn keys_of_an_older_chrony() {
    let Some(chrony) = Chrony::newer() else {
        return;
    };
    let pki = Pki::new();
    let server = chrony.serve_nts(&pki, "");
    let association = establish(server.key_exchange(), &pki, Direction::Request);
    assert!(association.alternative_keys.is_some());
    assert_eq!(ask(server.address(), association), (0, 8));
}

#[test]
fn other_keys_where_a_server_does_not_say_that_it_knows_better() {
    let Some(chrony) = Chrony::newer() else {
        return;
    };
    let pki = Pki::new();
    let server = chrony.serve_nts(&pki, "");
    let association = establish(server.key_exchange(), &pki, Direction::Response);
    assert_eq!(ask(server.address(), association), (1, 8));
}
