use core::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;

use horolog_net::NetError;
use horolog_net::ke::{KeEvent, KeHandler, KeLimits, KeListener};
use horolog_nts::{KeOutcome, KeServer, KeServerConfig, KeServerError, Keyring};
use rustls::{ServerConfig, ServerConnection};

use super::{Count, Counters, PATIENCE, read};
use crate::random;
use crate::stop::Signals;

/// The key establishment beside a [`Server`](super::Server): a thread of its own.
#[derive(Debug)]
pub struct KeyEstablishment<'c> {
    listener: KeListener<'c>,
    keyring: Arc<RwLock<Keyring>>,
    counters: Arc<Counters>,
}

/// What clients that come from now on are shown, to be changed while it runs.
pub type NextSession = Mutex<Option<Arc<ServerConfig>>>;

impl<'c> KeyEstablishment<'c> {
    /// Listens at an address; port 0 stands for a free one.
    ///
    /// # Errors
    ///
    /// Where the address cannot be had.
    pub fn bind(
        address: SocketAddr,
        session: Arc<ServerConfig>,
        config: &'c KeServerConfig,
        keyring: Arc<RwLock<Keyring>>,
        counters: Arc<Counters>,
    ) -> Result<Self, NetError> {
        Ok(Self {
            listener: KeListener::bind(address, session, config, KeLimits::default())?,
            keyring,
            counters,
        })
    }

    /// The address, with the port that was had.
    ///
    /// # Errors
    ///
    /// Where the system does not say.
    pub fn address(&self) -> Result<SocketAddr, NetError> {
        self.listener.local_address()
    }

    /// Serves until the signals say stop.
    pub fn run(mut self, signals: &Signals, next: &NextSession) {
        let mut handler = Handler {
            keyring: &self.keyring,
            counters: &self.counters,
        };
        while !signals.should_stop() {
            let session = next.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(session) = session {
                self.listener.set_session(session);
            }
            match self.listener.poll(PATIENCE, &mut handler) {
                Ok(()) | Err(NetError::Interrupted) => {}
                Err(_) => {
                    self.counters.add(Count::ReceiveErrors, 1);
                    thread::sleep(PATIENCE);
                }
            }
        }
    }
}

struct Handler<'s> {
    keyring: &'s RwLock<Keyring>,
    counters: &'s Counters,
}

impl KeHandler for Handler<'_> {
    fn respond(
        &mut self,
        server: &KeServer<'_>,
        session: &ServerConnection,
        response: &mut Vec<u8>,
    ) -> Result<KeOutcome, KeServerError> {
        let mut rng = random::system();
        server.respond(session, &read(self.keyring), &mut rng, response)
    }

    fn handle_event(&mut self, _: SocketAddr, event: &KeEvent) {
        let count = match event {
            KeEvent::Answered(Ok(KeOutcome::Established { .. })) => Count::KeEstablished,
            KeEvent::Answered(_) => Count::KeRefused,
            KeEvent::TooMany => Count::KeTooMany,
            KeEvent::Tls(_) | KeEvent::Session(_) => Count::KeTls,
            KeEvent::Slow => Count::KeSlow,
            _ => Count::KeHungUp,
        };
        self.counters.add(count, 1);
    }
}
