//! TLS for the programs: whom to trust, and certificates from PEM files or made on the spot.

mod identity;
mod trust;

use std::fs::File;
use std::io::{self, Read, Take};
use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::time_provider::DefaultTimeProvider;

use crate::cli::{Context, context};
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

/// A file in PEM, as far as one may be long: what is none may have no end.
fn open(path: &Path) -> io::Result<Take<File>> {
    const LONGEST: u64 = 16 * 1024 * 1024;
    File::open(path).map(|file| file.take(LONGEST))
}

/// The certificates of a PEM file, of which there is one at least.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Context> {
    let what = || format!("cannot read certificates {}", path.display());
    let file = open(path).map_err(context(what()))?;
    let certificates: Vec<_> = CertificateDer::pem_reader_iter(file)
        .collect::<Result<_, _>>()
        .map_err(context(what()))?;
    if certificates.is_empty() {
        return Err(context(what())("no certificate in it"));
    }
    Ok(certificates)
}
