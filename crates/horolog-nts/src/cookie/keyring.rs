use alloc::vec::Vec;
use core::fmt;

use hkdf::Hkdf;
use horolog_ntp::EncodeError;
use horolog_time::UnixTime;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cookie_key::CookieKey;
use super::{CookieError, KeyRotation, RotationError};
use crate::{AeadAlgorithm, SessionKeys};

/// A server's keys for cookies: the current one, which makes them, and others that open them still.
///
/// Two kinds rotate. Where there is one server, each key is [`random`](Self::random). Servers that
/// share a secret make their keys [from it](Self::shared) and the time, and open each other's cookies
/// without talking:
///
/// * The identifier of a key, I, is the number of its period since 1970, modulo 2^32.
/// * The next key is K' = HKDF-SHA-256(ikm = K, salt = I), of 32 octets and with an empty info, I
///   in four octets and that of K, as RFC 8915 § 6 suggests.
/// * The shared secret is the key of the period that it was made in.
/// * The key of the next period is there as well, so that cookies of a neighbour whose clock is
///   ahead open.
///
/// # What a ratchet protects
///
/// A key does not tell those before it. Who steals a keyring gets the keys of all later periods (a
/// ratchet does not heal, but for a new shared secret) and the previous keys that it still holds;
/// cookies that are older stay closed, and with them what was sent under their keys. The shared secret
/// itself opens all cookies ever made: do not keep it once servers have
/// [saved](Self::encode) their keyrings. Random keys tell nothing of each other, either way.
///
/// # Cookies
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                        Key Identifier                         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                       Nonce (12 octets)                       |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                        Tag (16 octets)                        |
/// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
/// |        AEAD Algorithm         |         Reserved (0)          |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |             Key, server to client (16 to 64 octets)           |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |             Key, client to server (16 to 64 octets)           |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// Below the double line it is encrypted, with AES-SIV-CMAC-256; the key identifier is the
/// associated data. AES-SIV tells nothing if a nonce comes twice but that two cookies are of one
/// client; a random one of 12 octets makes that as good as impossible. It has no limit to the number
/// of cookies that comes near; with the feature `fast-siv` its key is expanded once, where
/// AES-128-GCM-SIV expands another key for each nonce. A cookie is 68 octets long with keys of
/// AES-128-GCM-SIV, 100 of AES-SIV-CMAC-256 and AES-256-GCM-SIV, 132 and 164 of the longer two.
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, KeyRotation, Keyring, SessionKeys};
/// use horolog_time::UnixTime;
///
/// let (made, now) = (UnixTime::from_seconds(1_795_000_000), UnixTime::from_seconds(1_795_300_000));
/// let (one, other) = (
///     Keyring::shared(KeyRotation::default(), &[0x2b; 32], made, now)?,
///     Keyring::shared(KeyRotation::default(), &[0x2b; 32], made, now)?,
/// );
/// let keys = SessionKeys::new(AeadAlgorithm::AES_SIV_CMAC_256, &[1; 32], &[2; 32])?;
/// let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
/// let mut buffer = [0; 200];
///
/// let length = one.seal_cookie(&keys, &mut rng, &mut buffer)?;
/// assert_eq!(Some(length), Keyring::cookie_length(keys.algorithm()));
///
/// let opened = other.open_cookie(&buffer[..length])?;
/// assert_eq!(opened.algorithm(), keys.algorithm());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Keyring {
    pub(super) rotation: KeyRotation,
    pub(super) source: KeySource,
    /// The number of the current key's period.
    pub(super) epoch: i64,
    /// Keys by the lowest bits of their identifiers.
    slots: Vec<Option<CookieKey>>,
}

/// Where a keyring's next key comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum KeySource {
    /// There is none.
    Fixed,
    /// Randomness.
    Random,
    /// The key before it.
    Ratchet,
}

/// Places for keys: the current one, the most previous ones, and the next one.
pub(super) const SLOTS: u8 = 32;

impl Keyring {
    /// Octets of a key's secret.
    pub const SECRET_LENGTH: usize = CookieKey::SECRET_LENGTH;

    /// How many periods a ratchet goes on at once: 179 years of days, 7 years of hours.
    ///
    /// It bounds what a broken clock can make a server compute. What follows from a clock that is
    /// wrong by less is as bad as ever: the keys of the right time are erased. Rotate by a time that
    /// is known to be good.
    pub const MAX_CATCH_UP: u32 = 65_536;

