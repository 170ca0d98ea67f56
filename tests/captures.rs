//! Every captured packet decodes, encodes to the same octets, holds what tshark reads in it, and
//! has a MAC that verifies, if it has one.

use std::collections::HashMap;

use horolog_ntp::control::{Associations, ControlMessage, OpCode};
use horolog_ntp::{
    ChronyMonoRoot, Datagram, ExtensionField, ExtensionType, FieldValue, Header, KeyId, MacKeys,
    NtsAuthenticator, NtsCookie, NtsCookiePlaceholder, Packet, PacketWriter, UniqueIdentifier,
};
use horolog_tests::Frame;
use horolog_time::{CivilDate, NtpTimestamp, UnixTime, UtcInstant};

/// All frames, those of versions 1 to 4 but for mode 6, those of mode 6, those of version 5.
const FRAMES: [usize; 4] = [513, 448, 59, 6];

fn decode(frame: &Frame) -> Datagram<'_> {
    Datagram::decode(&frame.octets).unwrap_or_else(|error| panic!("{}: {error}", frame.name()))
}

#[test]
fn every_datagram_encodes_to_the_same_octets() {
    let mut counts = [0; 4];
    for frame in Frame::all() {
        let datagram = decode(frame);
        let kind = match datagram {
            Datagram::Ntp(_) => 1,
            Datagram::Control(_) => 2,
            Datagram::V5(_) => 3,
            _ => panic!("{}: {datagram:?}", frame.name()),
        };
        counts[0] += 1;
        counts[kind] += 1;
        assert_eq!(datagram.encoded_len(), frame.octets.len());
        let mut written = vec![0xa5; datagram.encoded_len()];
        datagram.encode(&mut written.as_mut_slice()).unwrap();
        assert_eq!(written, frame.octets, "{}", frame.name());
    }
    assert_eq!(counts, FRAMES);
}

#[test]
fn every_packet_can_be_written_anew() {
    let keys = Frame::keys();
    let mut written_packets = 0;
    for frame in Frame::all() {
        let Datagram::Ntp(packet) = decode(frame) else {
            continue;
        };
        let mut written = vec![0xa5; frame.octets.len()];
        let mut writer = PacketWriter::new(&mut written, &packet.header).unwrap();
        for field in packet.fields() {
            writer.raw_field(&field).unwrap();
        }
        let length = match packet.mac() {
            Some(mac) => writer.finish_with_mac(keys.find(mac.key_id).unwrap()),
            None => writer.finish(),
        };
        assert_eq!(length, Ok(frame.octets.len()), "{}", frame.name());
        assert_eq!(written, frame.octets, "{}", frame.name());
        written_packets += 1;
    }
    assert_eq!(written_packets, FRAMES[1]);
}

#[test]
fn every_extension_field_reads_as_what_its_type_says() {
    /// Reads the value as `T` and writes it again.
    fn survives<'a, T: FieldValue<'a>>(field: &ExtensionField<'a>) {
        let value: T = field.decode_as().unwrap();
        let mut written = vec![0xa5; value.value_len()];
        value.encode_value(&mut written.as_mut_slice());
        assert_eq!(written, field.value, "{:?}", field.field_type);
    }
    let mut counts = HashMap::new();
    for frame in Frame::all() {
        let Datagram::Ntp(packet) = decode(frame) else {
            continue;
        };
        for field in packet.fields() {
            match field.field_type {
                ExtensionType::UNIQUE_IDENTIFIER => survives::<UniqueIdentifier<'_>>(&field),
                ExtensionType::NTS_COOKIE => survives::<NtsCookie<'_>>(&field),
                ExtensionType::NTS_COOKIE_PLACEHOLDER => survives::<NtsCookiePlaceholder>(&field),
                ExtensionType::NTS_AUTHENTICATOR => survives::<NtsAuthenticator<'_>>(&field),
                ExtensionType::CHRONY_MONO_ROOT => survives::<ChronyMonoRoot>(&field),
                other => panic!("{}: {other:?}", frame.name()),
            }
            *counts.entry(field.field_type.to_bits()).or_default() += 1;
        }
    }
    let expected = [
        (0x0104, 146),
        (0x0204, 75),
        (0x0304, 10),
        (0x0404, 143),
        (0xf323, 14),
    ];
    assert_eq!(counts, HashMap::from(expected));
}

