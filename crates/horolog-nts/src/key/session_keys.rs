use zeroize::Zeroizing;

use super::{EXPORTER_LABEL, ExportError, KeyExporter, exporter_context};
use crate::aead::MAX_KEY_LENGTH;
use crate::{AeadAlgorithm, AeadKey, KeyError, NextProtocol};

/// The two keys of an association, of one algorithm: client to server and server to client.
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, SessionKeys};
///
/// let keys = SessionKeys::new(AeadAlgorithm::AES_128_GCM_SIV, &[1; 16], &[2; 16])?;
/// assert_eq!(keys.algorithm(), AeadAlgorithm::AES_128_GCM_SIV);
/// assert!(SessionKeys::new(AeadAlgorithm::AES_128_GCM_SIV, &[1; 16], &[2; 32]).is_err());
/// # Ok::<(), horolog_nts::KeyError>(())
/// ```
#[derive(Debug)]
pub struct SessionKeys {
    client_to_server: AeadKey,
    server_to_client: AeadKey,
}

impl SessionKeys {
    /// Takes the secrets.
    ///
    /// # Errors
    ///
    /// What [`AeadKey::new`] says.
    pub fn new(
        algorithm: AeadAlgorithm,
        client_to_server: &[u8],
        server_to_client: &[u8],
    ) -> Result<Self, KeyError> {
        Ok(Self {
            client_to_server: AeadKey::new(algorithm, client_to_server)?,
            server_to_client: AeadKey::new(algorithm, server_to_client)?,
        })
    }

    /// Takes the keys from a TLS session, as
    /// [RFC 8915 § 5.1](https://www.rfc-editor.org/rfc/rfc8915#section-5.1) says.
    ///
    /// # Errors
    ///
    /// [`ExportError`].
    pub fn export(
        exporter: &impl KeyExporter,
        protocol: NextProtocol,
        algorithm: AeadAlgorithm,
    ) -> Result<Self, ExportError> {
        Self::export_in_context_of(exporter, protocol, algorithm, algorithm)
    }

    /// Takes keys for AES-128-GCM-SIV as chrony 4.4 to 4.6.0 does: in the context of
    /// AES-SIV-CMAC-256.
    ///
    /// These are the keys of both sides where one of them did not say, by a record of type
    /// [`COMPLIANT_GCM_SIV_EXPORTER`](crate::RecordType::COMPLIANT_GCM_SIV_EXPORTER), that it knows
    /// better.
    ///
    /// # Errors
    ///
    /// [`ExportError`].
    pub fn export_gcm_siv_of_chrony(
        exporter: &impl KeyExporter,
        protocol: NextProtocol,
    ) -> Result<Self, ExportError> {
        Self::export_in_context_of(
            exporter,
            protocol,
            AeadAlgorithm::AES_128_GCM_SIV,
            AeadAlgorithm::AES_SIV_CMAC_256,
        )
    }

    fn export_in_context_of(
        exporter: &impl KeyExporter,
        protocol: NextProtocol,
        algorithm: AeadAlgorithm,
        context_of: AeadAlgorithm,
    ) -> Result<Self, ExportError> {
        let unsupported = ExportError::Unsupported { algorithm };
        let length = algorithm.key_length().ok_or(unsupported)?;
        let key = |client_to_server| {
            let context = exporter_context(protocol, context_of, client_to_server);
            let mut octets = Zeroizing::new([0; MAX_KEY_LENGTH]);
            let secret = octets.get_mut(..length).ok_or(unsupported)?;
            exporter.export(EXPORTER_LABEL, &context, secret)?;
            AeadKey::new(algorithm, secret).map_err(|_| unsupported)
        };
        Ok(Self {
            client_to_server: key(true)?,
            server_to_client: key(false)?,
        })
    }

    /// The algorithm of both keys.
    #[must_use]
    pub const fn algorithm(&self) -> AeadAlgorithm {
        self.client_to_server.algorithm()
    }

