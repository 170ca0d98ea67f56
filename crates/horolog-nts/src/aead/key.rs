use core::fmt;
use core::ops::RangeInclusive;

use aes::{Aes128, Aes192, Aes256};
use aes_gcm_siv::{Aes128GcmSiv, Aes256GcmSiv};
use aes_siv::KeyInit;
use aes_siv::siv::CmacSiv;
use zeroize::Zeroizing;

use super::{AeadAlgorithm, KeyError, OpenError, SealError, TAG_LENGTH, gcm_siv, siv};

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
    secret: Secret,
}

/// The octets by algorithm. A key schedule would be more to wipe, and SIV's cannot be shared.
enum Secret {
    AesSivCmac256(Zeroizing<[u8; 32]>),
    AesSivCmac384(Zeroizing<[u8; 48]>),
    AesSivCmac512(Zeroizing<[u8; 64]>),
    Aes128GcmSiv(Zeroizing<[u8; 16]>),
    Aes256GcmSiv(Zeroizing<[u8; 32]>),
}

impl AeadKey {
    /// Takes a secret.
    ///
    /// # Errors
    ///
    /// * [`KeyError::Unsupported`] for an algorithm that is not spoken here.
    /// * [`KeyError::Length`] where the algorithm demands another length.
    pub fn new(algorithm: AeadAlgorithm, secret: &[u8]) -> Result<Self, KeyError> {
        fn octets<const N: usize>(
            algorithm: AeadAlgorithm,
            secret: &[u8],
        ) -> Result<Zeroizing<[u8; N]>, KeyError> {
            let secret: &[u8; N] = secret.try_into().map_err(|_| KeyError::Length {
                algorithm,
                length: secret.len(),
                needed: N,
            })?;
            Ok(Zeroizing::new(*secret))
        }
        let secret = match algorithm {
            AeadAlgorithm::AES_SIV_CMAC_256 => Secret::AesSivCmac256(octets(algorithm, secret)?),
            AeadAlgorithm::AES_SIV_CMAC_384 => Secret::AesSivCmac384(octets(algorithm, secret)?),
            AeadAlgorithm::AES_SIV_CMAC_512 => Secret::AesSivCmac512(octets(algorithm, secret)?),
            AeadAlgorithm::AES_128_GCM_SIV => Secret::Aes128GcmSiv(octets(algorithm, secret)?),
            AeadAlgorithm::AES_256_GCM_SIV => Secret::Aes256GcmSiv(octets(algorithm, secret)?),
            _ => return Err(KeyError::Unsupported { algorithm }),
        };
        Ok(Self { secret })
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> AeadAlgorithm {
        match &self.secret {
            Secret::AesSivCmac256(_) => AeadAlgorithm::AES_SIV_CMAC_256,
            Secret::AesSivCmac384(_) => AeadAlgorithm::AES_SIV_CMAC_384,
            Secret::AesSivCmac512(_) => AeadAlgorithm::AES_SIV_CMAC_512,
            Secret::Aes128GcmSiv(_) => AeadAlgorithm::AES_128_GCM_SIV,
            Secret::Aes256GcmSiv(_) => AeadAlgorithm::AES_256_GCM_SIV,
        }
    }

    /// The secret, for what keeps keys.
    #[cfg(feature = "alloc")]
    pub(crate) fn secret(&self) -> &[u8] {
        match &self.secret {
            Secret::AesSivCmac256(secret) | Secret::Aes256GcmSiv(secret) => &**secret,
            Secret::AesSivCmac384(secret) => &**secret,
            Secret::AesSivCmac512(secret) => &**secret,
            Secret::Aes128GcmSiv(secret) => &**secret,
        }
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
        self.check_nonce(nonce)?;
        if buffer.len() < TAG_LENGTH {
            return Err(SealError::BufferTooSmall {
                length: buffer.len(),
                needed: TAG_LENGTH,
            });
        }
        match &self.secret {
            Secret::AesSivCmac256(secret) => {
                let key = CmacSiv::<Aes128>::new((&**secret).into());
                siv::seal(key, associated_data, nonce, buffer)
            }
            Secret::AesSivCmac384(secret) => {
                let key = CmacSiv::<Aes192>::new((&**secret).into());
                siv::seal(key, associated_data, nonce, buffer)
            }
            Secret::AesSivCmac512(secret) => {
                let key = CmacSiv::<Aes256>::new((&**secret).into());
                siv::seal(key, associated_data, nonce, buffer)
            }
            Secret::Aes128GcmSiv(secret) => {
                let key = Aes128GcmSiv::new((&**secret).into());
                gcm_siv::seal(&key, associated_data, nonce, buffer)
            }
            Secret::Aes256GcmSiv(secret) => {
                let key = Aes256GcmSiv::new((&**secret).into());
                gcm_siv::seal(&key, associated_data, nonce, buffer)
            }
        }
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
        self.check_nonce(nonce).map_err(|_| OpenError)?;
        match &self.secret {
            Secret::AesSivCmac256(secret) => {
                let key = CmacSiv::<Aes128>::new((&**secret).into());
                siv::open(key, associated_data, nonce, buffer)
            }
            Secret::AesSivCmac384(secret) => {
                let key = CmacSiv::<Aes192>::new((&**secret).into());
                siv::open(key, associated_data, nonce, buffer)
            }
            Secret::AesSivCmac512(secret) => {
                let key = CmacSiv::<Aes256>::new((&**secret).into());
                siv::open(key, associated_data, nonce, buffer)
            }
            Secret::Aes128GcmSiv(secret) => {
                let key = Aes128GcmSiv::new((&**secret).into());
                gcm_siv::open(&key, associated_data, nonce, buffer)
            }
            Secret::Aes256GcmSiv(secret) => {
                let key = Aes256GcmSiv::new((&**secret).into());
                gcm_siv::open(&key, associated_data, nonce, buffer)
            }
        }
    }

    fn check_nonce(&self, nonce: &[u8]) -> Result<(), SealError> {
        let algorithm = self.algorithm();
        let length = nonce.len();
        let (least, most) = algorithm
            .nonce_lengths()
            .map_or((0, 0), RangeInclusive::into_inner);
        if length < least {
            return Err(SealError::NonceTooShort {
                algorithm,
                length,
                least,
            });
        }
        if length > most {
            return Err(SealError::NonceTooLong {
                algorithm,
                length,
                most,
            });
        }
        Ok(())
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
