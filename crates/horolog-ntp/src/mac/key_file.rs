use alloc::vec::Vec;

use thiserror::Error;
use zeroize::Zeroizing;

use super::{KeyError, KeyId, MacAlgorithm, MacKey, MacKeys};

/// Whose key file it is. The formats look alike and differ in what a secret means.
///
/// Both have a key a line, `ID TYPE SECRET`, and comments.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyFileFormat {
    /// chrony's `keyfile` (chrony.conf(5)): `ID [TYPE] SECRET`, without a type MD5; the secret is
    /// ASCII text, or hexadecimal behind `HEX:`. Lines that start with `!`, `;`, `#` or `%` are
    /// comments.
    Chrony,
    /// The `keys` file of ntpd and NTPsec (ntp.keys(5)): `ID TYPE SECRET [ADDRESSES]`; a secret of
    /// up to 20 characters is ASCII text, a longer one hexadecimal. `#` starts a comment anywhere.
    Ntpd,
}

/// A key file that cannot be read.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("line {line}, column {column}: {kind}")]
pub struct KeyFileError {
    line: usize,
    column: usize,
    kind: KeyFileErrorKind,
}

impl KeyFileError {
    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The octet of the line, from 1.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> KeyFileErrorKind {
        self.kind
    }
}

/// What is wrong with a line of a key file.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeyFileErrorKind {
    /// The first word is not a number of 32 bits.
    #[error("expected a key id from 1 to 4294967295")]
    Id,
    /// The line ends too early.
    #[error("expected {0}")]
    Missing(
        /// What should stand there.
        &'static str,
    ),
    /// The type is none that this crate implements.
    #[error("unknown key type")]
    Type,
    /// Digits that are not pairs of hexadecimal ones.
    #[error("expected an even number of hexadecimal digits")]
    Hexadecimal,
    /// The secret and the type do not go together.
    #[error(transparent)]
    Key(
        #[from]
        /// Why.
        KeyError,
    ),
    /// The number stands on an earlier line too.
    #[error("key id {0} stands twice")]
    Duplicate(
        /// The number.
        KeyId,
    ),
    /// Something stands behind the secret.
    #[error("expected the end of the line")]
    Trailing,
}

impl MacKeys {
    /// Reads a key file. Every line must be understood.
    ///
    /// # Errors
    ///
    /// The first line that is not, with its number and column; never with what stands there.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::{KeyFileFormat, MacKeys};
    ///
    /// let error = MacKeys::from_file("# keys\n7 TIGER HEX:00\n", KeyFileFormat::Chrony).unwrap_err();
    /// assert_eq!(error.to_string(), "line 2, column 3: unknown key type");
    /// ```
    pub fn from_file(text: &str, format: KeyFileFormat) -> Result<Self, KeyFileError> {
        let mut keys = Self::new();
        for (index, line) in text.lines().enumerate() {
            let words = Words { line, format };
            words
                .key()
                .and_then(|key| match key {
                    Some((column, key)) => keys
                        .insert(key)
                        .map_err(|key| (column, KeyFileErrorKind::Duplicate(key.id()))),
                    None => Ok(()),
                })
                .map_err(|(column, kind)| KeyFileError {
                    line: index + 1,
                    column,
                    kind,
                })?;
        }
        Ok(keys)
    }
}

/// An error with its column.
type Fault = (usize, KeyFileErrorKind);

/// One line.
struct Words<'a> {
    line: &'a str,
    format: KeyFileFormat,
}

impl<'a> Words<'a> {
    /// The key of the line with the column of its number, if the line is not empty.
    fn key(&self) -> Result<Option<(usize, MacKey)>, Fault> {
        let mut words = self.words();
        let Some((id_column, id)) = words.next() else {
            return Ok(None);
        };
        let number = id
            .parse()
            .map(KeyId::new)
            .map_err(|_| (id_column, KeyFileErrorKind::Id))?;
        let (second_column, second) = words
            .next()
            .ok_or_else(|| self.missing("a key type or secret"))?;
        let third = words.next();
        let (algorithm, (column, secret)) = match (self.format, third) {
            (KeyFileFormat::Chrony, None) => (Some(MacAlgorithm::Md5), (second_column, second)),
            (_, Some(third)) => (algorithm(second), third),
            (KeyFileFormat::Ntpd, None) => return Err(self.missing("a secret")),
        };
        let algorithm = algorithm.ok_or((second_column, KeyFileErrorKind::Type))?;
        if let (KeyFileFormat::Chrony, Some((column, _))) = (self.format, words.next()) {
            return Err((column, KeyFileErrorKind::Trailing));
        }
        let secret = self.secret(secret).map_err(|kind| (column, kind))?;
        let key = MacKey::new(number, algorithm, &secret).map_err(|error| {
            let column = match error {
                KeyError::ReservedId => id_column,
                _ => column,
            };
            (column, error.into())
        })?;
        Ok(Some((id_column, key)))
    }

