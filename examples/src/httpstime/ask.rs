use core::fmt;
use core::ops::ControlFlow;
use std::path::Path;

use clap::ValueEnum;
use horolog_https::{RefusalList, Round, TimeUrl};
use horolog_net::https::{CertificateTime, HttpsConfig, HttpsNetError, measure};

use crate::address::{Family, HostPort};
use crate::cli::{Context, context};
use crate::stop::Signals;
use crate::tls;

/// The time that certificates have to be valid at.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum CertTime {
    /// That of this machine's clock
    #[default]
    Local,
    /// That which the server claims: for machines whose clock is not right yet
    Claimed,
}

impl From<CertTime> for CertificateTime {
    fn from(time: CertTime) -> Self {
        match time {
            CertTime::Local => Self::Local,
            CertTime::Claimed => Self::Claimed,
        }
    }
}

/// What came of asking a server.
#[derive(Debug)]
pub enum Asked {
    /// The last round, which holds the bounds.
    Told(Round),
    /// Nothing, and why.
    Failed(HttpsNetError),
}

/// A client that trusts the authorities of a PEM file, or those of the system.
///
/// # Errors
///
/// Where there are none.
pub fn config(ca: Option<&Path>, time: CertTime) -> Result<HttpsConfig, Context> {
    let mut config = HttpsConfig::new(tls::provider(), tls::trust(ca)?);
    config.certificate_time = time.into();
    Ok(config)
}

/// Asks a server, at the first address of its name, and tells of each round; a signal to stop ends it
/// after the round.
///
/// # Errors
///
/// Where the name has no address.
pub fn ask(
    url: &TimeUrl,
    family: Family,
    config: &HttpsConfig,
    refusals: &mut RefusalList,
    signals: &Signals,
    mut observe: impl FnMut(&Round),
) -> Result<Asked, Context> {
    let place = HostPort::new(url.host(), url.port());
    let address = place
        .resolve(family)
        .map_err(context(format!("cannot resolve {}", url.host())))?;
    let asked = measure(url, address, config, refusals, |round| {
        observe(round);
        if signals.should_stop() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    Ok(asked.map_or_else(Asked::Failed, Asked::Told))
}

impl fmt::Display for CertTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Claimed => "claimed",
        })
    }
}
