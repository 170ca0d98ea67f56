use core::fmt;

use aes::{Aes128, Aes256};
use cmac::{Cmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::{KeyId, MacAlgorithm, MacTrailer};
use crate::Version;

/// A symmetric key: its number, its algorithm, and the secret.
///
/// The secret is kept only as the algorithm's state after it, which is wiped on drop; it is never
/// shown. Making a MAC allocates nothing.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{KeyId, MacAlgorithm, MacKey, MacTrailer, Version};
///
/// let key = MacKey::new(KeyId::new(5), MacAlgorithm::AesCmac128, &[0x2b; 16])?;
/// let packet = [0x23; 48];
/// let digest = key.digest(&packet);
/// let mac = MacTrailer { key_id: key.id(), digest: digest.for_version(Version::V4) };
/// assert!(key.verify(&packet, &mac, Version::V4));
/// assert!(!key.verify(&packet[1..], &mac, Version::V4));
/// # Ok::<(), horolog_ntp::KeyError>(())
/// ```
pub struct MacKey {
    id: KeyId,
    state: State,
}

/// A secret or key number that cannot be used.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeyError {
    /// Key number 0 stands for "no key" on the wire.
    #[error("key id 0 is reserved")]
    ReservedId,
    /// The secret is empty.
    #[error("{algorithm} secret is empty")]
    EmptySecret {
        /// For which algorithm.
        algorithm: MacAlgorithm,
    },
    /// The algorithm demands another length.
    #[error("{algorithm} secret has {length} octets, needs {needed}")]
    SecretLength {
        /// For which algorithm.
        algorithm: MacAlgorithm,
        /// Octets given.
        length: usize,
        /// Octets needed.
        needed: usize,
    },
}

/// The hashes with the secret already in, the ciphers with it expanded.
enum State {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
    AesCmac128(Cmac<Aes128>),
    AesCmac256(Cmac<Aes256>),
}

impl MacKey {
    /// Takes a secret.
    ///
    /// # Errors
    ///
    /// * [`KeyError::ReservedId`] for key number 0.
    /// * [`KeyError::EmptySecret`].
    /// * [`KeyError::SecretLength`] where AES-CMAC does not get its 16 or 32 octets.
    pub fn new(id: KeyId, algorithm: MacAlgorithm, secret: &[u8]) -> Result<Self, KeyError> {
        if id.get() == 0 {
            return Err(KeyError::ReservedId);
        }
        if secret.is_empty() {
            return Err(KeyError::EmptySecret { algorithm });
        }
        let wrong = |needed| KeyError::SecretLength {
            algorithm,
            length: secret.len(),
            needed,
        };
        let state = match algorithm {
            MacAlgorithm::Md5 => State::Md5(Md5::new_with_prefix(secret)),
            MacAlgorithm::Sha1 => State::Sha1(Sha1::new_with_prefix(secret)),
            MacAlgorithm::Sha256 => State::Sha256(Sha256::new_with_prefix(secret)),
            MacAlgorithm::Sha512 => State::Sha512(Sha512::new_with_prefix(secret)),
            MacAlgorithm::AesCmac128 => {
                State::AesCmac128(Cmac::new_from_slice(secret).map_err(|_| wrong(16))?)
            }
            MacAlgorithm::AesCmac256 => {
                State::AesCmac256(Cmac::new_from_slice(secret).map_err(|_| wrong(32))?)
            }
        };
        Ok(Self { id, state })
    }

