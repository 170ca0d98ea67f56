use alloc::sync::Arc;
use core::net::SocketAddr;
use core::time::Duration;
use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::time::Instant;

use horolog_nts::KeServerConfig;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use rustls::ServerConfig;
use socket2::{Domain, Protocol, Socket, Type};

use super::connection::Connection;
use super::limits::client;
use super::{KeEvent, KeHandler, KeLimits};
use crate::NetError;
use crate::error::option;
use crate::timed::milliseconds;

/// A TCP socket where clients establish keys, and all that are at it.
///
/// One thread serves them all: none is waited for, so a slow client hinders no other. What each may
/// take is bounded: time by the [`KeServerConfig`]'s timeouts, connections and memory by
/// [`KeLimits`]. It is bound to an address of IPv4 or of IPv6, never of both.
///
/// # Examples
///
/// See [the module](crate::ke).
#[derive(Debug)]
pub struct KeListener<'c> {
    listener: TcpListener,
    connections: Vec<Connection<'c>>,
    session: Arc<ServerConfig>,
    config: &'c KeServerConfig,
    limits: KeLimits,
    /// No connection is accepted before this, because the system has no more to give.
    pause: Option<Instant>,
}

/// Clients that may wait in the system's queue.
const QUEUE: i32 = 1024;
/// Clients that are accepted in one round: those that were accepted before have their turn.
const ACCEPTED: usize = 64;
/// How long to wait where the system has no more sockets to give.
const PAUSE: Duration = Duration::from_millis(100);

impl<'c> KeListener<'c> {
    /// Listens at `address`; port 0 stands for a free one.
    ///
    /// # Errors
    ///
    /// * [`NetError::Bind`] where the address is in use, not ours, or needs more rights.
    /// * [`NetError::Open`] or [`NetError::Option`] where the system lacks what is needed.
    pub fn bind(
        address: SocketAddr,
        session: Arc<ServerConfig>,
        config: &'c KeServerConfig,
        limits: KeLimits,
    ) -> Result<Self, NetError> {
        Ok(Self {
            listener: listen(address)?,
            connections: Vec::new(),
            session,
            config,
            limits,
            pause: None,
        })
    }

    /// The address the socket is bound to, with its port.
    ///
    /// # Errors
    ///
    /// [`NetError::Option`] where the system does not say.
    pub fn local_address(&self) -> Result<SocketAddr, NetError> {
        self.listener.local_addr().map_err(option("getsockname"))
    }

    /// Shows clients that come from now on another certificate.
    pub fn set_session(&mut self, session: Arc<ServerConfig>) {
        self.session = session;
    }

    /// How many clients are connected.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.connections.len()
    }

    /// Whether no client is connected.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }

    /// Waits until there is something to do, and does it once; at most for `timeout`.
    ///
    /// # Errors
    ///
    /// * [`NetError::Interrupted`] where a signal came first.
    /// * [`NetError::Receive`] where the system fails.
    pub fn poll(
        &mut self,
        timeout: Duration,
        handler: &mut impl KeHandler,
    ) -> Result<(), NetError> {
        let (acceptable, ready) = self.wait(timeout)?;
        let now = Instant::now();
        for (connection, ready) in self.connections.iter_mut().zip(ready) {
            if ready {
                connection.handle_ready(self.limits, handler);
            }
            connection.handle_timeout(now, self.limits, handler);
        }
        self.connections.retain(|connection| !connection.is_over());
        if acceptable {
            self.accept(handler);
        }
        Ok(())
    }

    /// Whether a client waits to be accepted, and which connections can be read or written.
    fn wait(&mut self, timeout: Duration) -> Result<(bool, Vec<bool>), NetError> {
        let now = Instant::now();
        self.pause = self.pause.filter(|&end| end > now);
        let accepts = self.connections.len() < self.limits.connections && self.pause.is_none();
        let mut end = self.connections.iter().map(Connection::end).min();
        end = end.into_iter().chain(self.pause).min();
        let wait = end.map_or(timeout, |end| {
            timeout.min(end.saturating_duration_since(now))
        });

        let mut descriptors: Vec<_> = self
            .connections
            .iter()
            .map(|connection| {
                let mut flags = PollFlags::empty();
                flags.set(PollFlags::POLLIN, connection.wants_read());
                flags.set(PollFlags::POLLOUT, connection.wants_write());
                PollFd::new(connection.stream().as_fd(), flags)
            })
            .collect();
        if accepts {
            descriptors.push(PollFd::new(self.listener.as_fd(), PollFlags::POLLIN));
        }
        match nix::poll::poll(&mut descriptors, milliseconds(wait)) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Err(NetError::Interrupted),
            Err(error) => return Err(NetError::Receive(error.into())),
        }
        let mut ready: Vec<_> = descriptors
            .iter()
            .map(|descriptor| descriptor.any().unwrap_or(true))
            .collect();
        let acceptable = accepts && ready.pop().unwrap_or(false);
        Ok((acceptable, ready))
    }

    /// Takes the clients that wait, as far as there is room.
    fn accept(&mut self, handler: &mut impl KeHandler) {
        for _ in 0..ACCEPTED {
            if self.connections.len() >= self.limits.connections {
                return;
            }
            let accepted = match self.listener.accept() {
                Ok(accepted) => accepted,
                Err(error) => match error.kind() {
                    // The client was gone before it was accepted.
                    io::ErrorKind::ConnectionAborted => continue,
                    io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => return,
                    _ => {
                        self.pause = Some(Instant::now() + PAUSE);
                        return;
                    }
                },
            };
            let address = accepted.1;
            let same = |connection: &&Connection<'_>| {
                client(connection.client().ip()) == client(address.ip())
            };
            if self.connections.iter().filter(same).count() >= self.limits.per_address {
                handler.handle_event(address, &KeEvent::TooMany);
                continue;
            }
            match Connection::new(accepted, Arc::clone(&self.session), self.config) {
                Ok(connection) => self.connections.push(connection),
                Err(event) => handler.handle_event(address, &event),
            }
        }
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, NetError> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )
    .map_err(NetError::Open)?;
    if address.is_ipv6() {
        socket.set_only_v6(true).map_err(option("IPV6_V6ONLY"))?;
    }
    // Else the port of a server that was stopped stays taken for minutes.
    socket
        .set_reuse_address(true)
        .map_err(option("SO_REUSEADDR"))?;
    socket
        .bind(&address.into())
        .and_then(|()| socket.listen(QUEUE))
        .map_err(|source| NetError::Bind { address, source })?;
    socket.set_nonblocking(true).map_err(option("O_NONBLOCK"))?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests;
