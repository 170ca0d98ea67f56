use alloc::sync::Arc;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};
use std::thread;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::connection::Connection;
use super::{TimeEvent, TimeLimits};
use crate::NetError;
use crate::error::option;
use crate::https::ALPN;

/// A TCP socket where clients ask for the time over HTTPS.
///
/// Each client has a thread of its own, so that none delays another's time; their number, time and
/// memory are bounded by [`TimeLimits`]. Times are those of the system clock, read just before an
/// answer is written.
///
/// # Examples
///
/// See [the module](crate::https).
#[derive(Debug)]
pub struct TimeListener {
    listener: TcpListener,
    session: Arc<ServerConfig>,
    limits: TimeLimits,
    httpstime: bool,
}

/// How often it is asked whether to stop.
const STEP: u16 = 100;
/// How long to wait where the system has no more sockets or threads to give.
const PAUSE: Duration = Duration::from_millis(100);

impl TimeListener {
    /// Listens at `address`; port 0 stands for a free one.
    ///
    /// # Errors
    ///
    /// * [`NetError::Bind`] where the address is in use, not ours, or needs more rights.
    /// * [`NetError::Option`] where the system lacks what is needed.
    pub fn bind(
        address: SocketAddr,
        session: Arc<ServerConfig>,
        limits: TimeLimits,
    ) -> Result<Self, NetError> {
        let listener =
            TcpListener::bind(address).map_err(|source| NetError::Bind { address, source })?;
        listener
            .set_nonblocking(true)
            .map_err(option("O_NONBLOCK"))?;
        Ok(Self {
            listener,
            session,
            limits,
            httpstime: true,
        })
    }

    /// Tells whole seconds alone, as plain web servers do.
    #[must_use]
    pub const fn without_httpstime(mut self) -> Self {
        self.httpstime = false;
        self
    }

    /// The address the socket is bound to, with its port.
    ///
    /// # Errors
    ///
    /// [`NetError::Option`] where the system does not say.
    pub fn local_address(&self) -> Result<SocketAddr, NetError> {
        self.listener.local_addr().map_err(option("getsockname"))
    }

    /// Serves until it is told to stop, which is asked several times a second. `observe` hears what
    /// becomes of clients, from any thread.
    ///
    /// # Errors
    ///
    /// [`NetError::Receive`] where the system fails.
    pub fn serve(
        &self,
        should_stop: &(dyn Fn() -> bool + Sync),
        observe: &(dyn Fn(SocketAddr, TimeEvent) + Sync),
    ) -> Result<(), NetError> {
        let clients = Mutex::new(Vec::new());
        thread::scope(|scope| {
            while !should_stop() {
                if !self.wait()? {
                    continue;
                }
                let Ok((stream, client)) = self.listener.accept() else {
                    thread::sleep(PAUSE);
                    continue;
                };
                let Some(place) = self.place(&clients, client.ip()) else {
                    observe(client, TimeEvent::TooMany);
                    continue;
                };
                let serve = move || {
                    let _place = place;
                    self.serve_one(stream, client, should_stop, observe);
                };
                if thread::Builder::new().spawn_scoped(scope, serve).is_err() {
                    observe(client, TimeEvent::TooMany);
                    thread::sleep(PAUSE);
                }
            }
            Ok(())
        })
    }

    fn serve_one(
        &self,
        stream: TcpStream,
        client: SocketAddr,
        should_stop: &(dyn Fn() -> bool + Sync),
        observe: &(dyn Fn(SocketAddr, TimeEvent) + Sync),
    ) {
        let session = Arc::clone(&self.session);
        let event = Connection::new(stream, session, self.limits, self.httpstime, should_stop)
            .map_or_else(
                |event| event,
                |connection| connection.serve(|event| observe(client, event)),
            );
        observe(client, event);
    }

    /// Whether a client waits to be accepted.
    fn wait(&self) -> Result<bool, NetError> {
        let mut descriptors = [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
        match nix::poll::poll(&mut descriptors, PollTimeout::from(STEP)) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::EINTR) => Ok(false),
            Err(error) => Err(NetError::Receive(error.into())),
        }
    }

    /// A place for a client, if there is one left.
    fn place<'c>(&self, clients: &'c Mutex<Vec<IpAddr>>, client: IpAddr) -> Option<Place<'c>> {
        let client = client.to_canonical();
        let mut all = clients.lock().unwrap_or_else(PoisonError::into_inner);
        let same = all.iter().filter(|&&other| other == client).count();
        if all.len() >= self.limits.connections || same >= self.limits.per_address {
            return None;
        }
        all.push(client);
        Some(Place { clients, client })
    }
}

/// A client's place among all, until it is gone.
struct Place<'c> {
    clients: &'c Mutex<Vec<IpAddr>>,
    client: IpAddr,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut all = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = all.iter().position(|&client| client == self.client) {
            all.swap_remove(place);
        }
    }
}

/// The TLS configuration of a server: its chain and key, HTTP/1.1, no sessions that are resumed.
///
/// # Errors
///
/// Where the key does not fit the certificate, or the cryptography does not suffice.
pub fn server_config(
    provider: Arc<CryptoProvider>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.send_tls13_tickets = 0;
    Ok(config)
}
