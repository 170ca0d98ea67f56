use core::fmt;

use hkdf::Hkdf;
use sha2::{Digest, Sha256, Sha384};
use zeroize::Zeroizing;

use super::{ExportError, KeyExporter};

/// The exporter main secret of a TLS 1.3 session, as key logs tell it.
///
/// Programs that look at captured packets take the keys of an association from the `EXPORTER_SECRET`
/// line of a key log (`SSLKEYLOGFILE`). The secret's length tells the hash of the cipher suite: 32
/// octets SHA-256, 48 octets SHA-384.
///
/// Defined in [RFC 8446 § 7.5](https://www.rfc-editor.org/rfc/rfc8446#section-7.5); the key log in
/// [RFC 9850](https://www.rfc-editor.org/rfc/rfc9850).
///
/// # Examples
///
/// ```
/// use horolog_nts::{EXPORTER_LABEL, ExporterSecret, KeyExporter};
///
/// let secret: Vec<u8> = (0..32).collect();
/// let mut key = [0; 32];
/// ExporterSecret::new(&secret).unwrap().export(EXPORTER_LABEL, &[0, 0, 0, 15, 0], &mut key)?;
/// assert_eq!(key[..4], [0x7a, 0xce, 0x59, 0xb6]);
/// # Ok::<(), horolog_nts::ExportError>(())
/// ```
pub struct ExporterSecret(Secret);

enum Secret {
    Sha256(Zeroizing<[u8; 32]>),
    Sha384(Zeroizing<[u8; 48]>),
}

impl ExporterSecret {
    /// Takes a secret of 32 or 48 octets.
    #[must_use]
    pub fn new(secret: &[u8]) -> Option<Self> {
        if let Ok(secret) = secret.try_into() {
            return Some(Self(Secret::Sha256(Zeroizing::new(secret))));
        }
        let secret = Zeroizing::new(secret.try_into().ok()?);
        Some(Self(Secret::Sha384(secret)))
    }
}

/// `HKDF-Expand-Label` (RFC 8446 § 7.1), its label in two parts.
macro_rules! expand_label {
    ($hash:ty, $secret:expr, $label:expr, $context:expr, $output:expr) => {{
        let (label, context, output): (&[u8], &[u8], &mut [u8]) = ($label, $context, $output);
        let length = u16::try_from(output.len())
            .map_err(|_| ExportError::Refused)?
            .to_be_bytes();
        let label_length = u8::try_from(b"tls13 ".len() + label.len())
            .map_err(|_| ExportError::Refused)?
            .to_be_bytes();
        let context_length = u8::try_from(context.len())
            .map_err(|_| ExportError::Refused)?
            .to_be_bytes();
        let info: [&[u8]; 6] = [
            &length,
            &label_length,
            b"tls13 ",
            label,
            &context_length,
            context,
        ];
        Hkdf::<$hash>::from_prk($secret)
            .map_err(|_| ExportError::Refused)?
            .expand_multi_info(&info, output)
            .map_err(|_| ExportError::Refused)
    }};
}

macro_rules! tls_exporter {
    ($hash:ty, $length:literal, $secret:expr, $label:expr, $context:expr, $output:expr) => {{
        let mut derived = Zeroizing::new([0; $length]);
        let empty = <$hash>::digest([]);
        expand_label!($hash, $secret, $label, &empty, &mut *derived)?;
        let context = <$hash>::digest($context);
        expand_label!($hash, &*derived, b"exporter", &context, $output)
    }};
}

impl KeyExporter for ExporterSecret {
    fn export(&self, label: &[u8], context: &[u8], output: &mut [u8]) -> Result<(), ExportError> {
        match &self.0 {
            Secret::Sha256(secret) => tls_exporter!(Sha256, 32, &**secret, label, context, output),
            Secret::Sha384(secret) => tls_exporter!(Sha384, 48, &**secret, label, context, output),
        }
    }
}

