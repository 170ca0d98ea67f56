use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{HandshakeKind, RootCertStore, ServerConfig, ServerConnection};

use super::*;
use crate::https::CertificateTime;

/// Hands octets over until nobody has more to say; tells what kind of handshake it was.
fn shake_hands(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> HandshakeKind {
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::clone(client), name).unwrap();
    let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
    while client.wants_write() || server.wants_write() {
        let mut octets = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut octets).unwrap();
        }
        let mut there = octets.as_slice();
        while !there.is_empty() {
            server.read_tls(&mut there).unwrap();
            server.process_new_packets().unwrap();
        }
        let mut octets = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut octets).unwrap();
        }
        let mut back = octets.as_slice();
        while !back.is_empty() {
            client.read_tls(&mut back).unwrap();
            client.process_new_packets().unwrap();
        }
    }
    client.handshake_kind().unwrap()
}

/// One that is resumed shows no certificate, which could not be verified at the time that is told.
#[test]
fn no_session_is_resumed() {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
        .build()
        .unwrap();
    // A server that would.
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into());
    let server = Arc::new(server.unwrap());
    for time in [CertificateTime::Local, CertificateTime::Claimed] {
        let mut config = HttpsConfig::new(Arc::clone(&provider), verifier.clone());
        config.certificate_time = time;
        let (mut tls, _) = session(&config).unwrap();
        let ours = Arc::new(tls.clone());
        tls.resumption = Resumption::in_memory_sessions(8);
        let resuming = Arc::new(tls);
        for again in [false, true] {
            assert_eq!(shake_hands(&ours, &server), HandshakeKind::Full);
            // With it, the server takes part.
            let kind = shake_hands(&resuming, &server);
            assert_eq!(kind == HandshakeKind::Resumed, again, "{kind:?}");
        }
    }
}
