use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use horolog_https::SearchConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;

use super::CertificateTime;

/// Whom a client trusts, how long it searches, and how long it waits.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpsConfig {
    /// The cryptography.
    pub provider: Arc<CryptoProvider>,
    /// What verifies the server's certificate.
    pub verifier: Arc<dyn ServerCertVerifier>,
    /// The time that the certificate has to be valid at.
    pub certificate_time: CertificateTime,
    /// The search.
    pub search: SearchConfig,
    /// Time for the TCP connection and the TLS handshake.
    pub connect_timeout: Duration,
    /// Time for each response.
    pub response_timeout: Duration,
}

impl HttpsConfig {
    /// A search as [`SearchConfig::new`] has it, certificates of the local clock's time, ten seconds to
    /// connect and five for each response.
    #[must_use]
    pub const fn new(provider: Arc<CryptoProvider>, verifier: Arc<dyn ServerCertVerifier>) -> Self {
        Self {
            provider,
            verifier,
            certificate_time: CertificateTime::Local,
            search: SearchConfig::new(),
            connect_timeout: Duration::from_secs(10),
            response_timeout: Duration::from_secs(5),
        }
    }
}

impl fmt::Debug for HttpsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsConfig")
            .field("certificate_time", &self.certificate_time)
            .field("search", &self.search)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .finish_non_exhaustive()
    }
}
