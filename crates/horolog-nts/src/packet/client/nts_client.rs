use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use horolog_ntp::{
    ClientConfig, ClientExchange, Discard, EncodeError, ExtensionField, ExtensionType, Header,
    KissCode, Version,
};
#[cfg(feature = "unstable-leap-ef")]
use horolog_ntp::{LeapListField, PrivateExtensionType};
use horolog_time::NtpTimestamp;
use rand_core::CryptoRng;

use super::expanded_keys::ExpandedKeys;
use super::request::{Identifier, shortest_length, write};
use super::{AssociationError, AuthenticReply, NtsDiscard, NtsReply, ProtectError};
use crate::packet::fields::{NtsFields, Sealed, check_plaintext, walked};
use crate::packet::inside::Inside;
use crate::{Association, CookieJar, NextProtocol};

/// One client's protected exchanges with one server, one at a time, without I/O.
///
/// * Each request spends a cookie, the oldest, and asks by placeholders for as many as the jar then
///   lacks: after `n` lost packets for `n + 1`, as far as the length allows.
/// * A reply is accepted once: if its Unique Identifier and origin timestamp are the request's, and
///   it is authentic under the key of the server to the client. Cookies are taken from its encrypted
///   part alone, and no more than were asked for.
/// * All else is discarded and changes nothing, but a kiss code that comes with the request's Unique
///   Identifier: see [`NtsReply`]. Nothing that is not authentic is ever shown as time.
/// * After the first packets nothing is allocated.
///
/// A cookie whose length is not a multiple of four, or is below 12, is padded with zeros: extension
/// fields have no other lengths and nothing in them tells where padding begins
/// ([RFC 8915 § 5.4](https://www.rfc-editor.org/rfc/rfc8915#section-5.4) does not say what then). A
/// server that gives out such cookies has to know them again.
///
/// The caller sees to it that only datagrams from the server's address and port get here.
///
/// As in [RFC 8915 § 5.7](https://www.rfc-editor.org/rfc/rfc8915#section-5.7).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ClientConfig, Reply};
/// use horolog_nts::{AeadAlgorithm, Association, CookieJar, NtsClient, NtsReply, SessionKeys};
/// use horolog_time::NtpTimestamp;
/// # use horolog_ntp::{Arrival, ServerResponder, SystemState};
/// # use horolog_nts::{Keyring, NtsServer};
/// # let mut server = NtsServer::new(ServerResponder::new(SystemState::local_primary()), Keyring::new(1, &[9; 32]));
/// # let mut serve = |request: &[u8]| {
/// #     let mut response = vec![0; request.len()];
/// #     let stamp = NtpTimestamp::from_parts(3_900_000_002, 0);
/// #     let arrival = Arrival { source: core::net::Ipv4Addr::LOCALHOST.into(), receive: stamp, transmit: stamp };
/// #     let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
/// #     let length = server.respond(request, arrival, &mut rng, &mut response).unwrap().length;
/// #     response.truncate(length);
/// #     response
/// # };
/// # let keys = SessionKeys::new(AeadAlgorithm::AES_SIV_CMAC_256, &[1; 32], &[2; 32])?;
/// # let mut cookie = [0; 200];
/// # let length = Keyring::new(1, &[9; 32]).seal_cookie(&keys, &mut rand_core::UnwrapErr(getrandom::SysRng), &mut cookie)?;
/// # let mut cookies = CookieJar::new();
/// # cookies.push(&cookie[..length])?;
/// # let association = Association::new(keys, cookies);
/// // With the association that a key establishment gave:
/// let mut client = NtsClient::new(ClientConfig::default(), association)?;
/// assert!(!client.needs_key_establishment());
///
/// let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
/// let mut request = [0; 1232];
/// let t1 = NtpTimestamp::from_parts(3_900_000_000, 0); // now
/// let length = client.write_request(&mut request, t1, &mut rng)?;
///
/// let datagram = serve(&request[..length]); // … over the network …
///
/// let t4 = NtpTimestamp::from_parts(3_900_000_000, 4_294_967); // a millisecond later
/// let NtsReply::Authentic(authentic) = client.handle_reply(&datagram, t4)? else { panic!() };
/// let Reply::Measurement(measurement) = authentic.reply else { panic!() };
/// assert_eq!(measurement.offset().to_string(), "1.999500000");
/// assert_eq!(client.cookies().len(), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct NtsClient {
    exchange: ClientExchange,
    association: Association,
    /// The association's keys. Apart, for they are large.
    keys: Box<ExpandedKeys>,
    max_length: usize,
    outstanding: Option<Outstanding>,
    /// Whether there was an NTS NAK since the last authentic reply.
    is_refused: bool,
    naks: u64,
    /// What authenticators hide; kept for its room.
    plaintext: Vec<u8>,
    /// The field that the next request asks for a list of leap seconds with.
    #[cfg(feature = "unstable-leap-ef")]
    leap_list: Option<(ExtensionType, LeapListField<'static>)>,
}

