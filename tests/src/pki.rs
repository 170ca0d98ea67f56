use core::ops::Range;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::Scratch;

/// A certificate authority of a test's own and a certificate for its server, as PEM files.
#[derive(Debug)]
pub struct Pki {
    authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    scratch: Scratch,
}

impl Pki {
    /// What servers of tests are called: on loopback, in either host of a network, and two names.
    pub const NAMES: &[&str] = &[
        "localhost",
        "nts.test",
        "127.0.0.1",
        "127.0.0.2",
        "::1",
        "198.51.100.1",
        "198.51.100.2",
        "fd00:99::1",
        "fd00:99::2",
    ];

    /// A new authority, and a certificate for [`Self::NAMES`] that holds today.
    ///
    /// # Panics
    ///
    /// Where files cannot be written.
    #[must_use]
    pub fn new() -> Self {
        // Authorities of one name would be taken for one that signs badly.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let subject = format!("Horolog test authority {number}");
        let mut params = params(&[], &subject, -1..30);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let scratch = Scratch::new();
        let pki = Self {
            authority: scratch.write("ca.pem", &certificate.pem()),
            certificate: scratch.path().join("chain.pem"),
            key: scratch.path().join("key.pem"),
            issuer: Issuer::new(params, key),
            scratch,
        };
        pki.renew(Self::NAMES, -1..30);
        pki
    }

    /// The authority's certificate, which clients are to trust.
    #[must_use]
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// The server's certificate.
    #[must_use]
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// The server's private key.
    #[must_use]
    pub fn key(&self) -> &Path {
        &self.key
    }

    /// Puts a new key and certificate in the place of the server's: for these DNS names and
    /// addresses, from some day to another, counted from today.
    ///
    /// # Panics
    ///
    /// Where a name is none or files cannot be written.
    pub fn renew(&self, names: &[&str], days: Range<i16>) {
        let mut params = params(names, "Horolog test server", days);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        self.scratch.write("chain.pem", &certificate.pem());
        self.scratch.write("key.pem", &key.serialize_pem());
    }
}

impl Default for Pki {
    fn default() -> Self {
        Self::new()
    }
}

fn params(names: &[&str], subject: &str, days: Range<i16>) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names and addresses");
    params.distinguished_name.push(DnType::CommonName, subject);
    params.not_before = day(days.start).into();
    params.not_after = day(days.end).into();
    params
}

/// Some days from now.
fn day(days: i16) -> SystemTime {
    let span = Duration::from_hours(24) * u32::from(days.unsigned_abs());
    let now = SystemTime::now();
    if days < 0 { now - span } else { now + span }
}
