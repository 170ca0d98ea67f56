//! Cookies, and what is saved of NTS.

use core::convert::Infallible;

use horolog_nts::{AeadAlgorithm, Association, CookieError, Keyring, SessionKeys};
use sha2::{Digest, Sha256};

use crate::{DIRT, check_error};

/// Randomness that is the same each time.
pub(crate) struct Counting(pub(crate) u8);

impl rand_core::TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0 = self.0.wrapping_add(1);
        Ok(self.0.into())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.try_next_u32().map(u64::from)
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        for octet in octets {
            self.0 = self.0.wrapping_add(1);
            *octet = self.0;
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counting {}

fn keys(algorithm: AeadAlgorithm) -> SessionKeys {
    let secret = [0x5c; 64];
    let secret = &secret[..algorithm.key_length().expect("a known one")];
    SessionKeys::new(algorithm, secret, secret).expect("its length")
}

fn seal(keyring: &Keyring, keys: &SessionKeys, start: u8) -> Vec<u8> {
    let mut buffer = [DIRT; 200];
    let length = keyring
        .seal_cookie(keys, &mut Counting(start), &mut buffer)
        .expect("room enough");
    assert_eq!(Some(length), Keyring::cookie_length(keys.algorithm()));
    buffer[..length].to_vec()
}

/// Octets for a server that takes them for a cookie; and a cookie of which one bit is changed, which
/// the first three octets choose.
pub fn cookie(octets: &[u8]) {
    let keyring = Keyring::new(0x0102_0304, &core::array::from_fn(|index| index as u8));
    match keyring.open_cookie(octets) {
        Ok(keys) => {
            let again = seal(&keyring, &keys, 0);
            assert_eq!(again.len(), octets.len());
            let opened = keyring.open_cookie(&again).expect("it was made here");
            assert_eq!(opened.algorithm(), keys.algorithm());
        }
        Err(CookieError::Length { length }) => assert_eq!(length, octets.len()),
        Err(CookieError::UnknownKey { id }) => {
            assert_eq!(octets.first_chunk(), Some(&id.to_be_bytes()));
        }
        Err(_) => assert_eq!(octets[..4], [1, 2, 3, 4]),
    }
    let [choice, place @ .., _] = *octets.first_chunk::<4>().unwrap_or(&[0; 4]);
    let numbers = [15, 16, 17, 30, 31];
    let number = numbers[usize::from(choice) % numbers.len()];
    let mut made = seal(&keyring, &keys(AeadAlgorithm::from_number(number)), choice);
    assert!(keyring.open_cookie(&made).is_ok());
    let bit = usize::from(u16::from_be_bytes(place)) % (made.len() * 8);
    made[bit / 8] ^= 1 << (bit % 8);
    assert!(keyring.open_cookie(&made).is_err());
}

/// The octets with the right checksum in place of their last 32.
fn with_checksum(octets: &[u8]) -> Vec<u8> {
    let covered = &octets[..octets.len().saturating_sub(32)];
    [covered, Sha256::digest(covered).as_slice()].concat()
}

/// A saved keyring, as it stands and with a right checksum; then rotated until a cookie of its first
/// key is too old.
pub fn keyring_file(octets: &[u8]) {
    for octets in [octets, &with_checksum(octets)] {
        let mut keyring = match Keyring::decode(octets) {
            Ok(keyring) => keyring,
            Err(error) => {
                check_error(octets, &error);
                continue;
            }
        };
        assert_eq!(**keyring.encode(), *octets);
        let old = seal(&keyring, &keys(AeadAlgorithm::AES_128_GCM_SIV), 0);
        for rotations in 0..=keyring.rotation().previous() + 1 {
            let opens = keyring.open_cookie(&old).is_ok();
            assert_eq!(opens, rotations <= keyring.rotation().previous());
            assert!(keyring.key_ids().count() <= keyring.rotation().previous() + 2);
            let Some(next) = keyring.next_rotation() else {
                break;
            };
            assert_eq!(keyring.rotate(next, &mut Counting(0)), Ok(true));
        }
    }
}

/// A saved association, as it stands and with a right checksum.
pub fn association_file(octets: &[u8]) {
    for octets in [octets, &with_checksum(octets)] {
        match Association::decode(octets) {
            Ok(association) => {
                let saved = association.encode().expect("it was saved before");
                assert_eq!(**saved, *octets);
            }
            Err(error) => check_error(octets, &error),
        }
    }
}
