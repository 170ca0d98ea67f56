use core::fmt;

/// The SHA-1 hash of a leap-seconds.list, as five words.
///
/// It is computed over the digits of the update time, the expiry and the data lines, in the order
/// of the text and without anything between them. It finds accidents, not forgeries.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::ListHash;
///
/// let hash = ListHash::from_words([0xf28827d2, 0xf263b6c3, 0xec0f19eb, 0xa3e0dbf0, 0x0f165174]);
/// assert_eq!(hash.to_string(), "f28827d2 f263b6c3 ec0f19eb a3e0dbf0 0f165174");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ListHash([u32; 5]);

impl ListHash {
    /// Takes the words as they stand in the list.
    #[must_use]
    pub const fn from_words(words: [u32; 5]) -> Self {
        Self(words)
    }

    /// Takes the octets of the SHA-1 digest.
    #[must_use]
    pub fn from_octets(octets: [u8; 20]) -> Self {
        let mut words = [0; 5];
        for (word, chunk) in words.iter_mut().zip(octets.as_chunks().0) {
            *word = u32::from_be_bytes(*chunk);
        }
        Self(words)
    }

    /// The five words.
    #[must_use]
    pub const fn words(self) -> [u32; 5] {
        self.0
    }
}

/// Five words of eight hexadecimal digits with a space between them.
impl fmt::Display for ListHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e] = self.0;
        write!(f, "{a:08x} {b:08x} {c:08x} {d:08x} {e:08x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_big_endian() {
        let hash = ListHash::from_octets(core::array::from_fn(|at| u8::try_from(at).unwrap()));
        assert_eq!(
            hash.to_string(),
            "00010203 04050607 08090a0b 0c0d0e0f 10111213"
        );
        assert_eq!(ListHash::from_words(hash.words()), hash);
    }
}
