use core::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{ArgGroup, Args};
use horolog_net::https::{TimeLimits, TimeListener, server_config};

use super::counters::Counters;
use crate::address::listen_address;
use crate::cli::{self, Context, Outcome, Verdict, context};
use crate::say;
use crate::stop::Signals;
use crate::tls::{Identity, provider};

/// What `httpstime serve` takes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("identity").required(true))]
pub struct ServeOptions {
    /// Address and port to serve at. Port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", value_parser = listen_address)]
    listen: SocketAddr,
    /// Certificates of the server, its own first, in PEM
    #[arg(long, value_name = "PEM", requires = "key", group = "identity")]
    cert: Option<PathBuf>,
    /// Key of the first certificate, in PEM
    #[arg(long, value_name = "PEM", requires = "cert")]
    key: Option<PathBuf>,
    /// Make an authority and a certificate in this directory, unless they are there and for the right names
    #[arg(long, value_name = "DIR", group = "identity")]
    self_signed: Option<PathBuf>,
    /// Tell whole seconds alone, as plain web servers do
    #[arg(long)]
    no_x_httpstime: bool,
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
///
/// Where a file cannot be read or written, or the address cannot be had.
pub fn serve(options: &ServeOptions) -> Outcome {
    let signals = Signals::listen().map_err(context("cannot listen to signals"))?;
    let (identity, ca) = match (&options.self_signed, &options.cert, &options.key) {
        (Some(directory), ..) => {
            let (identity, ca) = Identity::self_signed(directory, names(options.listen))?;
            (identity, Some(ca))
        }
        (None, Some(chain), Some(key)) => (Identity::from_pem(chain, key)?, None),
        _ => return Err(context("no certificate")("see --cert and --self-signed").into()),
    };
    let mut listener = bind(options.listen, identity)?;
    if options.no_x_httpstime {
        listener = listener.without_httpstime();
    }
    let ca = ca.map_or_else(String::new, |path| format!(" ca={}", path.display()));
    say!("ready https={}{ca}", listener.local_address()?);
    let counters = Counters::default();
    listener.serve(&|| signals.should_stop(), &|_, event| {
        counters.count(&event);
    })?;
    // Counters hold nothing that JSON cannot say.
    cli::print_json(&counters);
    Ok(Verdict::Good)
}

/// Listens at an address.
pub(super) fn bind(address: SocketAddr, identity: Identity) -> Result<TimeListener, Context> {
    let session = server_config(provider(), identity.chain, identity.key)
        .map_err(context("cannot use the certificate"))?;
    TimeListener::bind(address, Arc::new(session), TimeLimits::default())
        .map_err(context("cannot serve"))
}

/// What a certificate that is made here is for.
fn names(listen: SocketAddr) -> Vec<String> {
    let mut names = ["localhost", "127.0.0.1", "::1"]
        .map(str::to_owned)
        .to_vec();
    if !listen.ip().is_unspecified() {
        names.push(listen.ip().to_string());
    }
    names.sort();
    names.dedup();
    names
}
