use std::path::PathBuf;

use clap::Args;
use horolog_nts::{KE_PORT, KeClientConfig};

use crate::cli::{Context, context};
use crate::query::{NtsPlan, Security};
use crate::tls;

/// What a program that asks many servers is told of NTS.
#[derive(Args, Clone, Debug)]
pub struct NtsArguments {
    /// Establish keys first, and believe nothing that they do not protect (NTS, RFC 8915)
    #[arg(long)]
    nts: bool,
    /// Port of the key establishment
    #[arg(long, value_name = "PORT", default_value_t = KE_PORT, requires = "nts", value_parser = clap::value_parser!(u16).range(1..))]
    nts_port: u16,
    /// Certificates of the authorities to trust, in place of the system's
    #[arg(long, value_name = "PEM", requires = "nts")]
    ca: Option<PathBuf>,
}

impl NtsArguments {
    /// What replies have to be authenticated with. Reads the certificates.
    ///
    /// # Errors
    ///
    /// Where certificates cannot be read.
    pub fn security(&self) -> Result<Security, Context> {
        if !self.nts {
            return Ok(Security::None);
        }
        let session = tls::client_config(tls::trust(self.ca.as_deref())?)
            .map_err(context("cannot establish keys"))?;
        let plan = NtsPlan::new(self.nts_port, KeClientConfig::new(), session);
        Ok(Security::Nts(plan))
    }
}
