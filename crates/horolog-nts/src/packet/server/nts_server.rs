use alloc::vec::Vec;

#[cfg(feature = "unstable-leap-ef")]
use horolog_ntp::PrivateExtensionType;
use horolog_ntp::{
    Answer, Arrival, KeyId, KissCode, RateDecision, Response, ResponseKind, SavedReply,
    ServerResponder,
};
use horolog_time::NtpTimestamp;
use rand_core::CryptoRng;

#[cfg(feature = "unstable-leap-ef")]
use super::LeapListOffer;
use super::{NtsRefusal, ProtectedResponse, SealedRequest};
use crate::Keyring;

/// Answers clients with and without NTS, without I/O.
///
/// * Of clients nothing is kept for NTS: all that is needed comes with their cookies, which the
///   [`Keyring`] opens.
/// * A request without any field of NTS is answered by the [`ServerResponder`] alone. One that has
///   some of them but not all is not answered at all.
/// * Where the cookie or the authenticator does not open, the answer is an NTS NAK.
/// * A response is never longer than its request, and as long where it can be.
/// * The rate limit comes before the cryptography.
/// * After the first packets nothing is allocated.
///
/// A server of many threads takes the same steps one by one: see [`SealedRequest`].
///
/// As in [RFC 8915 § 5.7](https://www.rfc-editor.org/rfc/rfc8915#section-5.7).
///
/// # Examples
///
/// See [`NtsClient`](crate::NtsClient), and the front page for both together.
///
/// ```
/// use core::net::Ipv4Addr;
/// use horolog_ntp::{Arrival, Header, ServerResponder, SystemState};
/// use horolog_nts::{Keyring, NtsServer};
/// use horolog_time::NtpTimestamp;
///
/// let responder = ServerResponder::new(SystemState::local_primary());
/// let mut server = NtsServer::new(responder, Keyring::new(1, &[9; 32]));
///
/// let now = NtpTimestamp::from_parts(3_900_000_000, 0);
/// let arrival = Arrival { source: Ipv4Addr::LOCALHOST.into(), receive: now, transmit: now };
/// let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
/// let mut buffer = [0; 1500];
/// let response = server.respond(&Header::default().to_octets(), arrival, &mut rng, &mut buffer)?;
/// assert_eq!((response.length, response.cookies), (48, 0)); // a plain one for a plain request
/// # Ok::<(), horolog_nts::NtsRefusal>(())
/// ```
#[derive(Debug)]
pub struct NtsServer {
    responder: ServerResponder,
    keyring: Keyring,
    scratch: Vec<u8>,
    #[cfg(feature = "unstable-leap-ef")]
    leap_list: Option<(PrivateExtensionType, Vec<u8>)>,
}

/// A response that was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NtsResponse {
    /// Octets to send.
    pub length: usize,
    /// What it is.
    pub kind: ResponseKind,
    /// New cookies in it; 0 where it is not protected by NTS.
    pub cookies: usize,
    /// The key that authenticated request and response, where both have a MAC and not NTS.
    pub key: Option<KeyId>,
    /// What to tell [`NtsServer::handle_transmitted`] of, if anything.
    pub saved: Option<SavedReply>,
}

impl NtsResponse {
    /// What was written with the header of an answer, by [`NtsRequest::write_response`].
    ///
    /// [`NtsRequest::write_response`]: crate::NtsRequest::write_response
    #[must_use]
    pub const fn protected(response: &ProtectedResponse, answer: &Answer) -> Self {
        Self {
            length: response.length,
            kind: answer.kind,
            cookies: response.cookies,
            key: None,
            saved: answer.saved,
        }
    }

    /// Writes a kiss code in answer to a protected request, by [`SealedRequest::write_kiss`].
    ///
    /// # Errors
    ///
    /// What `write_kiss` says.
    pub fn kiss(
        request: &SealedRequest<'_>,
        code: KissCode,
        buffer: &mut [u8],
    ) -> Result<Self, NtsRefusal> {
        Ok(Self {
            length: request.write_kiss(code, buffer)?,
            kind: ResponseKind::Kiss(code),
            cookies: 0,
            key: None,
            saved: None,
        })
    }
}

