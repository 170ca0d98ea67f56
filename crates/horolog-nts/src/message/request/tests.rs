use super::*;
use crate::ErrorCode;
use hex_literal::hex;
use proptest::prelude::*;

fn refused(message: &[u8], code: ErrorCode, text: &str) {
    let error = KeRequest::decode(message).unwrap_err();
    assert_eq!(error.to_string(), text);
    assert_eq!(error.error_code(), code, "{text}");
}

/// Source: captured from chrony 4.6.1.
#[test]
fn chrony_request() {
    let message = hex!("80010002 0000 80040004 001e000f 04000000 80000000");
    let request = KeRequest::decode(&message).unwrap();
    assert!(request.offers(NextProtocol::NTP_V4));
    assert!(request.algorithms().map(AeadAlgorithm::number).eq([30, 15]));
    assert!(request.compliant_gcm_siv_exporter());
    assert_eq!((request.server(), request.port()), (None, None));
    for length in 0..message.len() {
        let error = KeRequest::decode(&message[..length]).unwrap_err();
        assert!(matches!(error, MessageError::Malformed(_)), "{error}");
    }
}

#[test]
fn server_and_port() {
    let message = hex!(
        "80010002 0000 00040002 000f 0006000b 6e74702e6578616d706c65 00070002 10e1 3fff0001 00 80000000"
    );
    let request = KeRequest::decode(&message).unwrap();
    assert_eq!(request.server(), Some("ntp.example"));
    assert_eq!(request.port(), Some(4321));
    assert!(!request.compliant_gcm_siv_exporter());
}

#[test]
fn another_protocol_needs_no_algorithm() {
    let message = hex!("80010002 8001 80000000");
    let request = KeRequest::decode(&message).unwrap();
    assert!(!request.offers(NextProtocol::NTP_V4));
    assert_eq!(request.algorithms().count(), 0);
}

/// The probes in the captures, and what chrony and ntpd-rs say to them.
#[test]
fn refuses_what_is_not_a_request() {
    let bad = ErrorCode::BAD_REQUEST;
    refused(
        &hex!("80010002 0000 80040002 000f bfff0005 68656c6c6f 80000000"),
        ErrorCode::UNRECOGNIZED_CRITICAL_RECORD,
        "critical record of unknown type 16383, at offset 12",
    );
    refused(&hex!("80010002 0000 80000000"), bad, "no record of type 4");
    refused(&hex!("80040002 000f 80000000"), bad, "no record of type 1");
    refused(&hex!("80000000"), bad, "no record of type 1");
    refused(
        &hex!("80010002 0000 80010002 0000 80040002 000f 80000000"),
        bad,
        "record of type 1 is there twice, at offset 6",
    );
    refused(
        &hex!("80010002 0000 80040000 80000000"),
        bad,
        "record of type 4 is empty, at offset 6",
    );
    refused(
        &hex!("80010002 0000 80040003 000f00 80000000"),
        bad,
        "aead-algorithm body length 3 is not a multiple of 2, at offset 10",
    );
    for number in [2, 3, 5] {
        refused(
            &[0x80, number, 0, 2, 0, 1, 0x80, 0, 0, 0],
            bad,
            &format!("record of type {number} is not for requests, at offset 0"),
        );
    }
    refused(
        &hex!("80010002 0000 80040002 000f 00000000"),
        bad,
        "record of type 0 is not critical, at offset 12",
    );
    refused(
        &hex!("80010002 0000 80040002 000f 80000001 78"),
        bad,
        "end-of-message body length 1 is not 0, at offset 16",
    );
    refused(
        &hex!("80010002 0000 80040002 000f 80000000 80010002 0000"),
        bad,
        "6 octets are left over after the end of the message, at offset 16",
    );
    refused(
        &hex!("80010002 0000 80040002 000f"),
        bad,
        "record needs 4 octets, 0 are left, at offset 12",
    );
}

