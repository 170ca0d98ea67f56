use alloc::sync::Arc;
use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use horolog_time::UnixTime;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{self, CertificateDer, ServerName};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// The time that a server's certificate has to be valid at.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum CertificateTime {
    /// That of the system clock, in the handshake.
    #[default]
    Local,
    /// That which the server tells, for machines whose clock is not right yet.
    ///
    /// The chain, the name and all else are verified just as they would be, but only when the server
    /// has told the time, which it does in every response; before that, nothing it says is believed.
    /// Who has the key of a certificate that expired can tell a time at which it was valid.
    Claimed,
}

/// A verifier that waits with a certificate until there is a time to verify it at.
///
/// The signatures of the handshake are verified at once, so the server has the certificate's key.
#[derive(Debug)]
pub(super) struct Claimed {
    verifier: Arc<dyn ServerCertVerifier>,
    shown: Mutex<Option<Shown>>,
}

/// What the server showed in the handshake.
#[derive(Debug)]
struct Shown {
    end_entity: CertificateDer<'static>,
    intermediates: Vec<CertificateDer<'static>>,
    name: ServerName<'static>,
    ocsp: Vec<u8>,
}

impl Claimed {
    pub(super) const fn new(verifier: Arc<dyn ServerCertVerifier>) -> Self {
        Self {
            verifier,
            shown: Mutex::new(None),
        }
    }

    /// Verifies what the server showed, at the time that it tells.
    pub(super) fn verify_at(&self, time: UnixTime) -> Result<(), Error> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = shown.as_ref().ok_or(Error::NoCertificatesPresented)?;
        let seconds = u64::try_from(time.seconds())
            .map_err(|_| Error::General("the server tells a time before 1970".into()))?;
        let time = pki_types::UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let Shown {
            end_entity,
            intermediates,
            name,
            ocsp,
        } = shown;
        self.verifier
            .verify_server_cert(end_entity, intermediates, name, ocsp, time)
            .map(|_| ())
    }
}

impl ServerCertVerifier for Claimed {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: pki_types::UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Shown {
            end_entity: end_entity.clone().into_owned(),
            intermediates: intermediates
                .iter()
                .map(|certificate| certificate.clone().into_owned())
                .collect(),
            name: server_name.to_owned(),
            ocsp: ocsp_response.to_vec(),
        };
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        // Not yet: `verify_at` is what asserts it.
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.verifier.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.verifier.root_hint_subjects()
    }
}
