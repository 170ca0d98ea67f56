use super::*;
use crate::mac::{KeyId, MacAlgorithm};
use crate::{KissAction, KissCode, ReferenceId, Stratum};
use horolog_time::NtpShort;

/// Counts: predictable, so that tests can tell what was sent.
struct Counter(u64);

impl rand_core::TryRng for Counter {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("timestamps have 64 bits")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_add(1);
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
        unreachable!("timestamps are drawn whole")
    }
}

impl rand_core::TryCryptoRng for Counter {}

fn at(seconds: u32) -> NtpTimestamp {
    NtpTimestamp::from_parts(3_900_000_000 + seconds, 0)
}

/// A client that has sent a request at second 0, and the request.
fn asked(config: ClientConfig) -> (ClientExchange, Header) {
    let mut exchange = ClientExchange::new(config);
    let request = exchange.request(at(0), &mut Counter(100));
    (exchange, request)
}

/// A good reply to a request, which arrives at second `receive` of the server's clock.
fn reply_to(request: &Header, receive: u32) -> Header {
    Header {
        mode: Mode::SERVER,
        stratum: Stratum::new(2),
        reference_id: ReferenceId::GPS,
        reference: at(receive - 2),
        origin: request.transmit,
        receive: at(receive),
        transmit: at(receive + 1),
        ..*request
    }
}

