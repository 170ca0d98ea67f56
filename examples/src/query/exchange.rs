use core::error::Error;
use core::net::{IpAddr, SocketAddr};
use std::borrow::Cow;
use std::io;
use std::time::Instant;

use horolog_net::ke::{self, KeNetError};
use horolog_net::{NetError, clock};
use horolog_ntp::{ClientConfig, ClientExchange, Discard, MacKey, Reply};
use horolog_nts::{
    Association, KeError, KePhase, NtsClient, NtsReply, ProtectError, RetrySchedule,
};
use horolog_time::NtpTimestamp;
use rustls::pki_types::ServerName;

use super::leap_list::ListAsker;
use super::{Event, HeardList, NtsPlan, Plan, Proof, Sample, Security};
use crate::address::{Family, HostPort};
use crate::cli::{Context, context};
use crate::random;
use crate::stop::Signals;

/// The exchanges with one server, by what authenticates them.
pub(super) enum Exchange {
    Plain(Box<PlainExchange>),
    Nts(Box<NtsExchange>),
}

/// The exchanges without NTS.
pub(super) struct PlainExchange {
    exchange: ClientExchange,
    key: Option<MacKey>,
}

/// What a datagram is.
pub(super) enum Heard {
    /// The reply.
    Reply(Event),
    /// Something that nothing protects: the reply may still come.
    Unproven(Event),
    /// An answer to the request that the key does not vouch for: the reply may still come.
    Unauthentic(Discard),
    /// Nothing that answers the request.
    Nothing,
}

impl Exchange {
    /// Starts, and tells where to ask, one address after the other: for NTS there are keys then.
    pub(super) fn new(
        server: &HostPort,
        plan: &Plan,
        signals: &Signals,
    ) -> Result<(Self, Vec<SocketAddr>), Context> {
        let what = || format!("cannot ask {server}");
        let key = match &plan.security {
            Security::None => None,
            Security::Mac(key) => Some(key.key().map_err(context(what()))?),
            Security::Nts(nts) => {
                let (exchange, addresses) = NtsExchange::new(server, plan, nts, signals)?;
                return Ok((Self::Nts(Box::new(exchange)), addresses));
            }
        };
        let (host, family) = (server.clone(), plan.family);
        let addresses = signals
            .unless_stopped(move || addresses(&host, family))
            .ok_or_else(|| context(what())(INTERRUPTED))?
            .map_err(context(what()))?;
        let exchange = ClientExchange::new(config(plan));
        let plain = PlainExchange { exchange, key };
        Ok((Self::Plain(Box::new(plain)), addresses))
    }

    /// The octets of the next request.
    pub(super) fn write_request(
        &mut self,
        buffer: &mut [u8],
        t1: NtpTimestamp,
    ) -> Result<usize, Box<dyn Error + Send + Sync>> {
        let mut rng = random::system();
        Ok(match self {
            Self::Plain(plain) => {
                let key = plain.key.as_ref();
                plain.exchange.write_request(buffer, t1, key, &mut rng)?
            }
            Self::Nts(nts) => {
                if let Some(asker) = &nts.leap_list {
                    asker.ask(&mut nts.client);
                }
                nts.client.write_request(buffer, t1, &mut rng)?
            }
        })
    }

    /// Whether something has to vouch for replies.
    pub(super) const fn is_protected(&self) -> bool {
        match self {
            Self::Plain(plain) => plain.key.is_some(),
            Self::Nts(_) => true,
        }
    }

    /// What the server says of its list of leap seconds, if it was asked and has answered.
    pub(super) fn heard_list(&self) -> Option<&HeardList> {
        match self {
            Self::Plain(_) => None,
            Self::Nts(nts) => nts.leap_list.as_ref()?.heard(),
        }
    }

    pub(super) fn handle_transmitted(&mut self, t1: NtpTimestamp) {
        match self {
            Self::Plain(plain) => plain.exchange.handle_transmitted(t1),
            Self::Nts(nts) => nts.client.handle_transmitted(t1),
        }
    }

