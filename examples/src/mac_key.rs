//! Keys on the command line: `ID:ALGORITHM:HEX`.

use core::fmt;
use core::str::FromStr;

use horolog_ntp::{KeyError, KeyId, MacAlgorithm, MacKey};
use zeroize::Zeroizing;

/// A key as it was typed. The octets are shown to nobody.
#[derive(Clone)]
pub struct KeyArgument {
    id: KeyId,
    algorithm: MacAlgorithm,
    secret: Zeroizing<Vec<u8>>,
}

impl KeyArgument {
    /// The key itself.
    ///
    /// # Errors
    ///
    /// None that [`FromStr`] has not found already.
    pub fn key(&self) -> Result<MacKey, KeyError> {
        MacKey::new(self.id, self.algorithm, &self.secret)
    }

    /// The key's number.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> MacAlgorithm {
        self.algorithm
    }
}

impl fmt::Debug for KeyArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:…", self.id, self.algorithm)
    }
}

impl FromStr for KeyArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, ':');
        let mut part = || parts.next().ok_or("expected ID:ALGORITHM:HEX");
        let (id, name, digits) = (part()?, part()?, part()?);
        let id = id
            .parse()
            .map(KeyId::new)
            .map_err(|_| "the key id is not a number")?;
        let secret = octets(digits)
            .map(Zeroizing::new)
            .ok_or("the secret is not an even number of hexadecimal digits")?;
        let algorithm = MacAlgorithm::from_name(name, secret.len())
            .ok_or("the algorithm is not md5, sha1, sha256, sha512 or aes-cmac")?;
        let argument = Self {
            id,
            algorithm,
            secret,
        };
        argument.key().map_err(|error| error.to_string())?;
        Ok(argument)
    }
}

/// The octets of pairs of hexadecimal digits.
#[must_use]
pub fn octets(digits: &str) -> Option<Vec<u8>> {
    let digit = |octet: u8| {
        char::from(octet)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let octets = pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect();
    if rest.is_empty() { octets } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_never_shown() {
        let key: KeyArgument = "5:aes-cmac:2B7E151628AED2A6ABF7158809CF4F3C"
            .parse()
            .unwrap();
        assert_eq!(
            (key.id(), key.algorithm()),
            (KeyId::new(5), MacAlgorithm::AesCmac128)
        );
        assert_eq!(format!("{key:?}"), "5:aes-cmac:…");
    }

    #[test]
    fn bad_keys_are_refused_with_the_reason() {
        for (text, reason) in [
            ("5", "expected ID:ALGORITHM:HEX"),
            ("x:md5:00", "the key id is not a number"),
            (
                "5:md4:00",
                "the algorithm is not md5, sha1, sha256, sha512 or aes-cmac",
            ),
            (
                "5:md5:0",
                "the secret is not an even number of hexadecimal digits",
            ),
            ("5:md5:", "md5 secret is empty"),
            ("0:md5:00", "key id 0 is reserved"),
            ("5:aes-cmac:00", "aes-cmac secret has 1 octets, needs 16"),
        ] {
            assert_eq!(text.parse::<KeyArgument>().unwrap_err(), reason, "{text}");
        }
    }
}
