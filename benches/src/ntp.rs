//! Packets: Horolog beside its limit and its peers.
//!
//! * ntp-parser writes nothing, so it decodes only. It does not count a field's header in the
//!   field's length and wants a MAC behind fields, so packets with fields are not comparable.
//! * ntp-proto shows its codec as `__internal-fuzz`. It has no operation for the header alone; the
//!   packet of 48 octets stands for it. It verifies no MACs. It has no public constructor for
//!   packets with fields, so it encodes what it decoded before.
//! * sntpc shows no codec at all. Making a request and reading an answer are its smallest public
//!   operations, and have groups of their own.

use std::error::Error;
use std::hint::black_box;
use std::io::Cursor;

use cmac::{Cmac, KeyInit, Mac};
use horolog_ntp::{
    ExtensionField, ExtensionType, FieldLayout, FieldWalker, Header, KeyId, LeapIndicator,
    MacAlgorithm, MacKey, Mode, NtsCookie, Packet, PacketWriter, Stratum, Trailing,
    UniqueIdentifier,
};
use horolog_time::{NtpDuration, NtpShort, NtpTimestamp, UnixTime};
use ntp_proto::{ExtensionField as ForeignField, NoCipher, NtpPacket};
use subtle::ConstantTimeEq;

use crate::Operation;
use crate::limit::{self, View};
use crate::samples::{FIELDS, SERVER, three_fields};
use crate::sntpc_socket::{Clock, PEER, Socket, ready};

