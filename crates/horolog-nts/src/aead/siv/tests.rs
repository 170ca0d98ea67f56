use super::*;
use crate::aead::wycheproof::vectors;
use hex_literal::hex;

/// An implementation: encrypts a plaintext, or decrypts V and C.
struct Implementation(Working);

type Working = fn(Work, secret: &[u8], headers: &[&[u8]], octets: &[u8]) -> Worked;
type Worked = Result<Vec<u8>, OpenError>;

#[derive(Clone, Copy)]
enum Work {
    Encrypt,
    Decrypt,
}

impl Implementation {
    fn encrypted(&self, secret: &[u8], headers: &[&[u8]], plaintext: &[u8]) -> Vec<u8> {
        (self.0)(Work::Encrypt, secret, headers, plaintext).unwrap()
    }

    fn decrypted(&self, secret: &[u8], headers: &[&[u8]], sealed: &[u8]) -> Worked {
        (self.0)(Work::Decrypt, secret, headers, sealed)
    }
}

macro_rules! worked {
    ($work:expr, $siv:expr, $headers:expr, $octets:expr) => {
        match $work {
            Work::Encrypt => Ok(encrypted!($siv, $headers, $octets)),
            Work::Decrypt => decrypted!($siv, $headers, $octets),
        }
    };
}

/// The plaintext of V and C; where there is none, C is as it was.
macro_rules! decrypted {
    ($siv:expr, $headers:expr, $sealed:expr) => {{
        let (tag, sealed) = $sealed.split_first_chunk().unwrap();
        let mut text = sealed.to_vec();
        let opened = $siv.decrypt($headers, tag, &mut text);
        assert!(opened.is_ok() || text == sealed);
        opened.map(|()| text)
    }};
}

/// V and C; they decrypt to the plaintext again, and do not with another V.
macro_rules! encrypted {
    ($siv:expr, $headers:expr, $plaintext:expr) => {{
        let mut text = $plaintext.to_vec();
        let tag = $siv.encrypt($headers, &mut text).unwrap();
        let sealed = [tag.as_slice(), &text].concat();

        let mut wrong = tag;
        wrong[15] ^= 1;
        let opened = $siv.decrypt($headers, &wrong, &mut text);
        assert_eq!(opened, Err(OpenError));
        assert_eq!(text, sealed[16..]);
        assert_eq!($siv.decrypt($headers, &tag, &mut text), Ok(()));
        assert_eq!(text, $plaintext);
        sealed
    }};
}

/// The implementations that there are: with a key for all, for one thing, and for many to share.
macro_rules! implementations {
    ($cipher:ty) => {
        &[
            Implementation(|work, secret, headers, octets| {
                let mut siv = library::LibrarySiv::<$cipher>::new(secret).unwrap();
                worked!(work, (&mut siv), headers, octets)
            }),
            #[cfg(feature = "alloc")]
            Implementation(|work, secret, headers, octets| {
                let siv = library::SharedLibrarySiv::<$cipher>::new(secret).unwrap();
                worked!(work, (&siv), headers, octets)
            }),
            #[cfg(all(feature = "alloc", feature = "fast-siv"))]
            Implementation(|work, secret, headers, octets| {
                let siv = fast::FastSiv::<$cipher>::new(secret).unwrap();
                worked!(work, (&siv), headers, octets)
            }),
            #[cfg(feature = "fast-siv")]
            Implementation(|work, secret, headers, octets| {
                fast::FastSiv::<$cipher>::with(secret, |siv| worked!(work, (siv), headers, octets))
                    .unwrap()
            }),
        ]
    };
}

const AES_128: &[Implementation] = implementations!(aes::Aes128Enc);
const AES_192: &[Implementation] = implementations!(aes::Aes192Enc);
const AES_256: &[Implementation] = implementations!(aes::Aes256Enc);

