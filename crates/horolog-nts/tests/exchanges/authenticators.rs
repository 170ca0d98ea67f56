//! Opens every authenticator of the exchanges in tests/data, and seals it again.

use horolog_ntp::{
    ExtensionType, FieldLayout, FieldValue, FieldWalker, Header, NtsAuthenticator, Packet, Trailing,
};
use horolog_nts::{AeadAlgorithm, AeadKey, OpenError};

use crate::file::{Datagram, FILES, Key, exchange};

/// Where the authenticator starts, and what it is.
pub(crate) fn authenticator(packet: &[u8]) -> Option<(usize, NtsAuthenticator<'_>)> {
    let mut walker = FieldWalker::behind(packet, Header::LENGTH, FieldLayout::V4);
    loop {
        let start = walker.offset();
        let Trailing::Field(field) = walker.next()?.expect("it was decoded") else {
            return None;
        };
        if field.field_type == ExtensionType::NTS_AUTHENTICATOR {
            return Some((
                start,
                NtsAuthenticator::decode_value(field.value).expect("an authenticator"),
            ));
        }
    }
}

pub(crate) fn aead(key: &Key) -> AeadKey {
    AeadKey::new(AeadAlgorithm::from_number(key.algorithm), &key.octets).expect("a key")
}

/// The keys that may be this packet's: of the algorithm and the direction.
pub(crate) fn candidates<'a>(
    keys: &'a [Key],
    datagram: &'a Datagram,
) -> impl Iterator<Item = &'a Key> {
    keys.iter().filter(|key| {
        Some(key.algorithm) == datagram.algorithm && key.client_to_server == (datagram.mode == 3)
    })
}

/// The fields in a plaintext, padding and all.
fn fields(plaintext: &[u8]) -> Vec<(u16, Vec<u8>)> {
    FieldWalker::new(plaintext, FieldLayout::NtsPlaintext)
        .map(|item| match item.expect("a field") {
            Trailing::Field(field) => (field.field_type.to_bits(), field.value.to_vec()),
            Trailing::Mac(_) => panic!("a MAC in a plaintext"),
        })
        .collect()
}

#[test]
fn every_authenticator_opens_and_seals() {
    let mut opened = [0; 32];
    for (name, text) in FILES {
        let exchange = exchange(text);
        for (index, datagram) in exchange.datagrams.iter().enumerate() {
            let packet = Packet::decode(&datagram.octets).unwrap();
            assert_eq!(packet.header.mode.to_bits(), datagram.mode, "{name}");
            let Some((start, authenticator)) = authenticator(&datagram.octets) else {
                assert_eq!(datagram.algorithm, None, "{name} packet {index}");
                continue;
            };
            let associated_data = &datagram.octets[..start];
            let nonce = authenticator.nonce;
            let mut found = 0;
            for key in candidates(&exchange.keys, datagram).map(aead) {
                let mut buffer = authenticator.ciphertext.to_vec();
                let Ok(plaintext) = key.open(associated_data, nonce, &mut buffer) else {
                    assert_eq!(buffer, authenticator.ciphertext);
                    continue;
                };
                found += 1;
                let (plaintext, length) = (plaintext.to_vec(), plaintext.len());
                // ntpd-rs's own test says of what its packet hides only that it opens.
                if name == "exchange-ntpdrs" && datagram.mode == 4 {
                    let [(0x0204, value)] = &fields(&plaintext)[..] else {
                        panic!("not one cookie")
                    };
                    assert_eq!(value.len(), 168);
                    assert_eq!(value[..8], [0x1c, 0xc4, 0x0a, 0x94, 0x40, 0x08, 0xe4, 0xbc]);
                } else {
                    assert_eq!(fields(&plaintext), datagram.inner, "{name} packet {index}");
                }

                let mut buffer = vec![0xa5; length + key.tag_length()];
                buffer[..length].copy_from_slice(&plaintext);
                key.seal(associated_data, nonce, &mut buffer).unwrap();
                assert_eq!(buffer, authenticator.ciphertext, "{name} packet {index}");
            }
            assert_eq!(found, 1, "{name} packet {index}");
            opened[usize::from(datagram.algorithm.unwrap())] += 1;
        }
    }
    assert_eq!((opened[15], opened[17], opened[30]), (43, 16, 91));
    assert_eq!(opened.iter().sum::<usize>(), 150);
}

/// No octet before the authenticator, of its nonce or of its ciphertext can be changed.
#[test]
fn no_octet_of_an_exchange_can_be_changed() {
    for name in ["exchange-ntpdrs", "exchange-made"] {
        let (_, text) = FILES.into_iter().find(|(file, _)| *file == name).unwrap();
        let exchange = exchange(text);
        for datagram in &exchange.datagrams {
            let (start, authenticator) = authenticator(&datagram.octets).unwrap();
            let key = aead(candidates(&exchange.keys, datagram).next().unwrap());
            let whole = [
                &datagram.octets[..start],
                authenticator.nonce,
                authenticator.ciphertext,
            ]
            .concat();
            for at in 0..whole.len() {
                let mut changed = whole.clone();
                changed[at] ^= 1;
                let (associated_data, rest) = changed.split_at_mut(start);
                let (nonce, ciphertext) = rest.split_at_mut(authenticator.nonce.len());
                assert_eq!(
                    key.open(associated_data, nonce, ciphertext),
                    Err(OpenError),
                    "{name} octet {at}"
                );
                assert_eq!(
                    key.open(&datagram.octets[..start], authenticator.nonce, ciphertext)
                        .is_ok(),
                    at < start + authenticator.nonce.len(),
                    "{name} octet {at}"
                );
            }
        }
    }
}

/// The directions have keys of their own.
#[test]
fn the_key_of_the_other_direction_opens_nothing() {
    for (name, text) in FILES {
        let exchange = exchange(text);
        for datagram in &exchange.datagrams {
            let Some((start, authenticator)) = authenticator(&datagram.octets) else {
                continue;
            };
            for key in exchange.keys.iter().filter(|key| {
                Some(key.algorithm) == datagram.algorithm
                    && key.client_to_server != (datagram.mode == 3)
            }) {
                let mut buffer = authenticator.ciphertext.to_vec();
                let opened =
                    aead(key).open(&datagram.octets[..start], authenticator.nonce, &mut buffer);
                assert_eq!(opened, Err(OpenError), "{name}");
            }
        }
    }
}
