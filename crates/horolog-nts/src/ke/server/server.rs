use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use rand_core::CryptoRng;

use super::{KeServerConfig, KeServerError};
use crate::ke::KeProgress;
use crate::ke::deadline::Deadlines;
use crate::ke::reception::{Reception, State};
use crate::{
    AeadAlgorithm, EncodeError, KeRequest, KeResponse, KeyExporter, Keyring, MessageError,
    NextProtocol, SessionKeys,
};

/// The server of one key establishment: octets and events in, a response out.
///
/// It stands on a TLS session that is made elsewhere: TLS 1.3, with ALPN `ntske/1` negotiated and
/// checked (RFC 8915 § 3; the feature `rustls` has what it takes). It does no I/O and reads no
/// clock: times are durations since an instant of your choice. It keeps no more of a request than
/// the limit of its configuration.
///
/// Give what comes to [`handle_octets`](Self::handle_octets) in any pieces, and
/// [respond](Self::respond) once that is [`KeProgress::Done`], or the client closed its side, or a
/// deadline passed; then close.
///
/// Octets behind the End of Message that came before the response are a bad request: the RFC has no
/// text for them, chrony and NTPsec hang up then, ntpd-rs answers as if they were not there. What
/// comes later is not looked at.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use horolog_nts::{ExporterSecret, KeOutcome, KeProgress, KeServer, KeServerConfig, Keyring};
///
/// let config = KeServerConfig::new();
/// let keyring = Keyring::new(1, &[0x2b; 32]);
/// let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
///
/// let mut server = KeServer::new(&config, Duration::ZERO);
/// server.handle_handshake();
/// let request = [0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x80, 0, 0, 0];
/// assert_eq!(server.handle_octets(&request[..7]), KeProgress::NeedMore);
/// assert_eq!(server.handle_octets(&request[7..]), KeProgress::Done);
///
/// let tls = ExporterSecret::new(&[7; 32]).unwrap(); // In place of the session.
/// let mut response = Vec::new();
/// let outcome = server.respond(&tls, &keyring, &mut rng, &mut response)?;
/// assert!(matches!(outcome, KeOutcome::Established { algorithm, .. } if algorithm.number() == 15));
/// assert_eq!(response[..12], request[..12]);
/// # Ok::<(), horolog_nts::KeServerError>(())
/// ```
#[derive(Debug)]
pub struct KeServer<'c> {
    config: &'c KeServerConfig,
    reception: Reception,
    deadlines: Deadlines,
}

/// What a server said to a request that is as it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeOutcome {
    /// The client has keys and cookies.
    Established {
        /// The algorithm of the keys.
        algorithm: AeadAlgorithm,
        /// Whether the keys are for AES-128-GCM-SIV in the context of older chrony, because the
        /// client did not say that it knows better.
        keys_of_chrony: bool,
    },
    /// None of the client's algorithms is supported.
    NoCommonAlgorithm,
    /// The client does not offer NTPv4.
    NoCommonProtocol,
}

impl<'c> KeServer<'c> {
    /// A server whose TCP connection starts now.
    #[must_use]
    pub const fn new(config: &'c KeServerConfig, now: Duration) -> Self {
        Self {
            config,
            reception: Reception::new(config.request_limit),
            deadlines: Deadlines::new(config.timeouts, now),
        }
    }

    /// The TLS handshake is over, and found good.
    ///
    /// What [`poll_timeout`](Self::poll_timeout) says changes.
    pub const fn handle_handshake(&mut self) {
        self.deadlines.handle_handshake();
    }

    /// Octets came from the client.
    pub fn handle_octets(&mut self, octets: &[u8]) -> KeProgress {
        self.reception.handle_octets(octets)
    }

    /// The client closed its side: no more octets will come. It may still be waiting for the
    /// response.
    pub fn handle_end(&mut self) {
        self.reception.handle_end();
    }