/// All of them, group by group.
#[must_use]
pub fn operations() -> Vec<Operation> {
    [
        decode_header(),
        encode_header(),
        decode_packet_with_fields(),
        encode_packet_with_fields(),
        decode_packet_with_mac(),
        verify_packet(),
        make_request(),
        read_answer(),
        read_two_fields(),
        read_all_fields(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn decode_header() -> Vec<Operation> {
    const GROUP: &str = "ntp/decode-header/captured-server";
    const TRANSMIT: u64 = 0xe5f6_63a8_798e_ae2b;
    let octets: &'static [u8] = &SERVER;
    vec![
        Operation::new(
            GROUP,
            "limit",
            48,
            move || limit::decode_header(black_box(octets)),
            |fields| fields.is_some_and(|fields| fields.transmit == TRANSMIT),
        ),
        Operation::new(
            GROUP,
            "horolog",
            48,
            move || Header::decode(black_box(octets)),
            |header| header.is_ok_and(|header| header.transmit.to_bits() == TRANSMIT),
        ),
        Operation::new(
            GROUP,
            "horolog-packet",
            48,
            move || Packet::decode(black_box(octets)),
            |packet| packet.is_ok_and(|packet| packet.header.transmit.to_bits() == TRANSMIT),
        ),
        Operation::new(
            GROUP,
            "ntp-parser",
            48,
            move || ntp_parser::parse_ntpv4(black_box(octets)),
            |packet| packet.is_ok_and(|(_, packet)| packet.ts_xmit == TRANSMIT),
        ),
        Operation::new(
            GROUP,
            "ntp-proto",
            48,
            move || NtpPacket::deserialize(black_box(octets), &NoCipher),
            |packet| packet.is_ok_and(|(packet, _)| packet.precision() == -23),
        ),
    ]
}

fn encode_header() -> Vec<Operation> {
    const GROUP: &str = "ntp/encode-header/captured-server";
    let fields = limit::decode_header(&SERVER).expect("the sample is whole");
    let header = Header::decode(&SERVER).expect("the sample is right");
    let (packet, _) = NtpPacket::deserialize(&SERVER, &NoCipher).expect("the sample is right");
    let (mut a, mut b, mut c) = ([0; 64], [0; 64], [0; 64]);
    vec![
        Operation::new(
            GROUP,
            "limit",
            48,
            move || {
                let written = limit::encode_header(black_box(&fields), black_box(&mut a));
                (written, a[47])
            },
            |(written, last)| written.is_some() && last == SERVER[47],
        ),
        Operation::new(
            GROUP,
            "horolog",
            48,
            move || {
                let mut buffer: &mut [u8] = black_box(&mut b);
                let written = black_box(&header).encode(&mut buffer);
                (written, b[47])
            },
            |(written, last)| written.is_ok() && last == SERVER[47],
        ),
        Operation::new(
            GROUP,
            "horolog-to-octets",
            48,
            move || black_box(&header).to_octets(),
            |octets| octets == SERVER,
        ),
        Operation::new(
            GROUP,
            "ntp-proto",
            48,
            move || {
                let mut cursor = Cursor::new(black_box(&mut c[..]));
                let written = black_box(&packet).serialize(&mut cursor, &NoCipher, None);
                (written.is_ok(), c[47])
            },
            |(written, last)| written && last == SERVER[47],
        ),
    ]
}

/// What is done with each field: its type, its length and its last octet are used.
#[inline]
fn mix(sum: u64, field_type: u16, value: &[u8]) -> u64 {
    let last = value.last().copied().unwrap_or_default();
    sum.rotate_left(7) ^ u64::from(field_type) << 16 ^ value.len() as u64 ^ u64::from(last) << 8
}

fn decode_packet_with_fields() -> Vec<Operation> {
    const GROUP: &str = "ntp/decode-packet/three-fields";
    let octets = three_fields();
    let expected = FIELDS
        .iter()
        .fold(0, |sum, (field_type, value)| mix(sum, *field_type, value));
    vec![
        Operation::new(
            GROUP,
            "limit",
            octets.len(),
            move || {
                let mut sum = 0;
                let header = limit::decode_packet(black_box(octets), |field_type, value| {
                    sum = mix(sum, field_type, value);
                });
                (header, sum)
            },
            |(header, sum)| header.is_some() && sum == expected,
        ),
        Operation::new(
            GROUP,
            "horolog",
            octets.len(),
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
        ),
        Operation::new(
            GROUP,
            "horolog-walker",
            octets.len(),
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
        ),
        Operation::new(
            GROUP,
            "ntp-proto",
            octets.len(),
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
        ),
    ]
}

fn encode_packet_with_fields() -> Vec<Operation> {
    const GROUP: &str = "ntp/encode-packet/three-fields";
    let octets = three_fields();
    let fields = limit::decode_header(octets).expect("the sample is whole");
    let header = Header::decode(octets).expect("the sample is right");
    let (packet, _) = NtpPacket::deserialize(octets, &NoCipher).expect("the sample is right");
    let (mut a, mut b, mut c) = ([0; 512], [0; 512], [0; 512]);
    vec![
        Operation::new(
            GROUP,
            "limit",
            octets.len(),
            move || {
                let length =
                    limit::encode_packet(black_box(&fields), black_box(&FIELDS), black_box(&mut a));
                (length, a[215])
            },
            |written| written == (Some(octets.len()), octets[215]),
        ),
        Operation::new(
            GROUP,
            "horolog",
            octets.len(),
            move || {
                let length = write_fields(black_box(&mut b), black_box(&header));
                (length.ok(), b[215])
            },
            |written| written == (Some(octets.len()), octets[215]),
        ),
        Operation::new(
            GROUP,
            "ntp-proto",
            octets.len(),
            move || {
                let mut cursor = Cursor::new(black_box(&mut c[..]));
                let written = black_box(&packet).serialize(&mut cursor, &NoCipher, None);
                let length = usize::try_from(cursor.position()).ok();
                (written.ok().and(length), c[215])
            },
            |written| written == (Some(octets.len()), octets[215]),
        ),
    ]
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

/// The captured answer with an AES-CMAC behind it, and the key.
fn authenticated() -> (&'static [u8], MacKey) {
    let key = MacKey::new(KeyId::new(5), MacAlgorithm::AesCmac128, &[0x2b; 16])
        .expect("16 octets are right");
    let header = Header::decode(&SERVER).expect("the sample is right");
    let mut buffer = vec![0; 68];
    let writer = PacketWriter::new(&mut buffer, &header).expect("it fits");
    assert_eq!(writer.finish_with_mac(&key), Ok(68));
    (buffer.leak(), key)
}

fn decode_packet_with_mac() -> Vec<Operation> {
    const GROUP: &str = "ntp/decode-packet/mac";
    let (octets, _) = authenticated();
    vec![
        Operation::new(
            GROUP,
            "limit",
            octets.len(),
            move || {
                let octets = black_box(octets);
                let header = limit::decode_header(octets);
                if !matches!(octets.len(), 68 | 72) {
                    return None;
                }
                let (key, digest) = octets[48..].split_first_chunk::<4>()?;
                Some((header, u32::from_be_bytes(*key), digest))
            },
            |packet| packet.is_some_and(|(_, key, digest)| key == 5 && digest.len() == 16),
        ),
        Operation::new(
            GROUP,
            "horolog",
            octets.len(),
            move || Packet::decode(black_box(octets)),
            |packet| packet.is_ok_and(|packet| packet.mac().is_some()),
        ),
        Operation::new(
            GROUP,
            "ntp-parser",
            octets.len(),
            move || ntp_parser::parse_ntpv4(black_box(octets)),
            |packet| packet.is_ok_and(|(_, packet)| packet.auth.is_some()),
        ),
        Operation::new(
            GROUP,
            "ntp-proto",
            octets.len(),
            move || NtpPacket::deserialize(black_box(octets), &NoCipher),
            |packet| packet.is_ok(),
        ),
    ]
}

/// The limit is the primitive alone: a keyed state copied, one pass, a comparison.
fn verify_packet() -> Vec<Operation> {
    const GROUP: &str = "ntp/verify-packet/aes-cmac";
    let (octets, key) = authenticated();
    let bare = Cmac::<aes::Aes128>::new_from_slice(&[0x2b; 16]).expect("16 octets are right");
    vec![
        Operation::new(
            GROUP,
            "limit",
            octets.len(),
            move || {
                let octets = black_box(octets);
                let digest = black_box(&bare)
                    .clone()
                    .chain_update(&octets[..48])
                    .finalize()
                    .into_bytes();
                bool::from(digest.as_slice().ct_eq(&octets[52..]))
            },
            |right| right,
        ),
        Operation::new(
            GROUP,
            "horolog",
            octets.len(),
            move || {
                let octets = black_box(octets);
                let packet = Packet::decode(octets).ok()?;
                let covered = octets.get(..packet.authenticated_len())?;
                let right = black_box(&key).verify(covered, packet.mac()?, packet.header.version);
                Some((packet, right))
            },
            |right| right.is_some_and(|(_, right)| right),
        ),
    ]
}

const NOW: Clock = Clock {
    seconds: 1_649_141_032,
    microseconds: 461_393,
};

/// The time of the clock in a packet.
#[inline]
fn timestamp(clock: Clock) -> NtpTimestamp {
    UnixTime::new(clock.seconds.into(), clock.microseconds * 1000)
        .map_or(NtpTimestamp::UNKNOWN, NtpTimestamp::from_unix)
}

/// From a clock's reading to the octets to send.
fn make_request() -> Vec<Operation> {
    const GROUP: &str = "ntp/make-request/fixed-clock";
    let socket = Socket { answer: SERVER };
    vec![
        Operation::new(
            GROUP,
            "horolog",
            48,
            move || {
                let header = Header {
                    transmit: timestamp(black_box(NOW)),
                    ..Header::default()
                };
                black_box(&header.to_octets());
                header.transmit
            },
            |transmit| transmit.seconds() == 0xe5f6_63a8,
        ),
        Operation::new(
            GROUP,
            "sntpc",
            48,
            move || {
                let context = sntpc::NtpContext::new(NOW);
                ready(sntpc::sntp_send_request(PEER, &socket, context))
            },
            |sent| matches!(sent, Some(Ok(_))),
        ),
    ]
}

/// What a client learns from an answer.
#[derive(Debug)]
struct Answer {
    offset: NtpDuration,
    delay: NtpDuration,
    time: UnixTime,
    header: Header,
}

/// What sntpc does with an answer, in terms of Horolog: the same checks, the same results.
#[inline]
fn answer(octets: &[u8], request: NtpTimestamp, clock: Clock) -> Option<Answer> {
    let arrival = timestamp(clock);
    let header = Header::decode(octets).ok()?;
    let distance = NtpDuration::from(header.root_delay)
        .half()
        .saturating_add(header.root_dispersion.into());
    let is_right = header.origin == request
        && header.mode == Mode::SERVER
        && header.stratum.is_synchronised()
        && header.leap != LeapIndicator::Unknown
        && !header.transmit.is_unknown()
        && distance < NtpShort::from_bits(16 << 16).into()
        && !(header.transmit - header.reference).is_negative();
    let there = header.receive - header.origin;
    let back = header.transmit - arrival;
    is_right.then_some(Answer {
        offset: NtpDuration::mean(there, back),
        delay: (arrival - header.origin).saturating_sub(header.transmit - header.receive),
        time: header
            .transmit
            .to_unix(UnixTime::from_seconds(clock.seconds.into()))?,
        header,
    })
}

/// From an answer's octets to offset, delay and time.
fn read_answer() -> Vec<Operation> {
    const GROUP: &str = "ntp/read-answer/captured-server";
    let context = sntpc::NtpContext::new(NOW);
    let mut octets = SERVER;
    // sntpc cuts a microsecond's fraction down where Horolog rounds it up: one unit of 2^-32 s.
    let origin = NtpTimestamp::from_bits(timestamp(NOW).to_bits() - 1);
    octets[24..32].copy_from_slice(&origin.to_octets());
    let socket = Socket { answer: octets };
    let sent = ready(sntpc::sntp_send_request(PEER, &socket, context));
    let sent = sent.expect("the socket is ready").expect("it takes all");
    vec![
        Operation::new(
            GROUP,
            "horolog",
            48,
            move || answer(black_box(&octets), black_box(origin), black_box(NOW)),
            |answer| {
                answer.is_some_and(|answer| {
                    answer.offset.as_nanoseconds() / 1000 == 13_422
                        && answer.delay.is_negative()
                        && answer.time.seconds() == i64::from(NOW.seconds)
                        && answer.header.stratum == Stratum::new(2)
                })
            },
        ),
        Operation::new(
            GROUP,
            "sntpc",
            48,
            move || {
                ready(sntpc::sntp_process_response(
                    PEER,
                    &socket,
                    black_box(context),
                    black_box(sent),
                ))
            },
            |answer| matches!(answer, Some(Ok(answer)) if answer.offset() == 13_422),
        ),
    ]
}

/// Whether a struct costs more than a view that reads what it is asked: two fields of thirteen.
fn read_two_fields() -> Vec<Operation> {
    const GROUP: &str = "ntp/read-two-fields/captured-server";
    let octets: &'static [u8] = &SERVER;
    vec![
        Operation::new(
            GROUP,
            "view",
            48,
            move || {
                let view = View::new(black_box(octets))?;
                Some((view.stratum(), view.transmit()))
            },
            |fields| fields.is_some_and(|(stratum, _)| stratum == 2),
        ),
        Operation::new(
            GROUP,
            "horolog",
            48,
            move || {
                let header = Header::decode(black_box(octets)).ok()?;
                Some((header.stratum.get(), header.transmit.to_bits()))
            },
            |fields| fields.is_some_and(|(stratum, _)| stratum == 2),
        ),
    ]
}

/// The same with all thirteen, mixed into one number.
fn read_all_fields() -> Vec<Operation> {
    const GROUP: &str = "ntp/read-all-fields/captured-server";
    let octets: &'static [u8] = &SERVER;
    let expected = limit::decode_header(octets).map(|fields| fields.mixed());
    vec![
        Operation::new(
            GROUP,
            "view",
            48,
            move || Some(View::new(black_box(octets))?.all()?.mixed()),
            |mixed| mixed == expected,
        ),
        Operation::new(
            GROUP,
            "horolog",
            48,
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
        ),
    ]
}