    /// The key's number.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> MacAlgorithm {
        match &self.state {
            State::Md5(_) => MacAlgorithm::Md5,
            State::Sha1(_) => MacAlgorithm::Sha1,
            State::Sha256(_) => MacAlgorithm::Sha256,
            State::Sha512(_) => MacAlgorithm::Sha512,
            State::AesCmac128(_) => MacAlgorithm::AesCmac128,
            State::AesCmac256(_) => MacAlgorithm::AesCmac256,
        }
    }

    /// The whole digest over `octets`: header and extension fields.
    #[must_use]
    pub fn digest(&self, octets: &[u8]) -> MacDigest {
        fn hash<H: Digest + Clone>(state: &H, octets: &[u8]) -> MacDigest {
            MacDigest::new(&state.clone().chain_update(octets).finalize())
        }
        fn cmac<M: Mac + Clone>(state: &M, octets: &[u8]) -> MacDigest {
            MacDigest::new(&state.clone().chain_update(octets).finalize().into_bytes())
        }
        match &self.state {
            State::Md5(state) => hash(state, octets),
            State::Sha1(state) => hash(state, octets),
            State::Sha256(state) => hash(state, octets),
            State::Sha512(state) => hash(state, octets),
            State::AesCmac128(state) => cmac(state, octets),
            State::AesCmac256(state) => cmac(state, octets),
        }
    }

    /// Whether `mac` has this key's number and the digest over `octets` that a packet of `version`
    /// carries. The digest is compared in constant time.
    #[must_use]
    pub fn verify(&self, octets: &[u8], mac: &MacTrailer<'_>, version: Version) -> bool {
        mac.key_id == self.id
            && bool::from(self.digest(octets).for_version(version).ct_eq(mac.digest))
    }
}

/// Number and algorithm, never the secret.
impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MacKey")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

/// The digest of a MAC, as a packet may carry it.
#[derive(Clone, Copy)]
pub struct MacDigest {
    octets: [u8; 64],
    length: usize,
}

impl MacDigest {
    #[inline]
    fn new(digest: &[u8]) -> Self {
        let mut octets = [0; 64];
        let length = digest.len().min(octets.len());
        for (to, from) in octets.iter_mut().zip(digest) {
            *to = *from;
        }
        Self { octets, length }
    }

    /// All of it.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }

    /// What a packet of a version carries: the first 20 octets in 4, all of it in others.
    #[must_use]
    pub fn for_version(&self, version: Version) -> &[u8] {
        let all = self.as_octets();
        if version == Version::V4 {
            all.get(..MacAlgorithm::MAX_V4_DIGEST).unwrap_or(all)
        } else {
            all
        }
    }
}

