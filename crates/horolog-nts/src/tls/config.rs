use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use rustls::client::WantsClientCert;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier};

use crate::KE_ALPN;

/// A client that trusts what these roots signed.
///
/// TLS 1.3 alone, ALPN `ntske/1` alone, no early data, which RFC 8446 leaves to protocols that define
/// it and NTS does not. No session is resumed: key establishments are rare, a resumed one skips the
/// certificate, and a ticket tells who a client is when it comes back from another network
/// ([RFC 8915 § 9.1](https://www.rfc-editor.org/rfc/rfc8915#section-9.1)).
///
/// `time` is what certificates are compared with, often
/// [`DefaultTimeProvider`](rustls::time_provider::DefaultTimeProvider). A client that does not know
/// the time yet may have something better
/// ([RFC 8915 § 8.5](https://www.rfc-editor.org/rfc/rfc8915#section-8.5)).
///
/// # Errors
///
/// What rustls says, as where the provider has nothing for TLS 1.3.
///
/// # Examples
///
/// See [the module](crate::tls).
pub fn client_config(
    provider: Arc<CryptoProvider>,
    time: Arc<dyn TimeProvider>,
    roots: impl Into<Arc<RootCertStore>>,
) -> Result<ClientConfig, rustls::Error> {
    let builder = client_builder(provider, time)?;
    Ok(finish_client(builder.with_root_certificates(roots)))
}

/// A client that verifies certificates in a way of its own, such as the platform's.
///
/// Otherwise as [`client_config`]. What the verifier lets pass is trusted to tell the time.
///
/// # Errors
///
/// What [`client_config`] says.
pub fn client_config_with_verifier(
    provider: Arc<CryptoProvider>,
    time: Arc<dyn TimeProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<ClientConfig, rustls::Error> {
    let builder = client_builder(provider, time)?.dangerous();
    Ok(finish_client(
        builder.with_custom_certificate_verifier(verifier),
    ))
}

/// A server with one certificate chain, its own certificate first.
///
/// TLS 1.3 alone, ALPN `ntske/1` alone, no early data, no tickets, no resumption, for the reasons
/// that [`client_config`] has, and so that no session outlives its connection in memory. It asks
/// clients for no certificate.
///
/// A client that offers other protocols than `ntske/1` is refused by TLS. One that offers none is
/// not: [`check_session`](super::check_session) is for that.
///
/// # Errors
///
/// What rustls says: the key is not the certificate's, or the provider has nothing for it or for
/// TLS 1.3.
///
/// # Examples
///
/// See [the module](crate::tls).
pub fn server_config(
    provider: Arc<CryptoProvider>,
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![KE_ALPN.to_vec()];
    config.max_early_data_size = 0;
    config.send_half_rtt_data = false;
    config.send_tls13_tickets = 0;
    config.max_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

fn client_builder(
    provider: Arc<CryptoProvider>,
    time: Arc<dyn TimeProvider>,
) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_details(provider, time).with_protocol_versions(&[&TLS13])
}

fn finish_client(builder: ConfigBuilder<ClientConfig, WantsClientCert>) -> ClientConfig {
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![KE_ALPN.to_vec()];
    config.enable_early_data = false;
    config.resumption = rustls::client::Resumption::disabled();
    config
}