/// Source: RFC 5297 appendix A.1: one header, no nonce.
#[test]
fn rfc_5297_appendix_a_1() {
    let key = hex!("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    let header = hex!("101112131415161718191a1b1c1d1e1f2021222324252627");
    let plaintext = hex!("112233445566778899aabbccddee");
    let expected = hex!("85632d07c6e8f37f950acd320a2ecc93 40c02b9690c4dc04daef7f6afe5c");
    for siv in AES_128 {
        assert_eq!(siv.encrypted(&key, &[&header], &plaintext), expected);
    }
}

/// Source: RFC 5297 appendix A.2: two headers and a nonce.
#[test]
fn rfc_5297_appendix_a_2() {
    let key = hex!("7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f");
    let first =
        hex!("00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100");
    let second = hex!("102030405060708090a0");
    let nonce = hex!("09f911029d74e35bd84156c5635688c0");
    let expected = hex!(
        "7bdb6e3b432667eb06f4d14bff2fbd0f cb900f2fddbe404326601965c889bf17"
        "dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d"
    );
    let plaintext = b"this is some plaintext to encrypt using SIV-AES";
    for siv in AES_128 {
        assert_eq!(
            siv.encrypted(&key, &[&first, &second, &nonce], plaintext),
            expected
        );
    }
}

/// Source: computed with Python: what comes out where an empty component is dropped.
#[test]
fn a_dropped_component_is_another_function() {
    let key = hex!("0123456789abcdeff0123456789abcdeef0123456789abcddef0123456789abc");
    let nonce = hex!("101112131415161718191a1b1c1d1e1f");
    let right = hex!("223eb594e0e0254b00258e219a1ca421");
    let dropped = hex!("74a24f565d41a1bd1121cce736117527");
    for siv in AES_128 {
        assert_eq!(siv.encrypted(&key, &[&[], &nonce], &[]), right);
        assert_eq!(siv.encrypted(&key, &[&nonce], &[]), dropped);
    }
}

/// Source: the vectors of longer keys of [`AeadKey`](crate::AeadKey), with Python `cryptography`.
#[test]
fn longer_keys() {
    let count: [u8; 64] = core::array::from_fn(|index| u8::try_from(index).unwrap());
    let x = hex!("4c9d4fcaed8ae2baad3f3ea6e93c8c8b");
    let y = hex!("ba997931237e3c53587ed49302abe4a7");
    let nonce = hex!("101112131415161718191a1b1c1d1e1f");
    for siv in AES_192 {
        assert_eq!(
            siv.encrypted(&count[..48], &[&x, &nonce], &y),
            hex!("3fd2c04e330f986418e0ad074719166efcff5a33c0308fdfb0d07c9f47a7e0e3")
        );
    }
    for siv in AES_256 {
        assert_eq!(
            siv.encrypted(&count, &[&x, &nonce], &y),
            hex!("071e0aaab55535924efedee895f8d562ff242bd5a59ff6d94d974c8ce2fc3f2d")
        );
    }
}

/// Source: Wycheproof, `aes_siv_cmac_test.json`: one header, no nonce; and
/// `aead_aes_siv_cmac_test.json`: one header and a nonce.
#[test]
fn wycheproof_aes_siv_cmac() {
    for (number, good, bad, implementations) in [
        (15, 124, 324, AES_128),
        (16, 84, 216, AES_192),
        (17, 123, 324, AES_256),
    ] {
        for vector in vectors(number, good, bad) {
            let headers = [&vector.associated_data[..], &vector.nonce];
            let headers = &headers[..if vector.nonce.is_empty() { 1 } else { 2 }];
            for siv in implementations {
                let found = siv.encrypted(&vector.secret, headers, &vector.plaintext);
                assert_eq!(found == vector.ciphertext, vector.is_good);
                let plaintext = vector.is_good.then(|| vector.plaintext.clone());
                let found = siv.decrypted(&vector.secret, headers, &vector.ciphertext);
                assert_eq!(found, plaintext.ok_or(OpenError));
            }
        }
    }
}

#[test]
fn secrets_of_other_lengths() {
    fn lengths(is_right: impl Fn(&[u8]) -> bool) -> Vec<usize> {
        let is_right = |length: &usize| is_right(&vec![0; *length]);
        (0..100).filter(is_right).collect()
    }
    type Library<C> = library::LibrarySiv<C>;
    let with = |secret: &[u8]| Library::<aes::Aes128Enc>::with(secret, |_| ()).is_some();
    assert_eq!(lengths(with), [32]);
    let with = |secret: &[u8]| Library::<aes::Aes192Enc>::with(secret, |_| ()).is_some();
    assert_eq!(lengths(with), [48]);
    let with = |secret: &[u8]| AesSivCmac256::with(secret, |_| ()).is_some();
    assert_eq!(lengths(with), [32]);
    let with = |secret: &[u8]| AesSivCmac384::with(secret, |_| ()).is_some();
    assert_eq!(lengths(with), [48]);
    let with = |secret: &[u8]| AesSivCmac512::with(secret, |_| ()).is_some();
    assert_eq!(lengths(with), [64]);
    #[cfg(feature = "alloc")]
    assert_eq!(
        lengths(|secret| SharedAesSivCmac256::new(secret).is_some()),
        [32]
    );
}

/// Does not compile where the expanded keys stay in memory.
#[test]
fn expanded_keys_are_wiped() {
    fn wiped<C: Cipher + zeroize::ZeroizeOnDrop>() {}
    wiped::<aes::Aes128Enc>();
    wiped::<aes::Aes192Enc>();
    wiped::<aes::Aes256Enc>();
}

#[cfg(feature = "fast-siv")]
mod both {
    use super::{AES_128, AES_192, AES_256};
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        /// Any number of headers, all lengths around the blocks' ends.
        #[test]
        fn say_the_same(
            key in any::<[u8; 64]>(),
            headers in vec(vec(any::<u8>(), 0..50), 0..4),
            plaintext in vec(any::<u8>(), 0..300),
        ) {
            let headers: Vec<_> = headers.iter().map(Vec::as_slice).collect();
            for (implementations, length) in [(AES_128, 32), (AES_192, 48), (AES_256, 64)] {
                let secret = &key[..length];
                let (library, others) = implementations.split_first().unwrap();
                prop_assert!(!others.is_empty());
                let expected = library.encrypted(secret, &headers, &plaintext);
                for other in others {
                    prop_assert_eq!(&other.encrypted(secret, &headers, &plaintext), &expected);
                }
            }
        }
    }
}
