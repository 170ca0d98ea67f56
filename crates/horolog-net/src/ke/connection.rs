use alloc::sync::Arc;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Instant;

use horolog_nts::{KeProgress, KeServer, KeServerConfig, tls};
use rustls::{ServerConfig, ServerConnection};

use super::timed::after;
use super::{KeEvent, KeHandler, KeLimits};

/// One client's connection, which does not block.
#[derive(Debug)]
pub(super) struct Connection<'c> {
    stream: TcpStream,
    client: SocketAddr,
    session: ServerConnection,
    server: KeServer<'c>,
    start: Instant,
    phase: Phase,
    /// Whether nothing of a request has come.
    is_silent: bool,
    /// Whether nothing more can come: there is nothing to read but that.
    is_ended: bool,
}

/// What a connection is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Handshake,
    Request,
    /// All is said, until then at most. What the client still sends is dropped, so many octets of
    /// it: were it left unread, the system would reset the connection, and the client could lose
    /// what it has not read yet.
    Farewell {
        end: Instant,
        octets: usize,
    },
    Over,
}

/// Octets that are taken at once.
const PORTION: usize = 4096;
/// Octets that TLS keeps of what it has decrypted, and of what it has still to send.
const SESSION_BUFFER: usize = 16 * 1024;
/// Octets that are taken after the response before the connection is closed without regard.
const FAREWELL_OCTETS: usize = 64 * 1024;

impl<'c> Connection<'c> {
    /// Starts with what a listener accepted.
    pub(super) fn new(
        (stream, client): (TcpStream, SocketAddr),
        session: Arc<ServerConfig>,
        config: &'c KeServerConfig,
    ) -> Result<Self, KeEvent> {
        // What is written is whole: waiting for more would only cost a round trip.
        let prepared = stream
            .set_nonblocking(true)
            .and_then(|()| stream.set_nodelay(true));
        prepared.map_err(|_| KeEvent::HungUp)?;
        let mut session = ServerConnection::new(session).map_err(KeEvent::Tls)?;
        session.set_buffer_limit(Some(SESSION_BUFFER));
        Ok(Self {
            stream,
            client,
            session,
            server: KeServer::new(config, Duration::ZERO),
            start: Instant::now(),
            phase: Phase::Handshake,
            is_silent: true,
            is_ended: false,
        })
    }

    pub(super) const fn client(&self) -> SocketAddr {
        self.client
    }

    pub(super) const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    pub(super) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Whether something may come.
    pub(super) const fn wants_read(&self) -> bool {
        !self.is_ended
    }

    /// Whether there is something to write.
    pub(super) fn wants_write(&self) -> bool {
        self.session.wants_write()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub(super) fn end(&self) -> Instant {
        match self.phase {
            Phase::Farewell { end, .. } => end,
            _ => after(self.start, self.server.poll_timeout().unwrap_or_default()),
        }
    }

    /// The stream can be read or written.
    pub(super) fn handle_ready(&mut self, limits: KeLimits, handler: &mut impl KeHandler) {
        match self.phase {
            Phase::Handshake | Phase::Request => self.exchange(limits, handler),
            Phase::Farewell { end, octets } => self.say_farewell(end, octets),
            Phase::Over => {}
        }
    }

    /// It may be that a deadline has passed.
    pub(super) fn handle_timeout(
        &mut self,
        now: Instant,
        limits: KeLimits,
        handler: &mut impl KeHandler,
    ) {
        if now < self.end() {
            return;
        }
        match self.phase {
            Phase::Handshake => self.finish(&KeEvent::Slow, handler),
            Phase::Request => {
                self.server.handle_timeout(now - self.start);
                self.respond(limits, handler);
            }
            Phase::Farewell { .. } | Phase::Over => self.phase = Phase::Over,
        }
    }

    /// Takes what is there, and answers when it is a whole request.
    fn exchange(&mut self, limits: KeLimits, handler: &mut impl KeHandler) {
        match self.session.read_tls(&mut self.stream) {
            Ok(octets) => self.is_ended = octets == 0,
            Err(error) if may_go_on(&error) => {}
            Err(_) => return self.finish(&KeEvent::HungUp, handler),
        }
        let ended = match self.session.process_new_packets() {
            Ok(state) => self.is_ended || state.peer_has_closed(),
            Err(error) => return self.refuse(&KeEvent::Tls(error), limits, handler),
        };
        if self.phase == Phase::Handshake && !self.session.is_handshaking() {
            if let Err(error) = tls::check_session(&self.session) {
                return self.refuse(&KeEvent::Session(error), limits, handler);
            }
            self.server.handle_handshake();
            self.phase = Phase::Request;
        }
        if self.phase == Phase::Request && self.take_request(ended) == KeProgress::Done {
            return self.respond(limits, handler);
        }
        if ended || self.flush().is_err() {
            self.finish(&KeEvent::HungUp, handler);
        }
    }

    /// Hands on what was decrypted. `ended` says that no more will come; the client may wait for
    /// the response all the same.
    fn take_request(&mut self, ended: bool) -> KeProgress {
        let mut buffer = [0; PORTION];
        let mut progress = KeProgress::NeedMore;
        loop {
            match self.session.reader().read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(length) => {
                    self.is_silent = false;
                    let portion = buffer.get(..length).unwrap_or_default();
                    progress = self.server.handle_octets(portion);
                }
            }
        }
        if ended && !self.is_silent {
            self.server.handle_end();
            progress = KeProgress::Done;
        }
        progress
    }

    fn respond(&mut self, limits: KeLimits, handler: &mut impl KeHandler) {
        let mut response = Vec::new();
        let result = handler.respond(&self.server, &self.session, &mut response);
        let event = KeEvent::Answered(result);
        if self.session.writer().write_all(&response).is_err() {
            return self.finish(&KeEvent::HungUp, handler);
        }
        handler.handle_event(self.client, &event);
        self.start_farewell(limits);
    }

    /// Ends the exchange with an alert.
    fn refuse(&mut self, event: &KeEvent, limits: KeLimits, handler: &mut impl KeHandler) {
        handler.handle_event(self.client, event);
        self.start_farewell(limits);
    }

    fn finish(&mut self, event: &KeEvent, handler: &mut impl KeHandler) {
        handler.handle_event(self.client, event);
        self.phase = Phase::Over;
    }

    fn start_farewell(&mut self, limits: KeLimits) {
        self.session.send_close_notify();
        let end = after(Instant::now(), limits.farewell);
        self.say_farewell(end, FAREWELL_OCTETS);
    }

    /// Sends what is left to be sent, and drops what comes.
    fn say_farewell(&mut self, end: Instant, mut octets: usize) {
        let closing = self.session.wants_write();
        if self.flush().is_err() {
            self.phase = Phase::Over;
            return;
        }
        if closing && !self.session.wants_write() {
            // The client may be gone already.
            let _ = self.stream.shutdown(Shutdown::Write);
        }
        let mut buffer = [0; PORTION];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.is_ended = true,
            Ok(length) if length <= octets => octets -= length,
            Err(error) if may_go_on(&error) => {}
            _ => {
                self.phase = Phase::Over;
                return;
            }
        }
        // A client that has closed its side may still be reading.
        self.phase = if self.is_ended && !self.session.wants_write() {
            Phase::Over
        } else {
            Phase::Farewell { end, octets }
        };
    }

    /// Writes what TLS has to send, as far as the stream takes it.
    fn flush(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut self.stream) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if may_go_on(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whether a call only has to be made again, later.
fn may_go_on(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
