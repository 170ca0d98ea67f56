use super::*;
use crate::packet::fields::NtsFields;
use crate::packet::testing::file::{FILES, exchange};
use crate::packet::testing::{Script, Sequence, key_of};
use crate::{AeadAlgorithm, AeadKey};

const KEY: [u8; 32] = [7; 32];

fn key() -> AeadKey {
    AeadKey::new(AeadAlgorithm::AES_SIV_CMAC_256, &KEY).unwrap()
}

/// Every authenticator of the captures, of clients and servers, and of the made exchanges, is sealed
/// again from its parts: the same octets, the nonce of 8 octets with its additional padding too.
#[test]
fn rfc_8915_section_5_6_authenticators_of_others_are_written_to_the_octet() {
    let (mut written, mut short) = (0, 0);
    for (name, text) in FILES {
        let exchange = exchange(text);
        for packet in exchange.datagrams.iter().map(|datagram| &datagram.octets) {
            let fields = NtsFields::decode(packet).unwrap();
            let Some(sealed) = fields.sealed().unwrap() else {
                continue;
            };
            let key = key_of(&exchange, packet);
            let found = sealed.authenticator;
            let mut plaintext = found.ciphertext.to_vec();
            let plaintext = key
                .open(sealed.associated_data, found.nonce, &mut plaintext)
                .unwrap();
            let layout = Layout {
                start: sealed.associated_data.len(),
                nonce: found.nonce.len(),
                plaintext: plaintext.len(),
                additional_padding: found.additional_padding,
            };
            let mut again = vec![0xa5; packet.len()];
            again[..layout.start].copy_from_slice(sealed.associated_data);
            again[layout.plaintext_start()..][..plaintext.len()].copy_from_slice(plaintext);
            let end = layout.seal(&key, &mut Script(found.nonce), &mut again);
            assert_eq!(end, Ok(sealed.end), "{name}");
            assert_eq!(again, packet[..], "{name}");
            written += 1;
            short += usize::from(found.nonce.len() < 12);
        }
    }
    assert_eq!((written, short), (150, 1));
}

#[test]
fn rfc_8915_section_5_6_all_padding_is_zero() {
    let layout = Layout {
        start: 48,
        nonce: 5,
        plaintext: 3,
        additional_padding: 8,
    };
    let mut packet = [0xa5; 100];
    let end = layout.seal(&key(), &mut Sequence(1), &mut packet).unwrap();
    assert_eq!(end, 48 + 4 + 4 + 8 + 20 + 8);
    assert_eq!(packet[48..56], [4, 4, 0, 44, 0, 5, 0, 19]);
    assert_eq!(packet[61..64], [0; 3]);
    assert_eq!(packet[83..92], [0; 9]);
    assert_eq!(packet[92..], [0xa5; 8]);
}

#[test]
fn refuses_a_buffer_too_small_and_what_is_too_long_for_a_field() {
    let layout = |plaintext| Layout {
        start: 48,
        nonce: 16,
        plaintext,
        additional_padding: 0,
    };
    for length in [0, 48, 60, 87] {
        let error = layout(0).seal(&key(), &mut Sequence(1), &mut vec![0; length]);
        let left = length.saturating_sub(48);
        let expected = EncodeError::BufferTooSmall {
            field: "NTS authenticator",
            needed: 40,
            left,
        };
        assert_eq!(error, Err(expected));
    }
    let mut packet = vec![0; 70_000];
    for (plaintext, fits) in [(65_492, true), (65_493, false), (66_000, false)] {
        let sealed = layout(plaintext).seal(&key(), &mut Sequence(1), &mut packet);
        assert_eq!(sealed.is_ok(), fits, "{plaintext}");
        assert!(fits || matches!(sealed, Err(EncodeError::TooLong { .. })));
    }
}
