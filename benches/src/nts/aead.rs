//! 100 octets of plaintext under 200 of associated data.

use std::hint::black_box;

use horolog_nts::{AeadAlgorithm, AeadKey};
use rand_core::Rng;

use super::random::Random;
use super::{HOROLOG, PEER};
use crate::Operation;

const TEXT: usize = 100;
static ASSOCIATED_DATA: [u8; 200] = [0xad; 200];

pub(super) fn operations() -> Vec<Operation> {
    let siv = [[7; 32]; 2].map(|secret| AeadKey::new(AeadAlgorithm::AES_SIV_CMAC_256, &secret));
    let gcm = [[7; 16]; 2].map(|secret| AeadKey::new(AeadAlgorithm::AES_128_GCM_SIV, &secret));
    let [seal_siv, open_siv] = siv.map(|key| key.expect("32 octets are right"));
    let [seal_gcm, open_gcm] = gcm.map(|key| key.expect("16 octets are right"));
    vec![
        seal("nts/seal/aes-siv-cmac-256", seal_siv, 16),
        peer_seals("nts/seal/aes-siv-cmac-256"),
        open("nts/open/aes-siv-cmac-256", open_siv, 16),
        peer_opens("nts/open/aes-siv-cmac-256"),
        seal("nts/seal/aes-128-gcm-siv", seal_gcm, 12),
        open("nts/open/aes-128-gcm-siv", open_gcm, 12),
    ]
}

/// Draws a nonce and seals.
fn seal(group: &'static str, key: AeadKey, nonce_length: usize) -> Operation {
    let mut rng = Random::new();
    let mut buffer = [0x5a; TEXT + 16];
    Operation::new(
        group,
        HOROLOG,
        TEXT,
        move || {
            let mut nonce = [0; 16];
            let nonce = &mut nonce[..nonce_length];
            rng.fill_bytes(nonce);
            let key = black_box(&key);
            key.seal(black_box(&ASSOCIATED_DATA), nonce, black_box(&mut buffer))
        },
        |sealed| sealed.is_ok(),
    )
}

/// Copies the ciphertext and opens the copy.
fn open(group: &'static str, key: AeadKey, nonce_length: usize) -> Operation {
    let nonce = vec![3; nonce_length];
    let mut sealed = [0x5a; TEXT + 16];
    key.seal(&ASSOCIATED_DATA, &nonce, &mut sealed)
        .expect("there is room");
    let mut buffer = [0; TEXT + 16];
    Operation::new(
        group,
        HOROLOG,
        TEXT,
        move || {
            buffer.copy_from_slice(black_box(&sealed));
            let key = black_box(&key);
            let text = key.open(black_box(&ASSOCIATED_DATA), &nonce, &mut buffer)?;
            Ok(text.first().copied())
        },
        |first: Result<_, horolog_nts::OpenError>| first == Ok(Some(0x5a)),
    )
}

fn peer_seals(group: &'static str) -> Operation {
    let key = ntp_proto::test_cookie().c2s;
    let mut buffer = [0x5a; 16 + TEXT + 16];
    Operation::new(
        group,
        PEER,
        TEXT,
        move || {
            let key = black_box(&key);
            key.encrypt(black_box(&mut buffer), TEXT, black_box(&ASSOCIATED_DATA))
        },
        |sealed| sealed.is_ok_and(|sealed| sealed.ciphertext_length == TEXT + 16),
    )
}

fn peer_opens(group: &'static str) -> Operation {
    let key = ntp_proto::test_cookie().c2s;
    let mut sealed = [0x5a; 16 + TEXT + 16];
    key.encrypt(&mut sealed, TEXT, &ASSOCIATED_DATA)
        .expect("there is room");
    Operation::new(
        group,
        PEER,
        TEXT,
        move || {
            let (nonce, ciphertext) = black_box(&sealed).split_at(16);
            let key = black_box(&key);
            key.decrypt(nonce, ciphertext, black_box(&ASSOCIATED_DATA))
        },
        |text| text.is_ok_and(|text| text == [0x5a; TEXT]),
    )
}
