use horolog_time::{NtpDuration, NtpTimestamp, Poll, Precision};
use rand_core::CryptoRng;

use super::{Discard, Measurement, Reply, Unusable};
use crate::constants::MAX_DISPERSION;
use crate::mac::MacKey;
use crate::{EncodeError, Header, LeapIndicator, Mode, Packet, PacketWriter, Version};

/// How a client asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClientConfig {
    /// The version of the requests, 1 to 4.
    pub version: Version,
    /// The poll interval that requests tell the server.
    pub poll: Poll,
    /// The precision of the client's clock; no delay below it is believed.
    pub precision: Precision,
    /// Whether to ask for interleaved replies (RFC 9769 § 2) once there is a reply to build on.
    pub interleaved: bool,
    /// Whether the transmit timestamp of a request is the time it leaves at. Where it is not, it is
    /// 64 random bits, which tell nothing of the client and cannot be guessed.
    pub reveal_time: bool,
}

/// Version 4, random transmit timestamps, basic mode, a precision of about 1 us.
impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            version: Version::V4,
            poll: Poll::default(),
            precision: Precision::from_exponent(-20),
            interleaved: false,
            reveal_time: false,
        }
    }
}

/// One client's exchanges with one server, one at a time, without I/O.
///
/// A request tells nothing of the client (data minimisation): all fields but version, mode, poll
/// and transmit timestamp are zero. A reply is accepted once, if it comes back with the request's
/// transmit timestamp in its origin timestamp; all else is discarded and changes nothing. The
/// checks are those of [RFC 5905 appendix A.5.1](https://www.rfc-editor.org/rfc/rfc5905#appendix-A.5.1),
/// the origin timestamp before anything that the reply says.
///
/// The caller sees to it that only datagrams from the server's address and port get here.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use horolog_ntp::{ClientConfig, ClientExchange, Reply};
/// use horolog_time::NtpTimestamp;
/// # use horolog_ntp::{Arrival, ServerResponder, SystemState};
/// # let mut responder = ServerResponder::new(SystemState::local_primary());
/// # let mut serve = |request: &[u8]| {
/// #     let mut reply = vec![0; request.len()];
/// #     let arrival = Arrival {
/// #         source: core::net::Ipv4Addr::LOCALHOST.into(),
/// #         receive: NtpTimestamp::from_parts(3_900_000_002, 0),
/// #         transmit: NtpTimestamp::from_parts(3_900_000_002, 0),
/// #     };
/// #     let length = responder.respond(request, arrival, &mut reply).unwrap().length;
/// #     reply.truncate(length);
/// #     reply
/// # };
/// let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
/// let mut exchange = ClientExchange::new(ClientConfig::default());
/// let mut request = [0; 48];
/// let t1 = NtpTimestamp::from_parts(3_900_000_000, 0); // now
/// let length = exchange.write_request(&mut request, t1, None, &mut rng)?;
///
/// let datagram = serve(&request[..length]); // … over the network …
///
/// let t4 = NtpTimestamp::from_parts(3_900_000_000, 4_294_967); // a millisecond later
/// let Reply::Measurement(measurement) = exchange.handle_reply(&datagram, t4, None)? else { panic!() };
/// assert_eq!(measurement.offset().to_string(), "1.999500000");
/// assert!(exchange.handle_reply(&datagram, t4, None).is_err()); // accepted once
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientExchange {
    config: ClientConfig,
    outstanding: Option<Outstanding>,
    previous: Option<Previous>,
    /// Interleaved requests without a reply since the last reply.
    unanswered: u8,
}

/// The request that waits for its reply.
#[derive(Clone, Copy, Debug)]
struct Outstanding {
    /// Receive and transmit timestamp as they stand in the request.
    receive: NtpTimestamp,
    transmit: NtpTimestamp,
    /// When it left.
    t1: NtpTimestamp,
    /// The exchange that an interleaved reply tells more of.
    interleaves: Option<Previous>,
}

/// The last exchange that was completed.
#[derive(Clone, Copy, Debug)]
struct Previous {
    t1: NtpTimestamp,
    /// The reply's receive timestamp.
    t2: NtpTimestamp,
    /// The reply's transmit timestamp.
    transmit: NtpTimestamp,
    t4: NtpTimestamp,
}

/// How a reply answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Answer {
    Basic,
    Interleaved,
}

/// Interleaved requests to send without a reply before starting over in basic mode; RFC 9769 § 2
/// asks for a limit.
const MAX_UNANSWERED: u8 = 4;