/// What is known of the request that waits for its reply, beside what its header says.
#[derive(Clone, Copy, Debug)]
struct Outstanding {
    identifier: Identifier,
    /// Cookies that it asks for.
    cookies: usize,
    /// Whether it got a kiss code that nothing protects.
    is_kissed: bool,
    /// The type of the field that it asks for a list of leap seconds with.
    #[cfg(feature = "unstable-leap-ef")]
    leap_list: Option<ExtensionType>,
}

impl NtsClient {
    /// The most octets of a request if nothing else is said: what fits into an IPv6 packet of 1280
    /// octets, which no network may fragment.
    pub const DEFAULT_MAX_LENGTH: usize = 1280 - 40 - 8;

    /// A client with what a key establishment gave it.
    ///
    /// # Errors
    ///
    /// * [`AssociationError::NextProtocol`] where the keys are not for NTPv4.
    /// * [`AssociationError::Version`] where the requests are to be of another version than 4.
    pub fn new(config: ClientConfig, association: Association) -> Result<Self, AssociationError> {
        check_protocol(&association)?;
        if config.version != Version::V4 {
            return Err(AssociationError::Version(config.version));
        }
        Ok(Self {
            exchange: ClientExchange::new(config),
            keys: Box::new(ExpandedKeys::new(&association.keys)),
            association,
            max_length: Self::DEFAULT_MAX_LENGTH,
            outstanding: None,
            is_refused: false,
            naks: 0,
            plaintext: Vec::new(),
            #[cfg(feature = "unstable-leap-ef")]
            leap_list: None,
        })
    }

    /// Sends no request longer than so many octets; it has fewer placeholders if need be.
    #[must_use]
    pub const fn with_max_length(mut self, octets: usize) -> Self {
        self.max_length = octets;
        self
    }

    /// Has the next request ask for the list of leap seconds, by an experimental field of this type
    /// ([`PrivateExtensionType::LEAP_LIST`] unless the server is known to have another) with room for
    /// so many octets, 1024 at most.
    ///
    /// The field is encrypted. The answer is [`AuthenticReply::leap_list`]; where it says that the
    /// list is longer than the room, ask again with more. Only the next request that is written
    /// asks: a list changes twice a year at most.
    #[cfg(feature = "unstable-leap-ef")]
    pub const fn ask_for_leap_list(&mut self, field_type: PrivateExtensionType, room: usize) {
        const MOST: usize = 1024;
        let room = if room > MOST { MOST } else { room };
        self.leap_list = Some((field_type.get(), LeapListField::request(room)));
    }

