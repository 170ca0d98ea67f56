use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;

use super::{certificates, open};
use crate::cli::{Context, context};
use crate::private_file;

/// A server's certificate chain and key.
#[derive(Debug)]
pub struct Identity {
    /// The server's certificate and what leads from it to one that clients trust.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key of the first certificate.
    pub key: PrivateKeyDer<'static>,
}

/// The files of [`Identity::self_signed`].
const CA: &str = "ca.pem";
const CHAIN: &str = "server.pem";
const KEY: &str = "server.key";

impl Identity {
    /// Reads a chain and a key in PEM.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read, or holds no certificate or no key.
    pub fn from_pem(chain: &Path, key: &Path) -> Result<Self, Context> {
        let chain = certificates(chain)?;
        let what = || format!("cannot read key {}", key.display());
        let file = open(key).map_err(context(what()))?;
        let key = PrivateKeyDer::from_pem_reader(file).map_err(context(what()))?;
        Ok(Self { chain, key })
    }

    /// Reads what an earlier call left in `directory`, or makes an authority and a certificate of it
    /// for `names` (domain names and addresses) there. Tells where the authority's certificate is.
    ///
    /// A certificate that an earlier call made and that is not for all of the names makes room for a
    /// new one, and its authority too, whose key is not kept: it signs this one certificate.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read or written or holds some of the files alone, or somebody
    /// else's that are not for the names, or a name is none.
    pub fn self_signed(directory: &Path, names: Vec<String>) -> Result<(Self, PathBuf), Context> {
        let [ca, chain, key] = [CA, CHAIN, KEY].map(|file| directory.join(file));
        let there = [&ca, &chain, &key].map(|file| file.exists());
        let cannot_use = || context(format!("cannot use {}", directory.display()));
        if there == [true; 3] {
            let identity = Self::from_pem(&chain, &key)?;
            if identity.is_for(&names) {
                return Ok((identity, ca));
            }
            // What is somebody's is not written over.
            if !certificates(&ca)?.iter().all(is_ours) {
                let text = format!("{CHAIN} is not for {}", names.join(", "));
                return Err(cannot_use()(text));
            }
        } else if there != [false; 3] {
            let text = format!("it holds some, not all, of {CA}, {CHAIN} and {KEY}");
            return Err(cannot_use()(text));
        }
        let made = Made::new(names)?;
        let what = || format!("cannot write to {}", directory.display());
        fs::create_dir_all(directory).map_err(context(what()))?;
        let octets = made.key.serialize_pem();
        if there[2] {
            private_file::replace(&key, octets.as_bytes()).map_err(context(what()))?;
        } else {
            private_file::create(&key, octets.as_bytes()).map_err(context(what()))?;
        }
        fs::write(&chain, made.certificate.pem()).map_err(context(what()))?;
        fs::write(&ca, made.authority.pem()).map_err(context(what()))?;
        Ok((Self::from_pem(&chain, &key)?, ca))
    }

    /// Whether the certificate is for all of these names.
    fn is_for(&self, names: &[String]) -> bool {
        let Some(certificate) = self.chain.first() else {
            return false;
        };
        let Ok(certificate) = ParsedCertificate::try_from(certificate) else {
            return false;
        };
        names.iter().all(|name| {
            ServerName::try_from(name.as_str())
                .is_ok_and(|name| verify_server_name(&certificate, &name).is_ok())
        })
    }

    /// Makes an authority and a certificate of it for `names`, and keeps both in memory. Gives the
    /// authority's certificate too.
    ///
    /// # Errors
    ///
    /// Where a name is none.
    pub fn ephemeral(names: Vec<String>) -> Result<(Self, CertificateDer<'static>), Context> {
        let made = Made::new(names)?;
        let identity = Self {
            chain: vec![made.certificate.der().clone()],
            key: PrivateKeyDer::try_from(made.key.serialize_der())
                .map_err(context("cannot make a key"))?,
        };
        Ok((identity, made.authority.der().clone()))
    }
}

/// What authorities of ours are called.
const AUTHORITY: &str = "Horolog self-signed authority";

/// Whether a certificate is of an authority that was made here, by its name.
fn is_ours(certificate: &CertificateDer<'static>) -> bool {
    certificate
        .windows(AUTHORITY.len())
        .any(|octets| octets == AUTHORITY.as_bytes())
}

/// A certificate that was made on the spot.
struct Made {
    authority: rcgen::Certificate,
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Made {
    fn new(names: Vec<String>) -> Result<Self, Context> {
        Self::try_new(names).map_err(context("cannot make a certificate"))
    }

    fn try_new(names: Vec<String>) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
            .distinguished_name
            .push(DnType::CommonName, AUTHORITY);
        let authority_key = KeyPair::generate()?;
        let authority = params.self_signed(&authority_key)?;
        let issuer = Issuer::new(params, authority_key);

        let mut params = CertificateParams::new(names)?;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params
            .distinguished_name
            .push(DnType::CommonName, "Horolog server");
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &issuer)?;
        Ok(Self {
            authority,
            certificate,
            key,
        })
    }
}
