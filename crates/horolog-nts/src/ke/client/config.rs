use alloc::string::String;
use alloc::vec::Vec;

use crate::ke::KeTimeouts;
use crate::ke::config_error::supported;
use crate::message::server_name;
use crate::{AeadAlgorithm, KeConfigError, KeRequest, MAX_MESSAGE_LENGTH, NextProtocol};

/// What a client asks for, and how much it takes.
///
/// Without further words it offers what chrony 4.6.1 does: AES-128-GCM-SIV, then AES-SIV-CMAC-256.
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, KeClientConfig};
///
/// let config = KeClientConfig::new()
///     .with_algorithms(&[AeadAlgorithm::AES_SIV_CMAC_256])?
///     .with_server("ntp.example")?;
/// assert_eq!(config.algorithms(), [AeadAlgorithm::AES_SIV_CMAC_256]);
/// # Ok::<(), horolog_nts::KeConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeClientConfig {
    algorithms: Vec<AeadAlgorithm>,
    server: Option<String>,
    port: Option<u16>,
    pub(super) response_limit: usize,
    pub(super) timeouts: KeTimeouts,
}

impl KeClientConfig {
    /// The least that a limit for responses can be.
    pub const MIN_RESPONSE_LIMIT: usize = 1024;

    /// The protocols of a client: cookies are for NTPv4.
    pub(super) const PROTOCOLS: [NextProtocol; 1] = [NextProtocol::NTP_V4];

    /// A client that offers AES-128-GCM-SIV and AES-SIV-CMAC-256.
    #[must_use]
    pub fn new() -> Self {
        Self {
            algorithms: [
                AeadAlgorithm::AES_128_GCM_SIV,
                AeadAlgorithm::AES_SIV_CMAC_256,
            ]
            .to_vec(),
            server: None,
            port: None,
            response_limit: MAX_MESSAGE_LENGTH,
            timeouts: KeTimeouts::CLIENT,
        }
    }

    /// Offers these algorithms, the one that it would rather have first.
    ///
    /// Each is offered once. AES-SIV-CMAC-256 is the one that every server has to support; without
    /// it there may be no common ground.
    ///
    /// # Errors
    ///
    /// [`KeConfigError::Unsupported`], [`KeConfigError::NoAlgorithm`].
    pub fn with_algorithms(mut self, algorithms: &[AeadAlgorithm]) -> Result<Self, KeConfigError> {
        self.algorithms = supported(algorithms)?;
        if self.algorithms.is_empty() {
            return Err(KeConfigError::NoAlgorithm);
        }
        Ok(self)
    }

    /// Asks for an NTP server, an address or a name. Few servers heed it.
    ///
    /// # Errors
    ///
    /// [`KeConfigError::ServerName`].
    pub fn with_server(mut self, server: &str) -> Result<Self, KeConfigError> {
        let server = server_name(server).map_err(KeConfigError::ServerName)?;
        self.server = Some(server.into());
        Ok(self)
    }

    /// Asks for a port of the NTP server. Few servers heed it.
    #[must_use]
    pub const fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Takes responses up to this length: [`MIN_RESPONSE_LIMIT`](Self::MIN_RESPONSE_LIMIT) to
    /// [`MAX_MESSAGE_LENGTH`], which is what clients should take and is the default.
    #[must_use]
    pub fn with_response_limit(mut self, limit: usize) -> Self {
        self.response_limit = limit.clamp(Self::MIN_RESPONSE_LIMIT, MAX_MESSAGE_LENGTH);
        self
    }

    /// Waits as long as this; by default [`KeTimeouts::CLIENT`].
    #[must_use]
    pub const fn with_timeouts(mut self, timeouts: KeTimeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The algorithms that are offered.
    #[must_use]
    pub fn algorithms(&self) -> &[AeadAlgorithm] {
        &self.algorithms
    }

    /// The whole request.
    pub(super) fn request(&self) -> Vec<u8> {
        let mut request = KeRequest::new(&Self::PROTOCOLS, &self.algorithms);
        if let Some(port) = self.port {
            request = request.with_port(port);
        }
        if let Some(named) = self.server.as_deref().map(|name| request.with_server(name)) {
            request = named.unwrap_or(request); // It was looked at when it was given.
        }
        let mut octets = Vec::with_capacity(request.encoded_len());
        // A list of so few algorithms is never too long, and a vector grows.
        let written = request.encode(&mut octets);
        debug_assert_eq!(written, Ok(()));
        octets
    }
}

impl Default for KeClientConfig {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DecodeErrorKind;
    use hex_literal::hex;

    /// Source: captured from chrony 4.6.1.
    #[test]
    fn asks_as_chrony_does() {
        let expected = hex!("80010002 0000 80040004 001e000f 04000000 80000000");
        assert_eq!(KeClientConfig::default().request(), expected);
    }

    #[test]
    fn asks_for_a_server_and_a_port() {
        let siv = AeadAlgorithm::AES_SIV_CMAC_256;
        let config = KeClientConfig::new()
            .with_algorithms(&[siv, siv])
            .and_then(|config| config.with_server("::1"))
            .unwrap()
            .with_port(123);
        let expected = hex!("80010002 0000 80040002 000f 00060003 3a3a31 00070002 007b 80000000");
        assert_eq!(config.request(), expected);
    }

    #[test]
    fn refuses_what_cannot_work() {
        let refused = KeClientConfig::new().with_algorithms(&[]).unwrap_err();
        assert_eq!(refused, KeConfigError::NoAlgorithm);
        let algorithm = AeadAlgorithm::from_number(18);
        assert_eq!(
            KeClientConfig::new()
                .with_algorithms(&[algorithm])
                .unwrap_err()
                .to_string(),
            "AEAD algorithm 18 is not supported"
        );
        let refused = KeClientConfig::new().with_server("a b").unwrap_err();
        let KeConfigError::ServerName(error) = refused else {
            panic!("{refused}")
        };
        assert!(matches!(error.kind(), DecodeErrorKind::Value { .. }));
    }

    #[test]
    fn limits_are_kept_in_bounds() {
        let limit = |limit| {
            KeClientConfig::new()
                .with_response_limit(limit)
                .response_limit
        };
        assert_eq!(
            (limit(0), limit(2000), limit(usize::MAX)),
            (1024, 2000, 65_536)
        );
    }
}
