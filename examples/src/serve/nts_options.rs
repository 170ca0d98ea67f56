use core::net::SocketAddr;
use core::time::Duration;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use clap::Args;
use horolog_ntp::constants::PORT;
use horolog_nts::{KeServerConfig, KeyRotation, Keyring, tls};
use horolog_time::UnixTime;
use rustls::ServerConfig;

use super::{KeyStore, Rotation};
use crate::address::{HostPort, listen_address};
use crate::cli::{Context, context};
use crate::stop::Signals;
use crate::tls::{Identity, provider};

/// What `serve` takes for NTS.
#[derive(Debug, Args)]
pub struct NtsOptions {
    /// Address and port of the key establishment of NTS. Port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", requires = "identity", value_parser = listen_address)]
    pub nts: Option<SocketAddr>,
    /// Certificates of the server, its own first, in PEM
    #[arg(
        long,
        value_name = "PEM",
        requires_all = ["nts", "key"],
        group = "identity"
    )]
    cert: Option<PathBuf>,
    /// Key of the first certificate, in PEM
    #[arg(long, value_name = "PEM", requires = "cert")]
    key: Option<PathBuf>,
    /// Make an authority and a certificate in this directory, unless they are there and for the right names
    #[arg(long, value_name = "DIR", requires = "nts", group = "identity")]
    self_signed: Option<PathBuf>,
    /// NTP server to name to clients of the key establishment, in place of its address and port; they take a name for a fully qualified one
    #[arg(long, value_name = "HOST[:PORT]", requires = "nts")]
    advertise: Option<HostPort>,
    #[arg(
        long,
        value_name = "STORE",
        default_value = "memory",
        requires = "nts",
        help = "Where to keep the keys of cookies: memory, file:PATH or redis://HOST[:PORT]"
    )]
    keys: KeyStore,
    /// Rotate the keys of cookies so often; the seven before still open
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 86_400,
        requires = "nts",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    rotate: u32,
}

/// Keys before the current one that are kept.
const PREVIOUS_KEYS: usize = 7;

