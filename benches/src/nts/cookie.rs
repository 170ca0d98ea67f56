//! A cookie with two keys of AES-SIV-CMAC-256.

use std::hint::black_box;

use ntp_proto::KeySetProvider;

use super::random::Random;
use super::{HOROLOG, PEER, cookie, keyring, session_keys};
use crate::Operation;

pub(super) fn operations() -> Vec<Operation> {
    vec![seal(), peer_seals(), open(), peer_opens()]
}

fn seal() -> Operation {
    let (keyring, keys) = (keyring(), session_keys());
    let mut rng = Random::new();
    let mut buffer = [0; 100];
    Operation::new(
        "nts/seal-cookie/aes-siv-cmac-256",
        HOROLOG,
        100,
        move || {
            let keyring = black_box(&keyring);
            keyring.seal_cookie(black_box(&keys), &mut rng, black_box(&mut buffer))
        },
        |length| length == Ok(100),
    )
}

fn peer_seals() -> Operation {
    let keys = KeySetProvider::new(1).get();
    let cookie = ntp_proto::test_cookie();
    Operation::new(
        "nts/seal-cookie/aes-siv-cmac-256",
        PEER,
        100,
        move || black_box(&keys).encode_cookie_pub(black_box(&cookie)),
        |cookie| cookie.len() == 104,
    )
}

fn open() -> Operation {
    let keyring = keyring();
    let cookie = cookie(&session_keys());
    Operation::new(
        "nts/open-cookie/aes-siv-cmac-256",
        HOROLOG,
        100,
        move || black_box(&keyring).open_cookie(black_box(&cookie)),
        |keys| keys.is_ok(),
    )
}

fn peer_opens() -> Operation {
    let keys = KeySetProvider::new(1).get();
    let cookie = keys.encode_cookie_pub(&ntp_proto::test_cookie());
    Operation::new(
        "nts/open-cookie/aes-siv-cmac-256",
        PEER,
        100,
        move || black_box(&keys).decode_cookie_pub(black_box(&cookie)),
        |keys| keys.is_ok(),
    )
}
