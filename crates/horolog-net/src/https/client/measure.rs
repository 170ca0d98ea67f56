use core::net::SocketAddr;
use core::ops::ControlFlow;
use std::time::SystemTime;

use horolog_https::{RefusalList, Round, SearchError, TimeUrl};
use horolog_time::UnixTime;

use super::connection::Connection;
use super::{HttpsConfig, HttpsNetError};

/// Asks the server at `address` until the offset of the system clock is known as well as the search
/// allows, and tells of the last round, which holds the bounds.
///
/// It blocks for about a second each round, and each round for no longer than the configuration's
/// timeout and two seconds, whatever the server does. `observe` hears of every round when it is over,
/// and can end the search there.
///
/// A server of the list is not asked; one that does not offer time is added to it, and one that does
/// is taken from it. With [`any status`](horolog_https::SearchConfig::with_any_status) the list does
/// not count.
///
/// The local clock is read when the connection is there and not again; times after that are measured
/// with the monotonic clock, so that a step of the system clock changes nothing.
///
/// # Errors
///
/// [`HttpsNetError`].
///
/// # Examples
///
/// See [the module](crate::https).
pub fn measure(
    url: &TimeUrl,
    address: SocketAddr,
    config: &HttpsConfig,
    refusals: &mut RefusalList,
    observe: impl FnMut(&Round) -> ControlFlow<()>,
) -> Result<Round, HttpsNetError> {
    let any_status = config.search.takes_any_status();
    let now = UnixTime::try_from(SystemTime::now()).unwrap_or(UnixTime::EPOCH);
    if let Some(status) = refusals.find(url, now).filter(|_| !any_status) {
        return Err(HttpsNetError::LeftAlone { status });
    }
    let result = Connection::open(url, address, config)
        .and_then(|mut connection| connection.search(observe));
    match &result {
        Err(HttpsNetError::Search(SearchError::NotOffered { status })) => {
            refusals.remember(url, *status, now);
        }
        Ok(round) if round.status.offers_time() => refusals.forget(url),
        _ => {}
    }
    result
}
