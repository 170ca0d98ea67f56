//! Packets with extension fields.

use std::error::Error;
use std::hint::black_box;
use std::io::Cursor;

use horolog_ntp::{
    ExtensionField, ExtensionType, FieldLayout, FieldWalker, Header, NtsCookie, Packet,
    PacketWriter, Trailing, UniqueIdentifier,
};
use ntp_proto::{ExtensionField as ForeignField, NoCipher, NtpPacket};

use super::limit;
use super::samples::{FIELDS, three_fields};
use crate::Operation;
use crate::group::Group;

/// What is done with each field: its type, its length and its last octet are used.
#[inline]
fn mix(sum: u64, field_type: u16, value: &[u8]) -> u64 {
    let last = value.last().copied().unwrap_or_default();
    sum.rotate_left(7) ^ u64::from(field_type) << 16 ^ value.len() as u64 ^ u64::from(last) << 8
}

pub(super) fn decode_packet_with_fields() -> Vec<Operation> {
    const GROUP: &str = "ntp/decode-packet/three-fields";
    let octets = three_fields();
    let expected = FIELDS
        .iter()
        .fold(0, |sum, (field_type, value)| mix(sum, *field_type, value));
    Group::new(GROUP, octets.len())
        .with(
            "limit",
            move || {
                let mut sum = 0;
                let header = limit::decode_packet(black_box(octets), |field_type, value| {
                    sum = mix(sum, field_type, value);
                });
                (header, sum)
            },
            |(header, sum)| header.is_some() && sum == expected,
        )
        .with(
            "horolog",
            move || {
                let packet = Packet::decode(black_box(octets));
                let sum = packet.map_or(0, |packet| {
                    packet.fields().fold(0, |sum, field| {
                        mix(sum, field.field_type.to_bits(), field.value)
                    })
                });
                (packet.map(|packet| packet.header), sum)
            },
            |(header, sum)| header.is_ok() && sum == expected,
        )
        .with(
            "horolog-walker",
            move || {
                let octets = black_box(octets);
                let header = Header::decode(octets);
                let mut sum = 0;
                for item in FieldWalker::behind(octets, Header::LENGTH, FieldLayout::V4) {
                    match item {
                        Ok(Trailing::Field(field)) => {
                            sum = mix(sum, field.field_type.to_bits(), field.value);
                        }
                        Ok(Trailing::Mac(_)) => {}
                        Err(error) => return (Err(error), sum),
                    }
                }
                (header, sum)
            },
            |(header, sum)| header.is_ok() && sum == expected,
        )
        .with(
            "ntp-proto",
            move || {
                let packet = NtpPacket::deserialize(black_box(octets), &NoCipher);
                let sum = packet.as_ref().map_or(0, |(packet, _)| {
                    packet
                        .untrusted_extension_fields()
                        .fold(0, |sum, field| match field {
                            ForeignField::UniqueIdentifier(value) => mix(sum, 0x0104, value),
                            ForeignField::NtsCookie(value) => mix(sum, 0x0204, value),
                            ForeignField::Unknown { type_id, data } => mix(sum, *type_id, data),
                            _ => sum,
                        })
                });
                (packet, sum)
            },
            |(packet, sum)| packet.is_ok() && sum == expected,
        )
        .operations()
}

pub(super) fn encode_packet_with_fields() -> Vec<Operation> {
    const GROUP: &str = "ntp/encode-packet/three-fields";
    let octets = three_fields();
    let fields = limit::decode_header(octets).expect("the sample is whole");
    let header = Header::decode(octets).expect("the sample is right");
    let (packet, _) = NtpPacket::deserialize(octets, &NoCipher).expect("the sample is right");
    let (mut a, mut b, mut c) = ([0; 512], [0; 512], [0; 512]);
    Group::new(GROUP, octets.len())
        .with(
            "limit",
            move || {
                let length =
                    limit::encode_packet(black_box(&fields), black_box(&FIELDS), black_box(&mut a));
                (length, a[215])
            },
            |written| written == (Some(octets.len()), octets[215]),
        )
        .with(
            "horolog",
            move || {
                let length = write_fields(black_box(&mut b), black_box(&header));
                (length.ok(), b[215])
            },
            |written| written == (Some(octets.len()), octets[215]),
        )
        .with(
            "ntp-proto",
            move || {
                let mut cursor = Cursor::new(black_box(&mut c[..]));
                let written = black_box(&packet).serialize(&mut cursor, &NoCipher, None);
                let length = usize::try_from(cursor.position()).ok();
                (written.ok().and(length), c[215])
            },
            |written| written == (Some(octets.len()), octets[215]),
        )
        .operations()
}

/// The packet of three fields, written part by part.
#[inline]
fn write_fields(buffer: &mut [u8], header: &Header) -> Result<usize, Box<dyn Error>> {
    let [(_, identifier), (_, cookie), (unknown, value)] = black_box(&FIELDS);
    let mut writer = PacketWriter::new(buffer, header)?;
    writer.field(&UniqueIdentifier::new(identifier)?)?;
    writer.field(&NtsCookie::new(cookie)?)?;
    writer.raw_field(&ExtensionField {
        field_type: ExtensionType::from_bits(*unknown),
        value,
    })?;
    Ok(writer.finish()?)
}
