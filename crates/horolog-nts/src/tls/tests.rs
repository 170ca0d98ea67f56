use alloc::sync::Arc;
use core::time::Duration;
use std::io::{Read, Write};

use proptest::prelude::*;
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, Error, HandshakeKind, RootCertStore,
    ServerConfig, ServerConnection,
};

use super::*;
use crate::{
    AeadAlgorithm, Association, ExportError, KeClient, KeClientConfig, KeOutcome, KeProgress,
    KeServer, KeServerConfig, Keyring, NextProtocol, SessionKeys,
};

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificate() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let certified = rcgen::generate_simple_self_signed(["ntp.example".into()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    (certified.cert.der().clone(), key.into())
}

fn roots(certificate: &CertificateDer<'static>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    roots
}

fn configs() -> (ClientConfig, ServerConfig) {
    let (certificate, key) = certificate();
    let roots = roots(&certificate);
    (
        client_config(provider(), Arc::new(DefaultTimeProvider), roots).unwrap(),
        server_config(provider(), vec![certificate], key).unwrap(),
    )
}

/// Hands over what one side has to say, in portions of this length.
fn hand_over<A, B>(
    from: &mut ConnectionCommon<A>,
    to: &mut ConnectionCommon<B>,
    portion: usize,
) -> Result<(), Error> {
    let mut octets = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut octets).unwrap();
    }
    for mut portion in octets.chunks(portion) {
        while !portion.is_empty() {
            to.read_tls(&mut portion).unwrap();
            to.process_new_packets()?;
        }
    }
    Ok(())
}

/// Both sides after the handshake, or what ended it.
fn handshake(
    client: impl Into<Arc<ClientConfig>>,
    server: impl Into<Arc<ServerConfig>>,
    name: &'static str,
) -> Result<(ClientConnection, ServerConnection), Error> {
    let mut client = ClientConnection::new(client.into(), name.try_into().unwrap())?;
    let mut server = ServerConnection::new(server.into())?;
    assert_eq!(check_session(&client), Err(SessionError::Handshaking));
    assert_eq!(check_session(&server), Err(SessionError::Handshaking));
    while client.is_handshaking() || server.is_handshaking() {
        hand_over(&mut client, &mut server, usize::MAX)?;
        hand_over(&mut server, &mut client, usize::MAX)?;
    }
    Ok((client, server))
}

/// What can be read of a session now.
fn plaintext<Data>(connection: &mut ConnectionCommon<Data>) -> Vec<u8> {
    let mut octets = [0; 4096];
    let mut all = Vec::new();
    while let Ok(length @ 1..) = connection.reader().read(&mut octets) {
        all.extend_from_slice(&octets[..length]);
    }
    all
}

/// A whole key establishment through TLS in portions of this length.
fn establish(
    client_config: &KeClientConfig,
    portion: usize,
    keyring: &Keyring,
) -> (Association, KeOutcome, SessionKeys) {
    let (client_tls, server_tls) = configs();
    let (mut client_tls, mut server_tls) =
        handshake(client_tls, server_tls, "ntp.example").unwrap();
    assert_eq!(check_session(&client_tls), Ok(()));
    assert_eq!(check_session(&server_tls), Ok(()));
    let server_config = KeServerConfig::new();
    let mut client = KeClient::new(client_config, Duration::ZERO);
    let mut server = KeServer::new(&server_config, Duration::ZERO);
    client.handle_handshake();
    server.handle_handshake();

    let request = client.poll_request().unwrap();
    client_tls.writer().write_all(&request).unwrap();
    hand_over(&mut client_tls, &mut server_tls, portion).unwrap();
    let received = plaintext(&mut server_tls);
    assert_eq!(received, request);
    let mut progress = KeProgress::NeedMore;
    for portion in received.chunks(portion) {
        assert_eq!(progress, KeProgress::NeedMore);
        progress = server.handle_octets(portion);
    }
    assert_eq!(progress, KeProgress::Done);

    let mut response = Vec::new();
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let outcome = server.respond(&server_tls, keyring, &mut rng, &mut response);
    server_tls.writer().write_all(&response).unwrap();
    server_tls.send_close_notify();
    hand_over(&mut server_tls, &mut client_tls, portion).unwrap();
    for portion in plaintext(&mut client_tls).chunks(portion) {
        progress = client.handle_octets(portion);
    }
    assert_eq!(progress, KeProgress::Done);
    let association = client.finish(&client_tls).unwrap();
    let protocol = NextProtocol::NTP_V4;
    let keys = SessionKeys::export(&server_tls, protocol, association.keys.algorithm()).unwrap();
    (association, outcome.unwrap(), keys)
}

