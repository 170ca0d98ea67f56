use core::fmt;
use core::ops::RangeInclusive;

use super::{SealError, TAG_LENGTH};

/// The number of an AEAD algorithm.
///
/// Unknown numbers are kept as they stand; what is said about lengths is known for the five that
/// [`AeadKey`](crate::AeadKey) speaks. The name of an algorithm is the registry's.
///
/// Registry: [AEAD Algorithms](https://www.iana.org/assignments/aead-parameters). Lengths:
/// [RFC 5297 § 6](https://www.rfc-editor.org/rfc/rfc5297#section-6) and
/// [RFC 8452 § 6](https://www.rfc-editor.org/rfc/rfc8452#section-6).
///
/// # Examples
///
/// ```
/// use horolog_nts::AeadAlgorithm;
///
/// let algorithm = AeadAlgorithm::from_number(15);
/// assert_eq!(algorithm, AeadAlgorithm::AES_SIV_CMAC_256);
/// assert_eq!(algorithm.name(), Some("AEAD_AES_SIV_CMAC_256"));
/// assert_eq!(algorithm.key_length(), Some(32));
///
/// let unknown = AeadAlgorithm::from_number(40_000);
/// assert_eq!((unknown.number(), unknown.key_length()), (40_000, None));
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AeadAlgorithm(u16);

/// What stands in an algorithm's definition.
struct Definition {
    name: &'static str,
    key_length: usize,
    min_nonce: usize,
    max_nonce: usize,
}

/// No limit to a nonce's length (RFC 5297 § 6: `N_MAX` is unlimited).
const UNLIMITED: usize = usize::MAX;

impl AeadAlgorithm {
    /// `AEAD_AES_SIV_CMAC_256`, which every NTS server has to support.
    pub const AES_SIV_CMAC_256: Self = Self(15);
    /// `AEAD_AES_SIV_CMAC_384`.
    pub const AES_SIV_CMAC_384: Self = Self(16);
    /// `AEAD_AES_SIV_CMAC_512`.
    pub const AES_SIV_CMAC_512: Self = Self(17);
    /// `AEAD_AES_128_GCM_SIV`.
    pub const AES_128_GCM_SIV: Self = Self(30);
    /// `AEAD_AES_256_GCM_SIV`.
    pub const AES_256_GCM_SIV: Self = Self(31);