#[test]
fn every_field_is_what_tshark_reads() {
    let mut compared: HashMap<&str, [usize; 2]> = HashMap::new();
    let mut misread = 0;
    for frame in Frame::all() {
        let datagram = decode(frame);
        for (column, cell) in &frame.tshark {
            let Some(expected) = cell_of(frame, &datagram, column) else {
                misread += 1;
                continue;
            };
            assert_eq!(*cell, expected, "{}: {column}", frame.name());
            let [all, filled] = compared.entry(column).or_default();
            *all += 1;
            *filled += usize::from(!cell.is_empty());
        }
    }
    // Cells that were compared, and those of them in which there is something.
    let [all, ntp, control, v5] = FRAMES;
    let expected = [
        (vec!["pcap", "frame.number", "frame.time_epoch"], all, all),
        (vec!["ip.src", "ip.dst"], all, 485),
        (vec!["ipv6.src", "ipv6.dst"], all, 28),
        (vec!["udp.srcport", "udp.dstport", "udp.length"], all, all),
        (
            vec!["ntp.flags.li", "ntp.flags.vn", "ntp.flags.mode"],
            all,
            all,
        ),
        (
            vec!["ntp.stratum", "ntp.ppoll", "ntp.precision"],
            all,
            ntp + v5,
        ),
        (
            vec!["ntp.rootdelay", "ntp.rootdispersion", "ntp.refid"],
            all - v5,
            ntp,
        ),
        (
            vec!["ntp.reftime", "ntp.org", "ntp.rec", "ntp.xmt"],
            all - v5,
            ntp,
        ),
        (vec!["ntp.keyid", "ntp.mac"], all - v5, 40),
        (vec!["ntp.ext.type", "ntp.ext.length"], all - v5, 160),
        (
            vec![
                "ntp.ctrl.flags2.opcode",
                "ntp.ctrl.sequence",
                "ntp.ctrl.associd",
            ],
            all,
            control,
        ),
    ];
    let expected: HashMap<_, _> = expected
        .into_iter()
        .flat_map(|(columns, all, filled)| {
            columns.into_iter().map(move |name| (name, [all, filled]))
        })
        .collect();
    assert_eq!(compared, expected);
    assert_eq!(
        compared.values().map(|[all, _]| all).sum::<usize>(),
        513 * 30 - 6 * 11
    );
    assert_eq!(misread, 6 * 11);
}

/// What tshark prints in a column, made of what was decoded here; `None` where it reads fields that
/// version 5 does not have.
fn cell_of(frame: &Frame, datagram: &Datagram<'_>, column: &str) -> Option<String> {
    let of_payload = match column {
        "pcap" => "pcap",
        "frame.number" => "frame",
        "frame.time_epoch" => "epoch",
        "ip.src" => "src4",
        "ipv6.src" => "src6",
        "ip.dst" => "dst4",
        "ipv6.dst" => "dst6",
        "udp.srcport" => "sport",
        "udp.dstport" => "dport",
        "udp.length" => return Some((8 + frame.octets.len()).to_string()),
        _ => {
            return match datagram {
                Datagram::Ntp(packet) => Some(cell_of_packet(packet, column)),
                Datagram::Control(message) => Some(cell_of_control(message, column)),
                Datagram::V5(packet) => cell_of_v5(&packet.header, column),
                _ => panic!("{datagram:?}"),
            };
        }
    };
    Some(frame.payload[of_payload].clone())
}