    /// The words in front of a comment, each with its column.
    fn words(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let line = self.line;
        let text = match self.format {
            KeyFileFormat::Chrony if line.trim_start().starts_with(['!', ';', '#', '%']) => "",
            KeyFileFormat::Chrony => line,
            KeyFileFormat::Ntpd => line.split('#').next().unwrap_or_default(),
        };
        let mut rest = text;
        core::iter::from_fn(move || {
            rest = rest.trim_ascii_start();
            let end = rest
                .find(|letter: char| letter.is_ascii_whitespace())
                .unwrap_or(rest.len());
            let (word, behind) = rest.split_at_checked(end)?;
            let column = text.len() - rest.len() + 1;
            rest = behind;
            (!word.is_empty()).then_some((column, word))
        })
    }

    /// The octets of a secret.
    fn secret(&self, word: &str) -> Result<Zeroizing<Vec<u8>>, KeyFileErrorKind> {
        /// ntpd takes longer words as hexadecimal.
        const LONGEST_NTPD_TEXT: usize = 20;
        match self.format {
            KeyFileFormat::Chrony => match (word.strip_prefix("HEX:"), word.strip_prefix("ASCII:"))
            {
                (Some(digits), _) => hexadecimal(digits),
                (None, Some(text)) => Ok(Zeroizing::new(text.into())),
                (None, None) => Ok(Zeroizing::new(word.into())),
            },
            KeyFileFormat::Ntpd if word.len() > LONGEST_NTPD_TEXT => hexadecimal(word),
            KeyFileFormat::Ntpd => Ok(Zeroizing::new(word.into())),
        }
    }

    /// Something that should stand at the end of the line.
    fn missing(&self, what: &'static str) -> Fault {
        (
            self.line.trim_ascii_end().len() + 1,
            KeyFileErrorKind::Missing(what),
        )
    }
}

/// The algorithm of a type's name, as chrony, ntpd and NTPsec spell it.
fn algorithm(name: &str) -> Option<MacAlgorithm> {
    const NAMES: [(&str, MacAlgorithm); 16] = [
        ("M", MacAlgorithm::Md5),
        ("MD5", MacAlgorithm::Md5),
        ("SHA", MacAlgorithm::Sha1),
        ("SHA1", MacAlgorithm::Sha1),
        ("SHA-1", MacAlgorithm::Sha1),
        ("SHA256", MacAlgorithm::Sha256),
        ("SHA-256", MacAlgorithm::Sha256),
        ("SHA512", MacAlgorithm::Sha512),
        ("SHA-512", MacAlgorithm::Sha512),
        ("AES", MacAlgorithm::AesCmac128),
        ("AES128", MacAlgorithm::AesCmac128),
        ("AES-128", MacAlgorithm::AesCmac128),
        ("AES128CMAC", MacAlgorithm::AesCmac128),
        ("AES256", MacAlgorithm::AesCmac256),
        ("AES-256", MacAlgorithm::AesCmac256),
        ("AES256CMAC", MacAlgorithm::AesCmac256),
    ];
    let (_, algorithm) = NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some(*algorithm)
}

