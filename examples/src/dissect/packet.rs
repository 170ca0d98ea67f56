//! What a UDP payload on an NTP port holds, as far as it can be decoded.

use core::net::SocketAddr;

use horolog_ntp::control::ControlMessage;
use horolog_ntp::{
    Datagram, ExtensionType, FieldLayout, FieldWalker, Header, KissCode, LeapIndicator, MacKey,
    MacTrailer, Mode, Packet, Trailing, Version, v5,
};
use horolog_time::UnixTime;

use super::field::{Field, Value};
use super::nts::keys::{NtsKeys, Place};
use super::nts::opening::{Opening, Plaintext};

/// Where a payload comes from.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    /// The number of its frame or line.
    pub index: u64,
    /// When it was captured.
    pub time: Option<UnixTime>,
    /// From where and to where it goes.
    pub route: Option<(SocketAddr, SocketAddr)>,
    /// Octets that it has; those captured may be fewer.
    pub length: usize,
    /// Whether its UDP checksum is right.
    pub checksum: Option<bool>,
}

/// A payload taken apart.
#[derive(Debug)]
pub struct Dissection<'a> {
    /// Where it comes from.
    pub envelope: Envelope,
    /// Leap indicator, version and mode: they stand in the same place in all of NTP.
    pub first: Option<(LeapIndicator, Version, Mode)>,
    /// What follows them.
    pub body: Body<'a>,
    /// Octets of a header of time that are there; those that are not are zeros in the body.
    header_octets: usize,
    /// The extension fields before the first that is malformed.
    pub fields: Vec<Field<'a>>,
    /// The MAC, wherever it stands.
    pub mac: Option<Mac<'a>>,
    /// Why something could not be decoded.
    pub error: Option<String>,
}

/// What the version and the mode make of a payload.
#[derive(Debug)]
pub enum Body<'a> {
    /// It cannot be decoded.
    Nothing,
    /// Time, versions 1 to 4.
    Ntp(Header),
    /// Time, version 5.
    V5(v5::Header),
    /// A control message.
    Control {
        /// The message; without data where they are not whole.
        message: ControlMessage<'a>,
        /// Octets of data that it counts.
        count: u16,
    },
    /// A private message.
    Private(&'a [u8]),
}

/// A MAC, checked where its key is known.
#[derive(Clone, Copy, Debug)]
pub struct Mac<'a> {
    /// Key identifier and digest.
    pub trailer: MacTrailer<'a>,
    /// Whether the digest is right; `None` where no key of that number is known.
    pub verified: Option<bool>,
}

impl<'a> Dissection<'a> {
    /// Takes a payload apart, and opens and verifies what it has the keys for.
    #[must_use]
    pub fn new(
        envelope: Envelope,
        payload: &'a [u8],
        keys: &[MacKey],
        nts_keys: &mut NtsKeys,
    ) -> Self {
        let first = payload.first().map(|&first| {
            let version = Version::from_bits(first >> 3);
            (
                LeapIndicator::from_bits(first >> 6),
                version,
                Mode::from_bits(first),
            )
        });
        let mut dissection = Self {
            envelope,
            first,
            body: Body::Nothing,
            header_octets: payload.len().min(Header::LENGTH),
            fields: Vec::new(),
            mac: None,
            error: Datagram::decode(payload)
                .err()
                .map(|error| error.to_string()),
        };
        let Some((_, version, mode)) = first else {
            return dissection;
        };
        match (version, mode) {
            (Version::V5, _) => dissection.v5(payload, keys, nts_keys),
            _ if !version.has_v4_header() => {}
            (_, Mode::CONTROL) => dissection.control(payload, keys),
            (_, Mode::PRIVATE) => dissection.body = Body::Private(payload),
            (Version::V4, _) => dissection.v4(payload, keys, nts_keys),
            _ => dissection.v3(payload, keys),
        }
        if payload.len() < envelope.length {
            let cut = format!(
                "{} of {} octets were captured",
                payload.len(),
                envelope.length
            );
            dissection.error = Some(match dissection.error {
                Some(error) => format!("{cut}: {error}"),
                None => cut,
            });
        }
        dissection
    }

    /// The kiss code of a server's answer that is one.
    #[must_use]
    pub fn kiss_code(&self) -> Option<KissCode> {
        let Body::Ntp(header) = &self.body else {
            return None;
        };
        let is_answer = header.mode == Mode::SERVER && self.has_header(16);
        header.kiss_code().filter(|_| is_answer)
    }

    /// Whether the first octets of a header of time are there, so many of them.
    #[must_use]
    pub const fn has_header(&self, octets: usize) -> bool {
        octets <= self.header_octets
    }

    /// What came of opening its authenticators.
    pub fn openings(&self) -> impl Iterator<Item = &Opening> {
        self.fields.iter().filter_map(|field| match &field.value {
            Ok(Value::Authenticator { opening, .. }) => Some(opening),
            _ => None,
        })
    }

