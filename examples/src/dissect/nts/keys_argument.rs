//! NTS keys on the command line: `AEAD:C2S:S2C`.

use core::str::FromStr;
use std::sync::Arc;

use horolog_nts::{AeadAlgorithm, KeyError, SessionKeys};

use crate::mac_key::octets;

/// The two keys of an association as they were typed. The octets are shown to nobody.
#[derive(Clone, Debug)]
pub struct KeysArgument(pub(super) Arc<SessionKeys>);

impl FromStr for KeysArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<_> = text.split(':').collect();
        let [number, c2s, s2c] = parts[..] else {
            return Err("expected AEAD:C2S:S2C".to_owned());
        };
        let algorithm = number
            .parse()
            .map(AeadAlgorithm::from_number)
            .ok()
            .filter(|algorithm| algorithm.is_supported())
            .ok_or("AEAD is not 15, 16, 17, 30 or 31")?;
        let secret = |name: &str, digits| {
            let secret = octets(digits)
                .ok_or_else(|| format!("{name} is not an even number of hexadecimal digits"))?;
            match algorithm.key_length() {
                Some(needed) if needed != secret.len() => Err(format!(
                    "{name} has {} octets, AEAD {algorithm} needs {needed}",
                    secret.len()
                )),
                _ => Ok(secret),
            }
        };
        let (c2s, s2c) = (secret("C2S", c2s)?, secret("S2C", s2c)?);
        let keys =
            SessionKeys::new(algorithm, &c2s, &s2c).map_err(|error: KeyError| error.to_string())?;
        Ok(Self(Arc::new(keys)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_never_shown() {
        for (number, length) in [(15, 32), (16, 48), (17, 64), (30, 16), (31, 32)] {
            let text = format!("{number}:{}:{}", "aB".repeat(length), "cd".repeat(length));
            let KeysArgument(keys) = text.parse().unwrap();
            assert_eq!(keys.algorithm().number(), number);
            let shown = format!("{keys:?}").to_lowercase();
            assert!(!shown.contains("abab") && !shown.contains("171"), "{shown}");
        }
    }

    #[test]
    fn bad_keys_are_refused_with_the_reason() {
        let key = "00".repeat(16);
        for (text, reason) in [
            (String::new(), "expected AEAD:C2S:S2C"),
            (format!("30:{key}"), "expected AEAD:C2S:S2C"),
            (format!("30:{key}:{key}:{key}"), "expected AEAD:C2S:S2C"),
            (format!("x:{key}:{key}"), "AEAD is not 15, 16, 17, 30 or 31"),
            (format!("1:{key}:{key}"), "AEAD is not 15, 16, 17, 30 or 31"),
            (
                format!("65551:{key}:{key}"),
                "AEAD is not 15, 16, 17, 30 or 31",
            ),
            (
                format!("30:{key}0:{key}"),
                "C2S is not an even number of hexadecimal digits",
            ),
            (
                format!("30:{key}:{key}é"),
                "S2C is not an even number of hexadecimal digits",
            ),
            (
                format!("15:{key}:{key}"),
                "C2S has 16 octets, AEAD 15 needs 32",
            ),
            (format!("30:{key}:"), "S2C has 0 octets, AEAD 30 needs 16"),
        ] {
            assert_eq!(text.parse::<KeysArgument>().unwrap_err(), reason, "{text}");
        }
    }
}
