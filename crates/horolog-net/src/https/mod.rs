//! Time over HTTPS, both sides.
//!
//! [`measure`] is a client: it asks a server on one connection until it knows bounds on the offset of
//! the system clock. [`TimeListener`] is a server: a thread for each of a bounded number of clients.
//!
//! # Examples
//!
//! Both sides in one process, with a certificate made on the spot:
//!
//! ```
//! use core::ops::ControlFlow;
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicBool, Ordering};
//!
//! use horolog_https::RefusalList;
//! use horolog_net::https::{self, HttpsConfig, TimeLimits, TimeListener};
//! use rustls::client::WebPkiServerVerifier;
//!
//! let provider = Arc::new(rustls::crypto::ring::default_provider());
//! let made = rcgen::generate_simple_self_signed(["localhost".into()])?;
//! let certificate = made.cert.der().clone();
//! let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
//!
//! let session = https::server_config(provider.clone(), vec![certificate.clone()], key.into())?;
//! let any = "127.0.0.1:0".parse()?;
//! let listener = TimeListener::bind(any, session.into(), TimeLimits::default())?;
//! let address = listener.local_address()?;
//! let stopped = AtomicBool::new(false);
//!
//! let mut roots = rustls::RootCertStore::empty();
//! roots.add(certificate)?;
//! let verifier =
//!     WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone()).build()?;
//! let config = HttpsConfig::new(provider, verifier);
//! let url = format!("https://localhost:{}", address.port()).parse()?;
//!
//! let last = std::thread::scope(|scope| {
//!     scope.spawn(|| {
//!         let stopped = || stopped.load(Ordering::Relaxed);
//!         listener.serve(&stopped, &|client, event| println!("{client}: {event:?}"))
//!     });
//!     let mut refusals = RefusalList::new();
//!     let last = https::measure(&url, address, &config, &mut refusals, |round| {
//!         println!("round {}: {:?}", round.number, round.bounds);
//!         ControlFlow::Continue(())
//!     });
//!     stopped.store(true, Ordering::Relaxed);
//!     last
//! })?;
//! println!("offset {} s", last.bounds.mid());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod client;
mod server;
mod stamped;

pub use client::{CertificateTime, HttpsConfig, HttpsNetError, Phase, measure};
pub use server::{TimeEvent, TimeLimits, TimeListener, server_config};

#[cfg(test)]
mod tests;

/// The protocol of the sessions, as ALPN has it ([RFC 7301](https://www.rfc-editor.org/rfc/rfc7301)).
const ALPN: &[u8] = b"http/1.1";

/// Octets that are taken at once.
const PORTION: usize = 4096;