/// What both keys make of the same octets.
fn sealed(keys: &SessionKeys) -> [[u8; 20]; 2] {
    [keys.client_to_server(), keys.server_to_client()].map(|key| {
        let mut buffer = [0; 20];
        key.seal(b"header", &[7; 12], &mut buffer).unwrap();
        buffer
    })
}

#[test]
fn both_sides_export_the_same_keys_and_every_cookie_opens_to_them() {
    let keyring = Keyring::new(1, &[0x2b; 32]);
    for number in [15, 16, 17, 30, 31] {
        let algorithm = AeadAlgorithm::from_number(number);
        let config = KeClientConfig::new().with_algorithms(&[algorithm]).unwrap();
        let (association, outcome, of_server) =
            establish(&config, 1 + usize::from(number), &keyring);
        let keys_of_chrony = false;
        assert_eq!(
            outcome,
            KeOutcome::Established {
                algorithm,
                keys_of_chrony
            }
        );
        let expected = sealed(&association.keys);
        assert_ne!(expected[0], expected[1]);
        assert_eq!(sealed(&of_server), expected);
        assert_eq!(association.cookies.len(), 8);
        for cookie in association.cookies.iter() {
            assert_eq!(sealed(&keyring.open_cookie(cookie).unwrap()), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_split_of_the_session_will_do(portion in 1..200_usize) {
        let keyring = Keyring::new(1, &[0x2b; 32]);
        let (association, _, _) = establish(&KeClientConfig::new(), portion, &keyring);
        let cookie = association.cookies.peek().unwrap();
        let opened = keyring.open_cookie(cookie).unwrap();
        prop_assert_eq!(sealed(&opened), sealed(&association.keys));
    }
}

#[test]
fn no_keys_before_the_handshake_is_over() {
    let (client, server) = configs();
    let client = ClientConnection::new(Arc::new(client), "ntp.example".try_into().unwrap());
    let server = ServerConnection::new(Arc::new(server)).unwrap();
    let (protocol, algorithm) = (NextProtocol::NTP_V4, AeadAlgorithm::AES_SIV_CMAC_256);
    let of_client = SessionKeys::export(&client.unwrap(), protocol, algorithm);
    assert_eq!(of_client.unwrap_err(), ExportError::Refused);
    let of_server = SessionKeys::export(&server, protocol, algorithm);
    assert_eq!(of_server.unwrap_err(), ExportError::Refused);
}

/// § 3: the client verifies that the server chose `ntske/1`; so does our server.
#[test]
fn rfc_8915_section_3_alpn() {
    let (client, server) = configs();
    assert_eq!(client.alpn_protocols, [b"ntske/1"]);
    assert_eq!(server.alpn_protocols, [b"ntske/1"]);

    let mut without = client.clone();
    without.alpn_protocols.clear();
    let (_, session) = handshake(without, server.clone(), "ntp.example").unwrap();
    assert_eq!(check_session(&session), Err(SessionError::NoAlpn));

    let mut without = server.clone();
    without.alpn_protocols.clear();
    let (session, _) = handshake(client.clone(), without, "ntp.example").unwrap();
    assert_eq!(check_session(&session), Err(SessionError::NoAlpn));

    let mut other = client.clone();
    other.alpn_protocols = vec![b"h2".to_vec()];
    let refused = handshake(other, server.clone(), "ntp.example").unwrap_err();
    assert_eq!(refused, Error::NoApplicationProtocol);

    let mut second = client;
    second.alpn_protocols.insert(0, b"h2".to_vec());
    let (session, _) = handshake(second, server, "ntp.example").unwrap();
    assert_eq!(check_session(&session), Ok(()));
}

/// § 3: never less than TLS 1.3.
#[test]
fn rfc_8915_section_3_tls_1_3() {
    let (certificate, key) = certificate();
    let mut old_client = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(roots(&certificate))
        .with_no_client_auth();
    old_client.alpn_protocols = vec![b"ntske/1".to_vec()];
    let mut old_server = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.clone_key())
        .unwrap();
    old_server.alpn_protocols = vec![b"ntske/1".to_vec()];
    let time = Arc::new(DefaultTimeProvider);
    let client = client_config(provider(), time, roots(&certificate)).unwrap();
    let server = server_config(provider(), vec![certificate], key).unwrap();

    let refused = handshake(old_client.clone(), server, "ntp.example").unwrap_err();
    assert!(matches!(refused, Error::PeerIncompatible(_)), "{refused}");
    let refused = handshake(client, old_server.clone(), "ntp.example").unwrap_err();
    assert!(matches!(refused, Error::PeerIncompatible(_)), "{refused}");
    // Configurations of others are checked too.
    let (session, _) = handshake(old_client, old_server, "ntp.example").unwrap();
    assert_eq!(check_session(&session), Err(SessionError::Version));
}

#[test]
fn no_session_is_resumed() {
    let (client, server) = configs();
    assert!(!client.enable_early_data);
    assert_eq!(
        (server.max_early_data_size, server.send_tls13_tickets),
        (0, 0)
    );
    // Not even with a server that gives tickets.
    let mut giving = server.clone();
    giving.send_tls13_tickets = 2;
    giving.session_storage = rustls::server::ServerSessionMemoryCache::new(8);
    let (client, giving) = (Arc::new(client), Arc::new(giving));
    for _ in 0..2 {
        let sides = handshake(client.clone(), giving.clone(), "ntp.example");
        let (mut session, mut server) = sides.unwrap();
        hand_over(&mut server, &mut session, usize::MAX).unwrap();
        assert_eq!(session.handshake_kind(), Some(HandshakeKind::Full));
    }
    // And ours gives none to a client that would take them.
    let mut taking = ClientConfig::clone(&client);
    taking.resumption = rustls::client::Resumption::in_memory_sessions(8);
    let (taking, server) = (Arc::new(taking), Arc::new(server));
    for _ in 0..2 {
        let sides = handshake(taking.clone(), server.clone(), "ntp.example");
        let (mut session, mut server) = sides.unwrap();
        hand_over(&mut server, &mut session, usize::MAX).unwrap();
        assert_eq!(session.handshake_kind(), Some(HandshakeKind::Full));
    }
}

#[derive(Debug)]
struct Fixed(u64);

impl TimeProvider for Fixed {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        Some(rustls::pki_types::UnixTime::since_unix_epoch(
            Duration::from_secs(self.0),
        ))
    }
}

#[test]
fn certificates_are_verified() {
    let (client, server) = configs();
    let refused = handshake(client.clone(), server.clone(), "other.example").unwrap_err();
    assert!(matches!(refused, Error::InvalidCertificate(_)), "{refused}");

    let (_, other) = configs();
    let refused = handshake(client, other, "ntp.example").unwrap_err();
    assert!(matches!(refused, Error::InvalidCertificate(_)), "{refused}");

    // By the clock that is given: rcgen's certificates begin in 1975.
    let (certificate, key) = certificate();
    let server = server_config(provider(), vec![certificate.clone()], key).unwrap();
    for (time, good) in [(0, false), (2_000_000_000, true)] {
        let client = client_config(provider(), Arc::new(Fixed(time)), roots(&certificate)).unwrap();
        assert_eq!(
            handshake(client, server.clone(), "ntp.example").is_ok(),
            good
        );
    }
}

#[test]
fn a_verifier_of_ones_own() {
    let (certificate, key) = certificate();
    let roots = Arc::new(roots(&certificate));
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider());
    let verifier = verifier.build().unwrap();
    let client =
        client_config_with_verifier(provider(), Arc::new(DefaultTimeProvider), verifier).unwrap();
    let server = server_config(provider(), vec![certificate], key).unwrap();
    let (session, _) = handshake(client.clone(), server.clone(), "ntp.example").unwrap();
    assert_eq!(check_session(&session), Ok(()));
    assert!(handshake(client, server, "other.example").is_err());
}

#[test]
fn refuses_what_cannot_work() {
    let (certificate, _) = certificate();
    let (_, another) = self::certificate();
    assert!(server_config(provider(), vec![certificate.clone()], another).is_err());
    let mut old = rustls::crypto::ring::default_provider();
    old.cipher_suites.retain(|suite| suite.tls13().is_none());
    let time = Arc::new(DefaultTimeProvider);
    let refused = client_config(Arc::new(old), time, roots(&certificate));
    assert!(refused.is_err());
}
