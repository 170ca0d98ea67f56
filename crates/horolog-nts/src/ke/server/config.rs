use alloc::string::String;
use alloc::vec::Vec;

use crate::ke::KeTimeouts;
use crate::ke::config_error::supported;
use crate::message::server_name;
use crate::{AeadAlgorithm, CookieJar, KeConfigError, KeRequest, KeResponse, MAX_MESSAGE_LENGTH};

/// What a server supports and says, shared by its connections.
///
/// Without further words it supports the five algorithms, AES-128-GCM-SIV before AES-SIV-CMAC-256
/// before the others; gives eight cookies; names no server and no port, so that clients ask at the
/// address of the key establishment, port 123.
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, KeServerConfig};
///
/// let config = KeServerConfig::new()
///     .with_algorithms(&[AeadAlgorithm::AES_SIV_CMAC_512])?
///     .with_port(11123);
/// // Every server has to support one.
/// assert_eq!(
///     config.algorithms(),
///     [AeadAlgorithm::AES_SIV_CMAC_512, AeadAlgorithm::AES_SIV_CMAC_256]
/// );
/// # Ok::<(), horolog_nts::KeConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeServerConfig {
    algorithms: Vec<AeadAlgorithm>,
    clients_choice: bool,
    server: Option<String>,
    port: Option<u16>,
    pub(super) cookies: usize,
    pub(super) request_limit: usize,
    pub(super) timeouts: KeTimeouts,
}

impl KeServerConfig {
    /// The least that a limit for requests can be: servers have to take this
    /// ([RFC 8915 § 4](https://www.rfc-editor.org/rfc/rfc8915#section-4)).
    pub const MIN_REQUEST_LIMIT: usize = 1024;

    /// Octets of a request that are taken without further words.
    pub const DEFAULT_REQUEST_LIMIT: usize = 4096;

    /// A server with the five algorithms.
    #[must_use]
    pub fn new() -> Self {
        Self {
            algorithms: [
                AeadAlgorithm::AES_128_GCM_SIV,
                AeadAlgorithm::AES_SIV_CMAC_256,
                AeadAlgorithm::AES_SIV_CMAC_512,
                AeadAlgorithm::AES_SIV_CMAC_384,
                AeadAlgorithm::AES_256_GCM_SIV,
            ]
            .to_vec(),
            clients_choice: false,
            server: None,
            port: None,
            cookies: CookieJar::CAPACITY,
            request_limit: Self::DEFAULT_REQUEST_LIMIT,
            timeouts: KeTimeouts::SERVER,
        }
    }

    /// Supports these algorithms, the one that it would rather have first.
    ///
    /// AES-SIV-CMAC-256 comes last where it is not in the list: a server has to support it
    /// ([RFC 8915 § 4.1.5](https://www.rfc-editor.org/rfc/rfc8915#section-4.1.5)).
    ///
    /// # Errors
    ///
    /// [`KeConfigError::Unsupported`].
    pub fn with_algorithms(mut self, algorithms: &[AeadAlgorithm]) -> Result<Self, KeConfigError> {
        self.algorithms = supported(algorithms)?;
        if !self.algorithms.contains(&AeadAlgorithm::AES_SIV_CMAC_256) {
            self.algorithms.push(AeadAlgorithm::AES_SIV_CMAC_256);
        }
        Ok(self)
    }

    /// Chooses the first algorithm of the client's list that it supports, and not the first of its
    /// own that the client offers.
    #[must_use]
    pub const fn with_clients_choice(mut self) -> Self {
        self.clients_choice = true;
        self
    }

    /// Names the NTP server that clients should ask, by address or name.
    ///
    /// # Errors
    ///
    /// [`KeConfigError::ServerName`].
    pub fn with_server(mut self, server: &str) -> Result<Self, KeConfigError> {
        let server = server_name(server).map_err(KeConfigError::ServerName)?;
        self.server = Some(server.into());
        Ok(self)
    }

    /// Names the port of the NTP server that clients should ask.
    #[must_use]
    pub const fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Gives so many cookies: 1 to 8, which is what a server should give and is the default.
    #[must_use]
    pub fn with_cookies(mut self, cookies: usize) -> Self {
        self.cookies = cookies.clamp(1, CookieJar::CAPACITY);
        self
    }