    pub(super) fn handle_datagram(&mut self, datagram: &[u8], t4: NtpTimestamp) -> Heard {
        match self {
            Self::Plain(plain) => plain.handle_datagram(datagram, t4),
            Self::Nts(nts) => nts.handle_datagram(datagram, t4),
        }
    }
}

impl PlainExchange {
    fn handle_datagram(&mut self, datagram: &[u8], t4: NtpTimestamp) -> Heard {
        let key = self.key.as_ref();
        let proof = key.map_or(Proof::None, |key| Proof::Mac(key.algorithm()));
        match self.exchange.handle_reply(datagram, t4, key) {
            Ok(reply) => heard(&reply, proof),
            Err(reason @ (Discard::Unauthenticated | Discard::CryptoNak)) => {
                Heard::Unauthentic(reason)
            }
            Err(_) => Heard::Nothing,
        }
    }
}

/// The exchanges with a server whose keys were established.
pub(super) struct NtsExchange {
    server: HostPort,
    client: NtsClient,
    schedule: RetrySchedule,
    start: Instant,
    leap_list: Option<ListAsker>,
}

impl NtsExchange {
    fn new(
        server: &HostPort,
        plan: &Plan,
        nts: &NtsPlan,
        signals: &Signals,
    ) -> Result<(Self, Vec<SocketAddr>), Context> {
        let (association, addresses) = establish(server, plan.family, nts, signals)?;
        let client = NtsClient::new(config(plan), association)
            .map_err(context(format!("cannot ask {server}")))?;
        let start = Instant::now();
        let mut schedule = RetrySchedule::new();
        schedule.handle_success(start.elapsed());
        let exchange = Self {
            server: server.clone(),
            client,
            schedule,
            start,
            leap_list: plan.leap_field.map(ListAsker::new),
        };
        Ok((exchange, addresses))
    }

    /// What was negotiated, and what is left of it.
    pub(super) const fn client(&self) -> &NtsClient {
        &self.client
    }

    /// Establishes new keys if they are needed and it is not too soon, and tells where to ask then.
    pub(super) fn renew(
        &mut self,
        plan: &Plan,
        nts: &NtsPlan,
        signals: &Signals,
    ) -> Option<Result<Vec<SocketAddr>, Context>> {
        let now = self.start.elapsed();
        let too_soon = self.schedule.earliest().is_some_and(|time| now < time);
        if !self.client.needs_key_establishment() || too_soon {
            return None;
        }
        let established = establish(&self.server, plan.family, nts, signals);
        if signals.should_stop() {
            return None;
        }
        let result = established.and_then(|(association, addresses)| {
            self.client
                .replace_association(association)
                .map_err(context(format!("cannot ask {}", self.server)))?;
            Ok(addresses)
        });
        let now = self.start.elapsed();
        match &result {
            Ok(_) => self.schedule.handle_success(now),
            Err(_) => self.schedule.handle_failure(now),
        }
        Some(result)
    }

    fn handle_datagram(&mut self, datagram: &[u8], t4: NtpTimestamp) -> Heard {
        let algorithm = self.client.association().keys.algorithm();
        let reply = match self.client.handle_reply(datagram, t4) {
            Ok(NtsReply::Authentic(authentic)) => {
                if let Some(asker) = &mut self.leap_list {
                    asker.hear(&authentic);
                }
                authentic.reply
            }
            Ok(NtsReply::Nak) => return Heard::Unproven(Event::Nak),
            Ok(NtsReply::UnprotectedKiss(code)) => return Heard::Unproven(Event::Kiss(code)),
            Ok(_) | Err(_) => return Heard::Nothing,
        };
        self.schedule.handle_authenticated();
        let cookies = self.client.cookies().len();
        heard(&reply, Proof::Nts { algorithm, cookies })
    }
}

