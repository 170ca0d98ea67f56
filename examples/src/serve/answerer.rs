use std::sync::{Mutex, RwLock};

use horolog_net::clock;
use horolog_net::udp::Datagram;
use horolog_ntp::{Arrival, KissCode, RateDecision, ServerResponder};
use horolog_nts::{Keyring, NtsRefusal, NtsResponse, SealedRequest};

use super::{Count, Counters, LeapOffer, lock, read};
use crate::random;

/// What a worker needs to answer requests, one at a time.
///
/// The responder is held only while it says the time: the cryptography of the workers goes on side by
/// side.
pub(super) struct Answerer<'s> {
    responder: &'s Mutex<ServerResponder>,
    keyring: Option<&'s RwLock<Keyring>>,
    leap: Option<(&'s LeapOffer, &'s Counters)>,
    scratch: Vec<u8>,
}

impl<'s> Answerer<'s> {
    pub(super) fn new(
        responder: &'s Mutex<ServerResponder>,
        keyring: Option<&'s RwLock<Keyring>>,
        longest: usize,
    ) -> Self {
        Self {
            responder,
            keyring,
            leap: None,
            scratch: vec![0; longest],
        }
    }

    /// Gives the list of leap seconds to clients that ask for it, and counts them.
    pub(super) const fn with_leap_list(
        mut self,
        leap: Option<(&'s LeapOffer, &'s Counters)>,
    ) -> Self {
        self.leap = leap;
        self
    }

    /// Writes the response to a datagram, protected or not, as it was asked.
    pub(super) fn respond(
        &mut self,
        datagram: &Datagram<'_>,
        buffer: &mut [u8],
    ) -> Result<NtsResponse, NtsRefusal> {
        let arrival = Arrival {
            source: datagram.source().ip(),
            receive: datagram.stamp().time,
            transmit: clock::now(),
        };
        let sealed = match self.keyring {
            Some(keyring) => SealedRequest::decode(datagram.payload())?.zip(Some(keyring)),
            None => None,
        };
        if let Some((sealed, keyring)) = sealed {
            return self.respond_sealed(&sealed, keyring, arrival, buffer);
        }
        let plain = lock(self.responder).respond(datagram.payload(), arrival, buffer)?;
        Ok(plain.into())
    }

    fn respond_sealed(
        &mut self,
        sealed: &SealedRequest<'_>,
        keyring: &RwLock<Keyring>,
        mut arrival: Arrival,
        buffer: &mut [u8],
    ) -> Result<NtsResponse, NtsRefusal> {
        match lock(self.responder).admit(arrival.source, arrival.receive) {
            RateDecision::Answer => {}
            RateDecision::Kiss => return NtsResponse::kiss(sealed, KissCode::RATE, buffer),
            RateDecision::Drop => return Err(NtsRefusal::RateLimited),
        }
        let keyring = read(keyring);
        let request = match sealed.open(&keyring, &mut self.scratch) {
            Ok(request) => request,
            Err(refusal) if refusal.is_nak() => {
                return NtsResponse::kiss(sealed, KissCode::NTSN, buffer);
            }
            Err(refusal) => return Err(refusal),
        };
        arrival.transmit = clock::now();
        let answer = lock(self.responder).reply(request.header(), arrival);
        let mut rng = random::system();
        let header = &answer.header;
        let response = match self.leap {
            None => request.write_response(header, &keyring, &mut rng, buffer)?,
            Some((leap, counters)) => leap.with_list(|offer| {
                let is_asked = offer
                    .is_some_and(|it| request.leap_list_request(it.field_type.get()).is_some());
                counters.add(Count::LeapLists, is_asked.into());
                request.write_response_with_leap_list(header, &keyring, &mut rng, offer, buffer)
            })?,
        };
        Ok(NtsResponse::protected(&response, &answer))
    }
}
