use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::certificates;
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
        let key = PrivateKeyDer::from_pem_file(key)
            .map_err(context(format!("cannot read key {}", key.display())))?;
        Ok(Self { chain, key })
    }

    /// Reads what an earlier call left in `directory`, or makes an authority and a certificate of it
    /// for `names` (domain names and addresses) there. Tells where the authority's certificate is.
    ///
    /// The authority's key is not kept: it signs this one certificate.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read or written or holds some of the files alone, or a name is
    /// none.
    pub fn self_signed(directory: &Path, names: Vec<String>) -> Result<(Self, PathBuf), Context> {
        let [ca, chain, key] = [CA, CHAIN, KEY].map(|file| directory.join(file));
        let there = [&ca, &chain, &key].map(|file| file.exists());
        if there == [false; 3] {
            let made = Made::new(names)?;
            let what = || format!("cannot write to {}", directory.display());
            fs::create_dir_all(directory).map_err(context(what()))?;
            private_file::create(&key, made.key.serialize_pem().as_bytes())
                .map_err(context(what()))?;
            fs::write(&chain, made.certificate.pem()).map_err(context(what()))?;
            fs::write(&ca, made.authority.pem()).map_err(context(what()))?;
        } else if there != [true; 3] {
            // They may be somebody's: nothing is written over.
            let what = format!("cannot use {}", directory.display());
            let text = format!("it holds some, not all, of {CA}, {CHAIN} and {KEY}");
            return Err(context(what)(text));
        }
        Ok((Self::from_pem(&chain, &key)?, ca))
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
            .push(DnType::CommonName, "Horolog self-signed authority");
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
