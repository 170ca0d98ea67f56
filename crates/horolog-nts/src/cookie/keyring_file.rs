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
    /// | 4 | period in seconds, 1 or more |
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
            .map_err(|_| value_error("period", period, "1 or more", period_at))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saved::with_checksum;
    use hex_literal::hex;
    use horolog_time::UnixTime;
    use proptest::prelude::*;

    const SAVED: [u8; 160] = hex!(
        "484e4b520102070001518000000000000051280300005127000102030405060708090a0b0c0d0e0f"
        "101112131415161718191a1b1c1d1e1f000051287e216cfe2227e6c3e68e8cf7a134303ec1269a43"
        "ef2c5eb40f850880bdc68030000051299ff4168cf74ab984a98ffbd84743b165d9f5c45906cb6741"
        "ef2644987e1d26adcd977ab9ac1f2513dd1b82e05b6e3bff2749b5a81b80016a66de242493eb3879"
    );

    fn error(octets: &[u8]) -> String {
        Keyring::decode(octets).unwrap_err().to_string()
    }

    /// What the error is where octets stand in place of others and the checksum is right.
    fn error_with(place: usize, octets: &[u8]) -> String {
        let mut changed = SAVED.to_vec();
        changed[place..place + octets.len()].copy_from_slice(octets);
        error(&with_checksum(&changed))
    }

    /// Source: put together with Python `struct`, `hmac` and `hashlib` from the layout.
    #[test]
    fn octet_by_octet() {
        let counted = core::array::from_fn(|index| u8::try_from(index).unwrap());
        let (since, now) = (1_795_000_000, 1_795_086_400);
        let (since, now) = (UnixTime::from_seconds(since), UnixTime::from_seconds(now));
        let keyring = Keyring::shared(KeyRotation::default(), &counted, since, now).unwrap();
        assert_eq!(**keyring.encode(), SAVED);
        let loaded = Keyring::decode(&SAVED).unwrap();
        assert!(loaded.key_ids().eq(20_775..=20_777));
        assert_eq!(loaded.rotation(), KeyRotation::default());
        assert_eq!(loaded.next_rotation(), keyring.next_rotation());
        assert_eq!(**loaded.encode(), SAVED);
    }

    #[test]
    fn refuses_each_damaged_octet_and_every_truncation() {
        for place in 0..SAVED.len() {
            for bit in [1, 0x80, 0xff] {
                let mut damaged = SAVED;
                damaged[place] ^= bit;
                assert!(Keyring::decode(&damaged).is_err(), "octet {place}");
            }
            assert!(Keyring::decode(&SAVED[..place]).is_err(), "{place} octets");
        }
        assert!(Keyring::decode(&[&SAVED[..], &[0]].concat()).is_err());
    }

    #[test]
    fn errors_name_field_and_offset() {
        assert_eq!(
            error(b"HNAS"),
            "magic is 0x484e4153, expected HNKR, a keyring, at offset 0"
        );
        assert_eq!(
            error_with(4, &[2]),
            "version is 0x2, expected 1, at offset 4"
        );
        assert_eq!(
            error_with(5, &[3]),
            "key source is 0x3, expected 0 to 2, at offset 5"
        );
        for previous in [0, 1, 31, 255] {
            let expected =
                format!("number of previous keys is {previous:#x}, expected 2 to 30, at offset 6");
            assert_eq!(error_with(6, &[previous]), expected);
        }
        assert_eq!(
            error_with(7, &[0, 0, 0, 0]),
            "period is 0x0, expected 1 or more, at offset 7"
        );
        assert_eq!(
            error_with(11, &i64::MAX.to_be_bytes()),
            "current period is 0xffffffff, expected a time, at offset 11"
        );
        // Of the period before and of the one after: the newest key is not that of the next period.
        assert!(error_with(18, &[0x27]).ends_with("at offset 92"));
        assert!(error_with(18, &[0x29]).ends_with("at offset 92"));
        let lengths = "what the kind of keyring and its previous keys make, at offset 19";
        for count in [0, 1, 10, 33, 255] {
            assert!(error_with(19, &[count]).ends_with(lengths), "{count} keys");
        }
        assert_eq!(
            error_with(19, &[2]),
            "key identifier is 0x5128, expected that of the newest key, at offset 56"
        );
        assert_eq!(
            error_with(19, &[4]),
            "key identifier needs 4 octets, 0 are left, at offset 128"
        );
        assert_eq!(
            error_with(20, &[1]),
            "key identifier is 0x1005127, expected a kept period's, after that of the key before, \
             at offset 20"
        );
        assert_eq!(
            error_with(24, &[1]),
            "key secret is 0x0, expected what follows from the key before, at offset 60"
        );
        let longer = [&SAVED[..128], &[0; 33]].concat();
        assert_eq!(
            error(&with_checksum(&longer)),
            "1 octets are left over after the last key, at offset 128"
        );
    }

    /// Random keys may leave periods out, but do not come twice or in another order.
    #[test]
    fn the_order_of_random_keys() {
        let file = |ids: &[u32]| {
            let mut octets = SAVED[..20].to_vec();
            octets[5] = 1;
            octets[19] = u8::try_from(ids.len()).unwrap();
            for id in ids {
                octets.extend(id.to_be_bytes());
                octets.extend([7; 32]);
            }
            with_checksum(&[octets, vec![0; 32]].concat())
        };
        for ids in [&[20_776][..], &[20_769, 20_776], &[20_770, 20_775, 20_776]] {
            let keyring = Keyring::decode(&file(ids)).unwrap();
            assert!(keyring.key_ids().eq(ids.iter().copied()));
        }
        for ids in [
            &[][..],
            &[20_775],
            &[20_777],
            &[20_776, 20_777],
            &[20_768, 20_776],
            &[20_776, 20_776],
            &[20_775, 20_775, 20_776],
            &[20_775, 20_774, 20_776],
            &[20_776, 20_775],
        ] {
            assert!(Keyring::decode(&file(ids)).is_err(), "{ids:?}");
        }
    }

    #[test]
    fn a_single_key() {
        let keyring = Keyring::new(0xffff_ffff, &[3; 32]);
        let saved = keyring.encode();
        let loaded = Keyring::decode(&saved).unwrap();
        assert!(loaded.key_ids().eq([0xffff_ffff]));
        assert_eq!(loaded.next_rotation(), None);
    }

    proptest! {
        /// A right checksum does not help octets that are no keyring; what decodes encodes to the
        /// same.
        #[test]
        fn arbitrary_octets(
            source in 0..4_u8,
            octets in proptest::collection::vec(any::<u8>(), 0..120),
            changes in proptest::collection::vec((5..128_usize, any::<u8>()), 0..3),
        ) {
            prop_assert!(Keyring::decode(&octets).is_err());
            let start = [b"HNKR\x01", &[source][..], &octets, &[0; 32]].concat();
            let mut changed = SAVED.to_vec();
            for (place, octet) in changes {
                changed[place] = octet;
            }
            for octets in [start, changed] {
                let octets = with_checksum(&octets);
                if let Ok(keyring) = Keyring::decode(&octets) {
                    prop_assert_eq!(&**keyring.encode(), &octets);
                }
            }
        }
    }
}
