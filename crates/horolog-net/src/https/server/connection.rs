use alloc::sync::Arc;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Instant, SystemTime};

use horolog_https::{RequestReader, TimeFields};
use horolog_time::UnixTime;
use rustls::{ServerConfig, ServerConnection};

use super::{TimeEvent, TimeLimits};
use crate::https::PORTION;
use crate::https::stamped::Stamped;
use crate::timed::after;

/// How often it is asked whether to stop.
const STEP: Duration = Duration::from_millis(200);
/// Time and octets that are left to a client after the last answer: were the octets left unread, the
/// system would reset the connection, and the client could lose what it has not read yet.
const FAREWELL: Duration = Duration::from_secs(1);
const FAREWELL_OCTETS: usize = 64 * 1024;
/// Octets that TLS keeps of what it has decrypted, and of what it has still to send.
const SESSION_BUFFER: usize = 16 * 1024;

/// Serves one client to its end.
pub(super) struct Connection<'a> {
    stream: Stamped,
    session: ServerConnection,
    end: Instant,
    limits: TimeLimits,
    httpstime: bool,
    should_stop: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Connection<'a> {
    pub(super) fn new(
        stream: TcpStream,
        session: Arc<ServerConfig>,
        limits: TimeLimits,
        httpstime: bool,
        should_stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Result<Self, TimeEvent> {
        let end = after(Instant::now(), limits.handshake);
        let stream = Stamped::new(stream, end).map_err(|_| TimeEvent::HungUp)?;
        let mut session = ServerConnection::new(session).map_err(TimeEvent::Tls)?;
        session.set_buffer_limit(Some(SESSION_BUFFER));
        Ok(Self {
            stream,
            session,
            end,
            limits,
            httpstime,
            should_stop,
        })
    }

    /// Tells how it ended; `answered` hears of each answer.
    pub(super) fn serve(mut self, mut answered: impl FnMut(TimeEvent)) -> TimeEvent {
        let event = self.exchange(&mut answered);
        self.session.send_close_notify();
        self.stream.end_at(Instant::now() + FAREWELL);
        if self.flush().is_ok() {
            self.stream.finish_writing();
            let mut buffer = [0; PORTION];
            let mut left = FAREWELL_OCTETS;
            while let Ok(length @ 1..) = self.stream.read(&mut buffer)
                && length <= left
            {
                left -= length;
            }
        }
        event
    }

    fn exchange(&mut self, answered: &mut impl FnMut(TimeEvent)) -> TimeEvent {
        let mut reader = RequestReader::new();
        let mut requests = 0;
        let mut buffer = [0; PORTION];
        loop {
            if let Err(event) = self.receive() {
                return event;
            }
            while let Ok(length @ 1..) = self.session.reader().read(&mut buffer) {
                reader.handle_octets(buffer.get(..length).unwrap_or_default());
                while let Some(mut answer) = reader.poll_answer() {
                    requests += 1;
                    answer.closes |= requests >= self.limits.requests;
                    let mut octets = Vec::new();
                    let Some(time) = self.time() else {
                        return TimeEvent::HungUp;
                    };
                    answer.encode(&time, &mut octets);
                    let written = self.session.writer().write_all(&octets);
                    self.end = after(Instant::now(), self.limits.idle);
                    self.stream.end_at(self.end);
                    if written.and_then(|()| self.flush()).is_err() {
                        return TimeEvent::HungUp;
                    }
                    answered(TimeEvent::Answered(answer.kind));
                    if answer.closes {
                        return TimeEvent::HungUp;
                    }
                }
            }
        }
    }

    /// The time of the system's clock, where a Date can say it.
    fn time(&self) -> Option<TimeFields> {
        let now = UnixTime::try_from(SystemTime::now()).ok()?;
        let fields = TimeFields::new(now).ok()?;
        Some(if self.httpstime {
            fields.with_httpstime()
        } else {
            fields
        })
    }

    /// Waits for octets and decrypts them; shakes hands on the way.
    fn receive(&mut self) -> Result<(), TimeEvent> {
        loop {
            let step = Instant::now() + STEP;
            self.stream.end_at(self.end.min(step));
            match self.session.read_tls(&mut self.stream) {
                Ok(0) => return Err(TimeEvent::HungUp),
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    if (self.should_stop)() || Instant::now() >= self.end {
                        return Err(TimeEvent::Slow);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(TimeEvent::HungUp),
            }
        }
        self.stream.end_at(self.end);
        let was_handshaking = self.session.is_handshaking();
        self.session.process_new_packets().map_err(TimeEvent::Tls)?;
        if was_handshaking && !self.session.is_handshaking() {
            self.end = after(Instant::now(), self.limits.idle);
        }
        self.flush().map_err(|_| TimeEvent::HungUp)
    }

    /// Writes what TLS has to send.
    fn flush(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut self.stream)?;
        }
        Ok(())
    }
}