impl ClientExchange {
    /// No exchange yet.
    #[must_use]
    pub const fn new(config: ClientConfig) -> Self {
        Self {
            config,
            outstanding: None,
            previous: None,
            unanswered: 0,
        }
    }

    /// How this client asks.
    #[must_use]
    pub const fn config(&self) -> &ClientConfig {
        &self.config
    }

    /// Writes a request, with a MAC if there is a key, and tells its length in octets.
    ///
    /// A request that still waits for its reply is given up. `t1` is the time it is about to leave
    /// at; see [`handle_transmitted`](Self::handle_transmitted).
    ///
    /// # Errors
    ///
    /// What [`PacketWriter`] says; then there is no request to wait for.
    pub fn write_request(
        &mut self,
        buffer: &mut [u8],
        t1: NtpTimestamp,
        key: Option<&MacKey>,
        rng: &mut impl CryptoRng,
    ) -> Result<usize, EncodeError> {
        let header = self.request(t1, rng);
        let written = PacketWriter::new(buffer, &header).and_then(|writer| match key {
            Some(key) => writer.finish_with_mac(key),
            None => writer.finish(),
        });
        if written.is_err() {
            self.outstanding = None;
        }
        written
    }

    /// The header of a request, for a caller that writes the packet itself.
    ///
    /// Else as [`write_request`](Self::write_request).
    pub fn request(&mut self, t1: NtpTimestamp, rng: &mut impl CryptoRng) -> Header {
        let interleaves = self
            .previous
            .filter(|_| self.config.interleaved && self.unanswered < MAX_UNANSWERED);
        // RFC 9769 § 2: neither side sends a transmit timestamp equal to its receive timestamp.
        let transmit = if self.config.reveal_time && !t1.is_unknown() {
            t1
        } else {
            random(rng, NtpTimestamp::UNKNOWN)
        };
        let (origin, receive) = match interleaves {
            Some(previous) => (previous.t2, random(rng, transmit)),
            None => (NtpTimestamp::UNKNOWN, NtpTimestamp::UNKNOWN),
        };
        if interleaves.is_some() {
            self.unanswered += 1;
        }
        self.outstanding = Some(Outstanding {
            receive,
            transmit,
            t1,
            interleaves,
        });
        Header {
            version: self.config.version,
            poll: self.config.poll,
            origin,
            receive,
            transmit,
            ..Header::default()
        }
    }

    /// Takes a better time at which the request left, such as the kernel's.
    ///
    /// Changes nothing when no request waits for its reply.
    pub fn handle_transmitted(&mut self, t1: NtpTimestamp) {
        if let Some(outstanding) = &mut self.outstanding {
            outstanding.t1 = t1;
        }
    }

    /// Takes a datagram from the server that arrived at `t4`; with a key, only an authenticated one.
    ///
    /// # Errors
    ///
    /// [`Discard`]: it does not answer the request, and nothing changed.
    pub fn handle_reply(
        &mut self,
        datagram: &[u8],
        t4: NtpTimestamp,
        key: Option<&MacKey>,
    ) -> Result<Reply, Discard> {
        let packet = Packet::decode(datagram)?;
        let (outstanding, answer) = self.check(&packet.header)?;
        if packet.is_crypto_nak() {
            return Err(Discard::CryptoNak);
        }
        if let Some(key) = key {
            authenticate(key, datagram, &packet)?;
        }
        Ok(self.complete(outstanding, answer, packet.header, t4))
    }

    /// Whether the header of a datagram answers the request; changes nothing.
    ///
    /// For a caller that authenticates the packet itself: this is cheap, so it comes first, and
    /// [`handle_header`](Self::handle_header) when the packet proved authentic.
    ///
    /// # Errors
    ///
    /// [`Discard`], as `handle_header` would say it.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::{ClientConfig, ClientExchange, Discard, Header, Mode};
    /// use horolog_time::NtpTimestamp;
    ///
    /// let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    /// let mut exchange = ClientExchange::new(ClientConfig::default());
    /// let request = exchange.request(NtpTimestamp::from_parts(3_900_000_000, 0), &mut rng);
    ///
    /// let reply = Header { mode: Mode::SERVER, origin: request.transmit, ..Header::default() };
    /// assert_eq!(exchange.check_header(&reply), Ok(()));
    /// assert_eq!(exchange.check_header(&request), Err(Discard::Mode(Mode::CLIENT)));
    /// ```
    pub fn check_header(&self, header: &Header) -> Result<(), Discard> {
        self.check(header).map(drop)
    }

