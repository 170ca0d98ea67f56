use core::fmt;
use core::net::SocketAddr;
use core::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use clap::ValueEnum;
use horolog_https::{RefusalList, Round, TimeUrl};
use horolog_net::NetError;
use horolog_net::https::{CertificateTime, HttpsConfig, HttpsNetError, Phase, measure};

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

/// Asks a server, at the first of its addresses that answers, and tells of each round. A signal to
/// stop ends it at once, with the last round if there was one.
///
/// # Errors
///
/// Where the name has no address, or a signal comes before the first round is over.
pub fn ask(
    url: &TimeUrl,
    family: Family,
    config: &HttpsConfig,
    refusals: RefusalList,
    signals: &Signals,
    mut observe: impl FnMut(&Round) + Send + 'static,
) -> Result<Asked, Context> {
    let last = Arc::new(Mutex::new(None));
    let (place, config) = (url.clone(), config.clone());
    let (stop, seen) = (signals.clone(), Arc::clone(&last));
    let work = move || {
        ask_any_address(&place, family, &config, refusals, |round| {
            if stop.should_stop() {
                return ControlFlow::Break(());
            }
            observe(round);
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(*round);
            ControlFlow::Continue(())
        })
    };
    signals.unless_stopped(work).unwrap_or_else(|| {
        let last = last.lock().unwrap_or_else(PoisonError::into_inner).take();
        let interrupted = || context(url.to_string())("interrupted by a signal");
        last.map(Asked::Told).ok_or_else(interrupted)
    })
}

fn ask_any_address(
    url: &TimeUrl,
    family: Family,
    config: &HttpsConfig,
    mut refusals: RefusalList,
    mut observe: impl FnMut(&Round) -> ControlFlow<()>,
) -> Result<Asked, Context> {
    let what = || format!("cannot resolve {}", url.host());
    let place = HostPort::new(url.host(), url.port());
    let addresses = place.resolve_all(family).map_err(context(what()))?;
    let asked = first_to_answer(addresses, |address| {
        measure(url, address, config, &mut refusals, &mut observe)
    });
    asked
        .ok_or("no address of the family asked for")
        .map_err(context(what()))
}

/// What comes of the first address where somebody is, or of the last one.
fn first_to_answer(
    addresses: Vec<SocketAddr>,
    mut measure: impl FnMut(SocketAddr) -> Result<Round, HttpsNetError>,
) -> Option<Asked> {
    let mut addresses = addresses.into_iter().peekable();
    loop {
        match measure(addresses.next()?) {
            Err(error) if is_silence(&error) && addresses.peek().is_some() => {}
            asked => return Some(asked.map_or_else(Asked::Failed, Asked::Told)),
        }
    }
}

/// Whether nobody was there who would have shaken hands: another address may do so.
const fn is_silence(error: &HttpsNetError) -> bool {
    matches!(
        error,
        HttpsNetError::Net(NetError::Connect { .. })
            | HttpsNetError::TimedOut {
                phase: Phase::Connect
            }
    )
}

impl fmt::Display for CertTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Claimed => "claimed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_address_is_asked_where_nobody_answers() {
        let addresses: Vec<SocketAddr> = (1..=3_u16)
            .map(|port| (core::net::Ipv6Addr::LOCALHOST, port).into())
            .collect();
        let ask = |results: [fn(SocketAddr) -> HttpsNetError; 3]| {
            let mut asked = 0;
            let result = first_to_answer(addresses.clone(), |address| {
                asked += 1;
                Err(results[usize::from(address.port()) - 1](address))
            });
            let Some(Asked::Failed(error)) = result else {
                panic!("{result:?}")
            };
            (asked, error.to_string())
        };
        let refused = |address| {
            let source = std::io::ErrorKind::ConnectionRefused.into();
            HttpsNetError::Net(NetError::Connect { address, source })
        };
        let silent = |_| HttpsNetError::TimedOut {
            phase: Phase::Connect,
        };
        let slow = |_| HttpsNetError::TimedOut {
            phase: Phase::Response,
        };
        let (asked, error) = ask([refused, silent, refused]);
        assert_eq!((asked, &*error), (3, "cannot connect to [::1]:3"));
        let (asked, error) = ask([refused, slow, refused]);
        assert_eq!((asked, &*error), (2, "the response takes too long"));
        assert!(first_to_answer(Vec::new(), |_| Err(HttpsNetError::Name)).is_none());
    }
}
