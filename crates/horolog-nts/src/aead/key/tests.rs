use super::*;
use crate::aead::wycheproof::{Vector, vectors};
use hex_literal::hex;
use proptest::prelude::*;

const KEY: [u8; 32] = hex!("0123456789abcdeff0123456789abcdeef0123456789abcddef0123456789abc");
const NONCE: [u8; 16] = hex!("101112131415161718191a1b1c1d1e1f");
const X: [u8; 16] = hex!("4c9d4fcaed8ae2baad3f3ea6e93c8c8b");
const Y: [u8; 16] = hex!("ba997931237e3c53587ed49302abe4a7");

const ALL: [AeadAlgorithm; 5] = [
    AeadAlgorithm::AES_SIV_CMAC_256,
    AeadAlgorithm::AES_SIV_CMAC_384,
    AeadAlgorithm::AES_SIV_CMAC_512,
    AeadAlgorithm::AES_128_GCM_SIV,
    AeadAlgorithm::AES_256_GCM_SIV,
];

fn key(algorithm: AeadAlgorithm, octet: u8) -> AeadKey {
    AeadKey::new(algorithm, &vec![octet; algorithm.key_length().unwrap()]).unwrap()
}

/// Seals over a dirty buffer.
fn sealed(key: &AeadKey, associated_data: &[u8], nonce: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut buffer = plaintext.to_vec();
    buffer.extend([0xa5; 16]);
    key.seal(associated_data, nonce, &mut buffer).unwrap();
    buffer
}

/// A plaintext seals to a ciphertext, and that opens to the plaintext.
fn vector(
    key: &AeadKey,
    associated_data: &[u8],
    nonce: &[u8],
    plaintext: &[u8],
    ciphertext: &[u8],
) {
    let mut buffer = sealed(key, associated_data, nonce, plaintext);
    assert_eq!(buffer, ciphertext);
    assert_eq!(
        key.open(associated_data, nonce, &mut buffer).unwrap(),
        plaintext
    );
}

/// Source: the inputs are those of chrony's unit test of SIV, the outputs were computed with Python
/// `cryptography`.
#[test]
fn aes_siv_cmac_256() {
    let key = AeadKey::new(AeadAlgorithm::AES_SIV_CMAC_256, &KEY).unwrap();
    let long = |octets: &[u8], octet| [octets, &[octet]].concat();
    vector(
        &key,
        &[],
        &NONCE,
        &[],
        &hex!("223eb594e0e0254b00258e219a1ca421"),
    );
    vector(
        &key,
        &X,
        &NONCE,
        &[],
        &hex!("d7201989c6dbc6d661fc62bc865eeeef"),
    );
    vector(
        &key,
        &[],
        &NONCE,
        &X,
        &hex!("b6c160e9c2fd2ae8dec5368b2a33ede114ffb397345ccbe44aa4deacd9369046"),
    );
    vector(
        &key,
        &X[..15],
        &NONCE[..15],
        &Y[..15],
        &hex!("038c4151ba7a8f776e563199420bc703e76c67c9dab70d5b4406265ad0d23b"),
    );
    vector(
        &key,
        &X,
        &NONCE,
        &Y,
        &hex!("5c052365f4570aa0fb383ece9b7585eb688519360c7c481140cb9b579a0e6532"),
    );
    vector(
        &key,
        &long(&X, 0xa0),
        &long(&NONCE, 0xd5),
        &long(&Y, 0x08),
        &hex!("af584be7821e9619299125e0dd803b49a511cdb608f376a0b6fa1582f395e1ebbd"),
    );
}

/// An implementation that drops an empty component of S2V gets another tag; so does one that joins
/// associated data and nonce.
#[test]
fn components_of_s2v_are_apart() {
    let key = AeadKey::new(AeadAlgorithm::AES_SIV_CMAC_256, &KEY).unwrap();
    let dropped = hex!("74a24f565d41a1bd1121cce736117527");
    assert_ne!(sealed(&key, &[], &NONCE, &[]), dropped);
    assert_eq!(key.open(&[], &NONCE, &mut dropped.clone()), Err(OpenError));

    let whole = [X, NONCE].concat();
    assert_ne!(
        sealed(&key, &whole[..15], &whole[15..], &Y),
        sealed(&key, &whole[..16], &whole[16..], &Y)
    );
}

/// Source: chrony's unit test of SIV, recomputed with Python `cryptography`.
#[test]
fn aes_128_gcm_siv() {
    let key = AeadKey::new(AeadAlgorithm::AES_128_GCM_SIV, &KEY[..16]).unwrap();
    let nonce = &NONCE[..12];
    vector(
        &key,
        &[],
        nonce,
        &[],
        &hex!("ba051c40eb7e5fa23f6ce5befe5b04ad"),
    );
    vector(
        &key,
        &X,
        nonce,
        &[],
        &hex!("8f47fe1f264ee2995f353d267414d43b"),
    );
    vector(
        &key,
        &X,
        nonce,
        &Y,
        &hex!("a310ae5f26d990faab3029807f936223838fc95790bb0587021157d6139b824d"),
    );
}