fn cell_of_packet(packet: &Packet<'_>, column: &str) -> String {
    let header = &packet.header;
    let fields = |cell: fn(ExtensionField<'_>) -> String| {
        packet.fields().map(cell).collect::<Vec<_>>().join(";")
    };
    match column {
        "ntp.flags.li" => header.leap.to_bits().to_string(),
        "ntp.flags.vn" => header.version.to_string(),
        "ntp.flags.mode" => header.mode.to_bits().to_string(),
        "ntp.stratum" => header.stratum.to_string(),
        // Eight bits, which tshark shows without their sign.
        "ntp.ppoll" => header.poll.exponent().cast_unsigned().to_string(),
        "ntp.precision" => header.precision.exponent().cast_unsigned().to_string(),
        // As fields, other than in its tree, tshark prints these two in units of 2^-16 s.
        "ntp.rootdelay" => header.root_delay.to_bits().to_string(),
        "ntp.rootdispersion" => header.root_dispersion.to_bits().to_string(),
        "ntp.refid" => header.reference_id.to_string(),
        "ntp.reftime" => tsharks_time(header.reference),
        "ntp.org" => tsharks_time(header.origin),
        "ntp.rec" => tsharks_time(header.receive),
        "ntp.xmt" => tsharks_time(header.transmit),
        "ntp.keyid" => packet
            .mac()
            .map_or_else(String::new, |mac| format!("{:08x}", mac.key_id.get())),
        "ntp.mac" => packet.mac().map_or_else(String::new, |mac| hex(mac.digest)),
        "ntp.ext.type" => fields(|field| field.field_type.to_string()),
        "ntp.ext.length" => {
            fields(|field| (ExtensionField::HEADER_LENGTH + field.value.len()).to_string())
        }
        "ntp.ctrl.flags2.opcode" | "ntp.ctrl.sequence" | "ntp.ctrl.associd" => String::new(),
        _ => panic!("unknown column {column}"),
    }
}

fn cell_of_control(message: &ControlMessage<'_>, column: &str) -> String {
    match column {
        "ntp.flags.li" => message.leap.to_bits().to_string(),
        "ntp.flags.vn" => message.version.to_string(),
        "ntp.flags.mode" => "6".to_owned(),
        "ntp.ctrl.flags2.opcode" => message.opcode.to_bits().to_string(),
        "ntp.ctrl.sequence" => message.sequence.to_string(),
        "ntp.ctrl.associd" => {
            let listed = if message.response && message.opcode == OpCode::READ_STATUS {
                message.data
            } else {
                &[]
            };
            let listed = Associations::new(listed)
                .map(|association| association.expect("an association").id);
            let all: Vec<_> = core::iter::once(message.association)
                .chain(listed)
                .map(|id| id.to_string())
                .collect();
            all.join(";")
        }
        _ => String::new(),
    }
}

/// The first four octets mean the same in version 5.
fn cell_of_v5(header: &horolog_ntp::v5::Header, column: &str) -> Option<String> {
    Some(match column {
        "ntp.flags.li" => header.leap.to_bits().to_string(),
        "ntp.flags.vn" => "5".to_owned(),
        "ntp.flags.mode" => header.mode.to_bits().to_string(),
        "ntp.stratum" => header.stratum.to_string(),
        "ntp.ppoll" => header.poll.exponent().cast_unsigned().to_string(),
        "ntp.precision" => header.precision.exponent().cast_unsigned().to_string(),
        _ if column.starts_with("ntp.ctrl.") => String::new(),
        _ => return None,
    })
}

/// A timestamp as tshark prints it: `NULL` for 0, else cut to nanoseconds, between 1968 and 2104.
///
/// In the data, seconds from 2^31 on are of era 0 and those below it of era 1. That puts a stamp
/// less than 2^31 s from the start of era 1.
fn tsharks_time(stamp: NtpTimestamp) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let start_of_era_1 =
        UtcInstant::new(CivilDate::new(2036, 2, 7).expect("a date"), 6, 28, 16, 0).expect("a time");
    let Some(time) = stamp.to_unix(start_of_era_1.to_unix()) else {
        return "NULL".to_owned();
    };
    let time = UtcInstant::from_unix(time).expect("a year below 10000");
    let date = time.date();
    format!(
        "{} {:2}, {} {:02}:{:02}:{:02}.{:09} UTC",
        MONTHS[usize::from(date.month()) - 1],
        date.day(),
        date.year(),
        time.hour(),
        time.minute(),
        time.second(),
        time.nanoseconds()
    )
}