    /// Takes the header of a datagram that the caller has authenticated.
    ///
    /// # Errors
    ///
    /// [`Discard`]: it does not answer the request, and nothing changed.
    pub fn handle_header(&mut self, header: Header, t4: NtpTimestamp) -> Result<Reply, Discard> {
        let (outstanding, answer) = self.check(&header)?;
        Ok(self.complete(outstanding, answer, header, t4))
    }

    /// Whether a reply answers the request, and how. Changes nothing.
    fn check(&self, reply: &Header) -> Result<(Outstanding, Answer), Discard> {
        let outstanding = self.outstanding.ok_or(Discard::Unexpected)?;
        if reply.version != self.config.version {
            return Err(Discard::Version(reply.version));
        }
        if reply.mode != Mode::SERVER {
            return Err(Discard::Mode(reply.mode));
        }
        let answer = if reply.origin.is_unknown() {
            return Err(Discard::ZeroOrigin);
        } else if reply.origin == outstanding.transmit {
            Answer::Basic
        } else if outstanding.interleaves.is_some() && reply.origin == outstanding.receive {
            Answer::Interleaved
        } else {
            return Err(Discard::Origin);
        };
        let is_previous = |previous: Previous| {
            previous.t2 == reply.receive && previous.transmit == reply.transmit
        };
        if !reply.receive.is_unknown() && self.previous.is_some_and(is_previous) {
            return Err(Discard::Duplicate);
        }
        Ok((outstanding, answer))
    }

    /// Ends the exchange with a reply that answers the request.
    fn complete(
        &mut self,
        outstanding: Outstanding,
        answer: Answer,
        reply: Header,
        t4: NtpTimestamp,
    ) -> Reply {
        self.outstanding = None;
        self.unanswered = 0;
        if let Some(code) = reply.kiss_code() {
            return Reply::Kiss(code);
        }
        if let Some(reason) = unusable(&reply) {
            return Reply::Unusable(reason, reply);
        }
        let this = Previous {
            t1: outstanding.t1,
            t2: reply.receive,
            transmit: reply.transmit,
            t4,
        };
        self.previous = Some(this);
        let precision = self.config.precision;
        Reply::Measurement(match (answer, outstanding.interleaves) {
            (Answer::Interleaved, Some(previous)) => {
                let timestamps = [previous.t1, previous.t2, reply.transmit, previous.t4];
                Measurement::new(timestamps, reply, precision).interleaved()
            }
            _ => Measurement::new([this.t1, this.t2, reply.transmit, t4], reply, precision),
        })
    }
}

/// 64 random bits that are neither "unknown" nor `other`.
fn random(rng: &mut impl CryptoRng, other: NtpTimestamp) -> NtpTimestamp {
    let bits = NtpTimestamp::from_bits(rng.next_u64());
    // An RNG that repeats itself must not make this loop.
    let taken = |stamp: NtpTimestamp| stamp.is_unknown() || stamp == other;
    if !taken(bits) {
        return bits;
    }
    let next = bits + NtpDuration::RESOLUTION;
    if taken(next) {
        next + NtpDuration::RESOLUTION
    } else {
        next
    }
}

fn authenticate(key: &MacKey, datagram: &[u8], packet: &Packet<'_>) -> Result<(), Discard> {
    let covered = datagram
        .get(..packet.authenticated_len())
        .unwrap_or_default();
    match packet.mac() {
        Some(mac) if key.verify(covered, mac, packet.header.version) => Ok(()),
        _ => Err(Discard::Unauthenticated),
    }
}

/// The tests of RFC 5905 appendix A.5.1.1.
fn unusable(reply: &Header) -> Option<Unusable> {
    if reply.leap == LeapIndicator::Unknown || !reply.stratum.is_synchronised() {
        return Some(Unusable::Unsynchronised);
    }
    if reply.receive.is_unknown() || reply.transmit.is_unknown() {
        return Some(Unusable::NoTime);
    }
    let half_delay = NtpDuration::from(reply.root_delay).half();
    if half_delay.saturating_add(reply.root_dispersion.into()) >= MAX_DISPERSION {
        return Some(Unusable::RootDistance);
    }
    // The transmit timestamp of an interleaved reply is that of the reply before; the clock may
    // have been set since.
    let after = |stamp: NtpTimestamp| reply.reference - stamp > NtpDuration::ZERO;
    if !reply.reference.is_unknown() && after(reply.transmit) && after(reply.receive) {
        return Some(Unusable::ReferenceTime);
    }
    None
}

#[cfg(test)]
mod tests;