/// The length, never the secret.
impl fmt::Debug for ExporterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = match &self.0 {
            Secret::Sha256(secret) => secret.len(),
            Secret::Sha384(secret) => secret.len(),
        };
        f.debug_struct("ExporterSecret")
            .field("length", &length)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EXPORTER_LABEL;
    use hex_literal::hex;

    fn exported<const N: usize>(secret_length: u8, context: &[u8]) -> [u8; N] {
        let secret: Vec<_> = (0..secret_length).collect();
        let mut key = [0; N];
        ExporterSecret::new(&secret)
            .unwrap()
            .export(EXPORTER_LABEL, context, &mut key)
            .unwrap();
        key
    }

    /// Source: computed with Python `cryptography` from RFC 8446 § 7.5.
    #[test]
    fn keys_of_sha_256_sessions() {
        assert_eq!(
            exported(32, &hex!("0000000f00")),
            hex!("7ace59b64c903eae1cfc53ba4c438af62e5857ce9443b8c5a4f2bedec4be8c7d")
        );
        assert_eq!(
            exported(32, &hex!("0000000f01")),
            hex!("e887fc4be1493ac9c7b64771d260007b2fd53b5b47eda991cf4073f9fa363ca5")
        );
        assert_eq!(
            exported(32, &hex!("0000001100")),
            hex!(
                "b800125ddc3dc74ed6c9348779b0175cbfe3c8313bc3ffcce1e7a5e7bb5fa189"
                "b7ef18d808ce6a6a76334eb842f25e46e3d3ff6b521d2b1b6c746705d17ca817"
            )
        );
        assert_eq!(
            exported(32, &hex!("0000001101")),
            hex!(
                "9130dca39282dbdd92efa71df79fac19765cf870e1d6ce11b7c26fa9ca3e67eb"
                "fcc11995c7e89e94bec901d1845eb12e580aa430e705f7438ead99aad3f46340"
            )
        );
        assert_eq!(
            exported(32, &hex!("0000001e00")),
            hex!("3081916323676ebf2f7d0f1dd7c4dd11")
        );
        assert_eq!(
            exported(32, &hex!("0000001e01")),
            hex!("50fafa49ad2f35af1b51785f9b183001")
        );
        assert_eq!(
            exported(32, &hex!("8001000f00")),
            hex!("1be0cbeeeb5d7e283915dd197437420939ac10d9cb51fc58b859155752fd1f4c")
        );
        assert_eq!(
            exported(32, &hex!("8001000f01")),
            hex!("d22d23988e5d5f1b64ed7f6311c5ea56a937b17d7a8c3ec67c9b856569324aa2")
        );
        // chrony 4.4 to 4.6.0 for AES-128-GCM-SIV.
        assert_eq!(
            exported(32, &hex!("0000000f00")),
            hex!("63bb83659bfa8f478436c3b4900d4a6b")
        );
        assert_eq!(
            exported(32, &hex!("0000000f01")),
            hex!("27d641835cf3590509c1d0817c18b102")
        );
    }

    /// Source: computed with Python `cryptography` from RFC 8446 § 7.5.
    #[test]
    fn keys_of_sha_384_sessions() {
        assert_eq!(
            exported(48, &hex!("0000000f00")),
            hex!("09684261c791566bf0382d65d4ad0bb840f4ce53b03bc97e96cc4810b8a3db81")
        );
        assert_eq!(
            exported(48, &hex!("0000000f01")),
            hex!("a7ce4b57b83badacd947128a8ee2d72d58ff3fddfa4f906d5bcc32485a8d3eac")
        );
        assert_eq!(
            exported(48, &hex!("0000001100")),
            hex!(
                "be003760152462f27ac471555f5324e0a7be00c8072ca9cfee128810107374ee"
                "c0e9f097a72b73c061f6aeeed1ce257916ae1d0baf9faa6066be5d1fd7d6f8fd"
            )
        );
        assert_eq!(
            exported(48, &hex!("0000001101")),
            hex!(
                "b47db551b10391718083e3f82e52076b865184746520b9b1d6af04f13ebb7770"
                "d04e3c1d278769d60fee97a98a6b34b48e1571d18a0211bdf5ae9462a291d5ee"
            )
        );
        assert_eq!(
            exported(48, &hex!("0000001e00")),
            hex!("a58c7019ee8c205d0c7dc2fed63685bb")
        );
        assert_eq!(
            exported(48, &hex!("0000001e01")),
            hex!("b59b2359f7c3d010770f39c4583e8ae7")
        );
        assert_eq!(
            exported(48, &hex!("8001000f00")),
            hex!("ac322e16adf9ace2e4af6242d3b0f370733124d189907c93d4e32f0942398c8a")
        );
        assert_eq!(
            exported(48, &hex!("8001000f01")),
            hex!("1ea9e56e71129bc4670fac619519db37c792fba6eaf31170d0955a7f651f0488")
        );
        assert_eq!(
            exported(48, &hex!("0000000f00")),
            hex!("734a0f774a2bc861dcf28253b1c59436")
        );
        assert_eq!(
            exported(48, &hex!("0000000f01")),
            hex!("63325d0619cc3ac618160d4c57e92db1")
        );
    }

    #[test]
    fn other_lengths_are_no_secrets() {
        for length in (0..100).filter(|length| ![32, 48].contains(length)) {
            assert!(ExporterSecret::new(&vec![0; length]).is_none(), "{length}");
        }
    }

    #[test]
    fn refuses_what_tls_cannot_export() {
        let secret = ExporterSecret::new(&[1; 32]).unwrap();
        let mut long = vec![0; 255 * 32 + 1];
        assert_eq!(
            secret.export(b"", &[], &mut long),
            Err(ExportError::Refused)
        );
        assert_eq!(secret.export(b"", &[], &mut long[1..]), Ok(()));
        assert_eq!(
            secret.export(&[0; 250], &[], &mut [0]),
            Err(ExportError::Refused)
        );
        assert_eq!(secret.export(&[0; 249], &[], &mut [0]), Ok(()));
    }

    #[test]
    fn debug_shows_no_secret() {
        let secret = ExporterSecret::new(&[0xab; 48]).unwrap();
        assert_eq!(format!("{secret:?}"), "ExporterSecret { length: 48, .. }");
    }
}