/// The octets of pairs of hexadecimal digits.
fn hexadecimal(digits: &str) -> Result<Zeroizing<Vec<u8>>, KeyFileErrorKind> {
    let digit = |octet: u8| {
        char::from(octet)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    // All the room at once, and wiped on every way out: no copy of a secret stays behind.
    let mut octets = Zeroizing::new(Vec::with_capacity(pairs.len()));
    for &[high, low] in pairs {
        let octet = digit(high).zip(digit(low));
        let (high, low) = octet.ok_or(KeyFileErrorKind::Hexadecimal)?;
        octets.push(high << 4 | low);
    }
    if rest.is_empty() {
        Ok(octets)
    } else {
        Err(KeyFileErrorKind::Hexadecimal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use proptest::prelude::*;

    fn digest_of(keys: &MacKeys, id: u32) -> Vec<u8> {
        keys.find(KeyId::new(id))
            .unwrap()
            .digest(b"packet")
            .as_octets()
            .to_vec()
    }

    fn made(algorithm: MacAlgorithm, secret: &[u8]) -> Vec<u8> {
        MacKey::new(KeyId::new(1), algorithm, secret)
            .unwrap()
            .digest(b"packet")
            .as_octets()
            .to_vec()
    }

    #[test]
    fn chrony_conf_5_keyfile() {
        let keys = MacKeys::from_file(
            "# a comment\n 1 MD5 ASCII:md5secret\n2 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233\r\n\n\
             5 AES128 HEX:2B7E151628AED2A6ABF7158809CF4F3C\n; another\n25 0123456789abcdef0123456789abcdef\n",
            KeyFileFormat::Chrony,
        )
        .unwrap();
        assert_eq!(keys.len(), 4);
        assert_eq!(digest_of(&keys, 1), made(MacAlgorithm::Md5, b"md5secret"));
        assert_eq!(
            digest_of(&keys, 2),
            made(
                MacAlgorithm::Sha1,
                &hex!("00112233445566778899AABBCCDDEEFF00112233")
            )
        );
        assert_eq!(
            digest_of(&keys, 5),
            made(
                MacAlgorithm::AesCmac128,
                &hex!("2B7E151628AED2A6ABF7158809CF4F3C")
            )
        );
        // Without a prefix the secret is text, however much it looks like digits.
        assert_eq!(
            digest_of(&keys, 25),
            made(MacAlgorithm::Md5, b"0123456789abcdef0123456789abcdef")
        );
    }

    #[test]
    fn ntp_keys_5() {
        let keys = MacKeys::from_file(
            "1 M a!short$key 127.0.0.1\n2 sha1 00112233445566778899aabbccddeeff00112233 # hexadecimal\n\
             3 AES 2b7e151628aed2a6abf7158809cf4f3c\n",
            KeyFileFormat::Ntpd,
        )
        .unwrap();
        assert_eq!(digest_of(&keys, 1), made(MacAlgorithm::Md5, b"a!short$key"));
        assert_eq!(
            digest_of(&keys, 2),
            made(
                MacAlgorithm::Sha1,
                &hex!("00112233445566778899aabbccddeeff00112233")
            )
        );
        assert_eq!(
            digest_of(&keys, 3),
            made(
                MacAlgorithm::AesCmac128,
                &hex!("2b7e151628aed2a6abf7158809cf4f3c")
            )
        );
    }

    #[test]
    fn rejects_lines_with_their_place() {
        for (text, message) in [
            (
                "x MD5 y",
                "line 1, column 1: expected a key id from 1 to 4294967295",
            ),
            (
                "4294967296 MD5 y",
                "line 1, column 1: expected a key id from 1 to 4294967295",
            ),
            ("\n  1", "line 2, column 4: expected a key type or secret"),
            ("1 NONE y", "line 1, column 3: unknown key type"),
            (
                "1 MD5 HEX:0",
                "line 1, column 7: expected an even number of hexadecimal digits",
            ),
            (
                "1 MD5 HEX:0é",
                "line 1, column 7: expected an even number of hexadecimal digits",
            ),
            (
                "1 AES128 HEX:00",
                "line 1, column 10: aes-cmac secret has 1 octets, needs 16",
            ),
            (" 0 MD5 y", "line 1, column 2: key id 0 is reserved"),
            ("1 MD5 HEX:", "line 1, column 7: md5 secret is empty"),
            (
                "1 MD5 y z",
                "line 1, column 9: expected the end of the line",
            ),
            (
                "1 MD5 y\n  1 MD5 z",
                "line 2, column 3: key id 1 stands twice",
            ),
        ] {
            assert_eq!(
                MacKeys::from_file(text, KeyFileFormat::Chrony)
                    .unwrap_err()
                    .to_string(),
                message,
                "{text}"
            );
        }
        let error = MacKeys::from_file("1 MD5 # y", KeyFileFormat::Ntpd).unwrap_err();
        assert_eq!(error.to_string(), "line 1, column 10: expected a secret");
        // ntp.keys(5): AES is an alias for AES-128.
        let text = format!("1 AES {:064}", 1);
        let error = MacKeys::from_file(&text, KeyFileFormat::Ntpd).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 1, column 7: aes-cmac secret has 32 octets, needs 16"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}|[0-9]{1,3} [A-Z0-9]{1,6} [!-~]{1,40}") {
            for format in [KeyFileFormat::Chrony, KeyFileFormat::Ntpd] {
                let _ = MacKeys::from_file(&text, format);
            }
        }
    }
}
