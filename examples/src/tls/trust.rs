use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;

use super::{certificates, provider};
use crate::cli::{Context, context};

/// What verifies servers' certificates: the authorities of a PEM file, or those of the system.
///
/// # Errors
///
/// Where the file cannot be read or holds no certificate, or the system has no authorities.
pub fn trust(ca: Option<&Path>) -> Result<Arc<dyn ServerCertVerifier>, Context> {
    let Some(path) = ca else {
        let verifier =
            Verifier::new(provider()).map_err(context("cannot read the system's certificates"))?;
        return Ok(Arc::new(verifier));
    };
    let what = format!("cannot use certificates {}", path.display());
    trust_only(certificates(path)?).map_err(context(what))
}

/// What verifies servers' certificates by these authorities alone.
///
/// # Errors
///
/// Where there is none, or one that cannot be read.
pub fn trust_only(
    authorities: impl IntoIterator<Item = CertificateDer<'static>>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    for certificate in authorities {
        roots.add(certificate)?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| rustls::Error::General(error.to_string()))?;
    Ok(verifier)
}
