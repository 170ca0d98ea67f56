//! Packets with a MAC.

use std::hint::black_box;

use cmac::{Cmac, KeyInit, Mac};
use horolog_ntp::{Header, KeyId, MacAlgorithm, MacKey, Packet, PacketWriter};
use ntp_proto::{NoCipher, NtpPacket};
use subtle::ConstantTimeEq;

use super::limit;
use super::samples::SERVER;
use crate::Operation;
use crate::group::Group;

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

pub(super) fn decode_packet_with_mac() -> Vec<Operation> {
    const GROUP: &str = "ntp/decode-packet/mac";
    let (octets, _) = authenticated();
    Group::new(GROUP, octets.len())
        .with(
            "limit",
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
        )
        .with(
            "horolog",
            move || Packet::decode(black_box(octets)),
            |packet| packet.is_ok_and(|packet| packet.mac().is_some()),
        )
        .with(
            "ntp-parser",
            move || ntp_parser::parse_ntpv4(black_box(octets)),
            |packet| packet.is_ok_and(|(_, packet)| packet.auth.is_some()),
        )
        .with(
            "ntp-proto",
            move || NtpPacket::deserialize(black_box(octets), &NoCipher),
            |packet| packet.is_ok(),
        )
        .operations()
}

/// The limit is the primitive alone: a keyed state copied, one pass, a comparison.
pub(super) fn verify_packet() -> Vec<Operation> {
    const GROUP: &str = "ntp/verify-packet/aes-cmac";
    let (octets, key) = authenticated();
    let bare = Cmac::<aes::Aes128>::new_from_slice(&[0x2b; 16]).expect("16 octets are right");
    Group::new(GROUP, octets.len())
        .with(
            "limit",
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
        )
        .with(
            "horolog",
            move || {
                let octets = black_box(octets);
                let packet = Packet::decode(octets).ok()?;
                let covered = octets.get(..packet.authenticated_len())?;
                let right = black_box(&key).verify(covered, packet.mac()?, packet.header.version);
                Some((packet, right))
            },
            |right| right.is_some_and(|(_, right)| right),
        )
        .operations()
}
