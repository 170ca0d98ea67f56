use alloc::sync::Arc;
use core::net::SocketAddr;
use core::ops::ControlFlow;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::thread;
use std::time::{Instant, SystemTime};

use horolog_https::{
    Action, HeadError, Response, ResponseReader, Round, Search, SearchError, TimeUrl,
    encode_request,
};
use horolog_time::UnixTime;
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::certificate_time::Claimed;
use super::{CertificateTime, HttpsConfig, HttpsNetError, Phase};
use crate::NetError;
use crate::https::stamped::Stamped;
use crate::https::{ALPN, PORTION};
use crate::timed::after;

/// One connection on which a search takes place.
#[derive(Debug)]
pub(super) struct Connection {
    address: SocketAddr,
    stream: Stamped,
    session: ClientConnection,
    claimed: Option<Arc<Claimed>>,
    request: Vec<u8>,
    reader: ResponseReader,
    search: Search,
    timeout: Duration,
    /// One instant by both clocks.
    base: (UnixTime, Instant),
}

impl Connection {
    /// Connects and shakes hands.
    pub(super) fn open(
        url: &TimeUrl,
        address: SocketAddr,
        config: &HttpsConfig,
    ) -> Result<Self, HttpsNetError> {
        let name = ServerName::try_from(url.host().to_owned()).map_err(|_| HttpsNetError::Name)?;
        let (tls, claimed) = session(config)?;
        let session = ClientConnection::new(Arc::new(tls), name)?;
        let mut request = Vec::new();
        encode_request(url, &mut request);
        let end = after(Instant::now(), config.connect_timeout);
        let stream = Stamped::connect(address, end).map_err(|source| match source.kind() {
            io::ErrorKind::TimedOut => timed_out(Phase::Connect),
            io::ErrorKind::Interrupted => NetError::Interrupted.into(),
            _ => NetError::Connect { address, source }.into(),
        })?;
        let mut connection = Self {
            address,
            stream,
            session,
            claimed,
            request,
            reader: ResponseReader::new(),
            search: Search::new(config.search),
            timeout: config.response_timeout,
            base: one_instant(),
        };
        connection.shake_hands()?;
        let now = connection.local(Instant::now());
        connection.search.handle_connected(now);
        Ok(connection)
    }

    /// Asks until the search is over or the observer has enough.
    pub(super) fn search(
        &mut self,
        mut observe: impl FnMut(&Round) -> ControlFlow<()>,
    ) -> Result<Round, HttpsNetError> {
        let result = loop {
            match self.search.poll_action() {
                Action::Send { at } => {
                    self.sleep_until(at);
                    if let Err(error) = self.ask() {
                        break Err(error);
                    }
                }
                Action::Failed(error) => break Err(error.into()),
                // Every request is waited for, so there is nothing left to wait for.
                _ => break Ok(()),
            }
            // A round that failed is not told of.
            if let (Some(round), false) = (self.search.last_round(), self.has_failed())
                && observe(round).is_break()
            {
                break Ok(());
            }
        };
        self.say_farewell();
        result?;
        let round = self.search.last_round().copied();
        Ok(round.ok_or(SearchError::ClosedEarly { rounds: 0 })?)
    }

    fn has_failed(&self) -> bool {
        matches!(self.search.poll_action(), Action::Failed(_))
    }

    fn shake_hands(&mut self) -> Result<(), HttpsNetError> {
        while self.session.is_handshaking() {
            self.flush(Phase::Connect)?;
            if !self.session.is_handshaking() {
                break;
            }
            let octets = self
                .session
                .read_tls(&mut self.stream)
                .map_err(|error| receiving(error, Phase::Connect))?;
            if let Err(error) = self.session.process_new_packets() {
                self.say_farewell(); // The server hears what was wrong.
                return Err(error.into());
            }
            if octets == 0 {
                return Err(SearchError::ClosedEarly { rounds: 0 }.into());
            }
        }
        self.flush(Phase::Connect)
    }

    /// One request and its response.
    fn ask(&mut self) -> Result<(), HttpsNetError> {
        self.stream.end_at(after(Instant::now(), self.timeout));
        if self.is_disturbed()? {
            return Ok(());
        }
        // It fits TLS's buffer.
        let written = self.session.writer().write_all(&self.request);
        written.map_err(|source| self.sending(source, Phase::Response))?;
        self.stream.forget_written();
        let flushed = self.flush(Phase::Response);
        let sent = self.stream.written().unwrap_or_else(Instant::now);
        self.search.handle_sent(self.local(sent));
        flushed?;
        while !self.receive()? {}
        Ok(())
    }