    /// Takes requests up to this length: [`MIN_REQUEST_LIMIT`](Self::MIN_REQUEST_LIMIT) to
    /// [`MAX_MESSAGE_LENGTH`].
    #[must_use]
    pub fn with_request_limit(mut self, limit: usize) -> Self {
        self.request_limit = limit.clamp(Self::MIN_REQUEST_LIMIT, MAX_MESSAGE_LENGTH);
        self
    }

    /// Waits as long as this; by default [`KeTimeouts::SERVER`].
    #[must_use]
    pub const fn with_timeouts(mut self, timeouts: KeTimeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The algorithms that are supported.
    #[must_use]
    pub fn algorithms(&self) -> &[AeadAlgorithm] {
        &self.algorithms
    }

    /// The algorithm for a client, if there is one.
    pub(super) fn select(&self, request: &KeRequest<'_>) -> Option<AeadAlgorithm> {
        if self.clients_choice {
            request
                .algorithms()
                .find(|offered| self.algorithms.contains(offered))
        } else {
            let offers =
                |ours: &&AeadAlgorithm| request.algorithms().any(|offered| offered == **ours);
            self.algorithms.iter().find(offers).copied()
        }
    }

    /// Says in a response where the NTP server is.
    pub(super) fn place<'a>(&'a self, mut response: KeResponse<'a>) -> KeResponse<'a> {
        if let Some(port) = self.port {
            response = response.with_port(port);
        }
        let named = self
            .server
            .as_deref()
            .map(|name| response.with_server(name));
        // It was looked at when it was given.
        named.and_then(Result::ok).unwrap_or(response)
    }
}

impl Default for KeServerConfig {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NextProtocol;

    fn selected(config: &KeServerConfig, offered: &[u16]) -> Option<u16> {
        let offered: Vec<_> = offered
            .iter()
            .copied()
            .map(AeadAlgorithm::from_number)
            .collect();
        let request = KeRequest::new(&[NextProtocol::NTP_V4], &offered);
        config.select(&request).map(AeadAlgorithm::number)
    }

    #[test]
    fn chooses_its_own_first_or_the_clients() {
        let config = KeServerConfig::new();
        for (offered, expected) in [
            (&[15, 30][..], Some(30)),
            (&[17, 15], Some(15)),
            (&[16, 17], Some(17)),
            (&[31], Some(31)),
            (&[1, 0x7abc, 16], Some(16)),
            (&[1, 0x7abc], None),
        ] {
            assert_eq!(selected(&config, offered), expected);
        }
        let config = config.with_clients_choice();
        for (offered, expected) in [
            (&[15, 30][..], Some(15)),
            (&[1, 17, 15], Some(17)),
            (&[1], None),
        ] {
            assert_eq!(selected(&config, offered), expected);
        }
    }

    #[test]
    fn rfc_8915_section_4_1_5_every_server_supports_aes_siv_cmac_256() {
        let only = [AeadAlgorithm::AES_128_GCM_SIV];
        for algorithms in [&[][..], &only] {
            let config = KeServerConfig::new().with_algorithms(algorithms).unwrap();
            assert_eq!(selected(&config, &[15]), Some(15));
            assert_eq!(selected(&config, &[17]), None);
        }
        let refused = KeServerConfig::new().with_algorithms(&[AeadAlgorithm::from_number(2)]);
        let algorithm = AeadAlgorithm::from_number(2);
        assert_eq!(
            refused.unwrap_err(),
            KeConfigError::Unsupported { algorithm }
        );
    }

    #[test]
    fn limits_are_kept_in_bounds() {
        let config = KeServerConfig::default();
        let limit = |limit| config.clone().with_request_limit(limit).request_limit;
        assert_eq!((limit(0), limit(5000), limit(70_000)), (1024, 5000, 65_536));
        let cookies = |cookies| config.clone().with_cookies(cookies).cookies;
        assert_eq!((cookies(0), cookies(3), cookies(100)), (1, 3, 8));
        let refused = config.with_server("\n").unwrap_err();
        assert!(matches!(refused, KeConfigError::ServerName(_)));
    }
}
