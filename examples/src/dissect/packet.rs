//! What a UDP payload on an NTP port holds, as far as it can be decoded.

use core::net::SocketAddr;

use horolog_ntp::control::ControlMessage;
use horolog_ntp::{
    Datagram, ExtensionType, FieldLayout, FieldWalker, Header, KissCode, LeapIndicator, MacKey,
    MacTrailer, Mode, Packet, Stratum, Trailing, Version, v5,
};
use horolog_time::UnixTime;

use super::field::Field;

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
    /// Takes a payload apart.
    #[must_use]
    pub fn new(envelope: Envelope, payload: &'a [u8], keys: &[MacKey]) -> Self {
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
            (Version::V5, _) => dissection.v5(payload, keys),
            _ if !version.has_v4_header() => {}
            (_, Mode::CONTROL) => dissection.control(payload, keys),
            (_, Mode::PRIVATE) => dissection.body = Body::Private(payload),
            (Version::V4, _) => dissection.v4(payload, keys),
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
        let code = header.reference_id.kiss_code();
        let is_kiss = header.stratum == Stratum::UNSPECIFIED
            && header.mode == Mode::SERVER
            && code.is_well_formed();
        is_kiss.then_some(code)
    }

    fn v3(&mut self, payload: &'a [u8], keys: &[MacKey]) {
        let Ok(header) = Header::decode(payload) else {
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

    fn v4(&mut self, payload: &'a [u8], keys: &[MacKey]) {
        let Ok(header) = Header::decode(payload) else {
            return;
        };
        self.body = Body::Ntp(header);
        self.walk(payload, Header::LENGTH, FieldLayout::V4, keys);
    }

    fn v5(&mut self, payload: &'a [u8], keys: &[MacKey]) {
        let Ok(header) = v5::Header::decode(payload) else {
            return;
        };
        self.body = Body::V5(header);
        self.walk(payload, v5::Header::LENGTH, FieldLayout::V5, keys);
    }

    /// Takes the fields up to the first that is malformed, of which the error tells already.
    fn walk(&mut self, payload: &'a [u8], start: usize, layout: FieldLayout, keys: &[MacKey]) {
        let mut walker = FieldWalker::behind(payload, start, layout);
        loop {
            let offset = walker.offset();
            match walker.next() {
                Some(Ok(Trailing::Field(raw))) => {
                    let field = Field::new(raw, layout, self.envelope.checksum);
                    if let Err(error) = &field.value
                        && self.error.is_none()
                    {
                        let name = raw.field_type.name().unwrap_or("unknown");
                        let error = error.nested(offset + Field::HEADER_LENGTH);
                        self.error = Some(format!("{name}: {error}"));
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

#[cfg(test)]
mod tests;
