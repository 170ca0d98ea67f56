use alloc::vec::Vec;

use super::{KeyId, MacKey};

/// A set of keys, at most one of each number.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{KeyFileFormat, KeyId, MacKeys};
///
/// let keys = MacKeys::from_file("5 AES128 HEX:2B7E151628AED2A6ABF7158809CF4F3C\n", KeyFileFormat::Chrony)?;
/// assert!(keys.find(KeyId::new(5)).is_some());
/// assert!(keys.find(KeyId::new(6)).is_none());
/// # Ok::<(), horolog_ntp::KeyFileError>(())
/// ```
#[derive(Debug, Default)]
pub struct MacKeys {
    /// In the order of their numbers.
    keys: Vec<MacKey>,
}

impl MacKeys {
    /// No keys.
    #[must_use]
    pub const fn new() -> Self {
        Self { keys: Vec::new() }
    }

    /// Adds a key; gives it back if its number is taken.
    ///
    /// # Errors
    ///
    /// The key itself, where there is one of its number already.
    #[expect(clippy::result_large_err, reason = "the error is the argument")]
    pub fn insert(&mut self, key: MacKey) -> Result<(), MacKey> {
        match self.keys.binary_search_by_key(&key.id(), MacKey::id) {
            Ok(_) => Err(key),
            Err(place) => {
                self.keys.insert(place, key);
                Ok(())
            }
        }
    }

    /// The key of a number.
    #[must_use]
    pub fn find(&self, id: KeyId) -> Option<&MacKey> {
        let place = self.keys.binary_search_by_key(&id, MacKey::id).ok()?;
        self.keys.get(place)
    }

    /// All keys, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &MacKey> {
        self.keys.iter()
    }

    /// How many keys there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MacAlgorithm;

    #[test]
    fn rejects_a_second_key_of_a_number() {
        let mut keys = MacKeys::new();
        for (id, taken) in [(7, false), (3, false), (7, true), (5, false)] {
            let key = MacKey::new(KeyId::new(id), MacAlgorithm::Md5, &[1]).unwrap();
            assert_eq!(keys.insert(key).is_err(), taken, "{id}");
        }
        assert_eq!(
            keys.iter().map(|key| key.id().get()).collect::<Vec<_>>(),
            [3, 5, 7]
        );
    }
}
