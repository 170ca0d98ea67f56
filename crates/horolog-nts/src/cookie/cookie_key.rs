use horolog_ntp::EncodeError;
use rand_core::CryptoRng;

use super::CookieError;
use crate::aead::{AesSiv, MAX_KEY_LENGTH, Secret, SharedAesSivCmac256, TAG_LENGTH};
use crate::{AeadAlgorithm, SessionKeys};

/// One key of a keyring: makes cookies and opens them.
///
/// The layout of a cookie stands at [`Keyring`](super::Keyring).
pub(super) struct CookieKey {
    id: u32,
    secret: Secret<{ Self::SECRET_LENGTH }>,
    /// Expanded once for all cookies, if the implementation can.
    key: SharedAesSivCmac256,
}

/// Octets of a key identifier.
const ID_LENGTH: usize = 4;

/// Octets of a nonce.
const NONCE_LENGTH: usize = 12;

/// Octets in front of what is encrypted.
const HEAD_LENGTH: usize = ID_LENGTH + NONCE_LENGTH;

/// Octets of the algorithm's number and what is reserved.
const PLAIN_HEAD_LENGTH: usize = 4;

/// Octets of ciphertext with the longest keys.
const MAX_CIPHERTEXT_LENGTH: usize = TAG_LENGTH + PLAIN_HEAD_LENGTH + 2 * MAX_KEY_LENGTH;

/// The lengths that a cookie may have.
const LENGTHS: [Option<usize>; 5] = [
    CookieKey::cookie_length(AeadAlgorithm::AES_SIV_CMAC_256),
    CookieKey::cookie_length(AeadAlgorithm::AES_SIV_CMAC_384),
    CookieKey::cookie_length(AeadAlgorithm::AES_SIV_CMAC_512),
    CookieKey::cookie_length(AeadAlgorithm::AES_128_GCM_SIV),
    CookieKey::cookie_length(AeadAlgorithm::AES_256_GCM_SIV),
];

impl CookieKey {
    /// Octets of a secret.
    pub(super) const SECRET_LENGTH: usize = 32;

    /// Takes a secret.
    pub(super) fn new(id: u32, secret: &[u8; Self::SECRET_LENGTH]) -> Self {
        let key = SharedAesSivCmac256::new(secret).expect("32 octets are its length");
        let mut octets = Secret::zeros();
        octets.copy_from_slice(secret);
        Self {
            id,
            secret: octets,
            key,
        }
    }

    /// The key's identifier.
    pub(super) const fn id(&self) -> u32 {
        self.id
    }

    /// The key's secret.
    pub(super) fn secret(&self) -> &[u8] {
        &*self.secret
    }

    /// The length of a cookie that holds keys of an algorithm.
    pub(super) const fn cookie_length(algorithm: AeadAlgorithm) -> Option<usize> {
        match algorithm.key_length() {
            Some(key) => Some(HEAD_LENGTH + TAG_LENGTH + PLAIN_HEAD_LENGTH + 2 * key),
            None => None,
        }
    }

    /// The identifier of the key that a cookie names.
    pub(super) fn id_of(cookie: &[u8]) -> Result<u32, CookieError> {
        let length = cookie.len();
        match cookie.split_first_chunk() {
            Some((id, _)) => Ok(u32::from_be_bytes(*id)),
            None => Err(CookieError::Length { length }),
        }
    }

    /// Writes a cookie in front of `buffer`.
    pub(super) fn seal(
        &self,
        keys: &SessionKeys,
        rng: &mut (impl CryptoRng + ?Sized),
        buffer: &mut [u8],
    ) -> Result<usize, EncodeError> {
        let left = buffer.len();
        let length = Self::cookie_length(keys.algorithm()).unwrap_or(usize::MAX);
        let too_small = EncodeError::BufferTooSmall {
            field: "cookie",
            needed: length,
            left,
        };
        let cookie = buffer.get_mut(..length).ok_or(too_small)?;
        let (id, rest) = cookie
            .split_first_chunk_mut::<ID_LENGTH>()
            .ok_or(too_small)?;
        let (nonce, text) = rest
            .split_first_chunk_mut::<NONCE_LENGTH>()
            .ok_or(too_small)?;
        *id = self.id.to_be_bytes();
        rng.fill_bytes(nonce);
        let [high, low] = keys.algorithm().number().to_be_bytes();
        let server_to_client = keys.server_to_client().secret();
        let client_to_server = keys.client_to_server().secret();
        let (head, rest) = text
            .split_first_chunk_mut::<PLAIN_HEAD_LENGTH>()
            .ok_or(too_small)?;
        let (first, rest) = rest
            .split_at_mut_checked(server_to_client.len())
            .ok_or(too_small)?;
        let (second, _) = rest
            .split_at_mut_checked(client_to_server.len())
            .ok_or(too_small)?;
        *head = [high, low, 0, 0];
        first.copy_from_slice(server_to_client);
        second.copy_from_slice(client_to_server);
        self.key.seal(id, nonce, text).ok_or(too_small)?;
        Ok(length)
    }

    /// Opens a cookie that names this key.
    pub(super) fn open(&self, cookie: &[u8]) -> Result<SessionKeys, CookieError> {
        let wrong_length = CookieError::Length {
            length: cookie.len(),
        };
        let (id, rest) = cookie
            .split_first_chunk::<ID_LENGTH>()
            .ok_or(wrong_length)?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE_LENGTH>()
            .ok_or(wrong_length)?;
        if !LENGTHS.contains(&Some(cookie.len())) {
            return Err(wrong_length);
        }
        let mut octets = Secret::<MAX_CIPHERTEXT_LENGTH>::zeros();
        let text = octets.get_mut(..sealed.len()).ok_or(wrong_length)?;
        text.copy_from_slice(sealed);
        let plain = self
            .key
            .open(id, nonce, text)
            .map_err(|_| CookieError::NotAuthentic)?;
        let Some((&[high, low, 0, 0], secrets)) = plain.split_first_chunk() else {
            return Err(CookieError::NotAuthentic);
        };
        let algorithm = AeadAlgorithm::from_number(u16::from_be_bytes([high, low]));
        let (server_to_client, client_to_server) = secrets.split_at(secrets.len() / 2);
        SessionKeys::new(algorithm, client_to_server, server_to_client)
            .map_err(|_| CookieError::NotAuthentic)
    }
}