/// §§ 4.1.2 to 4.1.5: who sends these records sets the critical bit, as we do. Who receives them is told
/// nothing: those of another that it takes are taken without, and those that it refuses are refused.
///
/// Source: composed, but for the algorithms: probe 1 of the captures.
#[test]
fn rfc_8915_section_4_1_2_critical_bits_of_others_may_be_clear() {
    let critical = hex!("80010002 0000 80040002 000f 80000000");
    let request = KeRequest::decode(&critical).unwrap();
    assert_eq!(encoded(&request), critical);
    for message in [
        hex!("00010002 0000 80040002 000f 80000000"),
        hex!("80010002 0000 00040002 000f 80000000"),
    ] {
        assert_eq!(KeRequest::decode(&message), Ok(request));
    }
    for number in [2, 3] {
        refused(
            &[0x00, number, 0, 2, 0, 1, 0x80, 0, 0, 0],
            ErrorCode::BAD_REQUEST,
            &format!("record of type {number} is not for requests, at offset 0"),
        );
    }
}

fn encoded(request: &KeRequest<'_>) -> Vec<u8> {
    let mut octets = Vec::new();
    request.encode(&mut octets).unwrap();
    assert_eq!(octets.len(), request.encoded_len());
    octets
}

/// Source: captured from chrony 4.6.1 and composed.
#[test]
fn writes_what_chrony_writes() {
    let protocols = [NextProtocol::NTP_V4];
    let algorithms = [30, 15].map(AeadAlgorithm::from_number);
    let request = KeRequest::new(&protocols, &algorithms);
    let message = hex!("80010002 0000 80040004 001e000f 04000000 80000000");
    assert_eq!(encoded(&request), message);
    assert_eq!(KeRequest::decode(&message), Ok(request));

    // Without AES-128-GCM-SIV there is nothing to say of its keys.
    let request = KeRequest::new(&protocols, &algorithms[1..])
        .with_server("ntp.example")
        .unwrap()
        .with_port(1234);
    let message =
        hex!("80010002 0000 80040002 000f 0006000b 6e74702e6578616d706c65 00070002 04d2 80000000");
    assert_eq!(encoded(&request), message);
    assert_eq!(
        request.with_server("").unwrap_err().to_string(),
        "server body length 0 is not 1 to 255, at offset 0"
    );
}

#[test]
fn writes_nothing_where_it_cannot_write_all() {
    let algorithms = vec![AeadAlgorithm::AES_SIV_CMAC_256; 32_768];
    let protocols = [NextProtocol::NTP_V4];
    let mut octets = Vec::new();
    assert_eq!(
        KeRequest::new(&protocols, &algorithms).encode(&mut octets),
        Err(EncodeError::TooLong {
            field: "record body",
            length: 65_536,
            max: 65_534
        })
    );
    assert!(octets.is_empty());

    let request = KeRequest::new(&protocols, &algorithms[..2]);
    let needed = request.encoded_len();
    for left in 0..needed {
        let mut octets = vec![0xa5; needed];
        let error = request.encode(&mut &mut octets[..left]).unwrap_err();
        assert!(matches!(error, EncodeError::BufferTooSmall { .. }));
        assert_eq!(octets, vec![0xa5; needed]);
    }
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(
        protocols in proptest::collection::vec(any::<u16>(), 1..5),
        algorithms in proptest::collection::vec(any::<u16>(), 1..40),
        server in proptest::option::of("[!-$&-~]{1,255}"),
        port in proptest::option::of(any::<u16>()),
    ) {
        let protocols: Vec<_> = protocols.into_iter().map(NextProtocol::from_number).collect();
        let algorithms: Vec<_> = algorithms.into_iter().map(AeadAlgorithm::from_number).collect();
        let mut request = KeRequest::new(&protocols, &algorithms);
        if let Some(server) = &server {
            request = request.with_server(server).unwrap();
        }
        if let Some(port) = port {
            request = request.with_port(port);
        }
        let message = encoded(&request);
        let read = KeRequest::decode(&message).unwrap();
        prop_assert_eq!(read, request);
        prop_assert!(read.algorithms().eq(algorithms.iter().copied()));
        prop_assert!(read.next_protocols().eq(protocols.iter().copied()));
        prop_assert_eq!((read.server(), read.port()), (server.as_deref(), port));
        prop_assert_eq!(encoded(&read), message);
    }
}
