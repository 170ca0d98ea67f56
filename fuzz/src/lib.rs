//! What the fuzz targets do, one function each.
//!
//! The same functions run over the corpus in the tests of the main workspace, on a stable compiler
//! and without libFuzzer. Whatever decodes is encoded over a dirty buffer, and *that* is decoded
//! again.

#![forbid(unsafe_code)]

mod https;
mod key_establishment;
mod leap;
mod ntimed;
mod nts;
mod nts_packet;

use core::net::Ipv4Addr;

use horolog_ntp::constants::PORT;
use horolog_ntp::control::{Associations, ControlMessage, Reassembly};
use horolog_ntp::v5;
use horolog_ntp::{
    Arrival, ChecksumComplement, ChronyMonoRoot, DecodeError, ExtensionField, FieldLayout,
    FieldValue, FieldWalker, Header, InterleavedTable, KeyFileFormat, KeyId, LeapListField,
    MacAlgorithm, MacKey, MacKeys, NetworkCorrection, NtsAuthenticator, NtsCookie,
    NtsCookiePlaceholder, Packet, PacketWriter, ServerResponder, SystemState, Trailing,
    UniqueIdentifier, Version,
};
use horolog_nts::{NextRecord, RecordReader};
use horolog_time::NtpTimestamp;

pub use https::{https_request, https_response, https_search, https_search_end, https_text};
pub use key_establishment::{ke_client, ke_response, ke_server};
pub use leap::{
    leap_a_set, leap_aaaa_set, leap_binary, leap_bulletin_c, leap_dat, leap_list, leap_rrset,
    leap_text, leap_tzif,
};
pub use ntimed::{ntimed_evaluation, ntimed_trace};
pub use nts::{association_file, cookie, keyring_file};
pub use nts_packet::{leap_list_field, nts_authenticator, nts_client, nts_server};

/// What buffers hold before something is written over it.
const DIRT: u8 = 0xa5;

/// An error must lie inside of what was decoded.
fn check_error(octets: &[u8], error: &DecodeError) {
    assert!(
        error.offset() <= octets.len(),
        "{error} in {} octets",
        octets.len()
    );
}

/// The header of NTP versions 1 to 4.
pub fn header(octets: &[u8]) {
    let first = match Header::decode(octets) {
        Ok(first) => first,
        Err(error) => return check_error(octets, &error),
    };
    let mut written = [DIRT; Header::LENGTH];
    first
        .encode(&mut written.as_mut_slice())
        .expect("48 octets of room");
    assert_eq!(Some(&written), octets.first_chunk());
    assert_eq!(Header::decode(&written), Ok(first));
}

/// A packet of NTP versions 1 to 4, its fields, and what is known of their values.
pub fn packet_v4(octets: &[u8]) {
    let first = match Packet::decode(octets) {
        Ok(first) => first,
        Err(error) => return check_error(octets, &error),
    };
    let mut written = vec![DIRT; first.encoded_len()];
    first
        .encode(&mut written.as_mut_slice())
        .expect("the length was told");
    assert_eq!(written, octets);
    assert_eq!(Packet::decode(&written), Ok(first));
    first.fields().for_each(|field| known_fields(&field));
    rewrite(&first);
}

/// Writes the packet's fields anew: what comes out says the same.
fn rewrite(packet: &Packet<'_>) {
    let mut buffer = vec![DIRT; packet.encoded_len() + 64];
    let mut writer =
        PacketWriter::new(&mut buffer, &packet.header).expect("a header that was decoded");
    for field in packet.fields() {
        if writer.raw_field(&field).is_err() {
            return; // A field behind a checksum complement, which the writer refuses.
        }
    }
    let length = writer.finish().expect("room enough");
    let again = Packet::decode(&buffer[..length]).expect("what was written can be read");
    assert_eq!(again.header, packet.header);
    assert!(again.fields().zip(packet.fields()).all(|(new, old)| {
        new.field_type == old.field_type && new.value.starts_with(old.value)
    }));
    assert_eq!(again.fields().count(), packet.fields().count());
}

/// Decodes a field's value if it is of the type, and again from what it encodes to. What was
/// ignored (padding) need not come back, what was understood must.
macro_rules! value {
    ($field:ident, $type:ty) => {
        if $field.field_type == <$type as FieldValue<'_>>::TYPE {
            match <$type>::decode_value($field.value) {
                Ok(first) => {
                    let mut written = vec![DIRT; first.value_len()];
                    first.encode_value(&mut written.as_mut_slice());
                    assert_eq!(<$type>::decode_value(&written), Ok(first));
                }
                Err(error) => check_error($field.value, &error),
            }
        }
    };
}

