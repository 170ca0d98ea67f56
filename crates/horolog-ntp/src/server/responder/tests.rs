use super::*;
use crate::extension::ExtensionField;
use crate::mac::{KeyFileFormat, MacTrailer};
use crate::server::RateLimit;
use core::net::Ipv4Addr;
use horolog_time::{NtpDuration, Poll};
use proptest::prelude::*;

fn at(seconds: u32) -> NtpTimestamp {
    NtpTimestamp::from_parts(3_900_000_000 + seconds, 0)
}

fn arrival(seconds: u32) -> Arrival {
    Arrival {
        source: Ipv4Addr::new(192, 0, 2, 1).into(),
        receive: at(seconds),
        transmit: at(seconds),
    }
}

fn request() -> Header {
    Header {
        poll: Poll::from_exponent(6),
        transmit: NtpTimestamp::from_bits(0xfeed),
        ..Header::default()
    }
}

fn keys() -> MacKeys {
    MacKeys::from_file(
        "1 MD5 ASCII:md5secret\n2 SHA1 HEX:0011\n3 SHA256 HEX:22\n",
        KeyFileFormat::Chrony,
    )
    .unwrap()
}

fn responder() -> ServerResponder {
    ServerResponder::new(SystemState::local_primary())
}

/// The response to a datagram, decoded.
fn answer(
    responder: &mut ServerResponder,
    datagram: &[u8],
    seconds: u32,
) -> Result<(Response, Vec<u8>), Refusal> {
    let mut buffer = [0xa5; 2000];
    let response = responder.respond(datagram, arrival(seconds), &mut buffer)?;
    assert!(
        response.length <= datagram.len(),
        "a response longer than its request"
    );
    Ok((response, buffer[..response.length].to_vec()))
}

fn header_of(reply: &[u8]) -> Header {
    Packet::decode(reply).unwrap().header
}

#[test]
fn rfc_5905_figure_31_a_basic_reply() {
    let (response, reply) = answer(&mut responder(), &request().to_octets(), 9).unwrap();
    assert_eq!((response.kind, response.key), (ResponseKind::Basic, None));
    let stamp = |stamp: NtpTimestamp, bit: u64| NtpTimestamp::from_bits(stamp.to_bits() | bit);
    let expected = Header {
        leap: LeapIndicator::NoWarning,
        version: Version::V4,
        mode: Mode::SERVER,
        stratum: Stratum::PRIMARY,
        poll: Poll::from_exponent(6),
        precision: SystemState::local_primary().precision,
        reference_id: ReferenceId::LOCAL,
        reference: at(9),
        origin: request().transmit,
        receive: stamp(at(9), 1),
        transmit: at(9),
        ..Header::default()
    };
    assert_eq!(header_of(&reply), expected);
}

#[test]
fn versions_1_to_4_are_answered_in_kind() {
    for version in [Version::V1, Version::V2, Version::V3, Version::V4] {
        let request = Header {
            version,
            ..request()
        };
        let (_, reply) = answer(&mut responder(), &request.to_octets(), 9).unwrap();
        assert_eq!(header_of(&reply).version, version);
    }
}

#[test]
fn only_clients_are_answered() {
    for bits in [0, 1, 2, 4, 5] {
        let mode = Mode::from_bits(bits);
        let request = Header { mode, ..request() };
        assert_eq!(
            answer(&mut responder(), &request.to_octets(), 9).unwrap_err(),
            Refusal::Mode(mode)
        );
    }
    for first in [0x26, 0x27, 0x2b, 0x33, 0x3b, 0x03] {
        let mut datagram = request().to_octets();
        datagram[0] = first;
        assert!(
            matches!(
                answer(&mut responder(), &datagram, 9),
                Err(Refusal::Malformed(_))
            ),
            "{first:#x}"
        );
    }
}