impl fmt::Debug for MacDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacDigest(")?;
        crate::error::write_hex(f, self.as_octets())?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    const KEY: [u8; 16] = hex!("2b7e151628aed2a6abf7158809cf4f3c");

    fn key(id: u32, algorithm: MacAlgorithm, secret: &[u8]) -> MacKey {
        MacKey::new(KeyId::new(id), algorithm, secret).unwrap()
    }

    /// Source: RFC 4493 section 4, the same as RFC 8573 section 5.
    #[test]
    fn rfc_4493_section_4() {
        let message = hex!(
            "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"
            "30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710"
        );
        let key = key(1, MacAlgorithm::AesCmac128, &KEY);
        for (length, digest) in [
            (0, hex!("bb1d6929e95937287fa37d129b756746")),
            (16, hex!("070a16b46b4d4144f79bdd9dd04a287c")),
            (40, hex!("dfa66747de9ae63030ca32611497c827")),
            (64, hex!("51f0bebf7e3b9d92fc49741779363cfe")),
        ] {
            assert_eq!(
                key.digest(&message[..length]).as_octets(),
                digest,
                "{length}"
            );
        }
    }

    /// Source: chrony's unit test of CMAC.
    #[test]
    fn chrony_cmac() {
        let key = key(
            1,
            MacAlgorithm::AesCmac128,
            &hex!("fc24971b5266dc46efe0e8084689b688"),
        );
        let digest = key.digest(b"abcdefghijklmnopqrstuvwxyz0123456789");
        assert_eq!(digest.as_octets(), hex!("af3cfec266710804d4af5b162b11f485"));
    }

    /// Source: NIST SP 800-38B, appendix D.3 (AES-256), examples 9 and 10.
    #[test]
    fn sp_800_38b_aes_256() {
        let secret = hex!("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4");
        let key = key(1, MacAlgorithm::AesCmac256, &secret);
        assert_eq!(
            key.digest(&[]).as_octets(),
            hex!("028962f61b7bf89efc6b551f4667d983")
        );
        let digest = key.digest(&hex!("6bc1bee22e409f96e93d7e117393172a"));
        assert_eq!(digest.as_octets(), hex!("28a7023f452e8f82bd4bf28d8c37c35c"));
    }

    /// Trailers over the header of a captured request, computed with another program.
    #[test]
    fn trailers_over_a_captured_request() {
        let header = hex!(
            "230206e8000003ff0000037d5ec69f0fe5f662987b61b9afe5f663667b64995de5f6636681405590e5f663a8761dde48"
        );
        let md5 = hex!("621b9d59a09fa936a19623462aadfb74");
        let sha1 = hex!("be506c91ec9d96082e7ecfc0b7dcf332265fdf60");
        let cmac = hex!("94e3623bd9245c0ba9a16dc0b4e95e9b");
        for (id, algorithm, digest) in [
            (10, MacAlgorithm::Md5, &md5[..]),
            (11, MacAlgorithm::Sha1, &sha1[..]),
            (12, MacAlgorithm::AesCmac128, &cmac[..]),
        ] {
            let key = key(id, algorithm, &KEY);
            let mac = MacTrailer {
                key_id: KeyId::new(id),
                digest,
            };
            assert!(key.verify(&header, &mac, Version::V4), "{algorithm}");
            for octet in 0..header.len() {
                let mut tampered = header;
                tampered[octet] ^= 1;
                assert!(
                    !key.verify(&tampered, &mac, Version::V4),
                    "{algorithm} octet {octet}"
                );
            }
        }
    }

    #[test]
    fn long_digests_are_cut_in_version_4_only() {
        let key = key(3, MacAlgorithm::Sha512, &KEY);
        let digest = key.digest(b"x");
        assert_eq!(digest.for_version(Version::V3).len(), 64);
        assert_eq!(digest.for_version(Version::V5).len(), 64);
        assert_eq!(digest.for_version(Version::V4), &digest.as_octets()[..20]);
        let whole = MacTrailer {
            key_id: key.id(),
            digest: digest.as_octets(),
        };
        assert!(key.verify(b"x", &whole, Version::V3));
        assert!(!key.verify(b"x", &whole, Version::V4));
    }

    #[test]
    fn rejects_another_key_id_and_short_digests() {
        let key = key(3, MacAlgorithm::Md5, &KEY);
        let digest = key.digest(b"x");
        let mac = MacTrailer {
            key_id: KeyId::new(4),
            digest: digest.as_octets(),
        };
        assert!(!key.verify(b"x", &mac, Version::V4));
        for length in 0..16 {
            let mac = MacTrailer {
                key_id: key.id(),
                digest: &digest.as_octets()[..length],
            };
            assert!(!key.verify(b"x", &mac, Version::V4));
        }
    }

    #[test]
    fn rejects_unusable_keys() {
        let new = |id, algorithm, secret: &[u8]| {
            MacKey::new(KeyId::new(id), algorithm, secret)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(new(0, MacAlgorithm::Md5, b"x"), "key id 0 is reserved");
        assert_eq!(new(1, MacAlgorithm::Sha1, b""), "sha1 secret is empty");
        assert_eq!(
            new(1, MacAlgorithm::AesCmac128, b"short"),
            "aes-cmac secret has 5 octets, needs 16"
        );
        assert_eq!(
            new(1, MacAlgorithm::AesCmac256, &KEY),
            "aes-cmac secret has 16 octets, needs 32"
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = format!("{:?}", key(1, MacAlgorithm::Md5, b"sesame"));
        assert_eq!(text, "MacKey { id: KeyId(1), algorithm: Md5, .. }");
    }
}