    /// Whether something came before it was asked for, or the end. TLS's own messages may come.
    fn is_disturbed(&mut self) -> Result<bool, HttpsNetError> {
        while self.stream.is_readable().unwrap_or(true) {
            if self.receive()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes what is there; tells whether the search has gone on.
    fn receive(&mut self) -> Result<bool, HttpsNetError> {
        let octets = match self.session.read_tls(&mut self.stream) {
            Ok(octets) => octets,
            Err(error) if is_hang_up(&error) => 0,
            Err(error) => return Err(receiving(error, Phase::Response)),
        };
        let state = self.session.process_new_packets()?;
        let received = self.local(self.stream.read_at());
        let mut buffer = [0; PORTION];
        while let Ok(length @ 1..) = self.session.reader().read(&mut buffer) {
            let portion = buffer.get(..length).unwrap_or_default();
            match self.reader.handle_octets(portion) {
                Ok(None) => {}
                Ok(Some(response)) => {
                    // A body, or a response to nothing, may begin with the next portion.
                    if let Ok(octets @ 1..) = self.session.reader().read(&mut buffer) {
                        self.search.handle_malformed(HeadError::Body { octets });
                        return Ok(true);
                    }
                    self.verify(&response)?;
                    self.search.handle_response(&response, received);
                    return Ok(true);
                }
                Err(error) => {
                    self.search.handle_malformed(error);
                    return Ok(true);
                }
            }
        }
        if octets == 0 || state.peer_has_closed() {
            self.search.handle_closed();
            return Ok(true);
        }
        Ok(false)
    }

    /// Verifies the certificate at the time that the server tells, where that was chosen. Without a
    /// time there is nothing to believe, not even that it does not offer time.
    fn verify(&self, response: &Response) -> Result<(), HttpsNetError> {
        let Some(claimed) = &self.claimed else {
            return Ok(());
        };
        let date = response.date.map_err(SearchError::from)?;
        Ok(claimed.verify_at(date)?)
    }

    /// Writes what TLS has to send.
    fn flush(&mut self, phase: Phase) -> Result<(), HttpsNetError> {
        while self.session.wants_write() {
            if let Err(source) = self.session.write_tls(&mut self.stream) {
                return Err(self.sending(source, phase));
            }
        }
        Ok(())
    }

    fn sending(&self, source: io::Error, phase: Phase) -> HttpsNetError {
        let address = self.address;
        match source.kind() {
            io::ErrorKind::TimedOut => timed_out(phase),
            io::ErrorKind::Interrupted => NetError::Interrupted.into(),
            _ if is_hang_up(&source) => {
                let rounds = self.search.rounds();
                SearchError::ClosedEarly { rounds }.into()
            }
            _ => NetError::Send { address, source }.into(),
        }
    }

    /// Says goodbye, or what was wrong. Nobody waits for it to arrive.
    fn say_farewell(&mut self) {
        self.session.send_close_notify();
        let _ = self.flush(Phase::Response);
    }

    /// An instant by the local clock as it was when the connection came to be.
    fn local(&self, instant: Instant) -> UnixTime {
        let (time, base) = self.base;
        let since = instant.saturating_duration_since(base);
        // No sum of times of this age overflows.
        let sum = SystemTime::try_from(time).map(|time| time + since);
        sum.and_then(UnixTime::try_from).unwrap_or(time)
    }

    /// Waits until a local time, at most for the two seconds that a search can ask for.
    fn sleep_until(&self, at: UnixTime) {
        const LONGEST: Duration = Duration::from_secs(2);
        let now = self.local(Instant::now());
        let [at, now] = [at, now].map(SystemTime::try_from);
        if let (Ok(at), Ok(now)) = (at, now)
            && let Ok(wait) = at.duration_since(now)
        {
            thread::sleep(wait.min(LONGEST));
        }
    }
}

/// One instant by both clocks: the quickest of a few readings, for whatever holds a thread up between
/// the two clocks would be taken for an offset.
fn one_instant() -> (UnixTime, Instant) {
    const READINGS: usize = 4;
    let read = || {
        let instant = Instant::now();
        let time = SystemTime::now();
        (instant.elapsed(), time, instant)
    };
    let (_, time, instant) = core::iter::repeat_with(read)
        .take(READINGS)
        .min_by_key(|reading| reading.0)
        .unwrap_or_else(read);
    (UnixTime::try_from(time).unwrap_or(UnixTime::EPOCH), instant)
}

/// The session's configuration, and what waits for the time to verify the certificate at.
fn session(config: &HttpsConfig) -> Result<(ClientConfig, Option<Arc<Claimed>>), rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::clone(&config.provider))
        .with_safe_default_protocol_versions()?
        .dangerous();
    let verifier = Arc::clone(&config.verifier);
    let (builder, claimed) = match config.certificate_time {
        CertificateTime::Local => (builder.with_custom_certificate_verifier(verifier), None),
        CertificateTime::Claimed => {
            let claimed = Arc::new(Claimed::new(verifier));
            let waiting: Arc<dyn ServerCertVerifier> = claimed.clone();
            let builder = builder.with_custom_certificate_verifier(waiting);
            (builder, Some(claimed))
        }
    };
    let mut tls = builder.with_no_client_auth();
    tls.alpn_protocols = vec![ALPN.to_vec()];
    tls.enable_early_data = false;
    // A session that is resumed shows no certificate.
    tls.resumption = Resumption::disabled();
    Ok((tls, claimed))
}

const fn timed_out(phase: Phase) -> HttpsNetError {
    HttpsNetError::TimedOut { phase }
}

fn receiving(error: io::Error, phase: Phase) -> HttpsNetError {
    match error.kind() {
        io::ErrorKind::TimedOut => timed_out(phase),
        io::ErrorKind::Interrupted => NetError::Interrupted.into(),
        _ => NetError::Receive(error).into(),
    }
}

/// Whether an error says that the other side is gone.
fn is_hang_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
    )
}

#[cfg(test)]
mod tests;
