//! A server on real sockets, in threads: what `serve` runs, and `query` where it has nobody to ask.

mod answerer;
mod counters;
mod key_establishment;
mod key_store;
mod leap_offer;
mod leap_source;
mod nts_options;
mod rotation;

use core::net::SocketAddr;
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;

use horolog_net::NetError;
use horolog_net::udp::{Batch, Datagram, ServerOptions, ServerSocket};
use horolog_ntp::{SavedReply, ServerResponder};
use horolog_nts::Keyring;

use crate::stop::Signals;
use answerer::Answerer;
pub use counters::{Count, Counters};
pub use key_establishment::{KeyEstablishment, NextSession};
pub use key_store::{KeyStore, REDIS_KEY};
pub use leap_offer::LeapOffer;
pub use leap_source::LeapOptions;
pub use nts_options::NtsOptions;
pub use rotation::Rotation;

/// Sockets at one or more addresses, and one responder behind all of them.
///
/// The workers share the responder, because a client in interleaved mode or above the rate limit
/// may change its port, and with it the worker.
#[derive(Debug)]
pub struct Server {
    /// The sockets of a worker each.
    workers: Vec<ServerSocket>,
    addresses: Vec<SocketAddr>,
    responder: Mutex<ServerResponder>,
    keyring: Option<Arc<RwLock<Keyring>>>,
    leap: Option<Arc<LeapOffer>>,
    counters: Arc<Counters>,
}

/// Octets of the longest request that is looked at.
const LONGEST_REQUEST: usize = 2048;
/// Requests taken from a socket at once.
const BATCH: usize = 32;
/// How soon a worker sees that it should end.
const PATIENCE: Duration = Duration::from_millis(200);
/// Replies whose transmit timestamps are waited for, a worker.
const AWAITED: usize = 256;

impl Server {
    /// Opens `workers` sockets at each address; port 0 stands for a free one.
    ///
    /// # Errors
    ///
    /// Where an address cannot be had.
    pub fn bind(
        listen: &[SocketAddr],
        workers: usize,
        interleaved: bool,
        responder: ServerResponder,
    ) -> Result<Self, NetError> {
        let options = ServerOptions::new()
            .reuse_port(workers > 1)
            .transmit_stamps(interleaved);
        let mut sockets = Vec::new();
        let mut addresses = Vec::new();
        for &address in listen {
            let first = ServerSocket::bind_with(address, options)?;
            let address = first.local_address()?;
            sockets.push(first);
            addresses.push(address);
            for _ in 1..workers {
                sockets.push(ServerSocket::bind_with(address, options)?);
            }
        }
        let responder = Mutex::new(responder);
        Ok(Self {
            workers: sockets,
            addresses,
            responder,
            keyring: None,
            leap: None,
            counters: Arc::default(),
        })
    }

    /// Answers protected requests too, whose cookies these keys open.
    #[must_use]
    pub fn with_keyring(mut self, keyring: Arc<RwLock<Keyring>>) -> Self {
        self.keyring = Some(keyring);
        self
    }

    /// Gives the list of leap seconds to clients that ask for it in protected requests.
    #[must_use]
    pub fn with_leap_list(mut self, offer: Arc<LeapOffer>) -> Self {
        self.leap = Some(offer);
        self
    }

    /// The addresses, with the ports that were had.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What is counted.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Serves until the signals say stop; meanwhile runs `housekeeping` beside it, a few times a
    /// second. While that holds the responder, nobody is answered.
    pub fn run(
        self,
        signals: &Signals,
        mut housekeeping: impl FnMut(&Mutex<ServerResponder>, &Counters),
    ) {
        let Self {
            workers,
            responder,
            keyring,
            leap,
            counters,
            ..
        } = self;
        thread::scope(|scope| {
            for socket in workers {
                let answerer = Answerer::new(&responder, keyring.as_deref(), LONGEST_REQUEST)
                    .with_leap_list(leap.as_deref().map(|offer| (offer, &*counters)));
                scope.spawn(|| work(socket, answerer, &responder, &counters, signals));
            }
            while !signals.should_stop() {
                housekeeping(&responder, &counters);
                signals.sleep_until(std::time::Instant::now() + PATIENCE);
            }
        });
    }
}

/// The responder, when nobody else has it.
pub fn lock(responder: &Mutex<ServerResponder>) -> MutexGuard<'_, ServerResponder> {
    // A worker that panicked has left it between two requests at worst.
    responder.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever changes the keys puts whole ones in place.
fn read(keyring: &RwLock<Keyring>) -> RwLockReadGuard<'_, Keyring> {
    keyring.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(keyring: &RwLock<Keyring>) -> RwLockWriteGuard<'_, Keyring> {
    keyring.write().unwrap_or_else(PoisonError::into_inner)
}

/// One worker: takes requests from its socket until the signals say stop.
fn work(
    mut socket: ServerSocket,
    mut answerer: Answerer<'_>,
    responder: &Mutex<ServerResponder>,
    counters: &Counters,
    signals: &Signals,
) {
    let mut batch = Batch::new(BATCH, LONGEST_REQUEST);
    let mut buffer = [0; LONGEST_REQUEST];
    let mut awaited = Awaited::default();
    while !signals.should_stop() {
        match socket.receive(&mut batch, PATIENCE) {
            Ok(_) | Err(NetError::Interrupted) => {}
            Err(_) => {
                // Such as a network that is down: it may come back.
                counters.add(Count::ReceiveErrors, 1);
                thread::sleep(PATIENCE);
            }
        }
        counters.add(Count::TooLong, batch.truncated());
        for request in batch.datagrams() {
            answer(
                &mut socket,
                &request,
                &mut buffer,
                &mut answerer,
                counters,
                &mut awaited,
            );
        }
        while let Ok(Some(sent)) = socket.poll_sent() {
            if let Some(saved) = awaited.take(sent.id) {
                lock(responder).handle_transmitted(saved, sent.stamp.time);
            }
        }
    }
}

fn answer(
    socket: &mut ServerSocket,
    request: &Datagram<'_>,
    buffer: &mut [u8],
    answerer: &mut Answerer<'_>,
    counters: &Counters,
    awaited: &mut Awaited,
) {
    counters.add(Count::Received, 1);
    let result = answerer.respond(request, buffer);
    counters.add_result(&result);
    let Ok(response) = result else { return };
    let octets = buffer.get(..response.length).unwrap_or_default();
    match socket.send_to(octets, request.source(), request.local()) {
        Ok(sent) => awaited.insert(sent.id, response.saved),
        Err(_) => counters.add(Count::SendErrors, 1),
    }
}

/// Replies whose transmit timestamps the kernel has not told yet; the oldest are forgotten.
struct Awaited([Option<(u32, SavedReply)>; AWAITED]);

impl Default for Awaited {
    fn default() -> Self {
        Self([None; AWAITED])
    }
}

impl Awaited {
    fn slot(&mut self, id: u32) -> Option<&mut Option<(u32, SavedReply)>> {
        let index = usize::try_from(id).ok()? % AWAITED;
        self.0.get_mut(index)
    }

    fn insert(&mut self, id: u32, saved: Option<SavedReply>) {
        if let Some(slot) = self.slot(id) {
            *slot = saved.map(|saved| (id, saved));
        }
    }

    fn take(&mut self, id: u32) -> Option<SavedReply> {
        let (_, saved) = self.slot(id)?.take_if(|(kept, _)| *kept == id)?;
        Some(saved)
    }
}
