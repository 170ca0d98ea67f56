//! Asking a server a number of times: what `query` does with each of its servers.

mod record;
mod summary;

use core::net::SocketAddr;
use core::time::Duration;
use std::time::Instant;

use horolog_net::udp::ClientSocket;
use horolog_net::{NetError, clock};
use horolog_ntp::{
    ClientConfig, ClientExchange, KissAction, KissCode, MacKey, Measurement, Reply, Unusable,
    Version,
};

pub use record::{SampleRecord, SummaryRecord, TroubleRecord, authentication};
pub use summary::{Summary, disagreement};

use crate::address::{Family, HostPort};
use crate::cli::{Context, context};
use crate::mac_key::KeyArgument;
use crate::random;
use crate::stop::Signals;

/// How to ask.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often.
    pub samples: u32,
    /// Time from one request to the next.
    pub interval: Duration,
    /// How long to wait for a reply.
    pub timeout: Duration,
    /// The version of the requests.
    pub version: Version,
    /// Whether to ask for interleaved replies.
    pub interleaved: bool,
    /// The key to authenticate with.
    pub key: Option<KeyArgument>,
    /// Which addresses to use.
    pub family: Family,
}

/// What happened to one request.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A reply that tells time.
    Sample(Measurement),
    /// No reply within the timeout, though perhaps datagrams that were none.
    Lost {
        /// Datagrams that did not answer the request.
        discarded: u32,
        /// Whether the server's host says that nothing listens there.
        refused: bool,
    },
    /// A kiss code.
    Kiss(KissCode),
    /// A reply without usable time.
    Unusable(Unusable),
}

/// A poll interval is not made longer than this by kiss codes (RFC 8633 § 5.4: 2^13 s).
const LONGEST_INTERVAL: Duration = Duration::from_secs(1 << 13);

/// Octets of the longest reply that is looked at.
const LONGEST_REPLY: usize = 2048;

/// Asks a server as planned and tells of every request; gives back the sum of it.
///
/// Ends early where the signals say stop, and where the server says so (DENY, RSTR).
///
/// # Errors
///
/// Where the server has no address, or the system no socket.
pub fn ask(
    server: &HostPort,
    plan: &Plan,
    signals: &Signals,
    mut tell: impl FnMut(SocketAddr, Event),
) -> Result<Summary, Context> {
    let what = || format!("cannot ask {server}");
    let address = server.resolve(plan.family).map_err(context(what()))?;
    let key = plan
        .key
        .as_ref()
        .map(KeyArgument::key)
        .transpose()
        .map_err(context(what()))?;
    let mut asker = Asker {
        socket: ClientSocket::connect(address).map_err(context(what()))?,
        exchange: ClientExchange::new(ClientConfig {
            version: plan.version,
            precision: clock::precision(),
            interleaved: plan.interleaved,
            ..ClientConfig::default()
        }),
        key,
    };
    let mut summary = Summary::default();
    let mut interval = plan.interval;
    let mut next = Instant::now();
    for _ in 0..plan.samples {
        signals.sleep_until(next);
        next = Instant::now() + interval;
        let Some(event) = asker
            .ask_once(plan.timeout, signals)
            .map_err(context(what()))?
        else {
            break;
        };
        summary.add(&event);
        tell(address, event);
        match event {
            Event::Kiss(code) if code.action() == KissAction::Stop => break,
            Event::Kiss(code) if code.action() == KissAction::SlowDown => {
                interval = interval
                    .saturating_mul(2)
                    .min(LONGEST_INTERVAL.max(plan.interval));
                next = Instant::now() + interval;
            }
            _ => {}
        }
    }
    Ok(summary)
}

/// A socket and the exchange that runs over it.
struct Asker {
    socket: ClientSocket,
    exchange: ClientExchange,
    key: Option<MacKey>,
}

impl Asker {
    /// One request and what comes of it; `None` where the signals say stop.
    fn ask_once(
        &mut self,
        timeout: Duration,
        signals: &Signals,
    ) -> Result<Option<Event>, Box<dyn core::error::Error + Send + Sync>> {
        let mut buffer = [0; LONGEST_REPLY];
        let key = self.key.as_ref();
        let length =
            self.exchange
                .write_request(&mut buffer, clock::now(), key, &mut random::system())?;
        let (mut discarded, mut refused) = (0, false);
        match self.socket.send(buffer.get(..length).unwrap_or_default()) {
            Ok(sent) => self.exchange.handle_transmitted(sent.stamp.time),
            Err(NetError::Refused { .. }) => {
                // The answer to an earlier request: this one was not sent.
                return Ok(Some(Event::Lost {
                    discarded,
                    refused: true,
                }));
            }
            Err(error) => return Err(error.into()),
        }
        let end = Instant::now() + timeout;
        loop {
            if signals.should_stop() {
                return Ok(None);
            }
            let rest = end.saturating_duration_since(Instant::now());
            let received = match self.socket.receive(&mut buffer, rest) {
                Ok(Some(received)) => received,
                Ok(None) => return Ok(Some(Event::Lost { discarded, refused })),
                // Anyone can forge a refusal, so the reply may still come.
                Err(NetError::Refused { .. }) => {
                    refused = true;
                    continue;
                }
                Err(NetError::Truncated { .. }) => {
                    discarded += 1;
                    continue;
                }
                Err(NetError::Interrupted) => continue,
                Err(error) => return Err(error.into()),
            };
            // The kernel's time of sending may have come later than the call returned.
            while let Some(sent) = self.socket.poll_sent()? {
                self.exchange.handle_transmitted(sent.stamp.time);
            }
            let datagram = buffer.get(..received.length).unwrap_or_default();
            match self
                .exchange
                .handle_reply(datagram, received.stamp.time, key)
            {
                Ok(Reply::Measurement(measurement)) => return Ok(Some(Event::Sample(measurement))),
                Ok(Reply::Kiss(code)) => return Ok(Some(Event::Kiss(code))),
                Ok(Reply::Unusable(reason, _)) => return Ok(Some(Event::Unusable(reason))),
                Ok(_) | Err(_) => discarded += 1,
            }
        }
    }
}