    /// Takes the number as it stands on the wire.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// The number as it stands on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The registry's name, if it is known here.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self.definition() {
            Some(definition) => Some(definition.name),
            None => None,
        }
    }

    /// Whether [`AeadKey`](crate::AeadKey) speaks it.
    #[must_use]
    pub const fn is_supported(self) -> bool {
        self.definition().is_some()
    }

    /// Octets of a key.
    #[must_use]
    pub const fn key_length(self) -> Option<usize> {
        match self.definition() {
            Some(definition) => Some(definition.key_length),
            None => None,
        }
    }

    /// Octets that a nonce may have, `N_MIN` to `N_MAX`; unlimited is `usize::MAX`.
    #[must_use]
    pub const fn nonce_lengths(self) -> Option<RangeInclusive<usize>> {
        match self.definition() {
            Some(definition) => Some(definition.min_nonce..=definition.max_nonce),
            None => None,
        }
    }

    /// Octets by which a ciphertext is longer than its plaintext.
    #[must_use]
    pub const fn tag_length(self) -> Option<usize> {
        match self.definition() {
            Some(_) => Some(TAG_LENGTH),
            None => None,
        }
    }

    /// `N_REQ`: octets that a request's authenticator has to keep for the nonce of the response,
    /// as nonce or as additional padding.
    ///
    /// 16 or `N_MAX`, whichever is less, rounded up to a multiple of four
    /// ([RFC 8915 § 5.6](https://www.rfc-editor.org/rfc/rfc8915#section-5.6)).
    #[must_use]
    pub const fn required_nonce_length(self) -> Option<usize> {
        match self.definition() {
            Some(Definition { max_nonce, .. }) if max_nonce < 16 => {
                Some(max_nonce.next_multiple_of(4))
            }
            Some(_) => Some(16),
            None => None,
        }
    }

    /// Says no to a nonce of a length that the algorithm does not take.
    pub(super) fn check_nonce(self, nonce: &[u8]) -> Result<(), SealError> {
        let (algorithm, length) = (self, nonce.len());
        let (least, most) = self
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

    /// Says no to a nonce of such a length, and to a buffer without room for the tag.
    pub(super) fn check_seal(self, nonce: &[u8], buffer: &[u8]) -> Result<(), SealError> {
        self.check_nonce(nonce)?;
        if buffer.len() < TAG_LENGTH {
            return Err(SealError::BufferTooSmall {
                length: buffer.len(),
                needed: TAG_LENGTH,
            });
        }
        Ok(())
    }

    const fn definition(self) -> Option<Definition> {
        let (name, key_length, min_nonce, max_nonce) = match self {
            Self::AES_SIV_CMAC_256 => ("AEAD_AES_SIV_CMAC_256", 32, 1, UNLIMITED),
            Self::AES_SIV_CMAC_384 => ("AEAD_AES_SIV_CMAC_384", 48, 1, UNLIMITED),
            Self::AES_SIV_CMAC_512 => ("AEAD_AES_SIV_CMAC_512", 64, 1, UNLIMITED),
            Self::AES_128_GCM_SIV => ("AEAD_AES_128_GCM_SIV", 16, 12, 12),
            Self::AES_256_GCM_SIV => ("AEAD_AES_256_GCM_SIV", 32, 12, 12),
            _ => return None,
        };
        Some(Definition {
            name,
            key_length,
            min_nonce,
            max_nonce,
        })
    }
}

/// The number.
impl fmt::Display for AeadAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for AeadAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "AeadAlgorithm({self} {})",
            self.name().unwrap_or("unknown")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: RFC 5297 section 6, RFC 8452 section 6, RFC 8915 section 5.6.
    #[test]
    fn lengths() {
        for (number, key, nonces, required) in [
            (15, 32, 1..=usize::MAX, 16),
            (16, 48, 1..=usize::MAX, 16),
            (17, 64, 1..=usize::MAX, 16),
            (30, 16, 12..=12, 12),
            (31, 32, 12..=12, 12),
        ] {
            let algorithm = AeadAlgorithm::from_number(number);
            assert!(algorithm.is_supported());
            assert_eq!(algorithm.key_length(), Some(key), "{algorithm}");
            assert_eq!(algorithm.nonce_lengths(), Some(nonces), "{algorithm}");
            assert_eq!(algorithm.tag_length(), Some(16), "{algorithm}");
            assert_eq!(
                algorithm.required_nonce_length(),
                Some(required),
                "{algorithm}"
            );
        }
    }

    #[test]
    fn every_number_is_kept_and_unknown_ones_say_nothing() {
        for number in 0..=u16::MAX {
            let algorithm = AeadAlgorithm::from_number(number);
            assert_eq!(algorithm.number(), number);
            let known = matches!(number, 15..=17 | 30 | 31);
            assert_eq!(algorithm.is_supported(), known);
            assert_eq!(algorithm.name().is_some(), known);
            assert_eq!(algorithm.key_length().is_some(), known);
            assert_eq!(algorithm.nonce_lengths().is_some(), known);
            assert_eq!(algorithm.tag_length().is_some(), known);
            assert_eq!(algorithm.required_nonce_length().is_some(), known);
        }
    }

    #[test]
    fn texts() {
        let debug = |number| format!("{:?}", AeadAlgorithm::from_number(number));
        assert_eq!(debug(30), "AeadAlgorithm(30 AEAD_AES_128_GCM_SIV)");
        assert_eq!(debug(1), "AeadAlgorithm(1 unknown)");
        assert_eq!(AeadAlgorithm::AES_SIV_CMAC_384.to_string(), "16");
    }
}
