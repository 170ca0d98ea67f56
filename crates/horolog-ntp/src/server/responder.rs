use core::net::IpAddr;

use horolog_time::NtpTimestamp;
use thiserror::Error;

use super::{InterleavedTable, RateDecision, RateLimiter, SystemState};
use crate::extension::{ExtensionType, UniqueIdentifier};
use crate::mac::{KeyId, MacKey, MacKeys};
use crate::{
    DecodeError, EncodeError, Header, KissCode, LeapIndicator, Mode, Packet, PacketWriter,
    ReferenceId, Stratum, Version,
};

/// Answers clients, without I/O.
///
/// * Only requests of mode 3 and versions 1 to 4 are answered, in the version they were asked in.
/// * A response is never longer than its request, so the server amplifies nothing.
/// * Unknown extension fields are ignored and never sent back. A Unique Identifier is.
/// * A request with a MAC is answered with one under the same key, or not at all.
/// * Nothing is allocated per request. What is kept of clients (timestamps for interleaved replies,
///   counts for the rate limit) lives in tables of a fixed size.
///
/// As in [RFC 5905 § 9.2](https://www.rfc-editor.org/rfc/rfc5905#section-9.2), figure 31.
///
/// # Examples
///
/// ```
/// use core::net::Ipv4Addr;
/// use horolog_ntp::{Arrival, Header, Mode, Packet, ServerResponder, SystemState};
/// use horolog_time::NtpTimestamp;
///
/// let mut responder = ServerResponder::new(SystemState::local_primary());
/// let request = Header { transmit: NtpTimestamp::from_bits(0x1234), ..Header::default() };
///
/// let arrival = Arrival {
///     source: Ipv4Addr::LOCALHOST.into(),
///     receive: NtpTimestamp::from_parts(3_900_000_000, 0),
///     transmit: NtpTimestamp::from_parts(3_900_000_000, 100_000),
/// };
/// let mut buffer = [0; 48];
/// let response = responder.respond(&request.to_octets(), arrival, &mut buffer)?;
///
/// let reply = Packet::decode(&buffer[..response.length])?.header;
/// assert_eq!((reply.mode, reply.origin), (Mode::SERVER, request.transmit));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ServerResponder {
    system: SystemState,
    keys: MacKeys,
    interleaved: Option<InterleavedTable>,
    limiter: Option<RateLimiter>,
}

/// Where a request came from, and the times that go into the response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Arrival {
    /// The client's address.
    pub source: IpAddr,
    /// When the request arrived, best the kernel's timestamp.
    pub receive: NtpTimestamp,
    /// When the response leaves: now, read as late as can be.
    pub transmit: NtpTimestamp,
}

/// A response that was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Response {
    /// Octets to send.
    pub length: usize,
    /// What it is.
    pub kind: ResponseKind,
    /// The key that authenticated request and response.
    pub key: Option<KeyId>,
    /// What to tell [`ServerResponder::handle_transmitted`] of, if anything.
    pub saved: Option<SavedReply>,
}

/// The header that answers a request, for a caller that writes the packet itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The header.
    pub header: Header,
    /// What it is.
    pub kind: ResponseKind,
    /// What to tell [`ServerResponder::handle_transmitted`] of, if anything.
    pub saved: Option<SavedReply>,
}

impl Answer {
    /// A kiss code, in answer to a request's header: no time, stratum 0, leap indicator 3.
    ///
    /// As in [RFC 5905 § 7.4](https://www.rfc-editor.org/rfc/rfc5905#section-7.4).
    #[must_use]
    pub fn kiss(request: &Header, code: KissCode) -> Self {
        let header = Header {
            leap: LeapIndicator::Unknown,
            version: request.version,
            mode: Mode::SERVER,
            poll: request.poll,
            reference_id: ReferenceId::from_octets(code.to_octets()),
            origin: request.transmit,
            ..Header::default()
        };
        Self {
            header,
            kind: ResponseKind::Kiss(code),
            saved: None,
        }
    }
}

/// A reply that an interleaved one may tell more of: its timestamps are in the server's table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SavedReply {
    receive: NtpTimestamp,
}

/// What a response is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResponseKind {
    /// Time, in basic mode.
    Basic,
    /// Time, in interleaved mode (RFC 9769).
    Interleaved,
    /// A kiss code.
    Kiss(KissCode),
}