fn heard(reply: &Reply, proof: Proof) -> Heard {
    match *reply {
        Reply::Measurement(measurement) => {
            Heard::Reply(Event::Sample(Sample { measurement, proof }))
        }
        Reply::Kiss(code) => Heard::Reply(Event::Kiss(code)),
        Reply::Unusable(reason, _) => Heard::Reply(Event::Unusable(reason)),
        _ => Heard::Nothing,
    }
}

fn config(plan: &Plan) -> ClientConfig {
    ClientConfig {
        version: plan.version,
        precision: clock::precision(),
        interleaved: plan.interleaved,
        ..ClientConfig::default()
    }
}

/// Whether a request could not be written because no cookie is left.
pub(super) fn lacks_cookies(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref() == Some(&ProtectError::NoCookie)
}

/// Why there is nothing.
const INTERRUPTED: &str = "interrupted by a signal";

/// The addresses of a host, at least one.
fn addresses(host: &HostPort, family: Family) -> io::Result<Vec<SocketAddr>> {
    let found = host.resolve_all(family)?;
    if found.is_empty() {
        // That is an error.
        return Ok(vec![host.resolve(family)?]);
    }
    Ok(found)
}

/// Establishes keys, and finds the NTP server that they are for, unless a signal comes first.
fn establish(
    server: &HostPort,
    family: Family,
    nts: &NtsPlan,
    signals: &Signals,
) -> Result<(Association, Vec<SocketAddr>), Context> {
    let (place, plan) = (server.clone(), nts.clone());
    signals
        .unless_stopped(move || try_establish(&place, family, &plan))
        .unwrap_or_else(|| Err(context(cannot_establish(server, nts))(INTERRUPTED)))
}

fn cannot_establish(server: &HostPort, nts: &NtsPlan) -> String {
    let (host, port) = (server.host(), nts.port);
    format!("cannot establish keys with {host} port {port}")
}

fn try_establish(
    server: &HostPort,
    family: Family,
    nts: &NtsPlan,
) -> Result<(Association, Vec<SocketAddr>), Context> {
    let what = || cannot_establish(server, nts);
    let mut places = addresses(&server.with_port(nts.port), family)
        .map_err(context(what()))?
        .into_iter()
        .peekable();
    let name = ServerName::try_from(server.host().to_owned()).map_err(context(what()))?;
    let (association, address) = loop {
        let address = places.next().ok_or("no address").map_err(context(what()))?;
        match ke::establish(address, name.clone(), &nts.session(), &nts.config) {
            Ok(association) => break (association, address),
            Err(error) if is_silence(&error) && places.peek().is_some() => {}
            Err(error) => return Err(context(what())(error)),
        }
    };
    let port = association.port.unwrap_or(server.port());
    let addresses = match &association.server {
        // RFC 8915 § 4.1.7: without a name it is where the keys come from.
        None => vec![SocketAddr::new(address.ip(), port)],
        Some(name) => addresses(&HostPort::new(&qualified(name), port), family)
            .map_err(context(format!("cannot find NTP server {name}")))?,
    };
    Ok((association, addresses))
}

/// A name of the key establishment as the system has to look it up: it is fully qualified, whether it
/// ends with a dot or not (RFC 8915 § 4.1.7), and has not to be looked for in domains of this host.
fn qualified(name: &str) -> Cow<'_, str> {
    if name.ends_with('.') || name.parse::<IpAddr>().is_ok() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("{name}."))
    }
}

/// Whether nobody was there who would have shaken hands: another address may do so.
const fn is_silence(error: &KeNetError) -> bool {
    matches!(
        error,
        KeNetError::Net(NetError::Connect { .. })
            | KeNetError::Ke(KeError::TimedOut {
                phase: KePhase::Handshake
            })
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_8915_section_4_1_7_names_are_fully_qualified() {
        for (name, expected) in [
            ("ntp.example", "ntp.example."),
            ("ntp.example.", "ntp.example."),
            ("ntp", "ntp."),
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            assert_eq!(qualified(name), expected);
        }
    }
}
