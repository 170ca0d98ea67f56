use alloc::vec::Vec;
use core::time::Duration;

use zeroize::Zeroizing;

use super::keyring::{KeySource, id_of, next_secret};
use super::{KeyRotation, Keyring};
use crate::DecodeError;
use crate::saved::{SavedReader, SavedWriter, value_error};

const MAGIC: [u8; 4] = *b"HNKR";
const VERSION: u8 = 1;

/// Octets between the version and the keys.
const HEAD_LENGTH: usize = 15;

/// Octets of a key: identifier and secret.
const KEY_LENGTH: usize = 4 + Keyring::SECRET_LENGTH;

impl Keyring {
    /// The whole keyring as octets, to be saved where none but the server can read them.
    ///
    /// Layout, version 1:
    ///
    /// | octets | what |
    /// |---|---|
    /// | 4 | `HNKR` |
    /// | 1 | version, 1 |
    /// | 1 | where keys come from: 0 there is one, 1 randomness, 2 a ratchet |
    /// | 1 | previous keys to keep, 2 to 30 |
    /// | 4 | period in seconds, 60 or more |
    /// | 8 | number of the current key's period, signed |
    /// | 1 | number of keys, 1 to 32 |
    /// | 36 each | keys, the oldest first: identifier (4), secret (32) |
    /// | 32 | SHA-256 of all before |
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_nts::{KeyRotation, Keyring};
    /// use horolog_time::UnixTime;
    ///
    /// let now = UnixTime::from_seconds(1_795_300_000);
    /// let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    /// let keyring = Keyring::random(KeyRotation::default(), now, &mut rng);
    ///
    /// let saved = keyring.encode();
    /// let loaded = Keyring::decode(&saved)?;
    /// assert!(loaded.key_ids().eq(keyring.key_ids()));
    /// # Ok::<(), horolog_nts::DecodeError>(())
    /// ```
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let count = self.keys().fold(0_u8, |count, _| count.saturating_add(1));
        let length = HEAD_LENGTH + usize::from(count) * KEY_LENGTH;
        let mut writer = SavedWriter::new(MAGIC, VERSION, length);
        writer.put(&[self.source.number(), self.rotation.previous]);
        writer.put(&self.rotation.period.to_be_bytes());
        writer.put(&self.epoch.to_be_bytes());
        writer.put(&[count]);
        for key in self.keys() {
            writer.put(&key.id().to_be_bytes());
            writer.put(key.secret());
        }
        writer.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote. Rotate it afterwards: time has passed.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], with field and offset, for octets that are damaged and for those that no
    /// keyring encodes to: keys that are not the last one's predecessors, that a ratchet does not
    /// lead to, or among which the current one is missing.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = SavedReader::new(octets, MAGIC, VERSION, "HNKR, a keyring")?;
        let at = reader.offset();
        let [source] = reader.array("key source")?;
        let source = KeySource::from_number(source)
            .ok_or_else(|| value_error("key source", source.into(), "0 to 2", at))?;
        let at = reader.offset();
        let [previous] = reader.array("number of previous keys")?;
        let period_at = reader.offset();
        let period = reader.u32("period")?;
        let rotation = KeyRotation::new(Duration::from_secs(period.into()), 2)
            .map_err(|_| value_error("period", period, "60 or more", period_at))?;
        let rotation = KeyRotation::new(rotation.period(), previous.into())
            .map_err(|_| value_error("number of previous keys", previous.into(), "2 to 30", at))?;
        let at = reader.offset();
        let epoch = i64::from_be_bytes(reader.array("current period")?);
        let in_range = match source {
            KeySource::Fixed => u32::try_from(epoch).is_ok(),
            _ => epoch
                .checked_add(1)
                .is_some_and(|next| rotation.start_of(next).is_some()),
        };
        if !in_range {
            let value = id_of(epoch);
            return Err(value_error("current period", value, "a time", at));
        }
        let mut keyring = Self::empty(rotation, source, epoch);
        keyring.decode_keys(&mut reader)?;
        reader.finish("the last key")?;
        Ok(keyring)
    }

    /// Reads as many keys as there are, each as old as it may be and younger than that before it.
    fn decode_keys(&mut self, reader: &mut SavedReader<'_>) -> Result<(), DecodeError> {
        let (previous, ahead) = match self.source {
            KeySource::Fixed => (0, 0),
            KeySource::Random => (i64::from(self.rotation.previous), 0),
            KeySource::Ratchet => (self.rotation.previous.into(), 1),
        };
        let at = reader.offset();
        let [count] = reader.array("number of keys")?;
        if !(1 + ahead..=1 + ahead + previous).contains(&i64::from(count)) {
            let expected = "what the kind of keyring and its previous keys make";
            return Err(value_error("number of keys", count.into(), expected, at));
        }
        let mut before: Option<(i64, &[u8])> = None;
        for _ in 0..count {
            let at = reader.offset();
            let id = reader.u32("key identifier")?;
            let secret_at = reader.offset();
            let secret = reader.take("key secret", Self::SECRET_LENGTH)?;
            let epoch = (-ahead..=previous)
                .map(|age| self.epoch.wrapping_sub(age))
                .find(|epoch| id_of(*epoch) == id)
                .filter(|epoch| match (self.source, before) {
                    (KeySource::Ratchet, Some((last, _))) => last.wrapping_add(1) == *epoch,
                    (_, Some((last, _))) => last < *epoch,
                    (_, None) => true,
                });
            let Some(epoch) = epoch else {
                let expected = "a kept period's, after that of the key before";
                return Err(value_error("key identifier", id, expected, at));
            };
            if let (KeySource::Ratchet, Some((last, secret_before))) = (self.source, before)
                && *next_secret(id_of(last), secret_before) != *secret
            {
                let expected = "what follows from the key before";
                return Err(value_error("key secret", 0, expected, secret_at));
            }
            if let Ok(secret) = secret.try_into() {
                self.insert(epoch, secret);
            }
            before = Some((epoch, secret));
        }
        match before {
            Some((last, _)) if last == self.epoch.wrapping_add(ahead) => Ok(()),
            _ => {
                let last = before.map_or(0, |(last, _)| id_of(last));
                let at = reader.offset().saturating_sub(KEY_LENGTH);
                let expected = "that of the newest key";
                Err(value_error("key identifier", last, expected, at))
            }
        }
    }
}

impl KeySource {
    const fn number(self) -> u8 {
        match self {
            Self::Fixed => 0,
            Self::Random => 1,
            Self::Ratchet => 2,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Fixed),
            1 => Some(Self::Random),
            2 => Some(Self::Ratchet),
            _ => None,
        }
    }
}
