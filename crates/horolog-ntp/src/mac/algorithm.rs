use core::fmt;

/// How a MAC is made of a key and the octets of a packet.
///
/// The hashes are not HMACs: the key is hashed in front of the packet. MD5 is deprecated
/// ([RFC 8573](https://www.rfc-editor.org/rfc/rfc8573)); AES-CMAC is the one to use. The receiver
/// takes the algorithm from its own configuration, never from the packet.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{MacAlgorithm, Version};
///
/// assert_eq!(MacAlgorithm::from_name("aes-cmac", 16), Some(MacAlgorithm::AesCmac128));
/// assert_eq!(MacAlgorithm::Sha256.digest_len(), 32);
/// assert_eq!(MacAlgorithm::Sha256.digest_len_in(Version::V4), 20);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum MacAlgorithm {
    /// MD5 over key and packet, 16 octets (RFC 5905 § 7.3; deprecated by RFC 8573).
    Md5,
    /// SHA-1 over key and packet, 20 octets (in use since RFC 5906).
    Sha1,
    /// SHA-256 over key and packet, 32 octets.
    Sha256,
    /// SHA-512 over key and packet, 64 octets.
    Sha512,
    /// AES-CMAC with a key of 128 bits, 16 octets (RFC 8573).
    AesCmac128,
    /// AES-CMAC with a key of 256 bits, 16 octets; as in chrony and NTPsec.
    AesCmac256,
}

impl MacAlgorithm {
    /// The longest digest that an NTPv4 packet can carry, in octets (RFC 7822 § 3: a MAC of 24).
    pub const MAX_V4_DIGEST: usize = 20;

    /// The algorithm of a name (`md5`, `sha1`, `sha256`, `sha512`, `aes-cmac`), where the length
    /// of the secret in octets decides between the two AES-CMACs.
    #[must_use]
    pub fn from_name(name: &str, secret_len: usize) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "sha512" => Self::Sha512,
            "aes-cmac" if secret_len == 32 => Self::AesCmac256,
            "aes-cmac" => Self::AesCmac128,
            _ => return None,
        })
    }

    /// Octets of the whole digest.
    #[must_use]
    pub const fn digest_len(self) -> usize {
        match self {
            Self::Md5 | Self::AesCmac128 | Self::AesCmac256 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// Octets of the digest in a packet of a version: at most 20 in 4, whole in others.
    #[must_use]
    pub fn digest_len_in(self, version: crate::Version) -> usize {
        if version == crate::Version::V4 {
            self.digest_len().min(Self::MAX_V4_DIGEST)
        } else {
            self.digest_len()
        }
    }

    /// Octets that a secret must have, if the algorithm demands a number.
    #[must_use]
    pub const fn secret_len(self) -> Option<usize> {
        match self {
            Self::AesCmac128 => Some(16),
            Self::AesCmac256 => Some(32),
            Self::Md5 | Self::Sha1 | Self::Sha256 | Self::Sha512 => None,
        }
    }
}

/// The name in lower case; both AES-CMACs are `aes-cmac`.
impl fmt::Display for MacAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::AesCmac128 | Self::AesCmac256 => "aes-cmac",
        })
    }
}