impl NtsOptions {
    /// Reads or makes the certificates. Tells where that of the authority is, if it was made here.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read or written, or holds nothing of use.
    pub fn session(&self) -> Result<(Arc<ServerConfig>, Option<PathBuf>), Context> {
        let (identity, ca) = match (&self.self_signed, &self.cert, &self.key) {
            (Some(directory), ..) => {
                let (identity, ca) = Identity::self_signed(directory, self.names())?;
                (identity, Some(ca))
            }
            (None, Some(chain), Some(key)) => (Identity::from_pem(chain, key)?, None),
            _ => return Err(context("no certificate")("see --cert and --self-signed")),
        };
        let session = tls::server_config(provider(), identity.chain, identity.key);
        let session = session.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                context("cannot use the certificate")("the key is that of another")
            }
            error => context("cannot use the certificate")(error),
        })?;
        Ok((Arc::new(session), ca))
    }

    /// What a certificate that is made here is for.
    fn names(&self) -> Vec<String> {
        let mut names = ["localhost", "127.0.0.1", "::1"]
            .map(str::to_owned)
            .to_vec();
        let address = self.nts.map(|address| address.ip());
        names.extend(
            address
                .filter(|address| !address.is_unspecified())
                .map(|address| address.to_string()),
        );
        names.extend(self.advertise.as_ref().map(|place| place.host().to_owned()));
        names.sort();
        names.dedup();
        names
    }

    /// What clients are told, where NTP is served at these addresses.
    ///
    /// # Errors
    ///
    /// Where the name to advertise is none.
    pub fn config(&self, served: &[SocketAddr]) -> Result<KeServerConfig, Context> {
        let mut config = KeServerConfig::new();
        let here = self.nts.map(|address| address.ip());
        let is_here = |address: &&SocketAddr| {
            here.is_some_and(|here| {
                let any = address.ip().is_unspecified() && address.is_ipv4() == here.is_ipv4();
                address.ip() == here || any
            })
        };
        let beside = served.iter().find(is_here);
        let place = match (&self.advertise, beside.or(served.first())) {
            (Some(place), _) => Some((Some(place.host().to_owned()), place.port())),
            (None, Some(address)) => {
                let elsewhere = beside.is_none() && !address.ip().is_unspecified();
                let name = elsewhere.then(|| address.ip().to_string());
                Some((name, address.port()))
            }
            (None, None) => None,
        };
        let Some((name, port)) = place else {
            return Ok(config);
        };
        if let Some(name) = name {
            config = config
                .with_server(&name)
                .map_err(context(format!("cannot advertise {name}")))?;
        }
        Ok(if port == PORT {
            config
        } else {
            config.with_port(port)
        })
    }

    /// The keys of the cookies, from where they are kept.
    ///
    /// # Errors
    ///
    /// Where they cannot be had.
    pub fn keyring(&self, now: UnixTime) -> Result<Keyring, Context> {
        let period = Duration::from_secs(self.rotate.into());
        let rotation =
            KeyRotation::new(period, PREVIOUS_KEYS).map_err(context("cannot rotate keys"))?;
        self.keys.load(rotation, now)
    }

    /// The keys of the cookies, to be read again; none where they are in memory alone.
    ///
    /// # Errors
    ///
    /// Where they cannot be had.
    pub fn stored_keyring(&self, now: UnixTime) -> Result<Option<Keyring>, Context> {
        match self.keys {
            KeyStore::Memory => Ok(None),
            _ => self.keyring(now).map(Some),
        }
    }

    /// Rotates the keys when it is time to, and keeps them.
    pub fn rotate(
        &self,
        keyring: &RwLock<Keyring>,
        now: UnixTime,
        rotation: &mut Rotation,
        signals: &Signals,
    ) {
        rotation.go_on(&self.keys, keyring, now, signals);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        nts: NtsOptions,
    }

    fn options(arguments: &str) -> NtsOptions {
        let arguments = ["serve"].into_iter().chain(arguments.split_whitespace());
        Program::try_parse_from(arguments).unwrap().nts
    }

    #[test]
    fn options_that_need_each_other() {
        for wrong in [
            "--nts 127.0.0.1:0",
            "--nts 127.0.0.1:0 --cert a",
            "--nts 127.0.0.1:0 --cert a --key b --self-signed c",
            "--cert a --key b",
            "--self-signed c",
            "--keys file:a",
            "--nts 127.0.0.1:0 --self-signed c --keys elsewhere",
            "--nts 127.0.0.1:0 --self-signed c --rotate 0",
        ] {
            let arguments = ["serve"].into_iter().chain(wrong.split_whitespace());
            assert!(Program::try_parse_from(arguments).is_err(), "{wrong}");
        }
        assert_eq!(options("").nts, None);
        options("--nts 127.0.0.1:0 --cert a --key b --keys redis://127.0.0.1 --rotate 60");
    }

    /// The message that tells clients where the NTP server is.
    fn advertised(arguments: &str, served: &[&str]) -> String {
        let served: Vec<_> = served.iter().map(|text| text.parse().unwrap()).collect();
        format!("{:?}", options(arguments).config(&served).unwrap())
    }

    #[test]
    fn clients_are_told_only_what_they_cannot_know() {
        let base = "--nts 127.0.0.1:4460 --self-signed d";
        let said = advertised(base, &["127.0.0.1:123"]);
        assert!(said.contains("server: None, port: None"), "{said}");
        let said = advertised(base, &["127.0.0.2:123", "0.0.0.0:11123"]);
        assert!(said.contains("server: None, port: Some(11123)"), "{said}");
        let said = advertised(base, &["127.0.0.2:123"]);
        assert!(
            said.contains("server: Some(\"127.0.0.2\"), port: None"),
            "{said}"
        );
        // That is no place of IPv4, and any of IPv6 is none of ours.
        let other = "--nts [::1]:4460 --self-signed d";
        let said = advertised(other, &["0.0.0.0:7", "[::]:11123"]);
        assert!(said.contains("server: None, port: Some(11123)"), "{said}");
        let said = advertised(other, &["0.0.0.0:7"]);
        assert!(said.contains("server: None, port: Some(7)"), "{said}");
        let named = format!("{base} --advertise ntp.example:7");
        let said = advertised(&named, &["127.0.0.2:123"]);
        assert!(
            said.contains("server: Some(\"ntp.example\"), port: Some(7)"),
            "{said}"
        );
    }
}