#[test]
fn an_unsynchronised_server_says_so() {
    let system = SystemState {
        leap: LeapIndicator::Unknown,
        stratum: Stratum::UNSYNCHRONISED,
        ..SystemState::local_primary()
    };
    let (_, reply) = answer(&mut ServerResponder::new(system), &request().to_octets(), 9).unwrap();
    let header = header_of(&reply);
    assert_eq!(
        (header.leap, header.stratum),
        (LeapIndicator::Unknown, Stratum::UNSPECIFIED)
    );
    // Nothing has set its clock yet.
    assert!(header.reference.is_unknown());
}

#[test]
fn unknown_fields_are_not_sent_back_and_a_unique_identifier_is() {
    let mut buffer = [0; 300];
    let mut writer = PacketWriter::new(&mut buffer, &request()).unwrap();
    writer
        .raw_field(&ExtensionField {
            field_type: ExtensionType::from_bits(0xf00d),
            value: &[1; 60],
        })
        .unwrap();
    writer
        .field(&UniqueIdentifier::new(&[2; 32]).unwrap())
        .unwrap();
    let length = writer.finish().unwrap();
    let (_, reply) = answer(&mut responder(), &buffer[..length], 9).unwrap();
    let packet = Packet::decode(&reply).unwrap();
    let types: Vec<_> = packet.fields().map(|field| field.field_type).collect();
    assert_eq!(types, [ExtensionType::UNIQUE_IDENTIFIER]);
    assert_eq!(packet.fields().next().unwrap().value, [2; 32]);
}

#[test]
fn a_mac_is_answered_by_one_of_the_same_key() {
    let keys = keys();
    for version in [Version::V3, Version::V4] {
        for id in [1, 2, 3] {
            let key = keys.find(KeyId::new(id)).unwrap();
            let mut buffer = [0; 100];
            let header = Header {
                version,
                ..request()
            };
            let length = PacketWriter::new(&mut buffer, &header)
                .unwrap()
                .finish_with_mac(key)
                .unwrap();
            let mut responder = responder().with_keys(self::keys());
            let (response, reply) = answer(&mut responder, &buffer[..length], 9).unwrap();
            assert_eq!(response.key, Some(KeyId::new(id)));
            assert!(key.verify(
                &reply[..48],
                Packet::decode(&reply).unwrap().mac().unwrap(),
                version
            ));

            buffer[40] ^= 1;
            assert_eq!(
                answer(&mut responder, &buffer[..length], 9).unwrap_err(),
                Refusal::BadMac(KeyId::new(id))
            );
            assert_eq!(
                answer(&mut self::responder(), &buffer[..length], 9).unwrap_err(),
                Refusal::UnknownKey(KeyId::new(id))
            );
        }
    }
}

#[test]
fn a_crypto_nak_is_not_answered() {
    let mut buffer = [0; 100];
    let length = PacketWriter::new(&mut buffer, &request())
        .unwrap()
        .finish_with_crypto_nak()
        .unwrap();
    assert_eq!(
        answer(&mut responder().with_keys(keys()), &buffer[..length], 9).unwrap_err(),
        Refusal::UnknownKey(MacTrailer::CRYPTO_NAK.key_id)
    );
}

#[test]
fn above_the_rate_limit_there_is_a_kiss_code_then_silence() {
    let limit = RateLimit {
        burst: 1,
        kiss_every: 3,
        ..RateLimit::default()
    };
    let mut responder = responder().with_rate_limit(RateLimiter::new(limit, 16, 1));
    let mut ask = |seconds| answer(&mut responder, &request().to_octets(), seconds);
    assert_eq!(ask(0).unwrap().0.kind, ResponseKind::Basic);
    let (response, reply) = ask(0).unwrap();
    assert_eq!(response.kind, ResponseKind::Kiss(KissCode::RATE));
    let header = header_of(&reply);
    assert_eq!(
        (header.leap, header.stratum),
        (LeapIndicator::Unknown, Stratum::UNSPECIFIED)
    );
    assert_eq!(header.reference_id.kiss_code(), KissCode::RATE);
    assert_eq!(header.origin, request().transmit);
    assert!(header.receive.is_unknown() && header.transmit.is_unknown());
    assert_eq!(ask(0).unwrap_err(), Refusal::RateLimited);
    assert_eq!(ask(2).unwrap().0.kind, ResponseKind::Basic);
}