/// Why a request gets no response.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no NTP packet.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// It is not of mode 3.
    #[error("mode is {0}, not client")]
    Mode(Mode),
    /// It names a key that the server does not have.
    #[error("unknown key {0}")]
    UnknownKey(KeyId),
    /// Its MAC does not verify.
    #[error("MAC of key {0} does not verify")]
    BadMac(KeyId),
    /// The client asks too often.
    #[error("above the rate limit")]
    RateLimited,
    /// The response does not fit the buffer, or would be longer than the request.
    #[error("response cannot be written")]
    Response(#[from] EncodeError),
}

impl ServerResponder {
    /// A server without keys, interleaved mode and rate limit.
    #[must_use]
    pub const fn new(system: SystemState) -> Self {
        Self {
            system,
            keys: MacKeys::new(),
            interleaved: None,
            limiter: None,
        }
    }

    /// Authenticates with these keys.
    #[must_use]
    pub fn with_keys(mut self, keys: MacKeys) -> Self {
        self.keys = keys;
        self
    }

    /// Answers in interleaved mode where a client asks for it.
    #[must_use]
    pub fn with_interleaved(mut self, table: InterleavedTable) -> Self {
        self.interleaved = Some(table);
        self
    }

    /// Refuses clients that ask too often.
    #[must_use]
    pub fn with_rate_limit(mut self, limiter: RateLimiter) -> Self {
        self.limiter = Some(limiter);
        self
    }

    /// What the server says of its clock.
    #[must_use]
    pub const fn system(&self) -> &SystemState {
        &self.system
    }

    /// Replaces what the server says of its clock.
    pub const fn set_system(&mut self, system: SystemState) {
        self.system = system;
    }

    /// Replaces the keys.
    pub fn set_keys(&mut self, keys: MacKeys) {
        self.keys = keys;
    }

    /// Writes the response to a datagram.
    ///
    /// After it was sent, tell [`handle_transmitted`](Self::handle_transmitted) when it really left,
    /// if it was [saved](Response::saved).
    ///
    /// # Errors
    ///
    /// [`Refusal`]: there is none, and why.
    pub fn respond(
        &mut self,
        datagram: &[u8],
        arrival: Arrival,
        buffer: &mut [u8],
    ) -> Result<Response, Refusal> {
        let request = Packet::decode(datagram)?;
        if request.header.mode != Mode::CLIENT {
            return Err(Refusal::Mode(request.header.mode));
        }
        let decision = self.admit(arrival.source, arrival.receive);
        if decision == RateDecision::Drop {
            return Err(Refusal::RateLimited);
        }
        let key = authenticate(&self.keys, datagram, &request)?.map(MacKey::id);
        let Answer {
            header,
            kind,
            saved,
        } = match decision {
            RateDecision::Kiss => Answer::kiss(&request.header, KissCode::RATE),
            RateDecision::Answer | RateDecision::Drop => self.reply(&request.header, arrival),
        };
        // A response may not be longer than its request.
        let end = buffer.len().min(datagram.len());
        let buffer = buffer.get_mut(..end).unwrap_or_default();
        let mut writer = PacketWriter::new(buffer, &header)?;
        if let Some(identifier) = unique_identifier(&request) {
            writer.field(&identifier)?;
        }
        let length = match key.and_then(|id| self.keys.find(id)) {
            Some(key) => writer.finish_with_mac(key)?,
            None => writer.finish()?,
        };
        Ok(Response {
            length,
            kind,
            key,
            saved,
        })
    }

    /// Counts a request against the rate limit, for a caller that writes the packet itself: to be
    /// asked before anything that costs, such as opening a cookie.
    ///
    /// Then [`reply`](Self::reply) gives the header of an answer and [`Answer::kiss`] that of a RATE
    /// kiss code. [`respond`](Self::respond) asks by itself, so a datagram that goes there must not
    /// be counted here as well. Without a limit all are answered.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::net::Ipv4Addr;
    /// use horolog_ntp::{Answer, Arrival, Header, KissCode, RateDecision, ServerResponder, SystemState};
    /// use horolog_time::NtpTimestamp;
    ///
    /// let mut responder = ServerResponder::new(SystemState::local_primary());
    /// let (request, now) = (Header::default(), NtpTimestamp::from_parts(3_900_000_000, 0));
    /// let arrival = Arrival { source: Ipv4Addr::LOCALHOST.into(), receive: now, transmit: now };
    /// let answer = match responder.admit(arrival.source, arrival.receive) {
    ///     RateDecision::Answer => Some(responder.reply(&request, arrival)),
    ///     RateDecision::Kiss => Some(Answer::kiss(&request, KissCode::RATE)),
    ///     RateDecision::Drop => None,
    /// };
    /// assert!(answer.is_some_and(|answer| answer.header.stratum.is_synchronised()));
    /// ```
    pub fn admit(&mut self, source: IpAddr, receive: NtpTimestamp) -> RateDecision {
        match &mut self.limiter {
            Some(limiter) => limiter.decide(source, receive),
            None => RateDecision::Answer,
        }
    }