    /// It may be that a deadline has passed. Nothing happens where none has.
    ///
    /// Where the handshake is not over, no response can be sent: close then.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.deadlines.handle_timeout(now);
    }

    /// When to call [`handle_timeout`](Self::handle_timeout); never, where nothing more is waited
    /// for.
    ///
    /// The answer changes with every `handle_…`.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let open = self.reception.state() == State::Open;
        open.then(|| self.deadlines.next()).flatten()
    }

    /// Appends the whole response. The exporter is the TLS session that the octets came through.
    ///
    /// There is one for every request: what is wrong with it stands in an Error record.
    ///
    /// # Errors
    ///
    /// [`KeServerError`], of which the client was told
    /// [`error_code`](KeServerError::error_code).
    pub fn respond(
        &self,
        exporter: &impl KeyExporter,
        keyring: &Keyring,
        rng: &mut (impl CryptoRng + ?Sized),
        response: &mut Vec<u8>,
    ) -> Result<KeOutcome, KeServerError> {
        let start = response.len();
        let outcome = self.answer(exporter, keyring, rng, response);
        if let Err(error) = outcome {
            response.truncate(start);
            error.error_code().encode_response(response)?;
        }
        outcome
    }

    fn answer(
        &self,
        exporter: &impl KeyExporter,
        keyring: &Keyring,
        rng: &mut (impl CryptoRng + ?Sized),
        response: &mut Vec<u8>,
    ) -> Result<KeOutcome, KeServerError> {
        let request = self.request()?;
        if !request.offers(NextProtocol::NTP_V4) {
            KeResponse::no_common_protocol().encode(response)?;
            return Ok(KeOutcome::NoCommonProtocol);
        }
        let Some(algorithm) = self.config.select(&request) else {
            KeResponse::no_common_algorithm().encode(response)?;
            return Ok(KeOutcome::NoCommonAlgorithm);
        };
        let gcm_siv = algorithm == AeadAlgorithm::AES_128_GCM_SIV;
        let compliant = request.compliant_gcm_siv_exporter();
        let keys = if gcm_siv && !compliant {
            SessionKeys::export_gcm_siv_of_chrony(exporter, NextProtocol::NTP_V4)?
        } else {
            SessionKeys::export(exporter, NextProtocol::NTP_V4, algorithm)?
        };
        let cookies = Cookies::new(self.config.cookies, &keys, keyring, rng)?;
        let cookies: Vec<_> = cookies.iter().collect();
        let mut message = self.config.place(KeResponse::new(algorithm, &cookies));
        if gcm_siv && compliant {
            message = message.with_compliant_gcm_siv_exporter();
        }
        message.encode(response)?;
        Ok(KeOutcome::Established {
            algorithm,
            keys_of_chrony: gcm_siv && !compliant,
        })
    }

    /// The request, if it came in time and is one.
    fn request(&self) -> Result<KeRequest<'_>, KeServerError> {
        let octets = self.reception.octets();
        match (self.reception.state(), self.deadlines.passed()) {
            (State::Whole { trailing: 0 }, _) => {}
            (State::Whole { trailing }, _) => {
                return Err(KeServerError::Request(MessageError::Trailing {
                    left: trailing,
                    offset: octets.len(),
                }));
            }
            (State::Faulty(error), _) => return Err(MessageError::from(error).into()),
            (State::Open, Some(phase)) => return Err(KeServerError::TimedOut { phase }),
            (State::Open | State::Ended, _) => {}
        }
        Ok(KeRequest::decode(octets)?)
    }
}

/// Cookies of one length, one behind the other.
struct Cookies {
    octets: Vec<u8>,
    length: usize,
}

impl Cookies {
    fn new(
        count: usize,
        keys: &SessionKeys,
        keyring: &Keyring,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, EncodeError> {
        let length = Keyring::cookie_length(keys.algorithm()).unwrap_or_default();
        let mut octets = vec![0; count * length];
        for room in octets.chunks_exact_mut(length.max(1)) {
            keyring.seal_cookie(keys, rng, room)?;
        }
        Ok(Self { octets, length })
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.octets.chunks_exact(self.length.max(1))
    }
}

#[cfg(test)]
mod tests;