/// Source: RFC 8452 section 8.
#[test]
fn rfc_8452_section_8() {
    let secret = hex!("ee8e1ed9ff2540ae8f2ba9f50bc2f27c");
    let key = AeadKey::new(AeadAlgorithm::AES_128_GCM_SIV, &secret).unwrap();
    vector(
        &key,
        b"example",
        &hex!("752abad3e0afb5f434dc4310"),
        b"Hello world",
        &hex!("5d349ead175ef6b1def6fd4fbcdeb7e4793f4a1d7e4faa70100af1"),
    );
}

/// Source: RFC 8452 appendix C.1.
#[test]
fn rfc_8452_appendix_c_1() {
    let secret = hex!("01000000000000000000000000000000");
    let key = AeadKey::new(AeadAlgorithm::AES_128_GCM_SIV, &secret).unwrap();
    let nonce = hex!("030000000000000000000000");
    vector(
        &key,
        &[],
        &nonce,
        &[],
        &hex!("dc20e2d83f25705bb49e439eca56de25"),
    );
    vector(
        &key,
        &[],
        &nonce,
        &hex!("0100000000000000"),
        &hex!("b5d839330ac7b786578782fff6013b815b287c22493a364c"),
    );
}

/// Source: computed with Python `cryptography`.
#[test]
fn longer_keys() {
    let count: [u8; 64] = core::array::from_fn(|index| u8::try_from(index).unwrap());
    let key = |algorithm: AeadAlgorithm| {
        AeadKey::new(algorithm, &count[..algorithm.key_length().unwrap()]).unwrap()
    };
    vector(
        &key(AeadAlgorithm::AES_SIV_CMAC_384),
        &X,
        &NONCE,
        &Y,
        &hex!("3fd2c04e330f986418e0ad074719166efcff5a33c0308fdfb0d07c9f47a7e0e3"),
    );
    vector(
        &key(AeadAlgorithm::AES_SIV_CMAC_512),
        &X,
        &NONCE,
        &Y,
        &hex!("071e0aaab55535924efedee895f8d562ff242bd5a59ff6d94d974c8ce2fc3f2d"),
    );
    vector(
        &key(AeadAlgorithm::AES_256_GCM_SIV),
        &X,
        &NONCE[..12],
        &Y,
        &hex!("1cdea6c4a20e8b741bfb4cf33e5d70fa3bb6214ebde1f9b2c279bb39a78a325b"),
    );
}

/// Seals to the ciphertext and opens it, or refuses to open it, as a vector asks for.
fn wycheproof(it: &Vector, algorithm: AeadAlgorithm) {
    let key = AeadKey::new(algorithm, &it.secret).unwrap();
    let data = &it.associated_data;
    if it.is_good {
        vector(&key, data, &it.nonce, &it.plaintext, &it.ciphertext);
    } else {
        let mut buffer = it.ciphertext.clone();
        assert_eq!(key.open(data, &it.nonce, &mut buffer), Err(OpenError));
        assert_eq!(buffer, it.ciphertext);
    }
}

/// Source: Wycheproof, `aes_gcm_siv_test.json`.
#[test]
fn wycheproof_aes_gcm_siv() {
    for (number, good, bad) in [(30, 67, 32), (31, 69, 34)] {
        for it in vectors(number, good, bad) {
            wycheproof(&it, AeadAlgorithm::from_number(number));
        }
    }
}

/// The nonce is a component of S2V of its own, the last one.
///
/// Source: Wycheproof, `aead_aes_siv_cmac_test.json`; the vectors without a nonce are not for a key.
#[test]
fn wycheproof_aes_siv_cmac_with_nonces() {
    for (number, good, bad) in [(15, 124, 324), (16, 84, 216), (17, 123, 324)] {
        let mut vectors = vectors(number, good, bad);
        vectors.retain(|it| !it.nonce.is_empty());
        assert_eq!(vectors.len(), 300);
        for it in vectors {
            wycheproof(&it, AeadAlgorithm::from_number(number));
        }
    }
}

#[test]
fn rejects_unusable_secrets() {
    let error = |number, length: usize| {
        AeadKey::new(AeadAlgorithm::from_number(number), &vec![0; length])
            .unwrap_err()
            .to_string()
    };
    assert_eq!(error(1, 16), "aead algorithm 1 is not supported");
    assert_eq!(
        error(15, 31),
        "key of aead algorithm 15 has 31 octets, needs 32"
    );
    for algorithm in ALL {
        for length in 0..100 {
            let made = AeadKey::new(algorithm, &vec![0; length]);
            assert_eq!(made.is_ok(), Some(length) == algorithm.key_length());
        }
        assert_eq!(key(algorithm, 1).algorithm(), algorithm);
        assert_eq!(Some(key(algorithm, 1).tag_length()), algorithm.tag_length());
    }
}