    /// What the next request hides.
    #[cfg_attr(
        not(feature = "unstable-leap-ef"),
        expect(clippy::unused_self, reason = "with the feature there is something")
    )]
    fn inside(&self) -> Inside<'static> {
        #[cfg(feature = "unstable-leap-ef")]
        if let Some((field_type, field)) = self.leap_list {
            return Inside::leap_list(field_type, field);
        }
        Inside::default()
    }

    /// What the key establishment gave, with the cookies that are left: what to keep for a restart.
    #[must_use]
    pub const fn association(&self) -> &Association {
        &self.association
    }

    /// Ends with this server.
    #[must_use]
    pub fn into_association(self) -> Association {
        self.association
    }

    /// The cookies that are left.
    #[must_use]
    pub const fn cookies(&self) -> &CookieJar {
        &self.association.cookies
    }

    /// NTS NAKs that came in all.
    #[must_use]
    pub const fn naks(&self) -> u64 {
        self.naks
    }

    /// Whether to run the key establishment, to be asked when the next request is due.
    ///
    /// So it is where no cookie is left, and where there was an NTS NAK and no authentic reply since.
    /// [RFC 8915 § 5.7](https://www.rfc-editor.org/rfc/rfc8915#section-5.7) wants a client to go on
    /// asking with what it has until it has something new, and to limit the rate of its attempts.
    ///
    /// After a NAK [other keys](Association::alternative_keys), where there are any and no reply was
    /// ever authentic, are tried first: the next request changes over to them, once.
    #[must_use]
    pub const fn needs_key_establishment(&self) -> bool {
        let last_keys = self.association.alternative_keys.is_none();
        self.association.cookies.is_empty() || (self.is_refused && last_keys)
    }

    /// Takes what a new key establishment gave. All cookies and keys of before are discarded, and a
    /// request that still waits for its reply is given up.
    ///
    /// # Errors
    ///
    /// [`AssociationError::NextProtocol`]; then nothing changed.
    pub fn replace_association(
        &mut self,
        association: Association,
    ) -> Result<(), AssociationError> {
        check_protocol(&association)?;
        // The next server may be another: nothing of an exchange with this one is of use.
        self.exchange = ClientExchange::new(*self.exchange.config());
        *self.keys = ExpandedKeys::new(&association.keys);
        self.association = association;
        self.outstanding = None;
        self.is_refused = false;
        Ok(())
    }

    /// Writes a request that spends one cookie, and tells its length in octets.
    ///
    /// A request that still waits for its reply is given up. `t1` is the time it is about to leave
    /// at; see [`handle_transmitted`](Self::handle_transmitted). Unique Identifier and nonce come
    /// from `rng`, and the transmit timestamp if the [configuration](ClientConfig) says so. There are
    /// as many placeholders as the jar lacks cookies, seven at most, or as fit the buffer and the
    /// [greatest length](Self::with_max_length).
    ///
    /// # Errors
    ///
    /// In all of these nothing changed: the cookie is not spent, and a request that waits for its
    /// reply goes on waiting.
    ///
    /// * [`ProtectError::NoCookie`]: run the key establishment.
    /// * [`ProtectError::TooLong`] where not even a request without placeholders is short enough.
    /// * [`ProtectError::Encode`] where the buffer is too small for that.
    pub fn write_request(
        &mut self,
        buffer: &mut [u8],
        t1: NtpTimestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<usize, ProtectError> {
        let cookies = &self.association.cookies;
        let cookie = cookies.peek().ok_or(ProtectError::NoCookie)?;
        let changes_keys = self.is_refused && self.association.alternative_keys.is_some();
        let keys = match &self.association.alternative_keys {
            Some(keys) if changes_keys => keys,
            _ => &self.association.keys,
        };
        let (algorithm, inside) = (keys.algorithm(), self.inside());
        let shortest = shortest_length(algorithm, cookie, inside);
        if shortest > self.max_length {
            return Err(ProtectError::TooLong {
                length: shortest,
                max: self.max_length,
            });
        }
        let room = buffer.len().min(self.max_length);
        let Some(left) = room.checked_sub(shortest) else {
            return Err(ProtectError::Encode(EncodeError::BufferTooSmall {
                field: "request",
                needed: shortest,
                left: room,
            }));
        };

        // There is room for all that is needed: nothing can fail from here on.
        if changes_keys && let Some(keys) = self.association.alternative_keys.take() {
            *self.keys = ExpandedKeys::new(&keys);
            self.association.keys = keys;
            self.is_refused = false;
        }
        let header = self.exchange.request(t1, rng);
        let mut identifier = Identifier::default();
        rng.fill_bytes(&mut identifier);
        let cookies = &mut self.association.cookies;
        let first = (&header, &identifier);
        let key = (algorithm, &mut self.keys.client_to_server);
        let (length, asked_for) = write(buffer, first, cookies, left, inside, key, rng)?;

        self.outstanding = Some(Outstanding {
            identifier,
            cookies: asked_for,
            is_kissed: false,
            #[cfg(feature = "unstable-leap-ef")]
            leap_list: self.leap_list.take().map(|(field_type, _)| field_type),
        });
        Ok(length)
    }

    /// Takes a better time at which the request left, such as the kernel's.
    ///
    /// Changes nothing when no request waits for its reply.
    pub fn handle_transmitted(&mut self, t1: NtpTimestamp) {
        self.exchange.handle_transmitted(t1);
    }

    /// Takes a datagram from the server that arrived at `t4`.
    ///
    /// Fields behind the authenticator are not looked at: nothing protects them.
    ///
    /// # Errors
    ///
    /// [`NtsDiscard`]: it does not answer the request, and nothing changed.
    pub fn handle_reply<'a>(
        &'a mut self,
        datagram: &'a [u8],
        t4: NtpTimestamp,
    ) -> Result<NtsReply<'a>, NtsDiscard> {
        // Before the crypto, what costs little.
        let outstanding = self.outstanding.as_mut().ok_or(Discard::Unexpected)?;
        let header = Header::decode(datagram)?;
        self.exchange.check_header(&header)?;
        let fields = NtsFields::decode(datagram)?;
        if let Some(repeated) = fields.repeated {
            return Err(NtsDiscard::Repeated(repeated));
        }
        let identifier = fields.identifier()?.ok_or(NtsDiscard::NoIdentifier)?;
        if identifier.as_octets() != outstanding.identifier {
            return Err(NtsDiscard::Identifier);
        }
        if let Some(sealed) = fields.sealed()? {
            return self.handle_sealed(header, sealed, t4);
        }
        let code = header.kiss_code().ok_or(NtsDiscard::Unprotected)?;
        if outstanding.is_kissed {
            return Err(NtsDiscard::RepeatedKiss);
        }
        outstanding.is_kissed = true;
        if code != KissCode::NTSN {
            return Ok(NtsReply::UnprotectedKiss(code));
        }
        self.is_refused = true;
        self.naks = self.naks.saturating_add(1);
        Ok(NtsReply::Nak)
    }

    /// Takes a reply with the request's Unique Identifier and an authenticator.
    fn handle_sealed<'a>(
        &'a mut self,
        header: Header,
        sealed: Sealed<'a>,
        t4: NtpTimestamp,
    ) -> Result<NtsReply<'a>, NtsDiscard> {
        let Sealed {
            associated_data,
            authenticator,
            ..
        } = sealed;
        let association = &mut self.association;
        self.plaintext.clear();
        self.plaintext.extend_from_slice(authenticator.ciphertext);
        let key = &mut self.keys.server_to_client;
        let plaintext: &[u8] =
            key.open(associated_data, authenticator.nonce, &mut self.plaintext)?;
        check_plaintext(plaintext).map_err(NtsDiscard::Plaintext)?;
        let reply = self.exchange.handle_header(header, t4)?;

        let sent = self.outstanding.take();
        let asked_for = sent.map_or(0, |sent| sent.cookies);
        // Those that are empty or too long are not taken.
        let is_kept = |cookie: &ExtensionField<'_>| association.cookies.push(cookie.value).is_ok();
        let cookies = walked(plaintext)
            .filter(|field| field.field_type == ExtensionType::NTS_COOKIE)
            .take(asked_for)
            .filter(is_kept)
            .count();
        association.alternative_keys = None;
        self.is_refused = false;
        let authentic = AuthenticReply::new(reply, cookies, associated_data, plaintext);
        #[cfg(feature = "unstable-leap-ef")]
        let authentic = authentic.with_leap_list(sent.and_then(|sent| sent.leap_list));
        Ok(NtsReply::Authentic(authentic))
    }
}

/// How many cookies and naks; neither keys nor cookies.
impl fmt::Debug for NtsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtsClient")
            .field("exchange", &self.exchange)
            .field("association", &self.association)
            .field("outstanding", &self.outstanding)
            .field("naks", &self.naks)
            .finish_non_exhaustive()
    }
}

fn check_protocol(association: &Association) -> Result<(), AssociationError> {
    match association.next_protocol {
        NextProtocol::NTP_V4 => Ok(()),
        other => Err(AssociationError::NextProtocol(other)),
    }
}

#[cfg(test)]
mod tests;