/// Decodes a field's value as every type that has its number.
fn known_fields(field: &ExtensionField<'_>) {
    value!(field, UniqueIdentifier<'_>);
    value!(field, NtsCookie<'_>);
    value!(field, NtsCookiePlaceholder);
    value!(field, NtsAuthenticator<'_>);
    value!(field, ChecksumComplement);
    value!(field, ChronyMonoRoot);
    value!(field, NetworkCorrection);
    value!(field, LeapListField<'_>);
    value!(field, v5::Padding);
    value!(field, v5::Mac<'_>);
    value!(field, v5::ReferenceIdsRequest);
    value!(field, v5::ReferenceIdsResponse<'_>);
    value!(field, v5::ServerInformation);
    value!(field, v5::Correction);
    value!(field, v5::ReferenceTimestamp);
    value!(field, v5::MonotonicReceiveTimestamp);
    value!(field, v5::SecondaryReceiveTimestamp);
    value!(field, v5::DraftIdentification<'_>);
    // An authenticator's ciphertext stands in for the fields that it would hide.
    if let Ok(authenticator) = field.decode_as::<NtsAuthenticator<'_>>() {
        for item in FieldWalker::new(authenticator.ciphertext, FieldLayout::NtsPlaintext) {
            let Ok(Trailing::Field(_)) = item else { break };
        }
    }
}

/// A packet of the NTPv5 draft.
pub fn packet_v5(octets: &[u8]) {
    let first = match v5::Packet::decode(octets) {
        Ok(first) => first,
        Err(error) => return check_error(octets, &error),
    };
    let mut written = vec![DIRT; first.encoded_len()];
    first
        .encode(&mut written.as_mut_slice())
        .expect("the length was told");
    let again = v5::Packet::decode(&written).expect("what was encoded decodes");
    assert_eq!(again.header, first.header);
    assert!(again.fields().eq(first.fields()));
    first.fields().for_each(|field| known_fields(&field));
}

/// A packet whose MAC is right for as much as it covers: it verifies, and no bit can be changed.
pub fn packet_mac(octets: &[u8]) {
    let Some((&choice, octets)) = octets.split_first() else {
        return;
    };
    let algorithms = [
        MacAlgorithm::Md5,
        MacAlgorithm::Sha1,
        MacAlgorithm::Sha256,
        MacAlgorithm::Sha512,
        MacAlgorithm::AesCmac128,
        MacAlgorithm::AesCmac256,
    ];
    let algorithm = algorithms[usize::from(choice) % algorithms.len()];
    let secret = [choice; 32];
    let secret = &secret[..algorithm.secret_len().unwrap_or(32)];
    let key =
        MacKey::new(KeyId::new(1 + u32::from(choice)), algorithm, secret).expect("a good key");
    let Ok(packet) = Packet::decode(octets) else {
        return;
    };
    if let Some(mac) = packet.mac() {
        let covered = &octets[..packet.authenticated_len()];
        assert!(!key.verify(covered, mac, packet.header.version) || mac.key_id == key.id());
    }
    let mut buffer = vec![DIRT; packet.authenticated_len() + 80];
    let mut writer =
        PacketWriter::new(&mut buffer, &packet.header).expect("a header that was decoded");
    for field in packet.fields() {
        if writer.raw_field(&field).is_err() {
            return;
        }
    }
    let Ok(length) = writer.finish_with_mac(&key) else {
        return;
    };
    let mut written = buffer[..length].to_vec();
    let sealed = Packet::decode(&written).expect("what was written can be read");
    assert_eq!(sealed.header, packet.header);
    let covered = sealed.authenticated_len();
    let mac = sealed.mac().expect("it was written");
    assert!(key.verify(&written[..covered], mac, packet.header.version));
    let digest = mac.digest.to_vec();
    let bit = usize::from(choice) % (covered * 8);
    written[bit / 8] ^= 1 << (bit % 8);
    let mac = horolog_ntp::MacTrailer {
        key_id: key.id(),
        digest: &digest,
    };
    assert!(!key.verify(&written[..covered], &mac, packet.header.version));
}

/// A control message, alone and as a fragment.
pub fn control(octets: &[u8]) {
    let first = match ControlMessage::decode(octets) {
        Ok(first) => first,
        Err(error) => return check_error(octets, &error),
    };
    let mut written = vec![DIRT; first.encoded_len()];
    first
        .encode(&mut written.as_mut_slice())
        .expect("the length was told");
    assert_eq!(ControlMessage::decode(&written), Ok(first));
    for variable in first.variables() {
        assert!(variable.name.len() <= first.data.len());
    }
    for association in Associations::new(first.data) {
        if association.is_err() {
            break;
        }
    }
    let mut reassembly = Reassembly::new(&first).with_limit(600);
    let _ = reassembly.insert(&first);
    let _ = reassembly.insert(&first);
    assert!(reassembly.data().is_none_or(|data| data.len() <= 600));
}

/// A key file, in both formats.
pub fn key_file(octets: &[u8]) {
    let Ok(text) = core::str::from_utf8(octets) else {
        return;
    };
    for format in [KeyFileFormat::Chrony, KeyFileFormat::Ntpd] {
        match MacKeys::from_file(text, format) {
            Ok(keys) => {
                assert!(keys.len() <= text.lines().count());
                assert!(keys.iter().all(|key| key.id().get() != 0));
                assert!(keys.iter().is_sorted_by_key(MacKey::id));
            }
            Err(error) => {
                let line = text
                    .lines()
                    .nth(error.line() - 1)
                    .expect("the line is there");
                assert!((1..=line.len() + 1).contains(&error.column()), "{error}");
            }
        }
    }
}

/// Datagrams for a server, one behind the other, each with its length in two octets in front.
pub fn responder(octets: &[u8]) {
    let keys = "1 MD5 ASCII:key\n2 AES128 HEX:2B7E151628AED2A6ABF7158809CF4F3C\n";
    let keys = MacKeys::from_file(keys, KeyFileFormat::Chrony).expect("good keys");
    let mut responder = ServerResponder::new(SystemState::local_primary())
        .with_keys(keys)
        .with_interleaved(InterleavedTable::new(8));
    let mut rest = octets;
    let mut time = NtpTimestamp::from_parts(u32::MAX, u32::from(PORT));
    while let Some((length, behind)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(behind.len());
        let (datagram, behind) = behind.split_at(length);
        rest = behind;
        time = time + horolog_time::NtpDuration::SECOND;
        let arrival = Arrival {
            source: Ipv4Addr::LOCALHOST.into(),
            receive: time,
            transmit: time,
        };
        let mut buffer = [DIRT; 2048];
        let Ok(response) = responder.respond(datagram, arrival, &mut buffer) else {
            continue;
        };
        assert!(
            response.length <= datagram.len(),
            "a response longer than its request"
        );
        let request = Packet::decode(datagram)
            .expect("only packets are answered")
            .header;
        let reply = Packet::decode(&buffer[..response.length])
            .expect("responses can be read")
            .header;
        assert_eq!(reply.version, request.version);
        assert!(reply.version <= Version::V4);
        assert!(reply.origin == request.transmit || reply.origin == request.receive);
        assert_ne!(reply.receive, reply.transmit);
        if let Some(saved) = response.saved {
            responder.handle_transmitted(saved, time);
        }
    }
}

/// Records of an NTS-KE message, whole and octet by octet, and what their bodies may be read as.
pub fn nts_ke_records(octets: &[u8]) {
    let (mut whole, mut portions, mut length) = (RecordReader::new(), RecordReader::new(), 0);
    let mut written = vec![DIRT; octets.len()];
    loop {
        let found = whole.next(octets);
        let again = loop {
            match portions.next(octets.get(..length).expect("no more than there is")) {
                Ok(NextRecord::NeedMore(_)) if length < octets.len() => length += 1,
                other => break other,
            }
        };
        assert_eq!(again, found);
        let record = match found {
            Ok(NextRecord::Record(record)) => record,
            Ok(NextRecord::NeedMore(_) | NextRecord::End) => break,
            Err(error) => {
                assert!(error.offset() <= octets.len(), "{error}");
                break;
            }
        };
        let end = whole.offset();
        let mut room = written
            .get_mut(end - record.encoded_len()..)
            .expect("it was read from there");
        record.encode(&mut room).expect("it was read from there");
        if let Ok(numbers) = record.numbers() {
            assert_eq!(numbers.len() * 2, record.body.len());
            let body: Vec<_> = numbers.iter().flat_map(u16::to_be_bytes).collect();
            assert_eq!(body, record.body);
        }
        if let Ok(name) = record.server_name() {
            assert_eq!(name.as_bytes(), record.body);
        }
        if let Ok(cookie) = record.cookie() {
            assert_eq!(cookie, record.body);
        }
        assert!(record.number().is_err() || record.body.len() == 2);
        assert_eq!(record.no_body().is_ok(), record.body.is_empty());
    }
    assert_eq!(written.get(..whole.offset()), octets.get(..whole.offset()));
}
