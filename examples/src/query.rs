//! Asking a server a number of times: what `query` does with each of its servers.

mod check_https;
mod event;
mod exchange;
mod leap_check;
mod leap_list;
mod plan;
mod poller;
mod record;
mod reply_record;
mod summary;

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::VecDeque;
use std::time::Instant;

use horolog_net::udp::ClientSocket;
use horolog_net::{NetError, clock};
use horolog_ntp::{KissAction, Measurement, Packet};

pub use check_https::{Agreement, HttpsCheck, HttpsCheckOptions};
pub use event::{Event, Proof, Sample};
pub use leap_check::{LeapCheck, LeapOptions, LeapSources};
pub use leap_list::HeardList;
pub use plan::{NtsPlan, Plan, Security};
pub use poller::Poller;
pub use record::{SampleRecord, SummaryRecord, TroubleRecord};
pub use reply_record::ReplyRecord;
pub use summary::{Summary, disagreement};

use crate::address::HostPort;
use crate::cli::{self, Context, context};
use crate::stop::Signals;
use exchange::{Exchange, Heard, lacks_cookies};

/// A poll interval is not made longer than this by kiss codes (RFC 8633 § 5.4: 2^13 s).
const LONGEST_INTERVAL: Duration = Duration::from_secs(1 << 13);

/// Octets of the longest reply that is looked at.
const LONGEST_REPLY: usize = 2048;

