use alloc::sync::Arc;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::time::Instant;

use horolog_nts::{Association, KeClient, KeClientConfig, KeProgress, tls};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::KeNetError;
use crate::NetError;
use crate::timed::{Timed, after};

/// Octets that are taken at once.
const PORTION: usize = 4096;

/// Establishes keys with the server at `address`, whose certificate has to be for `name`.
///
/// It blocks until there are keys or an error, and no longer than the [`KeClientConfig`]'s timeouts,
/// whatever the server does, trickling octets included. The TCP connection counts to the handshake.
/// A signal ends it too, if it comes to this thread.
///
/// Where the [`Association`] names no server, NTP's is the one at the same address; where it names no
/// port, it is 123.
///
/// # Errors
///
/// [`KeNetError`].
///
/// # Examples
///
/// See [the module](crate::ke).
pub fn establish(
    address: SocketAddr,
    name: ServerName<'static>,
    tls: &Arc<ClientConfig>,
    config: &KeClientConfig,
) -> Result<Association, KeNetError> {
    let mut session = ClientConnection::new(Arc::clone(tls), name)?;
    let start = Instant::now();
    let mut client = KeClient::new(config, Duration::ZERO);
    let result = Timed::connect(address, end(start, &client))
        .map_err(|error| {
            stop(error, |source| {
                Stop::Error(NetError::Connect { address, source }.into())
            })
        })
        .and_then(|mut stream| {
            let result = exchange(&mut stream, &mut session, &mut client, start);
            farewell(&mut stream, &mut session);
            result
        });
    match result {
        Ok(()) => {}
        // The system may find that a little earlier than this clock.
        Err(Stop::TimedOut) => client.handle_timeout(client.poll_timeout().unwrap_or_default()),
        Err(Stop::Error(error)) => return Err(error),
        Err(Stop::Send(source)) => return Err(NetError::Send { address, source }.into()),
    }
    Ok(client.finish(&session)?)
}

/// Why an exchange stopped.
enum Stop {
    TimedOut,
    Send(io::Error),
    Error(KeNetError),
}

impl<E: Into<KeNetError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// Until what is there says all that can be said.
fn exchange(
    stream: &mut Timed,
    session: &mut ClientConnection,
    client: &mut KeClient<'_>,
    start: Instant,
) -> Result<(), Stop> {
    let mut buffer = [0; PORTION];
    loop {
        while session.wants_write() {
            session
                .write_tls(stream)
                .map_err(|error| stop(error, Stop::Send))?;
        }
        if !session.is_handshaking()
            && let Some(request) = request(client, session)?
        {
            stream.end_at(end(start, client));
            // It fits TLS's buffer.
            session.writer().write_all(&request).map_err(Stop::Send)?;
            continue;
        }
        let receive = |error| Stop::Error(NetError::Receive(error).into());
        let octets = session
            .read_tls(stream)
            .map_err(|error| stop(error, receive))?;
        session.process_new_packets()?;
        loop {
            match session.reader().read(&mut buffer) {
                Ok(0) => {
                    client.handle_end();
                    return Ok(());
                }
                Ok(length) => {
                    let portion = buffer.get(..length).unwrap_or_default();
                    if client.handle_octets(portion) == KeProgress::Done {
                        return Ok(());
                    }
                }
                Err(_) => break, // Nothing yet.
            }
        }
        if octets == 0 {
            client.handle_end();
            return Ok(());
        }
    }
}

/// The request, when the handshake is over and was not sent yet.
fn request(
    client: &mut KeClient<'_>,
    session: &ClientConnection,
) -> Result<Option<Vec<u8>>, KeNetError> {
    let Some(request) = client.poll_request() else {
        return Ok(None);
    };
    tls::check_session(session)?;
    client.handle_handshake();
    Ok(Some(request))
}

/// Says goodbye, or what was wrong. Nobody waits for it to arrive.
fn farewell(stream: &mut Timed, session: &mut ClientConnection) {
    session.send_close_notify();
    while session.wants_write() {
        if session.write_tls(stream).is_err() {
            return;
        }
    }
}

/// When the next deadline is.
fn end(start: Instant, client: &KeClient<'_>) -> Instant {
    after(start, client.poll_timeout().unwrap_or_default())
}

fn stop(error: io::Error, other: impl FnOnce(io::Error) -> Stop) -> Stop {
    match error.kind() {
        io::ErrorKind::TimedOut => Stop::TimedOut,
        io::ErrorKind::Interrupted => Stop::Error(NetError::Interrupted.into()),
        _ => other(error),
    }
}

#[cfg(test)]
mod tests;
