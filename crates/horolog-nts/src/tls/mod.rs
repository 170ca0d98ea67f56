//! The TLS sessions of the key establishment with rustls: their configuration, their check, and keys
//! from them.
//!
//! Nothing here opens a connection. The cryptography is what you give, and so is the clock that
//! certificates are compared with.
//!
//! # Examples
//!
//! Both sides in one process, their octets handed over:
//!
//! ```
//! use std::io::{Read, Write};
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use horolog_nts::tls::{self, rustls};
//! use horolog_nts::{KeClient, KeClientConfig, KeServer, KeServerConfig, Keyring};
//!
//! /// Hands over what one side has to say.
//! fn hand_over<A, B>(
//!     from: &mut rustls::ConnectionCommon<A>,
//!     to: &mut rustls::ConnectionCommon<B>,
//! ) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut octets = Vec::new();
//!     while from.wants_write() {
//!         from.write_tls(&mut octets)?;
//!     }
//!     let mut octets = &octets[..];
//!     while !octets.is_empty() {
//!         to.read_tls(&mut octets)?;
//!         to.process_new_packets()?;
//!     }
//!     Ok(())
//! }
//!
//! let provider = Arc::new(rustls::crypto::ring::default_provider());
//! let clock = Arc::new(rustls::time_provider::DefaultTimeProvider);
//! let certified = rcgen::generate_simple_self_signed(["ntp.example".into()])?;
//! let certificate = certified.cert.der().clone();
//! let mut roots = rustls::RootCertStore::empty();
//! roots.add(certificate.clone())?;
//! let key = rustls::pki_types::PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
//!
//! let client_tls = tls::client_config(provider.clone(), clock, roots)?;
//! let server_tls = tls::server_config(provider, vec![certificate], key.into())?;
//! let mut client_tls =
//!     rustls::ClientConnection::new(Arc::new(client_tls), "ntp.example".try_into()?)?;
//! let mut server_tls = rustls::ServerConnection::new(Arc::new(server_tls))?;
//! while client_tls.is_handshaking() || server_tls.is_handshaking() {
//!     hand_over(&mut client_tls, &mut server_tls)?;
//!     hand_over(&mut server_tls, &mut client_tls)?;
//! }
//! tls::check_session(&client_tls)?;
//! tls::check_session(&server_tls)?;
//!
//! let (client_config, server_config) = (KeClientConfig::new(), KeServerConfig::new());
//! let mut client = KeClient::new(&client_config, Duration::ZERO);
//! let mut server = KeServer::new(&server_config, Duration::ZERO);
//! client_tls.writer().write_all(&client.poll_request().unwrap())?;
//! hand_over(&mut client_tls, &mut server_tls)?;
//! let mut octets = [0; 4096];
//! let length = server_tls.reader().read(&mut octets)?;
//! let _ = server.handle_octets(&octets[..length]);
//!
//! let keyring = Keyring::new(1, &[0x2b; 32]);
//! let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
//! let mut response = Vec::new();
//! server.respond(&server_tls, &keyring, &mut rng, &mut response)?;
//! server_tls.writer().write_all(&response)?;
//! hand_over(&mut server_tls, &mut client_tls)?;
//! let length = client_tls.reader().read(&mut octets)?;
//! let _ = client.handle_octets(&octets[..length]);
//! let association = client.finish(&client_tls)?;
//! assert_eq!(association.cookies.len(), 8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod exporter;
mod session;

pub use config::{client_config, client_config_with_verifier, server_config};
pub use rustls;
pub use session::{SessionError, check_session};

#[cfg(test)]
mod tests;
