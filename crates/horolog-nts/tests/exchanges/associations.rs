//! Goes from the secrets of captured TLS sessions and their responses to the packets of a server.

use core::time::Duration;

use hex_literal::hex;
use horolog_nts::{ExporterSecret, KeClient, KeClientConfig, SessionKeys};

use crate::authenticators::authenticator;
use crate::file::{FILES, exchange};

/// The exporter secrets that chrony 4.6.1 logged for the five key establishments of
/// `nts-aead30-without-record1024-chrony46-server`: twice AES-128-GCM-SIV without record 1024, twice
/// with it, then AES-SIV-CMAC-256.
const SECRETS: [[u8; 48]; 5] = [
    hex!(
        "7f47b592d49366ea91a439377f1a9badc77f837308af256fade434adb198c2f0dbba10b3f01dd21152c9a7c6bfc46ea1"
    ),
    hex!(
        "dc62705eb9b84ab290df2682337c09cc7c4f9d302bc79b38dc93c7c6a094c3747e5ea31c52d6088bbcee44d347ccebc8"
    ),
    hex!(
        "fb6460dc6a4f325114b062f29c7f9a7d8065e3627f1b20d3a7a4194fadcb929f13df77748846f3fe891010db8b3ea804"
    ),
    hex!(
        "1645267fe3f2fdf8118cfa1eabf0dfd5dc2ac8dd8f17f5c6ba9793efabd8099f0ef2a87bbfa94e3736a2ef8182ab1c8c"
    ),
    hex!(
        "a782c26b57a71d384e417fd62e8a7e963fd2d2812bad88ccf9aeb6b251ffad11f69e6475fce14d4a8c7e1916b7ec59ab"
    ),
];

fn secret(stream: usize) -> ExporterSecret {
    ExporterSecret::new(&SECRETS[stream]).expect("48 octets")
}

/// Whether the server's key opens a response.
fn opens(keys: &SessionKeys, packet: &[u8]) -> bool {
    let (start, authenticator) = authenticator(packet).expect("an authenticator");
    let mut buffer = authenticator.ciphertext.to_vec();
    let key = keys.server_to_client();
    key.open(&packet[..start], authenticator.nonce, &mut buffer)
        .is_ok()
}

#[test]
fn a_client_opens_what_chrony_sealed_with_the_keys_it_chooses_first() {
    let file = "nts-aead30-without-record1024-chrony46-server";
    let (_, text) = FILES
        .into_iter()
        .find(|(name, _)| *name == file)
        .expect("a file");
    let exchange = exchange(text);
    let config = KeClientConfig::new();
    let responses = exchange
        .messages
        .iter()
        .filter(|message| !message.from_client);
    let associations: Vec<_> = responses
        .enumerate()
        .map(|(stream, response)| {
            let mut client = KeClient::new(&config, Duration::ZERO);
            let _ = client.handle_octets(&response.octets);
            client.finish(&secret(stream)).expect("keys")
        })
        .collect();
    let alternatives = associations
        .iter()
        .map(|association| association.alternative_keys.is_some());
    assert!(alternatives.eq([true, true, false, false, false]));

    let mut opened = [0; 5];
    let replies = exchange.datagrams.iter();
    for reply in replies.filter(|packet| packet.mode == 4 && packet.algorithm.is_some()) {
        let streams = associations.iter().map(|a| opens(&a.keys, &reply.octets));
        let streams: Vec<_> = streams.enumerate().filter(|(_, opens)| *opens).collect();
        let [(stream, _)] = streams[..] else {
            panic!("{} associations open it", streams.len())
        };
        opened[stream] += 1;
        let mut others = associations
            .iter()
            .filter_map(|a| a.alternative_keys.as_ref());
        assert!(!others.any(|keys| opens(keys, &reply.octets)));
    }
    // The first and the fourth were tried with the keys that the server does not mean: it answered
    // with NTS NAKs.
    assert_eq!(opened, [0, 2, 1, 0, 1]);
}
