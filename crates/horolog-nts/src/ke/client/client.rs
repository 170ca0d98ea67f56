use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::{KeClientConfig, KeError, Misbehavior};
use crate::ke::KeProgress;
use crate::ke::deadline::Deadlines;
use crate::ke::reception::{Reception, State};
use crate::message::error_record;
use crate::{
    AeadAlgorithm, Association, CookieJar, KeResponse, KeyExporter, NextProtocol, SessionKeys,
};

/// The client of one key establishment: octets and events in, a request and an [`Association`] out.
///
/// It stands on a TLS session that is made elsewhere: TLS 1.3, with ALPN `ntske/1` negotiated and
/// checked, the server's certificate verified (RFC 8915 § 3; the feature `rustls` has what it
/// takes). It does no I/O and reads no clock: times are durations since an instant of your choice.
///
/// Send the [request](Self::poll_request) in one piece, give what comes to
/// [`handle_octets`](Self::handle_octets) in any pieces, and [finish](Self::finish) once that is
/// [`KeProgress::Done`]; then close. What a server sends behind the end of its response is not
/// looked at.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use horolog_nts::{ExporterSecret, KeClient, KeClientConfig, KeProgress};
///
/// let config = KeClientConfig::new();
/// let mut client = KeClient::new(&config, Duration::ZERO);
/// client.handle_handshake();
/// let request = client.poll_request().unwrap();
/// assert_eq!(request[..6], [0x80, 1, 0, 2, 0, 0]); // Over TLS with it.
///
/// let response = [
///     &[0x80, 1, 0, 2, 0, 0][..], // NTPv4
///     &[0x80, 4, 0, 2, 0, 15], // AES-SIV-CMAC-256
///     &[0, 5, 0, 4, 1, 2, 3, 4], // a cookie, if a short one
///     &[0x80, 0, 0, 0],
/// ]
/// .concat();
/// for octet in &response[..23] {
///     assert_eq!(client.handle_octets(&[*octet]), KeProgress::NeedMore);
/// }
/// assert_eq!(client.handle_octets(&response[23..]), KeProgress::Done);
///
/// let tls = ExporterSecret::new(&[7; 32]).unwrap(); // In place of the session.
/// let association = client.finish(&tls)?;
/// assert_eq!(association.keys.algorithm().number(), 15);
/// assert_eq!(association.cookies.len(), 1);
/// # Ok::<(), horolog_nts::KeError>(())
/// ```
#[derive(Debug)]
pub struct KeClient<'c> {
    config: &'c KeClientConfig,
    requested: bool,
    reception: Reception,
    deadlines: Deadlines,
}

impl<'c> KeClient<'c> {
    /// A client whose TCP connection starts now.
    #[must_use]
    pub const fn new(config: &'c KeClientConfig, now: Duration) -> Self {
        Self {
            config,
            requested: false,
            reception: Reception::new(config.response_limit),
            deadlines: Deadlines::new(config.timeouts, now),
        }
    }

    /// The TLS handshake is over, and found good.
    ///
    /// What [`poll_timeout`](Self::poll_timeout) says changes.
    pub const fn handle_handshake(&mut self) {
        self.deadlines.handle_handshake();
    }

    /// The whole request, once. It must not be sent as early data of TLS.
    ///
    /// Some servers read once and take that for all: write it at once.
    #[must_use]
    pub fn poll_request(&mut self) -> Option<Vec<u8>> {
        let first = !self.requested;
        self.requested = true;
        first.then(|| self.config.request())
    }

    /// Octets came from the server.
    pub fn handle_octets(&mut self, octets: &[u8]) -> KeProgress {
        self.reception.handle_octets(octets)
    }

    /// The server closed: no more octets will come.
    pub fn handle_end(&mut self) {
        self.reception.handle_end();
    }

    /// It may be that a deadline has passed. Nothing happens where none has.
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

    /// What came of it. The exporter is the TLS session that the octets came through.
    ///
    /// Where AES-128-GCM-SIV was chosen and the server did not say that it exports keys as the RFC
    /// has it, the keys are those of older chrony, and the others stand beside them
    /// ([`Association::alternative_keys`]).
    ///
    /// # Errors
    ///
    /// [`KeError`]; [`KeError::ClosedEarly`] too where the response is not whole yet. An Error record
    /// counts before all else, even in a response that is not whole.
    pub fn finish(&self, exporter: &impl KeyExporter) -> Result<Association, KeError> {
        let octets = self.reception.octets();
        let incomplete = match self.reception.state() {
            State::Whole { .. } => None,
            State::Faulty(error) => Some(KeError::Malformed(error)),
            State::Open | State::Ended => Some(match self.deadlines.passed() {
                Some(phase) => KeError::TimedOut { phase },
                None => KeError::ClosedEarly {
                    received: octets.len(),
                },
            }),
        };
        if let Some(error) = incomplete {
            return Err(error_record(octets).map_or(error, |code| KeError::Refused { code }));
        }
        let response = KeResponse::decode(octets)?;
        let algorithm = self.agreed(&response)?;
        let (keys, alternative_keys) = export(exporter, algorithm, &response)?;
        let mut cookies = CookieJar::new();
        for cookie in response.cookies().take(CookieJar::CAPACITY) {
            // Neither full nor of a length that was not looked at.
            let kept = cookies.push(cookie);
            debug_assert_eq!(kept, Ok(()));
        }
        Ok(Association {
            alternative_keys,
            server: response.server().map(String::from),
            port: response.port(),
            ..Association::new(keys, cookies)
        })
    }

    /// The algorithm that was agreed on, with NTPv4.
    fn agreed(&self, response: &KeResponse<'_>) -> Result<AeadAlgorithm, KeError> {
        let offered = &KeClientConfig::PROTOCOLS;
        let mut chosen = response.next_protocols();
        if let Some(protocol) = chosen.find(|chosen| !offered.contains(chosen)) {
            return Err(KeError::Misbehaved(Misbehavior::ProtocolNotOffered {
                protocol,
            }));
        }
        if !response.chooses(NextProtocol::NTP_V4) {
            return Err(KeError::NoCommonProtocol);
        }
        let algorithm = response.algorithm().ok_or(KeError::NoCommonAlgorithm)?;
        if !self.config.algorithms().contains(&algorithm) {
            return Err(KeError::Misbehaved(Misbehavior::AlgorithmNotOffered {
                algorithm,
            }));
        }
        Ok(algorithm)
    }
}

/// The keys, and those that older chrony may mean instead.
fn export(
    exporter: &impl KeyExporter,
    algorithm: AeadAlgorithm,
    response: &KeResponse<'_>,
) -> Result<(SessionKeys, Option<SessionKeys>), KeError> {
    let protocol = NextProtocol::NTP_V4;
    let compliant = SessionKeys::export(exporter, protocol, algorithm)?;
    if algorithm != AeadAlgorithm::AES_128_GCM_SIV || response.compliant_gcm_siv_exporter() {
        return Ok((compliant, None));
    }
    let of_chrony = SessionKeys::export_gcm_siv_of_chrony(exporter, protocol)?;
    Ok((of_chrony, Some(compliant)))
}

#[cfg(test)]
mod tests;
