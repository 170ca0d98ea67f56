//! What `dissect` prints as JSON. Scripts rely on these names.

use horolog_ntp::{LeapIndicator, Mode, Version, v5};
use horolog_time::NtpTimestamp;
use serde::Serialize;

use super::control_record::ControlRecord;
use super::escape::hex;
use super::field_record::FieldRecord;
use super::packet::{Body, Dissection, Mac};

/// One packet.
#[derive(Debug, Default, Serialize)]
pub struct PacketRecord {
    index: u64,
    /// Unix seconds in decimals, because a number would lose digits.
    time: Option<String>,
    src: Option<String>,
    dst: Option<String>,
    length: usize,
    version: Option<u8>,
    leap: Option<String>,
    mode: Option<&'static str>,
    stratum: Option<u8>,
    poll: Option<i8>,
    precision: Option<i8>,
    root_delay: Option<f64>,
    root_dispersion: Option<f64>,
    refid: Option<String>,
    reference: Option<String>,
    origin: Option<String>,
    receive: Option<String>,
    transmit: Option<String>,
    extensions: Vec<FieldRecord>,
    mac: Option<MacRecord>,
    control: Option<ControlRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    v5: Option<V5Record>,
    /// A private message in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<String>,
    error: Option<String>,
}

/// A MAC.
#[derive(Debug, Serialize)]
struct MacRecord {
    key_id: u32,
    length: usize,
    verified: Option<bool>,
}

/// What the header of version 5 has of its own.
#[derive(Debug, Serialize)]
struct V5Record {
    timescale: u8,
    era: u8,
    synchronised: bool,
    interleaved: bool,
    authentication_nak: bool,
    flags: String,
    server_cookie: String,
    client_cookie: String,
}

impl PacketRecord {
    /// A line of input that is no payload.
    #[must_use]
    pub fn unreadable(index: u64, error: String) -> Self {
        Self {
            index,
            error: Some(error),
            ..Self::default()
        }
    }

    /// Takes over header and fields, up to where the payload ends.
    fn set_body(&mut self, packet: &Dissection<'_>) {
        // The numbers are where each field of a header ends.
        let has = |end| packet.has_header(end);
        match &packet.body {
            Body::Nothing => {}
            Body::Ntp(header) => {
                self.stratum = has(2).then(|| header.stratum.get());
                self.poll = has(3).then(|| header.poll.exponent());
                self.precision = has(4).then(|| header.precision.exponent());
                self.root_delay = has(8).then(|| header.root_delay.as_seconds_f64());
                self.root_dispersion = has(12).then(|| header.root_dispersion.as_seconds_f64());
                self.refid = has(16).then(|| header.reference_id.to_string());
                self.reference = has(24).then(|| timestamp(header.reference));
                self.origin = has(32).then(|| timestamp(header.origin));
                self.receive = has(40).then(|| timestamp(header.receive));
                self.transmit = has(48).then(|| timestamp(header.transmit));
            }
            Body::V5(header) => {
                self.stratum = has(2).then(|| header.stratum.get());
                self.poll = has(3).then(|| header.poll.exponent());
                self.precision = has(4).then(|| header.precision.exponent());
                self.root_delay = has(8).then(|| header.root_delay.as_seconds_f64());
                self.root_dispersion = has(12).then(|| header.root_dispersion.as_seconds_f64());
                self.v5 = has(32).then(|| V5Record::from(header));
                self.receive = has(40).then(|| timestamp(header.receive));
                self.transmit = has(48).then(|| timestamp(header.transmit));
            }
            Body::Control { message, count } => {
                self.control = Some(ControlRecord::new(message, *count));
            }
            Body::Private(octets) => self.private = Some(hex(octets)),
        }
    }

    fn set_first(&mut self, (leap, version, mode): (LeapIndicator, Version, Mode)) {
        self.version = Some(version.to_bits());
        self.leap = Some(leap.to_string());
        self.mode = Some(mode_name(mode));
    }
}

impl From<&Dissection<'_>> for PacketRecord {
    fn from(packet: &Dissection<'_>) -> Self {
        let envelope = &packet.envelope;
        let mut record = Self {
            index: envelope.index,
            time: envelope.time.map(|time| time.to_string()),
            src: envelope.route.map(|(source, _)| source.to_string()),
            dst: envelope
                .route
                .map(|(_, destination)| destination.to_string()),
            length: envelope.length,
            extensions: packet.fields.iter().map(FieldRecord::from).collect(),
            mac: packet.mac.as_ref().map(MacRecord::from),
            error: packet.error.clone(),
            ..Self::default()
        };
        if let Some(first) = packet.first {
            record.set_first(first);
        }
        record.set_body(packet);
        record
    }
}

impl From<&Mac<'_>> for MacRecord {
    fn from(mac: &Mac<'_>) -> Self {
        Self {
            key_id: mac.trailer.key_id.get(),
            length: mac.trailer.encoded_len(),
            verified: mac.verified,
        }
    }
}

impl From<&v5::Header> for V5Record {
    fn from(header: &v5::Header) -> Self {
        let flags = header.flags;
        Self {
            timescale: header.timescale.to_bits(),
            era: header.era,
            synchronised: flags.contains(v5::Flags::SYNCHRONISED),
            interleaved: flags.contains(v5::Flags::INTERLEAVED),
            authentication_nak: flags.contains(v5::Flags::AUTHENTICATION_NAK),
            flags: format!("{:#06x}", flags.to_bits()),
            server_cookie: format!("{:016x}", header.server_cookie),
            client_cookie: format!("{:016x}", header.client_cookie),
        }
    }
}

/// The name of a mode, in lower case with hyphens.
const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::SYMMETRIC_ACTIVE => "symmetric-active",
        Mode::SYMMETRIC_PASSIVE => "symmetric-passive",
        Mode::CLIENT => "client",
        Mode::SERVER => "server",
        Mode::BROADCAST => "broadcast",
        Mode::CONTROL => "control",
        Mode::PRIVATE => "private",
        _ => "reserved",
    }
}

/// The 64 bits in hex.
pub(super) fn timestamp(timestamp: NtpTimestamp) -> String {
    format!("{:016x}", timestamp.to_bits())
}
