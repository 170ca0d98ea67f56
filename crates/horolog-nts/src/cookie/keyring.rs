use core::fmt;

use horolog_ntp::EncodeError;
use rand_core::CryptoRng;

use super::CookieError;
use super::cookie_key::CookieKey;
use crate::{AeadAlgorithm, SessionKeys};

/// A server's keys for cookies.
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, Keyring, SessionKeys};
///
/// let keyring = Keyring::new(7, &[0x2b; 32]);
/// let keys = SessionKeys::new(AeadAlgorithm::AES_SIV_CMAC_256, &[1; 32], &[2; 32])?;
/// let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
/// let mut buffer = [0; 200];
///
/// let length = keyring.seal_cookie(&keys, &mut rng, &mut buffer)?;
/// assert_eq!(Some(length), Keyring::cookie_length(keys.algorithm()));
///
/// let opened = keyring.open_cookie(&buffer[..length])?;
/// assert_eq!(opened.algorithm(), keys.algorithm());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Keyring {
    current: CookieKey,
}

impl Keyring {
    /// Octets of a key's secret.
    pub const SECRET_LENGTH: usize = CookieKey::SECRET_LENGTH;

    /// A keyring of one key.
    #[must_use]
    pub fn new(id: u32, secret: &[u8; Self::SECRET_LENGTH]) -> Self {
        Self {
            current: CookieKey::new(id, secret),
        }
    }

    /// Octets of a cookie that holds keys of an algorithm: always the same, a multiple of four.
    #[must_use]
    pub const fn cookie_length(algorithm: AeadAlgorithm) -> Option<usize> {
        CookieKey::cookie_length(algorithm)
    }

    /// Writes one cookie in front of `buffer` and tells its length.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`]; then the buffer is as it was.
    pub fn seal_cookie(
        &self,
        keys: &SessionKeys,
        rng: &mut (impl CryptoRng + ?Sized),
        buffer: &mut [u8],
    ) -> Result<usize, EncodeError> {
        self.current.seal(keys, rng, buffer)
    }

    /// Opens a cookie.
    ///
    /// # Errors
    ///
    /// [`CookieError`].
    pub fn open_cookie(&self, cookie: &[u8]) -> Result<SessionKeys, CookieError> {
        let id = CookieKey::id_of(cookie)?;
        if id != self.current.id() {
            return Err(CookieError::UnknownKey { id });
        }
        self.current.open(cookie)
    }
}

/// Never the keys.
impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").finish_non_exhaustive()
    }
}