#[test]
fn what_is_admitted_and_what_is_responded_to_count_together() {
    let limit = RateLimit {
        burst: 2,
        kiss_every: 2,
        ..RateLimit::default()
    };
    let mut responder = responder();
    let admit = |responder: &mut ServerResponder| responder.admit(arrival(0).source, at(0));
    assert!((0..9).all(|_| admit(&mut responder) == RateDecision::Answer));

    let mut responder = responder.with_rate_limit(RateLimiter::new(limit, 16, 1));
    assert_eq!(admit(&mut responder), RateDecision::Answer);
    answer(&mut responder, &request().to_octets(), 0).unwrap();
    assert_eq!(admit(&mut responder), RateDecision::Kiss);
    let refused = answer(&mut responder, &request().to_octets(), 0).unwrap_err();
    assert_eq!(refused, Refusal::RateLimited);
}

#[test]
fn rfc_9769_section_2_interleaved_replies_tell_when_the_last_one_left() {
    let mut responder = responder().with_interleaved(InterleavedTable::new(16));
    // A client that has not been answered before: no origin, nothing is kept.
    let (response, reply) = answer(&mut responder, &request().to_octets(), 1).unwrap();
    assert_eq!((response.kind, response.saved), (ResponseKind::Basic, None));
    let first = header_of(&reply);

    // It asks for an interleaved reply, gets a basic one, and its timestamps are kept.
    let second = Header {
        origin: first.receive,
        receive: NtpTimestamp::from_bits(0xabc),
        ..request()
    };
    let (response, reply) = answer(&mut responder, &second.to_octets(), 2).unwrap();
    assert_eq!(response.kind, ResponseKind::Basic);
    let kept = header_of(&reply);
    let left = at(2) + NtpDuration::from_bits(1 << 20);
    responder.handle_transmitted(response.saved.unwrap(), left);

    let third = Header {
        origin: kept.receive,
        receive: NtpTimestamp::from_bits(0xdef),
        ..request()
    };
    let (response, reply) = answer(&mut responder, &third.to_octets(), 3).unwrap();
    assert_eq!(response.kind, ResponseKind::Interleaved);
    let header = header_of(&reply);
    assert_eq!(
        (header.origin, header.transmit),
        (NtpTimestamp::from_bits(0xdef), left)
    );
    assert_ne!(header.receive, header.transmit);
    // RFC 5905 appendix A.5.1.1: a reference timestamp after the transmit timestamp is refused.
    assert_eq!(header.reference, left);

    // The same request again matches nothing: basic.
    let (response, reply) = answer(&mut responder, &third.to_octets(), 4).unwrap();
    assert_eq!(response.kind, ResponseKind::Basic);
    assert_eq!(header_of(&reply).origin, third.transmit);

    // Equal receive and transmit timestamps are a basic request, whatever the origin.
    let origin = header_of(&reply).receive;
    let equal = Header {
        origin,
        receive: request().transmit,
        ..request()
    };
    let (response, _) = answer(&mut responder, &equal.to_octets(), 5).unwrap();
    assert_eq!(response.kind, ResponseKind::Basic);
}

#[test]
fn a_buffer_too_small_is_refused() {
    let result = responder().respond(&request().to_octets(), arrival(0), &mut [0; 47]);
    assert!(matches!(
        result,
        Err(Refusal::Response(EncodeError::BufferTooSmall { .. }))
    ));
}

proptest! {
    #[test]
    fn any_datagram_is_answered_shorter_or_refused(mut datagram in proptest::collection::vec(any::<u8>(), 0..400), client: bool) {
        if let Some(first) = datagram.first_mut().filter(|_| client) {
            *first = 0x23;
        }
        let mut responder = responder().with_keys(keys()).with_interleaved(InterleavedTable::new(16));
        let _ = answer(&mut responder, &datagram, 9);
    }
}