    /// The header that answers a request's header, for a caller that writes the packet itself.
    pub fn reply(&mut self, request: &Header, arrival: Arrival) -> Answer {
        // In the receive timestamp the last bit is set, in the transmit timestamp it is not, so
        // they differ, as RFC 9769 § 2 asks for, and tell basic from interleaved requests.
        let mut receive = NtpTimestamp::from_bits(arrival.receive.to_bits() | 1);
        let even = |stamp: NtpTimestamp| NtpTimestamp::from_bits(stamp.to_bits() & !1);
        let (mut kind, mut saved) = (ResponseKind::Basic, None);
        let (mut origin, mut transmit) = (request.transmit, even(arrival.transmit));
        if let Some(table) = &mut self.interleaved {
            // RFC 9769 § 2: interleaved only where the request's receive and transmit timestamps
            // differ and its origin timestamp is a saved receive timestamp.
            let asked = request.receive != request.transmit && !request.origin.is_unknown();
            if asked && let Some(left) = table.take(arrival.source, request.origin) {
                kind = ResponseKind::Interleaved;
                (origin, transmit) = (request.receive, even(left));
            }
            // RFC 9769 § 2 allows for saving only where the origin timestamp is not zero: clients
            // that never ask for interleaved replies take no room.
            if !request.origin.is_unknown() {
                receive = table.insert(arrival.source, receive, even(arrival.transmit));
                saved = Some(SavedReply { receive });
            }
        }
        let SystemState {
            leap,
            stratum,
            precision,
            root_delay,
            root_dispersion,
            reference_id,
            reference,
        } = self.system;
        let header = Header {
            leap,
            version: request.version,
            mode: Mode::SERVER,
            stratum: on_the_wire(stratum),
            poll: request.poll,
            precision,
            root_delay,
            root_dispersion,
            reference_id,
            reference: if reference.is_unknown() && self.system.is_synchronised() {
                // Receivers refuse a clock that was set after the reply left.
                match kind {
                    ResponseKind::Interleaved => transmit,
                    _ => arrival.receive,
                }
            } else {
                reference
            },
            origin,
            receive,
            transmit,
        };
        Answer {
            header,
            kind,
            saved,
        }
    }

    /// Takes a better time at which a saved reply left, such as the kernel's; the interleaved reply
    /// that follows it says it.
    pub fn handle_transmitted(&mut self, saved: SavedReply, transmit: NtpTimestamp) {
        if let Some(table) = &mut self.interleaved {
            table.set_transmit(saved.receive, transmit);
        }
    }
}

/// The key of a request with a MAC that verifies.
fn authenticate<'k>(
    keys: &'k MacKeys,
    datagram: &[u8],
    request: &Packet<'_>,
) -> Result<Option<&'k MacKey>, Refusal> {
    let Some(mac) = request.mac() else {
        return Ok(None);
    };
    let key = keys
        .find(mac.key_id)
        .ok_or(Refusal::UnknownKey(mac.key_id))?;
    let covered = datagram
        .get(..request.authenticated_len())
        .unwrap_or_default();
    if key.verify(covered, mac, request.header.version) {
        Ok(Some(key))
    } else {
        Err(Refusal::BadMac(key.id()))
    }
}

/// The request's Unique Identifier, if it is a good one.
///
/// RFC 8915 § 5.3: every response to a request that has one echoes it, kiss codes too.
fn unique_identifier<'a>(request: &Packet<'a>) -> Option<UniqueIdentifier<'a>> {
    if request.header.version != Version::V4 {
        return None;
    }
    request
        .find(ExtensionType::UNIQUE_IDENTIFIER)?
        .decode_as()
        .ok()
}

/// RFC 5905 appendix A.5.3.1: a stratum of 16 and above is sent as 0.
fn on_the_wire(stratum: Stratum) -> Stratum {
    if stratum >= Stratum::UNSYNCHRONISED {
        Stratum::UNSPECIFIED
    } else {
        stratum
    }
}

#[cfg(test)]
mod tests;
