//! What `dissect` prints for people.

use core::fmt;

use horolog_ntp::control::{Associations, ControlMessage};
use horolog_ntp::{Header, KissAction, v5};
use horolog_time::{NtpDuration, UnixTime};

use super::control_record::{has_associations, status, word};
use super::escape::hex;
use super::field_text::field;
use super::packet::{Body, Dissection, Mac};
use super::stamps::{Stamps, utc};
use crate::units::span;

/// A packet as lines: one of what it is, and one of each fact.
#[derive(Debug)]
pub struct Lines<'a> {
    packet: &'a Dissection<'a>,
    now: UnixTime,
}

/// Labels and values, printed in two columns.
#[derive(Debug, Default)]
pub(super) struct Rows(Vec<(String, String)>);

/// Octets of hex that are shown of a value.
const SHOWN: usize = 32;

impl Rows {
    pub(super) fn add(&mut self, label: impl Into<String>, value: impl Into<String>) {
        self.0.push((label.into(), value.into()));
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(rows) = self;
        let width = rows.iter().map(|(label, _)| label.len()).max();
        let width = width.unwrap_or_default();
        rows.iter()
            .try_for_each(|(label, value)| writeln!(f, "   {label:<width$}  {value}"))
    }
}

impl<'a> Lines<'a> {
    /// Timestamps without a time of capture are read as of the era that `now` is in the middle of.
    #[must_use]
    pub const fn new(packet: &'a Dissection<'a>, now: UnixTime) -> Self {
        Self { packet, now }
    }

    fn title(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let envelope = &self.packet.envelope;
        write!(f, "#{}", envelope.index)?;
        if let Some(time) = envelope.time {
            write!(f, " {}", utc(time))?;
        }
        if let Some((source, destination)) = envelope.route {
            write!(f, " {source} > {destination}")?;
        }
        match self.packet.first {
            Some((_, version, mode)) => write!(f, " NTPv{version} {mode}")?,
            None => write!(f, " nothing")?,
        }
        writeln!(f, ", {} octets", envelope.length)
    }

    fn rows(&self) -> Rows {
        let packet = self.packet;
        let stamps = Stamps::of(packet, self.now);
        let mut rows = Rows::default();
        match &packet.body {
            Body::Nothing => {}
            Body::Ntp(header) => ntp(&mut rows, header, packet, &stamps),
            Body::V5(header) => version_5(&mut rows, header, packet, &stamps),
            Body::Control { message, count } => control(&mut rows, message, *count),
            Body::Private(octets) => rows.add("message", shortened(octets)),
        }
        for each in &packet.fields {
            field(&mut rows, each, &stamps);
        }
        if let Some(mac) = &packet.mac {
            rows.add("mac", mac_text(mac));
        }
        if let Some(error) = &packet.error {
            rows.add("error", error);
        }
        rows
    }
}

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.title(f)?;
        self.rows().fmt(f)
    }
}

fn ntp(rows: &mut Rows, header: &Header, packet: &Dissection<'_>, stamps: &Stamps) {
    // The numbers are where the last field of a row ends.
    let mut row = |end, label: &str, value: String| {
        if packet.has_header(end) {
            rows.add(label, value);
        }
    };
    row(
        4,
        "clock",
        format!(
            "leap {}, stratum {}, poll {}, precision {}",
            header.leap,
            header.stratum,
            power(header.poll.exponent()),
            power(header.precision.exponent())
        ),
    );
    row(
        16,
        "root",
        format!(
            "delay {}, dispersion {}, reference ID {}",
            span(header.root_delay.into()),
            span(header.root_dispersion.into()),
            header.reference_id.describe(header.stratum)
        ),
    );
    if let Some(code) = packet.kiss_code() {
        let action = match code.action() {
            KissAction::Stop => "do not ask again",
            KissAction::SlowDown => "asked too often",
            KissAction::NtsNak => "the cookie is of no use",
            _ => "no time",
        };
        row(16, "kiss code", format!("{code}: {action}"));
    }
    let reference = match v5::NegotiationStamp::of(header) {
        Some(_) => format!("{}  speaks NTPv5", header.reference),
        None => stamps.show(header.reference),
    };
    row(24, "reference", reference);
    row(32, "origin", stamps.show(header.origin));
    row(40, "receive", stamps.show(header.receive));
    row(48, "transmit", stamps.show(header.transmit));
}

fn version_5(rows: &mut Rows, header: &v5::Header, packet: &Dissection<'_>, stamps: &Stamps) {
    // The numbers are where the last field of a row ends.
    let mut row = |end, label: &str, value: String| {
        if packet.has_header(end) {
            rows.add(label, value);
        }
    };
    row(
        4,
        "clock",
        format!(
            "leap {}, stratum {}, poll {}, precision {}",
            header.leap,
            header.stratum,
            power(header.poll.exponent()),
            power(header.precision.exponent())
        ),
    );
    row(
        12,
        "root",
        format!(
            "delay {}, dispersion {}",
            span(header.root_delay.into()),
            span(header.root_dispersion.into())
        ),
    );
    row(
        16,
        "timescale",
        format!(
            "{}, era {}, flags {}",
            header.timescale, header.era, header.flags
        ),
    );
    row(
        32,
        "cookies",
        format!(
            "server {:016x}, client {:016x}",
            header.server_cookie, header.client_cookie
        ),
    );
    row(40, "receive", stamps.show(header.receive));
    row(48, "transmit", stamps.show(header.transmit));
}

fn control(rows: &mut Rows, message: &ControlMessage<'_>, count: u16) {
    let kind = match (message.response, message.error) {
        (false, _) => "request",
        (true, false) => "response",
        (true, true) => "refusal",
    };
    rows.add(
        "control",
        format!(
            "{}, {kind}, sequence {}, association {}",
            message.opcode, message.sequence, message.association
        ),
    );
    if let Some(text) = status(message) {
        rows.add("status", format!("{}: {text}", word(message.status)));
    }
    let more = if message.more { ", more follow" } else { "" };
    rows.add(
        "data",
        format!("{count} octets from {}{more}", message.offset),
    );
    if has_associations(message) {
        for association in Associations::new(message.data).filter_map(Result::ok) {
            let status = association.status;
            rows.add(
                "",
                format!("{}  {}: {status}", association.id, word(status.to_bits())),
            );
        }
    } else {
        for variable in message.variables() {
            rows.add("", variable.to_string());
        }
    }
}

fn mac_text(mac: &Mac<'_>) -> String {
    let trailer = &mac.trailer;
    if trailer.is_crypto_nak() {
        return "crypto-NAK".to_owned();
    }
    let verdict = match mac.verified {
        Some(true) => "verified",
        Some(false) => "NOT GENUINE",
        None => "not checked",
    };
    let length = trailer.encoded_len();
    format!(
        "key {}, {length} octets, {verdict}  {}",
        trailer.key_id,
        shortened(trailer.digest)
    )
}

/// A power of two of seconds, as a span of time where one can imagine it.
fn power(exponent: i8) -> String {
    if (-32..=20).contains(&exponent) {
        span(NtpDuration::exp2(exponent))
    } else {
        format!("2^{exponent} s")
    }
}

/// The first octets in hex, and how many more there are.
pub(super) fn shortened(octets: &[u8]) -> String {
    match octets.split_at_checked(SHOWN) {
        Some((shown, [_, ..])) => {
            format!("{}... {} more", hex(shown), octets.len() - SHOWN)
        }
        _ => hex(octets),
    }
}

#[cfg(test)]
mod tests;
