//! NTS key establishment over TCP and TLS (RFC 8915 § 4), both sides.
//!
//! [`establish`] is a client: it blocks, within its timeouts. [`KeListener`] is a server: one thread
//! for any number of clients, who each get a bounded time and memory.
//!
//! # Examples
//!
//! Both sides in one process, with a certificate made on the spot:
//!
//! ```
//! use core::net::SocketAddr;
//! use core::time::Duration;
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicBool, Ordering};
//!
//! use horolog_net::NetError;
//! use horolog_net::ke::{self, KeEvent, KeHandler, KeLimits, KeListener};
//! use horolog_nts::{KeClientConfig, KeOutcome, KeServer, KeServerConfig, KeServerError, Keyring, tls};
//! use rustls::ServerConnection;
//!
//! /// The keys of a server's cookies.
//! struct Handler(Keyring);
//!
//! impl KeHandler for Handler {
//!     fn respond(
//!         &mut self,
//!         server: &KeServer<'_>,
//!         session: &ServerConnection,
//!         response: &mut Vec<u8>,
//!     ) -> Result<KeOutcome, KeServerError> {
//!         let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
//!         server.respond(session, &self.0, &mut rng, response)
//!     }
//!
//!     fn handle_event(&mut self, client: SocketAddr, event: &KeEvent) {
//!         println!("{client}: {event:?}");
//!     }
//! }
//!
//! let provider = Arc::new(rustls::crypto::ring::default_provider());
//! let made = rcgen::generate_simple_self_signed(["127.0.0.1".into()])?;
//! let certificate = made.cert.der().clone();
//! let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
//!
//! let session = tls::server_config(provider.clone(), vec![certificate.clone()], key.into())?;
//! let config = KeServerConfig::new();
//! let any = "127.0.0.1:0".parse()?;
//! let mut listener = KeListener::bind(any, session.into(), &config, KeLimits::default())?;
//! let address = listener.local_address()?;
//! let stopped = AtomicBool::new(false);
//!
//! let association = std::thread::scope(|scope| {
//!     scope.spawn(|| {
//!         let mut handler = Handler(Keyring::new(1, &[0x2b; 32]));
//!         while !stopped.load(Ordering::Relaxed) {
//!             match listener.poll(Duration::from_millis(100), &mut handler) {
//!                 Ok(()) | Err(NetError::Interrupted) => {}
//!                 Err(error) => panic!("{error}"),
//!             }
//!         }
//!     });
//!     let mut roots = rustls::RootCertStore::empty();
//!     roots.add(certificate).expect("a certificate");
//!     let clock = Arc::new(rustls::time_provider::DefaultTimeProvider);
//!     let session = tls::client_config(provider, clock, roots).expect("TLS 1.3");
//!     let name = "127.0.0.1".try_into().expect("an address");
//!     let keys = ke::establish(address, name, &session.into(), &KeClientConfig::new());
//!     stopped.store(true, Ordering::Relaxed);
//!     keys
//! })?;
//! assert_eq!(association.cookies.len(), 8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod client;
mod connection;
mod error;
mod handler;
mod limits;
mod listener;
#[cfg(test)]
mod testing;

pub use client::establish;
pub use error::KeNetError;
pub use handler::{KeEvent, KeHandler};
pub use limits::KeLimits;
pub use listener::KeListener;