    /// Whether all could be decoded, and opened where keys are known.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let is_refused = |opening: &Opening| opening.opened() == Some(false);
        self.error.is_none() && !self.openings().any(is_refused)
    }

    fn v3(&mut self, payload: &'a [u8], keys: &[MacKey]) {
        let Ok(header) = Header::decode(&header_of(payload)) else {
            return;
        };
        self.body = Body::Ntp(header);
        if let Ok(packet) = Packet::decode(payload) {
            let mac = packet.mac().copied();
            self.set_mac(
                mac,
                payload,
                packet.authenticated_len(),
                header.version,
                keys,
            );
        }
    }

    fn v4(&mut self, payload: &'a [u8], keys: &[MacKey], nts_keys: &mut NtsKeys) {
        let Ok(header) = Header::decode(&header_of(payload)) else {
            return;
        };
        self.body = Body::Ntp(header);
        let walker = FieldWalker::behind(payload, Header::LENGTH, FieldLayout::V4);
        self.walk(payload, walker, FieldLayout::V4, keys, nts_keys);
    }

    fn v5(&mut self, payload: &'a [u8], keys: &[MacKey], nts_keys: &mut NtsKeys) {
        let Ok(header) = v5::Header::decode(&header_of(payload)) else {
            return;
        };
        self.body = Body::V5(header);
        let walker = FieldWalker::behind(payload, v5::Header::LENGTH, FieldLayout::V5);
        self.walk(payload, walker, FieldLayout::V5, keys, nts_keys);
    }

    /// Takes the fields up to the first that is malformed, of which the error tells already.
    fn walk(
        &mut self,
        payload: &'a [u8],
        mut walker: FieldWalker<'a>,
        layout: FieldLayout,
        keys: &[MacKey],
        nts_keys: &mut NtsKeys,
    ) {
        loop {
            let offset = walker.offset();
            match walker.next() {
                Some(Ok(Trailing::Field(raw))) => {
                    let mut field = Field::new(raw, layout, self.envelope.checksum);
                    let before = payload.get(..offset).unwrap_or_default();
                    self.open(&mut field, before, nts_keys);
                    if self.error.is_none() {
                        self.error = field.error_at(offset);
                    }
                    if raw.field_type == ExtensionType::V5_MAC && layout == FieldLayout::V5 {
                        let mac = raw.decode_as().ok().map(|v5::Mac(mac)| mac);
                        self.set_mac(mac, payload, offset, Version::V5, keys);
                    }
                    self.fields.push(field);
                }
                Some(Ok(Trailing::Mac(mac))) => {
                    self.set_mac(Some(mac), payload, offset, Version::V4, keys);
                }
                Some(Err(_)) | None => return,
            }
        }
    }

    /// Opens an authenticator. There has to be exactly one (RFC 8915 § 5.7), so a second is refused
    /// untried.
    fn open(&mut self, field: &mut Field<'_>, before: &[u8], keys: &mut NtsKeys) {
        let Ok(Value::Authenticator { sealed, opening }) = &mut field.value else {
            return;
        };
        let Some((_, version, mode)) = self.first else {
            return;
        };
        let place = Place {
            version,
            mode,
            hosts: self.envelope.route.map(|(a, b)| (a.ip(), b.ip())),
        };
        *opening = if self.openings().next().is_some() {
            keys.refuse(place)
        } else {
            keys.open(place, before, sealed)
        };
        if let Some((_, Some(error))) = opening.plaintext().map(Plaintext::fields)
            && self.error.is_none()
        {
            self.error = Some(format!("inside of nts-authenticator: {error}"));
        }
    }

    fn control(&mut self, payload: &'a [u8], keys: &[MacKey]) {
        const COUNT: usize = ControlMessage::HEADER_LENGTH - 2;
        let Some(&count) = payload.get(COUNT..).and_then(<[u8]>::first_chunk) else {
            return;
        };
        let count = u16::from_be_bytes(count);
        if let Ok(message) = ControlMessage::decode(payload) {
            let (mac, covered) = (message.authenticator, message.authenticated_len());
            self.set_mac(mac, payload, covered, message.version, keys);
            self.body = Body::Control { message, count };
            return;
        }
        // The header is fixed, so it can be read where its data cannot.
        let mut header = [0; ControlMessage::HEADER_LENGTH];
        if let (Some(place), Some(octets)) = (header.get_mut(..COUNT), payload.get(..COUNT)) {
            place.copy_from_slice(octets);
        }
        if let Ok(message) = ControlMessage::decode(&header) {
            let message = ControlMessage {
                data: &[],
                authenticator: None,
                padding: None,
                ..message
            };
            self.body = Body::Control { message, count };
        }
    }

    fn set_mac(
        &mut self,
        trailer: Option<MacTrailer<'a>>,
        payload: &[u8],
        covered: usize,
        version: Version,
        keys: &[MacKey],
    ) {
        let Some(trailer) = trailer.filter(|_| self.mac.is_none()) else {
            return;
        };
        let covered = payload.get(..covered).unwrap_or_default();
        let is_whole = payload.len() >= self.envelope.length;
        let verified = keys
            .iter()
            .filter(|key| is_whole && key.id() == trailer.key_id)
            .map(|key| key.verify(covered, &trailer, version))
            .reduce(|any, verified| any | verified);
        self.mac = Some(Mac { trailer, verified });
    }
}

/// A payload's header, with zeros where the payload ends in it. All versions have as many octets.
fn header_of(payload: &[u8]) -> [u8; Header::LENGTH] {
    let mut header = [0; Header::LENGTH];
    header
        .iter_mut()
        .zip(payload)
        .for_each(|(to, from)| *to = *from);
    header
}

#[cfg(test)]
mod tests;