#[test]
fn rejects_nonces_that_an_algorithm_does_not_take() {
    for algorithm in ALL {
        let key = key(algorithm, 2);
        for length in 0..70 {
            let right = algorithm.nonce_lengths().unwrap().contains(&length);
            let nonce = vec![3; length];
            let mut buffer = [0xa5; 20];
            assert_eq!(key.seal(&X, &nonce, &mut buffer).is_ok(), right);
            assert_eq!(buffer == [0xa5; 20], !right);
            assert_eq!(key.open(&X, &nonce, &mut buffer).is_ok(), right);
        }
    }
    let error = |algorithm, length: usize| {
        key(algorithm, 2)
            .seal(&X, &vec![0; length], &mut [0; 16])
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error(AeadAlgorithm::AES_SIV_CMAC_256, 0),
        "nonce of aead algorithm 15 has 0 octets, needs 1 or more"
    );
    assert_eq!(
        error(AeadAlgorithm::AES_128_GCM_SIV, 16),
        "nonce of aead algorithm 30 has 16 octets, needs 12 or less"
    );
}

#[test]
fn rejects_buffers_without_a_tag() {
    for algorithm in ALL {
        let key = key(algorithm, 2);
        for length in 0..16 {
            let mut buffer = vec![0; length];
            assert_eq!(
                key.seal(&X, &NONCE[..12], &mut buffer),
                Err(SealError::BufferTooSmall { length, needed: 16 })
            );
            assert_eq!(key.open(&X, &NONCE[..12], &mut buffer), Err(OpenError));
        }
    }
}

#[test]
fn debug_shows_no_secret() {
    let text = format!("{:?}", key(AeadAlgorithm::AES_SIV_CMAC_256, 0x5a));
    assert_eq!(
        text,
        "AeadKey { algorithm: AeadAlgorithm(15 AEAD_AES_SIV_CMAC_256), .. }"
    );
    assert_eq!(OpenError.to_string(), "not authentic");
}

proptest! {
    #[test]
    fn what_is_sealed_opens(
        algorithm in proptest::sample::select(&ALL[..]),
        associated_data in proptest::collection::vec(any::<u8>(), 0..100),
        plaintext in proptest::collection::vec(any::<u8>(), 0..300),
        mut nonce in proptest::collection::vec(any::<u8>(), 1..60),
    ) {
        let key = key(algorithm, 0x17);
        let lengths = algorithm.nonce_lengths().unwrap();
        nonce.resize(nonce.len().clamp(*lengths.start(), *lengths.end()), 0x5a);
        let mut buffer = sealed(&key, &associated_data, &nonce, &plaintext);
        prop_assert_eq!(buffer.len(), plaintext.len() + 16);
        prop_assert_eq!(&*key.open(&associated_data, &nonce, &mut buffer).unwrap(), &plaintext[..]);
    }

    /// A changed octet of ciphertext, tag, associated data or nonce, another length, and another
    /// key do not open, and leave what was to be opened as it was.
    #[test]
    fn what_is_tampered_does_not_open(
        algorithm in proptest::sample::select(&ALL[..]),
        associated_data in proptest::collection::vec(any::<u8>(), 0..40),
        plaintext in proptest::collection::vec(any::<u8>(), 0..60),
        nonce: [u8; 12],
        change in 1..=255_u8,
    ) {
        let right = key(algorithm, 0x17);
        let ciphertext = sealed(&right, &associated_data, &nonce, &plaintext);
        let refused = |key: &AeadKey, associated_data: &[u8], nonce: &[u8], octets: &[u8]| {
            let mut buffer = octets.to_vec();
            key.open(associated_data, nonce, &mut buffer) == Err(OpenError) && buffer == octets
        };
        for at in 0..ciphertext.len() {
            let mut octets = ciphertext.clone();
            octets[at] ^= change;
            prop_assert!(refused(&right, &associated_data, &nonce, &octets), "octet {}", at);
            prop_assert!(refused(&right, &associated_data, &nonce, &ciphertext[..at]), "length {}", at);
        }
        for at in 0..associated_data.len() {
            let mut octets = associated_data.clone();
            octets[at] ^= change;
            prop_assert!(refused(&right, &octets, &nonce, &ciphertext));
            prop_assert!(refused(&right, &associated_data[..at], &nonce, &ciphertext));
        }
        for at in 0..nonce.len() {
            let mut octets = nonce;
            octets[at] ^= change;
            prop_assert!(refused(&right, &associated_data, &octets, &ciphertext));
            prop_assert!(refused(&right, &associated_data, &nonce[..at], &ciphertext));
        }
        prop_assert!(refused(&key(algorithm, 0x18), &associated_data, &nonce, &ciphertext));
    }
}