#[test]
fn tsharks_eras_meet_at_both_ends() {
    for (seconds, text) in [
        (1 << 31, "Jan 20, 1968 03:14:08.000000000 UTC"),
        (u32::MAX, "Feb  7, 2036 06:28:15.000000000 UTC"),
        (1, "Feb  7, 2036 06:28:17.000000000 UTC"),
        ((1 << 31) - 1, "Feb 26, 2104 09:42:23.000000000 UTC"),
    ] {
        assert_eq!(tsharks_time(NtpTimestamp::from_parts(seconds, 0)), text);
    }
    assert_eq!(tsharks_time(NtpTimestamp::UNKNOWN), "NULL");
    // What crosses the end of era 0 in the capture stands on both sides of it.
    let stamps: Vec<_> = Frame::of("era-rollover-2036")
        .iter()
        .map(|frame| Header::decode(&frame.octets).unwrap())
        .filter(|header| header.stratum.is_synchronised())
        .map(|header| {
            header
                .transmit
                .to_unix(UnixTime::from_seconds(2_085_978_496))
                .unwrap()
        })
        .collect();
    assert_eq!(stamps.len(), 16);
    assert!(stamps.is_sorted(), "{stamps:?}");
    assert!(stamps[0].seconds() < 2_085_978_496 && stamps[15].seconds() > 2_085_978_496);
}

fn hex(octets: &[u8]) -> String {
    octets
        .iter()
        .fold(String::new(), |text, octet| text + &format!("{octet:02x}"))
}

/// Whether octets are a packet with a MAC that verifies under one of the keys.
fn verifies(octets: &[u8], keys: &MacKeys) -> bool {
    let Ok(Datagram::Ntp(packet)) = Datagram::decode(octets) else {
        return false;
    };
    packet.mac().is_some_and(|mac| {
        keys.find(mac.key_id).is_some_and(|key| {
            key.verify(
                &octets[..packet.authenticated_len()],
                mac,
                packet.header.version,
            )
        })
    })
}

#[test]
fn every_mac_verifies_and_no_bit_can_be_changed() {
    let keys = Frame::keys();
    let mut verified = HashMap::new();
    for frame in Frame::all() {
        let Datagram::Ntp(packet) = decode(frame) else {
            continue;
        };
        let Some(mac) = packet.mac() else {
            assert!(!verifies(&frame.octets, &keys), "{}", frame.name());
            continue;
        };
        assert!(verifies(&frame.octets, &keys), "{}", frame.name());
        *verified
            .entry((frame.capture.clone(), mac.key_id))
            .or_default() += 1;
    }
    let expected = [("aes128", 5), ("md5", 1), ("sha1", 2), ("sha256", 3)]
        .map(|(name, id)| ((format!("ntpv4-mac-{name}"), KeyId::new(id)), 10));
    assert_eq!(verified, HashMap::from(expected));

    for (name, octets) in [("aes128", 68), ("md5", 68), ("sha1", 72), ("sha256", 84)] {
        for mut frame in Frame::of(&format!("ntpv4-mac-{name}")).into_iter().take(2) {
            assert_eq!(frame.octets.len(), octets);
            for bit in 0..octets * 8 {
                frame.octets[bit / 8] ^= 1 << (bit % 8);
                assert!(
                    !verifies(&frame.octets, &keys),
                    "{} bit {bit}",
                    frame.name()
                );
                frame.octets[bit / 8] ^= 1 << (bit % 8);
            }
            assert!(verifies(&frame.octets, &keys));
        }
    }
}