/// Asks a server as planned and tells of every request; gives back the sum of it.
///
/// It is asked at the first of its addresses that answers; requests to those before it are lost, and
/// more than planned. Ends early where the signals say stop, and where the server says so (DENY, RSTR).
///
/// # Errors
///
/// Where the server has no address, or the system no socket; with NTS where no keys can be
/// established.
pub fn ask(
    server: &HostPort,
    plan: &Plan,
    signals: &Signals,
    mut tell: impl FnMut(SocketAddr, Event),
) -> Result<Summary, Context> {
    let what = || format!("cannot ask {server}");
    let mut asker = Asker::new(server, plan, signals)?;
    asker.tell_of_keys(&mut tell);
    let mut summary = Summary::default();
    let mut interval = plan.interval;
    let mut next = Instant::now();
    for _ in 0..plan.samples {
        signals.sleep_until(next);
        next = Instant::now() + interval;
        asker.renew_keys(plan, signals, &mut tell)?;
        let Some(event) = asker
            .ask_first(plan.timeout, signals, |address, event| {
                summary.add(&event);
                tell(address, event);
            })
            .map_err(context(what()))?
        else {
            break;
        };
        summary.add(&event);
        summary.hear(asker.exchange.heard_list());
        tell(asker.address, event.clone());
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
    address: SocketAddr,
    /// Where to ask if nobody answers there.
    others: VecDeque<SocketAddr>,
    socket: ClientSocket,
    exchange: Exchange,
    /// The header and the times of the last answer, whatever it said.
    answered: Option<Measurement>,
}

impl Asker {
    fn new(server: &HostPort, plan: &Plan, signals: &Signals) -> Result<Self, Context> {
        let (exchange, addresses) = Exchange::new(server, plan, signals)?;
        let mut others = VecDeque::from(addresses);
        let (address, socket) = connect_first(&mut others)?;
        Ok(Self {
            address,
            others,
            socket,
            exchange,
            answered: None,
        })
    }

    /// Tells of the keys that were established.
    fn tell_of_keys(&self, tell: &mut impl FnMut(SocketAddr, Event)) {
        if let Exchange::Nts(nts) = &self.exchange {
            let event = Event::Established {
                address: self.address,
                algorithm: nts.client().association().keys.algorithm(),
                cookies: nts.client().cookies().len(),
            };
            tell(self.address, event);
        }
    }

    /// Establishes keys anew where that is called for.
    fn renew_keys(
        &mut self,
        plan: &Plan,
        signals: &Signals,
        tell: &mut impl FnMut(SocketAddr, Event),
    ) -> Result<(), Context> {
        let (Exchange::Nts(exchange), Security::Nts(nts)) = (&mut self.exchange, &plan.security)
        else {
            return Ok(());
        };
        match exchange.renew(plan, nts, signals) {
            None => {}
            Some(Ok(addresses)) => {
                if !addresses.contains(&self.address) {
                    self.others = addresses.into();
                    (self.address, self.socket) = connect_first(&mut self.others)?;
                }
                self.tell_of_keys(tell);
            }
            Some(Err(error)) => {
                tell(self.address, Event::NotEstablished(cli::chain(&error)));
            }
        }
        Ok(())
    }

    /// One request at one address after the other, until one answers or there is none left, and what
    /// comes of the last; `None` where the signals say stop.
    fn ask_first(
        &mut self,
        timeout: Duration,
        signals: &Signals,
        mut tell: impl FnMut(SocketAddr, Event),
    ) -> Result<Option<Event>, Box<dyn core::error::Error + Send + Sync>> {
        loop {
            let result = self.ask_once(timeout, signals);
            let address = self.address;
            if !matches!(result, Ok(Some(Event::Lost { .. })) | Err(_)) {
                self.others.clear();
                return result;
            }
            let Ok((next, socket)) = connect_first(&mut self.others) else {
                return result;
            };
            (self.address, self.socket) = (next, socket);
            // What could not be sent is lost too.
            let lost = Event::Lost {
                discarded: 0,
                refused: false,
                unauthentic: None,
            };
            tell(address, result.ok().flatten().unwrap_or(lost));
        }
    }

    /// One request and what comes of it; `None` where the signals say stop.
    fn ask_once(
        &mut self,
        timeout: Duration,
        signals: &Signals,
    ) -> Result<Option<Event>, Box<dyn core::error::Error + Send + Sync>> {
        self.answered = None;
        if signals.should_stop() {
            return Ok(None);
        }
        let mut buffer = [0; LONGEST_REPLY];
        let length = match self.exchange.write_request(&mut buffer, clock::now()) {
            Ok(length) => length,
            Err(error) if lacks_cookies(&*error) => return Ok(Some(Event::NoCookie)),
            Err(error) => return Err(error),
        };
        let request = buffer.get(..length).unwrap_or_default();
        let transmit = Packet::decode(request).map(|packet| packet.header.transmit);
        let (mut discarded, mut refused, mut unauthentic) = (0, false, None);
        let (id, mut t1) = match self.socket.send(request) {
            Ok(sent) => (sent.id, sent.stamp.time),
            Err(NetError::Refused { .. }) => {
                // The answer to an earlier request: this one was not sent.
                return Ok(Some(Event::Lost {
                    discarded,
                    refused: true,
                    unauthentic,
                }));
            }
            Err(error) => return Err(error.into()),
        };
        self.exchange.handle_transmitted(t1);
        let mut unproven = None;
        let end = Instant::now() + timeout;
        loop {
            if signals.should_stop() {
                return Ok(None);
            }
            let rest = end.saturating_duration_since(Instant::now());
            // The signal may come to another thread.
            let received = match self.socket.receive(&mut buffer, rest.min(Signals::STEP)) {
                Ok(Some(received)) => received,
                Ok(None) if rest > Signals::STEP => continue,
                Ok(None) => {
                    let lost = Event::Lost {
                        discarded,
                        refused,
                        unauthentic,
                    };
                    return Ok(Some(unproven.unwrap_or(lost)));
                }
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
            while let Some(report) = self.socket.poll_sent()? {
                // One about an earlier request may come late too.
                if report.id == id {
                    t1 = report.stamp.time;
                    self.exchange.handle_transmitted(t1);
                }
            }
            let datagram = buffer.get(..received.length).unwrap_or_default();
            let t4 = received.stamp.time;
            let answer = || {
                let header = Packet::decode(datagram).ok()?.header;
                let times = [t1, header.receive, header.transmit, t4];
                Some(Measurement::new(times, header, clock::precision()))
            };
            match self.exchange.handle_datagram(datagram, t4) {
                Heard::Reply(event) => {
                    self.answered = answer();
                    return Ok(Some(event));
                }
                Heard::Unproven(event) => unproven = Some(event),
                Heard::Unauthentic(reason) => {
                    discarded += 1;
                    unauthentic = Some(reason);
                }
                Heard::Nothing => {
                    discarded += 1;
                    let is_answer = |answer: &Measurement| Ok(answer.header().origin) == transmit;
                    if !self.exchange.is_protected()
                        && let Some(answer) = answer().filter(is_answer)
                    {
                        self.answered = Some(answer);
                    }
                }
            }
        }
    }
}

/// A socket to the first address that there is a way to, which is taken out with those before it.
fn connect_first(
    addresses: &mut VecDeque<SocketAddr>,
) -> Result<(SocketAddr, ClientSocket), Context> {
    let mut failed = None;
    while let Some(address) = addresses.pop_front() {
        match ClientSocket::connect(address) {
            Ok(socket) => return Ok((address, socket)),
            Err(error) => failed = Some(context(format!("cannot ask {address}"))(error)),
        }
    }
    Err(failed.unwrap_or_else(|| context("cannot ask")("no address is left")))
}