fn measured(result: Result<Reply, Discard>) -> Measurement {
    match result {
        Ok(Reply::Measurement(measurement)) => measurement,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_tells_nothing_of_the_client() {
    let (_, request) = asked(ClientConfig {
        poll: Poll::from_exponent(6),
        ..ClientConfig::default()
    });
    let expected = Header {
        poll: Poll::from_exponent(6),
        transmit: NtpTimestamp::from_bits(101),
        ..Header::default()
    };
    assert_eq!(request, expected);
    let (_, request) = asked(ClientConfig {
        reveal_time: true,
        ..ClientConfig::default()
    });
    assert_eq!(request.transmit, at(0));
}

#[test]
fn a_reply_is_accepted_once() {
    let (mut exchange, request) = asked(ClientConfig::default());
    let reply = reply_to(&request, 5);
    assert_eq!(exchange.check_header(&reply), Ok(()));
    let measurement = measured(exchange.handle_header(reply, at(3)));
    assert_eq!(
        [
            measurement.t1(),
            measurement.t2(),
            measurement.t3(),
            measurement.t4()
        ],
        [at(0), at(5), at(6), at(3)]
    );
    assert_eq!(measurement.offset(), NtpDuration::from_seconds(4));
    assert_eq!(measurement.delay(), NtpDuration::from_seconds(2));
    assert_eq!(exchange.check_header(&reply), Err(Discard::Unexpected));
    assert_eq!(
        exchange.handle_header(reply, at(3)),
        Err(Discard::Unexpected)
    );
}

#[test]
fn rfc_5905_appendix_a_5_1_bogus_packets_change_nothing() {
    let (mut exchange, request) = asked(ClientConfig::default());
    let good = reply_to(&request, 5);
    for (bad, reason) in [
        (
            Header {
                origin: NtpTimestamp::UNKNOWN,
                ..good
            },
            Discard::ZeroOrigin,
        ),
        (
            Header {
                origin: at(9),
                ..good
            },
            Discard::Origin,
        ),
        (
            Header {
                origin: request.receive + NtpDuration::RESOLUTION,
                ..good
            },
            Discard::Origin,
        ),
        (
            Header {
                mode: Mode::CLIENT,
                ..good
            },
            Discard::Mode(Mode::CLIENT),
        ),
        (
            Header {
                mode: Mode::BROADCAST,
                ..good
            },
            Discard::Mode(Mode::BROADCAST),
        ),
        (
            Header {
                version: Version::V3,
                ..good
            },
            Discard::Version(Version::V3),
        ),
    ] {
        assert_eq!(exchange.handle_header(bad, at(3)), Err(reason));
    }
    assert!(matches!(
        exchange.handle_reply(&[0x24; 47], at(3), None),
        Err(Discard::Malformed(_))
    ));
    measured(exchange.handle_header(good, at(3)));
}

#[test]
fn rfc_8633_section_5_4_a_kiss_code_needs_the_right_origin() {
    let (mut exchange, request) = asked(ClientConfig::default());
    let kiss = Header {
        leap: LeapIndicator::Unknown,
        stratum: Stratum::UNSPECIFIED,
        reference_id: ReferenceId::from_octets(*b"RATE"),
        ..reply_to(&request, 5)
    };
    let forged = Header {
        origin: at(1),
        ..kiss
    };
    assert_eq!(exchange.handle_header(forged, at(3)), Err(Discard::Origin));
    match exchange.handle_header(kiss, at(3)) {
        Ok(Reply::Kiss(code)) => assert_eq!(
            (code, code.action()),
            (KissCode::RATE, KissAction::SlowDown)
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rfc_5905_appendix_a_5_1_1_unusable_headers() {
    let long = NtpShort::from_bits(32 << 16);
    let good = reply_to(&asked(ClientConfig::default()).1, 5);
    for (header, reason) in [
        (
            Header {
                leap: LeapIndicator::Unknown,
                ..good
            },
            Unusable::Unsynchronised,
        ),
        (
            Header {
                stratum: Stratum::new(16),
                ..good
            },
            Unusable::Unsynchronised,
        ),
        (
            Header {
                stratum: Stratum::UNSPECIFIED,
                reference_id: ReferenceId::NONE,
                ..good
            },
            Unusable::Unsynchronised,
        ),
        (
            Header {
                receive: NtpTimestamp::UNKNOWN,
                ..good
            },
            Unusable::NoTime,
        ),
        (
            Header {
                transmit: NtpTimestamp::UNKNOWN,
                ..good
            },
            Unusable::NoTime,
        ),
        (
            Header {
                root_delay: long,
                ..good
            },
            Unusable::RootDistance,
        ),
        (
            Header {
                root_dispersion: NtpShort::MAX,
                ..good
            },
            Unusable::RootDistance,
        ),
        (
            Header {
                reference: at(7),
                ..good
            },
            Unusable::ReferenceTime,
        ),
    ] {
        let (mut exchange, _) = asked(ClientConfig::default());
        assert_eq!(
            exchange.handle_header(header, at(3)),
            Ok(Reply::Unusable(reason, header))
        );
    }
}

#[test]
fn the_kernels_transmit_time_replaces_the_first_one() {
    let (mut exchange, request) = asked(ClientConfig::default());
    exchange.handle_transmitted(at(1));
    assert_eq!(
        measured(exchange.handle_header(reply_to(&request, 5), at(3))).t1(),
        at(1)
    );
    exchange.handle_transmitted(at(2));
}

#[test]
fn with_a_key_only_authenticated_replies_count() {
    let key = MacKey::new(KeyId::new(7), MacAlgorithm::Sha1, b"secret").unwrap();
    let other = MacKey::new(KeyId::new(7), MacAlgorithm::Sha1, b"Secret").unwrap();
    let mut exchange = ClientExchange::new(ClientConfig::default());
    let mut buffer = [0; 72];
    let length = exchange
        .write_request(&mut buffer, at(0), Some(&key), &mut Counter(0))
        .unwrap();
    let request = Packet::decode(&buffer[..length]).unwrap();
    assert!(key.verify(&buffer[..48], request.mac().unwrap(), Version::V4));
    let reply = reply_to(&request.header, 5);

    let mut plain = [0; 72];
    let length = PacketWriter::new(&mut plain, &reply)
        .unwrap()
        .finish()
        .unwrap();
    assert_eq!(
        exchange.handle_reply(&plain[..length], at(3), Some(&key)),
        Err(Discard::Unauthenticated)
    );
    let length = PacketWriter::new(&mut plain, &reply)
        .unwrap()
        .finish_with_mac(&other)
        .unwrap();
    assert_eq!(
        exchange.handle_reply(&plain[..length], at(3), Some(&key)),
        Err(Discard::Unauthenticated)
    );
    let length = PacketWriter::new(&mut plain, &reply)
        .unwrap()
        .finish_with_crypto_nak()
        .unwrap();
    assert_eq!(
        exchange.handle_reply(&plain[..length], at(3), Some(&key)),
        Err(Discard::CryptoNak)
    );
    let length = PacketWriter::new(&mut plain, &reply)
        .unwrap()
        .finish_with_mac(&key)
        .unwrap();
    measured(exchange.handle_reply(&plain[..length], at(3), Some(&key)));
}

#[test]
fn without_a_key_a_crypto_nak_is_no_time_either() {
    let (mut exchange, request) = asked(ClientConfig::default());
    let mut buffer = [0; 52];
    let writer = PacketWriter::new(&mut buffer, &reply_to(&request, 5)).unwrap();
    writer.finish_with_crypto_nak().unwrap();
    assert_eq!(
        exchange.handle_reply(&buffer, at(3), None),
        Err(Discard::CryptoNak)
    );
}

#[test]
fn an_unknown_time_is_not_revealed() {
    let config = ClientConfig {
        reveal_time: true,
        ..ClientConfig::default()
    };
    let request = ClientExchange::new(config).request(NtpTimestamp::UNKNOWN, &mut Counter(7));
    assert_eq!(request.transmit, NtpTimestamp::from_bits(8));
}

#[test]
fn a_request_that_could_not_be_written_is_not_waited_for() {
    let mut exchange = ClientExchange::new(ClientConfig::default());
    assert!(
        exchange
            .write_request(&mut [0; 47], at(0), None, &mut Counter(0))
            .is_err()
    );
    let reply = reply_to(
        &Header {
            transmit: NtpTimestamp::from_bits(1),
            ..Header::default()
        },
        5,
    );
    assert_eq!(
        exchange.handle_header(reply, at(3)),
        Err(Discard::Unexpected)
    );
}

#[test]
fn rfc_9769_section_2_interleaved_replies_complete_the_exchange_before() {
    let mut rng = Counter(100);
    let mut exchange = ClientExchange::new(ClientConfig {
        interleaved: true,
        ..ClientConfig::default()
    });
    let first = exchange.request(at(0), &mut rng);
    assert_eq!(
        (first.origin, first.receive),
        (NtpTimestamp::UNKNOWN, NtpTimestamp::UNKNOWN)
    );
    measured(exchange.handle_header(reply_to(&first, 5), at(3)));

    let second = exchange.request(at(10), &mut rng);
    assert_eq!(second.origin, at(5));
    assert_ne!(second.receive, second.transmit);
    // The server answers in interleaved mode: origin from the request's receive timestamp, and the
    // transmit timestamp is the real one of the reply before, half a second later than it said.
    let t3 = NtpTimestamp::from_parts(3_900_000_006, 1 << 31);
    let reply = Header {
        origin: second.receive,
        transmit: t3,
        ..reply_to(&second, 15)
    };
    let measurement = measured(exchange.handle_header(reply, at(13)));
    assert!(measurement.is_interleaved());
    assert_eq!(
        [
            measurement.t1(),
            measurement.t2(),
            measurement.t3(),
            measurement.t4()
        ],
        [at(0), at(5), t3, at(3)]
    );

    // A server that lost its state answers in basic mode.
    let third = exchange.request(at(20), &mut rng);
    assert_eq!(third.origin, at(15));
    let measurement = measured(exchange.handle_header(reply_to(&third, 25), at(23)));
    assert!(!measurement.is_interleaved());
    assert_eq!(measurement.t1(), at(20));
}

#[test]
fn rfc_9769_section_2_unanswered_interleaved_requests_are_limited() {
    let mut rng = Counter(100);
    let mut exchange = ClientExchange::new(ClientConfig {
        interleaved: true,
        ..ClientConfig::default()
    });
    let first = exchange.request(at(0), &mut rng);
    measured(exchange.handle_header(reply_to(&first, 5), at(3)));
    let origins: Vec<_> = (0..6)
        .map(|_| exchange.request(at(10), &mut rng).origin)
        .collect();
    assert_eq!(origins[..4], [at(5); 4]);
    assert_eq!(origins[4..], [NtpTimestamp::UNKNOWN; 2]);
}

#[test]
fn rfc_9769_section_2_a_replayed_pair_of_timestamps_is_a_duplicate() {
    let mut rng = Counter(100);
    let mut exchange = ClientExchange::new(ClientConfig::default());
    let first = exchange.request(at(0), &mut rng);
    let reply = reply_to(&first, 5);
    measured(exchange.handle_header(reply, at(3)));
    let second = exchange.request(at(10), &mut rng);
    let replayed = Header {
        origin: second.transmit,
        ..reply
    };
    assert_eq!(
        exchange.handle_header(replayed, at(13)),
        Err(Discard::Duplicate)
    );
}

#[test]
fn random_stamps_are_never_unknown_and_never_equal() {
    let near_zero = |start: u64| Counter(start.wrapping_sub(1));
    assert!(!random(&mut near_zero(0), NtpTimestamp::UNKNOWN).is_unknown());
    let one = NtpTimestamp::from_bits(1);
    assert_eq!(random(&mut near_zero(1), one).to_bits(), 2);
    assert_eq!(random(&mut near_zero(0), one).to_bits(), 2);
}
