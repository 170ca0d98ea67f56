use core::fmt;

use aes::{Aes128Enc, Aes256Enc};
use aes_gcm_siv::{AesGcmSiv, KeyInit};

use super::siv::{AesSiv, AesSivCmac256, AesSivCmac384, AesSivCmac512};
use super::{
    AeadAlgorithm, KeyError, MAX_KEY_LENGTH, OpenError, SealError, Secret, TAG_LENGTH, gcm_siv,
};

/// A key of one of the AEAD algorithms of NTS: seals and opens in place.
///
/// Nothing is allocated. The associated data and the nonce of AES-SIV are two components of its
/// S2V, in this order and also when empty, so a nonce of any length from one octet is right; it has
/// to differ from one message to the next, but if it does not, all that is told is that two
/// messages are equal. AES-GCM-SIV takes 12 octets.
///
/// The key's octets are wiped on drop and shown to nobody.
///
/// Defined in [RFC 5297 § 6](https://www.rfc-editor.org/rfc/rfc5297#section-6) and
/// [RFC 8452 § 6](https://www.rfc-editor.org/rfc/rfc8452#section-6).
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, AeadKey, OpenError};
///
/// let key = AeadKey::new(AeadAlgorithm::AES_128_GCM_SIV, &[0x2b; 16])?;
/// let mut buffer = *b"plaintext and sixteen octets more";
/// key.seal(b"header", &[1; 12], &mut buffer)?;
///
/// let mut tampered = buffer;
/// tampered[3] ^= 1;
/// assert_eq!(key.open(b"header", &[1; 12], &mut tampered), Err(OpenError));
/// assert_eq!(key.open(b"header", &[1; 12], &mut buffer)?, b"plaintext and six");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AeadKey {
    algorithm: AeadAlgorithm,
    secret: Secret<MAX_KEY_LENGTH>,
}

impl AeadKey {
    /// Takes a secret. Each message expands it: a server has a key for one packet alone, and an
    /// `NtsClient` keeps what its keys expand to for itself.
    ///
    /// # Errors
    ///
    /// * [`KeyError::Unsupported`] for an algorithm that is not spoken here.
    /// * [`KeyError::Length`] where the algorithm demands another length.
    #[inline]
    pub fn new(algorithm: AeadAlgorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let needed = algorithm
            .key_length()
            .ok_or(KeyError::Unsupported { algorithm })?;
        let mut octets = Secret::zeros();
        match octets.get_mut(..needed) {
            Some(room) if secret.len() == needed => room.copy_from_slice(secret),
            _ => {
                return Err(KeyError::Length {
                    algorithm,
                    length: secret.len(),
                    needed,
                });
            }
        }
        Ok(Self {
            algorithm,
            secret: octets,
        })
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> AeadAlgorithm {
        self.algorithm
    }

    /// The secret, for what keeps keys.
    pub(crate) fn secret(&self) -> &[u8] {
        let length = self.algorithm.key_length().unwrap_or(0);
        self.secret.get(..length).unwrap_or_default()
    }

    /// Octets by which a ciphertext is longer than its plaintext.
    #[must_use]
    pub const fn tag_length(&self) -> usize {
        TAG_LENGTH
    }

    /// Encrypts and authenticates in place.
    ///
    /// `buffer` holds the plaintext and [`tag_length`](Self::tag_length) octets of room behind it,
    /// whatever they are; then all of it is the ciphertext, tag included, where the algorithm
    /// places it (in front with AES-SIV, at the end with AES-GCM-SIV).
    ///
    /// # Errors
    ///
    /// In all of these the buffer is as it was.
    ///
    /// * [`SealError::NonceTooShort`], [`SealError::NonceTooLong`].
    /// * [`SealError::BufferTooSmall`] where there is no room for the tag.
    /// * [`SealError::TooLong`] above 64 GiB with AES-GCM-SIV.
    pub fn seal(
        &self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &mut [u8],
    ) -> Result<(), SealError> {
        let algorithm = self.algorithm();
        algorithm.check_seal(nonce, buffer)?;
        self.seal_unchecked(associated_data, nonce, buffer)
            .ok_or(SealError::TooLong { algorithm })
    }

    /// Authenticates and decrypts in place, and returns the part of `buffer` that is the plaintext.
    ///
    /// # Errors
    ///
    /// [`OpenError`] for all that is not authentic, a buffer without a tag and a nonce of a wrong
    /// length included. Then the buffer is as it was: nothing of a plaintext is left behind.
    pub fn open<'a>(
        &self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &'a mut [u8],
    ) -> Result<&'a mut [u8], OpenError> {
        self.algorithm.check_nonce(nonce).map_err(|_| OpenError)?;
        let secret = self.secret();
        match self.algorithm {
            AeadAlgorithm::AES_SIV_CMAC_256 => {
                AesSivCmac256::with(secret, |siv| siv.open(associated_data, nonce, buffer))
                    .ok_or(OpenError)?
            }
            AeadAlgorithm::AES_SIV_CMAC_384 => {
                AesSivCmac384::with(secret, |siv| siv.open(associated_data, nonce, buffer))
                    .ok_or(OpenError)?
            }
            AeadAlgorithm::AES_SIV_CMAC_512 => {
                AesSivCmac512::with(secret, |siv| siv.open(associated_data, nonce, buffer))
                    .ok_or(OpenError)?
            }
            AeadAlgorithm::AES_128_GCM_SIV => {
                let key = AesGcmSiv::<Aes128Enc>::new_from_slice(secret).map_err(|_| OpenError)?;
                gcm_siv::open(&key, associated_data, nonce, buffer)
            }
            AeadAlgorithm::AES_256_GCM_SIV => {
                let key = AesGcmSiv::<Aes256Enc>::new_from_slice(secret).map_err(|_| OpenError)?;
                gcm_siv::open(&key, associated_data, nonce, buffer)
            }
            _ => Err(OpenError),
        }
    }

    /// Seals with a nonce of a right length and room for the tag.
    fn seal_unchecked(
        &self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &mut [u8],
    ) -> Option<()> {
        let secret = self.secret();
        match self.algorithm {
            AeadAlgorithm::AES_SIV_CMAC_256 => {
                AesSivCmac256::with(secret, |siv| siv.seal(associated_data, nonce, buffer))?
            }
            AeadAlgorithm::AES_SIV_CMAC_384 => {
                AesSivCmac384::with(secret, |siv| siv.seal(associated_data, nonce, buffer))?
            }
            AeadAlgorithm::AES_SIV_CMAC_512 => {
                AesSivCmac512::with(secret, |siv| siv.seal(associated_data, nonce, buffer))?
            }
            AeadAlgorithm::AES_128_GCM_SIV => {
                let key = AesGcmSiv::<Aes128Enc>::new_from_slice(secret).ok()?;
                gcm_siv::seal(&key, associated_data, nonce, buffer)
            }
            AeadAlgorithm::AES_256_GCM_SIV => {
                let key = AesGcmSiv::<Aes256Enc>::new_from_slice(secret).ok()?;
                gcm_siv::seal(&key, associated_data, nonce, buffer)
            }
            _ => None,
        }
    }
}

/// The algorithm, never the secret.
impl fmt::Debug for AeadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AeadKey")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