/// The response to a request without NTS.
impl From<Response> for NtsResponse {
    fn from(response: Response) -> Self {
        let Response {
            length,
            kind,
            key,
            saved,
        } = response;
        Self {
            length,
            kind,
            cookies: 0,
            key,
            saved,
        }
    }
}

impl NtsServer {
    /// A server with the keys of its cookies.
    #[must_use]
    pub const fn new(responder: ServerResponder, keyring: Keyring) -> Self {
        Self {
            responder,
            keyring,
            scratch: Vec::new(),
            #[cfg(feature = "unstable-leap-ef")]
            leap_list: None,
        }
    }

    /// Gives the list of leap seconds to clients that ask for it, from now on; or no longer.
    #[cfg(feature = "unstable-leap-ef")]
    pub fn set_leap_list(&mut self, offer: Option<LeapListOffer<'_>>) {
        self.leap_list = offer.map(|offer| (offer.field_type, offer.list.to_vec()));
    }

    /// What says the time.
    #[must_use]
    pub const fn responder(&self) -> &ServerResponder {
        &self.responder
    }

    /// What says the time, to change what it says.
    pub const fn responder_mut(&mut self) -> &mut ServerResponder {
        &mut self.responder
    }

    /// The keys of the cookies.
    #[must_use]
    pub const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The keys of the cookies, to change them.
    pub const fn keyring_mut(&mut self) -> &mut Keyring {
        &mut self.keyring
    }

    /// Writes the response to a datagram.
    ///
    /// A `buffer` as long as the datagram always suffices. After the response was sent, tell
    /// [`handle_transmitted`](Self::handle_transmitted) when it really left, if it was
    /// [saved](NtsResponse::saved).
    ///
    /// # Errors
    ///
    /// [`NtsRefusal`]: there is none, and why.
    pub fn respond(
        &mut self,
        datagram: &[u8],
        arrival: Arrival,
        rng: &mut impl CryptoRng,
        buffer: &mut [u8],
    ) -> Result<NtsResponse, NtsRefusal> {
        let Some(sealed) = SealedRequest::decode(datagram)? else {
            return Ok(self.responder.respond(datagram, arrival, buffer)?.into());
        };
        match self.responder.admit(arrival.source, arrival.receive) {
            RateDecision::Answer => {}
            RateDecision::Kiss => return NtsResponse::kiss(&sealed, KissCode::RATE, buffer),
            RateDecision::Drop => return Err(NtsRefusal::RateLimited),
        }
        let needed = sealed.scratch_length();
        if self.scratch.len() < needed {
            self.scratch.resize(needed, 0);
        }
        let request = match sealed.open(&self.keyring, &mut self.scratch) {
            Ok(request) => request,
            Err(refusal) if refusal.is_nak() => {
                return NtsResponse::kiss(&sealed, KissCode::NTSN, buffer);
            }
            Err(refusal) => return Err(refusal),
        };
        let answer = self.responder.reply(request.header(), arrival);
        #[cfg(feature = "unstable-leap-ef")]
        let response = {
            let offer = self.leap_list.as_ref();
            let offer = offer.map(|(field_type, list)| LeapListOffer {
                field_type: *field_type,
                list,
            });
            let keyring = &self.keyring;
            request.write_response_with_leap_list(&answer.header, keyring, rng, offer, buffer)?
        };
        #[cfg(not(feature = "unstable-leap-ef"))]
        let response = request.write_response(&answer.header, &self.keyring, rng, buffer)?;
        Ok(NtsResponse::protected(&response, &answer))
    }

    /// Takes a better time at which a saved reply left, such as the kernel's; the interleaved reply
    /// that follows it says it.
    pub fn handle_transmitted(&mut self, saved: SavedReply, transmit: NtpTimestamp) {
        self.responder.handle_transmitted(saved, transmit);
    }
}

#[cfg(test)]
mod tests;