    /// The key that protects requests.
    #[must_use]
    pub const fn client_to_server(&self) -> &AeadKey {
        &self.client_to_server
    }

    /// The key that protects responses.
    #[must_use]
    pub const fn server_to_client(&self) -> &AeadKey {
        &self.server_to_client
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A session whose keys say where they come from: length and context, repeated.
    struct Telling;

    impl KeyExporter for Telling {
        fn export(
            &self,
            label: &[u8],
            context: &[u8],
            output: &mut [u8],
        ) -> Result<(), ExportError> {
            assert_eq!(label, b"EXPORTER-network-time-security");
            assert_eq!(context.len(), 5);
            for (octet, from) in output.iter_mut().zip(context.iter().cycle()) {
                *octet = *from;
            }
            Ok(())
        }
    }

    struct Unfinished;

    impl KeyExporter for Unfinished {
        fn export(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), ExportError> {
            Err(ExportError::Refused)
        }
    }

    fn same(key: &AeadKey, secret: &[u8]) -> bool {
        let other = AeadKey::new(key.algorithm(), secret).unwrap();
        let mut buffers = [[0; 16]; 2];
        key.seal(b"", &[7; 12], &mut buffers[0]).unwrap();
        other.seal(b"", &[7; 12], &mut buffers[1]).unwrap();
        buffers[0] == buffers[1]
    }

    #[test]
    fn rfc_8915_section_5_1_each_direction_has_its_key() {
        let export = |number| {
            let algorithm = AeadAlgorithm::from_number(number);
            SessionKeys::export(&Telling, NextProtocol::NTP_V4, algorithm)
        };
        for (number, length) in [(15, 32), (16, 48), (17, 64), (30, 16), (31, 32)] {
            let keys = export(number).unwrap();
            let secret = |direction| {
                let context = [0, 0, 0, number.to_be_bytes()[1], direction];
                context.into_iter().cycle().take(length).collect::<Vec<_>>()
            };
            assert!(same(keys.client_to_server(), &secret(0)), "{number}");
            assert!(same(keys.server_to_client(), &secret(1)), "{number}");
        }
        let algorithm = AeadAlgorithm::from_number(1);
        assert_eq!(
            export(1).unwrap_err(),
            ExportError::Unsupported { algorithm }
        );
    }

    #[test]
    fn keys_of_older_chrony_come_from_the_context_of_another_algorithm() {
        let keys = SessionKeys::export_gcm_siv_of_chrony(&Telling, NextProtocol::NTP_V4).unwrap();
        assert_eq!(keys.algorithm(), AeadAlgorithm::AES_128_GCM_SIV);
        let context: Vec<_> = [0, 0, 0, 15, 1].into_iter().cycle().take(16).collect();
        assert!(same(keys.server_to_client(), &context));
    }

    #[test]
    fn a_session_that_exports_nothing() {
        let algorithm = AeadAlgorithm::AES_SIV_CMAC_256;
        let keys = SessionKeys::export(&Unfinished, NextProtocol::NTP_V4, algorithm);
        assert_eq!(keys.unwrap_err(), ExportError::Refused);
    }

    #[test]
    fn debug_shows_no_secret() {
        let keys =
            SessionKeys::new(AeadAlgorithm::AES_SIV_CMAC_256, &[0xab; 32], &[0xcd; 32]).unwrap();
        let text = format!("{keys:?}");
        assert!(!text.contains("171") && !text.contains("ab"), "{text}");
    }

    proptest! {
        #[test]
        fn only_the_right_lengths(number in 0..40_u16, length in 0..80_usize) {
            let algorithm = AeadAlgorithm::from_number(number);
            let secret = vec![1; length];
            let keys = SessionKeys::new(algorithm, &secret, &secret);
            prop_assert_eq!(keys.is_ok(), algorithm.key_length() == Some(length));
        }
    }
}
