//! What the tests of this folder share.

#[path = "../../tests/exchanges/file.rs"]
#[expect(dead_code, reason = "the records are for other tests")]
pub(crate) mod file;
#[path = "../../tests/exchanges/script.rs"]
pub(crate) mod script;

use core::convert::Infallible;

use horolog_ntp::{ExtensionField, ExtensionType, FieldLayout, Header};
use horolog_time::NtpTimestamp;
use rand_core::{TryCryptoRng, TryRng};

use self::file::Exchange;
pub(crate) use self::script::Script;
use super::fields::NtsFields;
use crate::{AeadAlgorithm, AeadKey, Association, CookieJar, Keyring, SessionKeys};

/// Numbers that are all different, and the same in each run.
pub(crate) struct Sequence(pub(crate) u64);

impl TryRng for Sequence {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("nothing draws 32 bits")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Ok(bits ^ bits >> 27)
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        for octets in octets.chunks_mut(8) {
            let bits = self.try_next_u64()?.to_be_bytes();
            octets.copy_from_slice(&bits[..octets.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Sequence {}

/// The five algorithms.
pub(crate) const ALGORITHMS: [AeadAlgorithm; 5] = [
    AeadAlgorithm::AES_SIV_CMAC_256,
    AeadAlgorithm::AES_SIV_CMAC_384,
    AeadAlgorithm::AES_SIV_CMAC_512,
    AeadAlgorithm::AES_128_GCM_SIV,
    AeadAlgorithm::AES_256_GCM_SIV,
];

pub(crate) fn at(seconds: u32) -> NtpTimestamp {
    NtpTimestamp::from_parts(3_900_000_000 + seconds, 0)
}

/// Keys of which each octet is one of the two.
pub(crate) fn keys(algorithm: AeadAlgorithm, octets: [u8; 2]) -> SessionKeys {
    let secret = |octet| vec![octet; algorithm.key_length().unwrap()];
    SessionKeys::new(algorithm, &secret(octets[0]), &secret(octets[1])).unwrap()
}

pub(crate) fn keyring() -> Keyring {
    Keyring::new(7, &[9; 32])
}

/// What a key establishment with [`keyring`] would give, with so many cookies.
pub(crate) fn established(algorithm: AeadAlgorithm, cookies: usize) -> Association {
    let keys = keys(algorithm, [1, 2]);
    let mut jar = CookieJar::new();
    let mut cookie = [0; 300];
    for number in 0..cookies {
        let mut rng = Sequence(1000 + u64::try_from(number).unwrap());
        let length = keyring().seal_cookie(&keys, &mut rng, &mut cookie).unwrap();
        jar.push(&cookie[..length]).unwrap();
    }
    Association::new(keys, jar)
}

/// A field as it stands in a packet.
pub(crate) fn field(field_type: ExtensionType, value: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    let field = ExtensionField { field_type, value };
    field.encode(FieldLayout::V4, &mut octets).unwrap();
    octets
}

/// The packet's fields, offset and octets of each, header included.
pub(crate) fn fields(packet: &[u8]) -> Vec<(ExtensionType, usize, Vec<u8>)> {
    let mut start = Header::LENGTH;
    super::fields::walked(&packet[Header::LENGTH..])
        .map(|found| {
            let octets = field(found.field_type, found.value);
            let at = start;
            start += octets.len();
            (found.field_type, at, octets)
        })
        .collect()
}

/// The keys of an exchange that open a packet's authenticator.
pub(crate) fn key_of(exchange: &Exchange, packet: &[u8]) -> AeadKey {
    let sealed = NtsFields::decode(packet)
        .unwrap()
        .sealed()
        .unwrap()
        .unwrap();
    let keys = exchange
        .keys
        .iter()
        .map(|key| AeadKey::new(AeadAlgorithm::from_number(key.algorithm), &key.octets).unwrap());
    let opens = |key: &AeadKey| {
        let mut buffer = sealed.authenticator.ciphertext.to_vec();
        key.open(
            sealed.associated_data,
            sealed.authenticator.nonce,
            &mut buffer,
        )
        .is_ok()
    };
    keys.into_iter().find(opens).expect("a key that opens it")
}