    /// A keyring of one key that is never rotated, for what runs shortly.
    #[must_use]
    pub fn new(id: u32, secret: &[u8; Self::SECRET_LENGTH]) -> Self {
        let mut keyring = Self::empty(KeyRotation::default(), KeySource::Fixed, id.into());
        keyring.insert(id.into(), secret);
        keyring
    }

    /// A keyring whose keys are random, for one server.
    #[must_use]
    pub fn random(
        rotation: KeyRotation,
        now: UnixTime,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Self {
        let epoch = rotation.epoch_of(now);
        let mut keyring = Self::empty(rotation, KeySource::Random, epoch);
        keyring.insert_random(rng);
        keyring
    }

    /// A keyring whose keys follow from a secret that was made at `since`; all servers that share it
    /// have to take the same rotation.
    ///
    /// # Errors
    ///
    /// * [`RotationError::Behind`] where `now` is in a period before that of `since`.
    /// * [`RotationError::Ahead`] where more than [`MAX_CATCH_UP`](Self::MAX_CATCH_UP) periods are
    ///   between them.
    pub fn shared(
        rotation: KeyRotation,
        secret: &[u8; Self::SECRET_LENGTH],
        since: UnixTime,
        now: UnixTime,
    ) -> Result<Self, RotationError> {
        let epoch = rotation.epoch_of(since);
        let mut keyring = Self::empty(rotation, KeySource::Ratchet, epoch);
        let periods = rotation.epoch_of(now).saturating_sub(epoch);
        if periods < 0 {
            let periods = periods.unsigned_abs();
            return Err(RotationError::Behind { periods });
        }
        keyring.insert(epoch, secret);
        keyring.insert(epoch.wrapping_add(1), &next_secret(id_of(epoch), secret));
        keyring.go_on(periods)?;
        Ok(keyring)
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
        let current = self.key(id_of(self.epoch));
        let left = buffer.len();
        let none = EncodeError::BufferTooSmall {
            field: "cookie",
            needed: usize::MAX,
            left,
        };
        current.ok_or(none)?.seal(keys, rng, buffer)
    }

    /// Opens a cookie that this keyring made, or one with the same keys.
    ///
    /// # Errors
    ///
    /// [`CookieError`]; to a client the answer is the same whatever it is.
    pub fn open_cookie(&self, cookie: &[u8]) -> Result<SessionKeys, CookieError> {
        let id = CookieKey::id_of(cookie)?;
        let key = self.key(id).ok_or(CookieError::UnknownKey { id })?;
        key.open(cookie)
    }

    /// When the next key becomes the current one: [`rotate`](Self::rotate) does nothing before. None
    /// where keys are not rotated. Changes with each rotation.
    #[must_use]
    pub fn next_rotation(&self) -> Option<UnixTime> {
        match self.source {
            KeySource::Fixed => None,
            _ => self.rotation.start_of(self.epoch.checked_add(1)?),
        }
    }

    /// Makes the key of the present period the current one, and erases keys that are too old; tells
    /// whether anything changed.
    ///
    /// Periods may have been skipped. Call it at [`next_rotation`](Self::next_rotation), or as often
    /// as is convenient. A time that is in the period before that of the current key changes nothing.
    /// One that is further back makes a keyring of random keys start anew: all that there is is
    /// erased.
    ///
    /// # Errors
    ///
    /// Of ratchets alone, and nothing is changed then:
    ///
    /// * [`RotationError::Behind`] more than one period before that of the current key.
    /// * [`RotationError::Ahead`] more than [`MAX_CATCH_UP`](Self::MAX_CATCH_UP) periods after it.
    pub fn rotate(
        &mut self,
        now: UnixTime,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<bool, RotationError> {
        let epoch = self.rotation.epoch_of(now);
        let periods = epoch.saturating_sub(self.epoch);
        if matches!(periods, -1 | 0) {
            return Ok(false);
        }
        match self.source {
            KeySource::Fixed => Ok(false),
            KeySource::Random => {
                if periods < 0 || periods > i64::from(SLOTS) {
                    self.slots.fill_with(|| None);
                }
                self.epoch = epoch;
                self.insert_random(rng);
                self.erase_old();
                Ok(true)
            }
            KeySource::Ratchet => self.go_on(periods).map(|()| true),
        }
    }

    /// When keys are rotated.
    #[must_use]
    pub const fn rotation(&self) -> KeyRotation {
        self.rotation
    }

    /// The identifiers of the keys that are there, the oldest first; with a ratchet the last but one
    /// is the current one, else the last.
    pub fn key_ids(&self) -> impl Iterator<Item = u32> {
        self.keys().map(CookieKey::id)
    }

    /// The keys, the oldest first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &CookieKey> {
        let next = id_of(self.epoch).wrapping_add(1);
        (0..u32::from(SLOTS))
            .rev()
            .filter_map(move |age| self.key(next.wrapping_sub(age)))
    }

    /// A keyring that has no key yet.
    pub(super) fn empty(rotation: KeyRotation, source: KeySource, epoch: i64) -> Self {
        let slots = (0..SLOTS).map(|_| None).collect();
        Self {
            rotation,
            source,
            epoch,
            slots,
        }
    }

    pub(super) fn insert(&mut self, epoch: i64, secret: &[u8; Self::SECRET_LENGTH]) {
        let id = id_of(epoch);
        if let Some(slot) = self.slots.get_mut(slot_of(id)) {
            *slot = Some(CookieKey::new(id, secret));
        }
    }

    fn insert_random(&mut self, rng: &mut (impl CryptoRng + ?Sized)) {
        let mut secret = Zeroizing::new([0; Self::SECRET_LENGTH]);
        rng.fill_bytes(&mut *secret);
        self.insert(self.epoch, &secret);
    }

    /// Turns the ratchet.
    fn go_on(&mut self, periods: i64) -> Result<(), RotationError> {
        if periods < 0 {
            let periods = periods.unsigned_abs();
            return Err(RotationError::Behind { periods });
        }
        if periods > Self::MAX_CATCH_UP.into() {
            return Err(RotationError::Ahead {
                periods: periods.unsigned_abs(),
                most: Self::MAX_CATCH_UP,
            });
        }
        let newest = self.key(id_of(self.epoch).wrapping_add(1));
        let mut secret = Zeroizing::new([0; Self::SECRET_LENGTH]);
        if let Some(octets) = newest.and_then(|key| key.secret().first_chunk()) {
            *secret = *octets;
        }
        for left in (0..periods).rev() {
            self.epoch = self.epoch.wrapping_add(1);
            secret = next_secret(id_of(self.epoch), &*secret);
            if left < SLOTS.into() {
                self.insert(self.epoch.wrapping_add(1), &secret);
            }
        }
        self.erase_old();
        Ok(())
    }

    /// Erases the keys that are no longer kept.
    fn erase_old(&mut self) {
        let next = id_of(self.epoch).wrapping_add(1);
        let oldest = u32::from(self.rotation.previous) + 1;
        for slot in &mut self.slots {
            if slot
                .as_ref()
                .is_some_and(|key| next.wrapping_sub(key.id()) > oldest)
            {
                *slot = None;
            }
        }
    }

    fn key(&self, id: u32) -> Option<&CookieKey> {
        let slot = self.slots.get(slot_of(id))?;
        slot.as_ref().filter(|key| key.id() == id)
    }
}

/// The ratchet: the key after one.
pub(super) fn next_secret(id: u32, secret: &[u8]) -> Zeroizing<[u8; CookieKey::SECRET_LENGTH]> {
    let mut next = Zeroizing::new([0; CookieKey::SECRET_LENGTH]);
    Hkdf::<Sha256>::new(Some(&id.to_be_bytes()), secret)
        .expand(&[], &mut *next)
        .expect("32 octets are one block");
    next
}

/// The identifier of a period's key.
pub(super) fn id_of(epoch: i64) -> u32 {
    let [_, _, _, _, id @ ..] = epoch.to_be_bytes();
    u32::from_be_bytes(id)
}

fn slot_of(id: u32) -> usize {
    let [.., lowest] = id.to_be_bytes();
    usize::from(lowest % SLOTS)
}

/// The identifiers, never the keys.
impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("source", &self.source)
            .field("rotation", &self.rotation)
            .field("current", &id_of(self.epoch))
            .field("keys", &self.keys().count())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
