//! TLS for the programs: whom to trust, and certificates from PEM files or made on the spot.

mod identity;
mod trust;

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::time_provider::DefaultTimeProvider;

pub use identity::Identity;
pub use trust::{trust, trust_only};

/// The cryptography that the programs use.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A client of the key establishment that trusts servers as told.
///
/// # Errors
///
/// Where the cryptography does not suffice.
pub fn client_config(
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<Arc<ClientConfig>, rustls::Error> {
    let clock = Arc::new(DefaultTimeProvider);
    horolog_nts::tls::client_config_with_verifier(provider(), clock, verifier).map(Arc::new)
}
