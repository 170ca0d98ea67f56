//! Headers: decoded, encoded, and read by the field.

use std::hint::black_box;
use std::io::Cursor;

use horolog_ntp::{Header, Packet};
use ntp_proto::{NoCipher, NtpPacket};

use super::limit::{self, View};
use super::samples::SERVER;
use crate::Operation;
use crate::group::Group;

pub(super) fn decode_header() -> Vec<Operation> {
    const GROUP: &str = "ntp/decode-header/captured-server";
    const TRANSMIT: u64 = 0xe5f6_63a8_798e_ae2b;
    let octets: &'static [u8] = &SERVER;
    Group::new(GROUP, 48)
        .with(
            "limit",
            move || limit::decode_header(black_box(octets)),
            |fields| fields.is_some_and(|fields| fields.transmit == TRANSMIT),
        )
        .with(
            "horolog",
            move || Header::decode(black_box(octets)),
            |header| header.is_ok_and(|header| header.transmit.to_bits() == TRANSMIT),
        )
        .with(
            "horolog-packet",
            move || Packet::decode(black_box(octets)),
            |packet| packet.is_ok_and(|packet| packet.header.transmit.to_bits() == TRANSMIT),
        )
        .with(
            "ntp-parser",
            move || ntp_parser::parse_ntpv4(black_box(octets)),
            |packet| packet.is_ok_and(|(_, packet)| packet.ts_xmit == TRANSMIT),
        )
        .with(
            "ntp-proto",
            move || NtpPacket::deserialize(black_box(octets), &NoCipher),
            |packet| packet.is_ok_and(|(packet, _)| packet.precision() == -23),
        )
        .operations()
}

pub(super) fn encode_header() -> Vec<Operation> {
    const GROUP: &str = "ntp/encode-header/captured-server";
    let fields = limit::decode_header(&SERVER).expect("the sample is whole");
    let header = Header::decode(&SERVER).expect("the sample is right");
    let (packet, _) = NtpPacket::deserialize(&SERVER, &NoCipher).expect("the sample is right");
    let (mut a, mut b, mut c) = ([0; 64], [0; 64], [0; 64]);
    Group::new(GROUP, 48)
        .with(
            "limit",
            move || {
                let written = limit::encode_header(black_box(&fields), black_box(&mut a));
                (written, a[47])
            },
            |(written, last)| written.is_some() && last == SERVER[47],
        )
        .with(
            "horolog",
            move || {
                let mut buffer: &mut [u8] = black_box(&mut b);
                let written = black_box(&header).encode(&mut buffer);
                (written, b[47])
            },
            |(written, last)| written.is_ok() && last == SERVER[47],
        )
        .with(
            "horolog-to-octets",
            move || black_box(&header).to_octets(),
            |octets| octets == SERVER,
        )
        .with(
            "ntp-proto",
            move || {
                let mut cursor = Cursor::new(black_box(&mut c[..]));
                let written = black_box(&packet).serialize(&mut cursor, &NoCipher, None);
                (written.is_ok(), c[47])
            },
            |(written, last)| written && last == SERVER[47],
        )
        .operations()
}

/// Whether a struct costs more than a view that reads what it is asked: two fields of thirteen.
pub(super) fn read_two_fields() -> Vec<Operation> {
    const GROUP: &str = "ntp/read-two-fields/captured-server";
    let octets: &'static [u8] = &SERVER;
    Group::new(GROUP, 48)
        .with(
            "view",
            move || {
                let view = View::new(black_box(octets))?;
                Some((view.stratum(), view.transmit()))
            },
            |fields| fields.is_some_and(|(stratum, _)| stratum == 2),
        )
        .with(
            "horolog",
            move || {
                let header = Header::decode(black_box(octets)).ok()?;
                Some((header.stratum.get(), header.transmit.to_bits()))
            },
            |fields| fields.is_some_and(|(stratum, _)| stratum == 2),
        )
        .operations()
}

/// The same with all thirteen, mixed into one number.
pub(super) fn read_all_fields() -> Vec<Operation> {
    const GROUP: &str = "ntp/read-all-fields/captured-server";
    let octets: &'static [u8] = &SERVER;
    let expected = limit::decode_header(octets).map(|fields| fields.mixed());
    Group::new(GROUP, 48)
        .with(
            "view",
            move || Some(View::new(black_box(octets))?.all()?.mixed()),
            |mixed| mixed == expected,
        )
        .with(
            "horolog",
            move || {
                let header = Header::decode(black_box(octets)).ok()?;
                let fields = limit::Fields {
                    leap: header.leap.to_bits(),
                    version: header.version.to_bits(),
                    mode: header.mode.to_bits(),
                    stratum: header.stratum.get(),
                    poll: header.poll.exponent(),
                    precision: header.precision.exponent(),
                    root_delay: header.root_delay.to_bits(),
                    root_dispersion: header.root_dispersion.to_bits(),
                    reference_id: header.reference_id.to_octets(),
                    reference: header.reference.to_bits(),
                    origin: header.origin.to_bits(),
                    receive: header.receive.to_bits(),
                    transmit: header.transmit.to_bits(),
                };
                Some(fields.mixed())
            },
            |mixed| mixed == expected,
        )
        .operations()
}
