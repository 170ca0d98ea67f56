use super::*;
use hex_literal::hex;
use proptest::prelude::*;

const V4: &[u8] = &hex!("80010002 0000");
const SIV: &[u8] = &hex!("80040002 000f");
const COOKIE: &[u8] = &hex!("00050004 01020304");
const END: &[u8] = &hex!("80000000");

fn decode(parts: &[&[u8]]) -> Result<(), ResponseError> {
    KeResponse::decode(&parts.concat()).map(|_| ())
}

fn refused(parts: &[&[u8]], text: &str) {
    assert_eq!(decode(parts).unwrap_err().to_string(), text);
}

fn encoded(response: &KeResponse<'_>) -> Vec<u8> {
    let mut octets = Vec::new();
    response.encode(&mut octets).unwrap();
    assert_eq!(octets.len(), response.encoded_len());
    octets
}

/// Source: composed by RFC 8915 sections 4 and 4.1.
#[test]
fn rfc_8915_section_4_response() {
    let message = [V4, SIV, COOKIE, END].concat();
    let response = KeResponse::decode(&message).unwrap();
    assert!(response.chooses(NextProtocol::NTP_V4));
    assert_eq!(response.algorithm(), Some(AeadAlgorithm::AES_SIV_CMAC_256));
    assert!(response.cookies().eq([&[1, 2, 3, 4]]));
    assert_eq!((response.server(), response.port()), (None, None));
    assert!(!response.compliant_gcm_siv_exporter());
    assert_eq!(encoded(&response), message);
    for length in 0..message.len() {
        let error = KeResponse::decode(&message[..length]).unwrap_err();
        assert!(
            matches!(error, ResponseError::Message(MessageError::Malformed(_))),
            "{error}"
        );
    }
}

#[test]
fn everything_in_the_order_of_chrony() {
    let response = KeResponse::new(AeadAlgorithm::AES_128_GCM_SIV, &[&[1; 4], &[2; 4]])
        .with_compliant_gcm_siv_exporter()
        .with_server("a.example")
        .unwrap()
        .with_port(4321);
    let expected = hex!(
        "80010002 0000 80040002 001e 04000000 80070002 10e1 80060009 612e6578616d706c65"
        "00050004 01010101 00050004 02020202 80000000"
    );
    assert_eq!(encoded(&response), expected);
    assert_eq!(KeResponse::decode(&expected), Ok(response));
}

/// § 4.1.1: the End of Message record is empty, critical, and the last.
#[test]
fn rfc_8915_section_4_1_1_end_of_message() {
    let text = "record of type 0 is not critical, at offset 20";
    refused(&[V4, SIV, COOKIE, &hex!("00000000")], text);
    let text = "end-of-message body length 1 is not 0, at offset 24";
    refused(&[V4, SIV, COOKIE, &hex!("8000000100")], text);
    let text = "8 octets are left over after the end of the message, at offset 24";
    refused(&[V4, SIV, COOKIE, END, COOKIE], text);
    let text = "record needs 4 octets, 0 are left, at offset 20";
    refused(&[V4, SIV, COOKIE], text);
}

/// § 4.1.2: exactly one record of protocols.
#[test]
fn rfc_8915_section_4_1_2_next_protocol() {
    refused(&[SIV, COOKIE, END], "no record of type 1");
    refused(&[END], "no record of type 1");
    let text = "record of type 1 is there twice, at offset 6";
    refused(&[V4, V4, SIV, COOKIE, END], text);
    let text = "next-protocol body length 3 is not a multiple of 2, at offset 4";
    refused(&[&hex!("80010003 000000"), SIV, COOKIE, END], text);

    let none = KeResponse::no_common_protocol();
    assert_eq!(encoded(&none), hex!("80010000 80000000"));
    assert_eq!(
        KeResponse::decode(&hex!("80010000 80000000")).unwrap(),
        none
    );
    assert_eq!(none.next_protocols().count(), 0);
    // Another protocol needs neither an algorithm nor cookies.
    assert_eq!(decode(&[&hex!("80010002 8001"), END]), Ok(()));
}

/// § 4.1.3: an Error record ends it, whatever else there is.
#[test]
fn rfc_8915_section_4_1_3_error_wins() {
    let error = &hex!("80020002 0002");
    let code = ErrorCode::INTERNAL_SERVER_ERROR;
    for parts in [
        &[&error[..], END][..],
        &[V4, SIV, COOKIE, error, END],
        &[&hex!("80030002 0001"), error, END],
        // Behind a record that nobody knows, and where nothing ends it.
        &[&hex!("bfff0000"), error, END],
        &[SIV, SIV, error],
        &[error, &hex!("80")],
        // Not critical, though it should be.
        &[&hex!("00020002 0002"), END],
    ] {
        assert_eq!(decode(parts), Err(ResponseError::Error { code }));
    }
    let text = "error body length 1 is not 2, at offset 4";
    refused(&[&hex!("80020001 00"), END], text);
    // What stands behind the end is none of the message.
    let text = "6 octets are left over after the end of the message, at offset 24";
    refused(&[V4, SIV, COOKIE, END, error], text);

    let mut octets = [0xa5; 12];
    code.encode_response(&mut octets.as_mut_slice()).unwrap();
    assert_eq!(octets, hex!("80020002 0002 80000000 a5a5"));
    for left in 0..ErrorCode::RESPONSE_LENGTH {
        let mut octets = [0xa5; 10];
        let error = code.encode_response(&mut &mut octets[..left]).unwrap_err();
        assert!(matches!(error, EncodeError::BufferTooSmall { .. }));
        assert_eq!(octets, [0xa5; 10]);
    }
}

/// § 4.1.4: an unknown warning is an error, and all are unknown.
#[test]
fn rfc_8915_section_4_1_4_every_warning_is_an_error() {
    let warning = &hex!("80030002 0007");
    let all = [V4, SIV, warning, COOKIE, END];
    assert_eq!(decode(&all), Err(ResponseError::Warning { number: 7 }));
    // A message that breaks rules is worse.
    refused(
        &[V4, SIV, warning, COOKIE, SIV, END],
        "record of type 4 is there twice, at offset 26",
    );
    let text = "warning body length 3 is not 2, at offset 4";
    refused(&[&hex!("80030003 000000"), END], text);
}

/// §§ 4.1.2 and 4.1.4: who sends these records sets the critical bit; they mean the same without.
#[test]
fn rfc_8915_section_4_1_2_critical_bits_of_others_may_be_clear() {
    assert_eq!(decode(&[&hex!("00010002 0000"), SIV, COOKIE, END]), Ok(()));
    let warning = &hex!("00030002 0007");
    let error = ResponseError::Warning { number: 7 };
    assert_eq!(decode(&[V4, SIV, warning, COOKIE, END]), Err(error));
}

/// § 4.1.5: exactly one record of algorithms with NTPv4, with one at most.
#[test]
fn rfc_8915_section_4_1_5_aead_algorithm() {
    refused(&[V4, COOKIE, END], "no record of type 4");
    let text = "record of type 4 is there twice, at offset 12";
    refused(&[V4, SIV, SIV, COOKIE, END], text);
    let text = "record of type 4 is a list of more than one, at offset 6";
    refused(&[V4, &hex!("80040004 000f 0011"), COOKIE, END], text);
    let text = "aead-algorithm body length 1 is not a multiple of 2, at offset 10";
    refused(&[V4, &hex!("80040001 0f"), COOKIE, END], text);
    // NTPsec leaves the critical bit clear.
    assert_eq!(decode(&[V4, &hex!("00040002 000f"), COOKIE, END]), Ok(()));

    let none = KeResponse::no_common_algorithm();
    let message = hex!("80010002 0000 80040000 80000000");
    assert_eq!(encoded(&none), message);
    assert_eq!(KeResponse::decode(&message).unwrap(), none);
    assert_eq!(none.algorithm(), None);
}

/// § 4.1.6: at least one cookie with NTPv4 and an algorithm.
#[test]
fn rfc_8915_section_4_1_6_new_cookie() {
    refused(&[V4, SIV, END], "no record of type 5");
    let text = "new-cookie body length 0 is not 1 to 1024, at offset 16";
    refused(&[V4, SIV, &hex!("00050000"), END], text);
    let text = "new-cookie body length 1025 is not 1 to 1024, at offset 16";
    refused(&[V4, SIV, &hex!("00050401"), &[1; 1025], END], text);

    let many = [&[V4, SIV][..], &[COOKIE; 65], &[END]].concat().concat();
    assert_eq!(KeResponse::decode(&many).unwrap().cookies().count(), 64);
}

/// § 4.1.7 and § 4.1.8: a server and a port, once.
#[test]
fn rfc_8915_section_4_1_7_and_4_1_8_server_and_port() {
    let (server, port) = (&hex!("80060001 61"), &hex!("80070002 007b"));
    assert_eq!(decode(&[V4, SIV, server, port, COOKIE, END]), Ok(()));
    let text = "record of type 6 is there twice, at offset 17";
    refused(&[V4, SIV, server, server, COOKIE, END], text);
    let text = "record of type 7 is there twice, at offset 18";
    refused(&[V4, SIV, port, port, COOKIE, END], text);
    let text = "server body length 0 is not 1 to 255, at offset 16";
    refused(&[V4, SIV, &hex!("80060000"), COOKIE, END], text);
    let text = "port body length 4 is not 2, at offset 16";
    refused(&[V4, SIV, &hex!("80070004 0000007b"), COOKIE, END], text);
    let response = KeResponse::no_common_protocol();
    assert_eq!(
        response.with_server("a b").unwrap_err().to_string(),
        "server body is 0x20, expected printable ASCII, at offset 1"
    );
}

/// § 4: a record of an unknown type is passed over unless it is critical. Those of the pool draft
/// are unknown.
#[test]
fn rfc_8915_section_4_unknown_records() {
    for number in (8..=14).chain([999, 0x4001, 0x7fff]) {
        let (high, low) = (number / 256, number % 256);
        let [high, low] = [high, low].map(|octet| u8::try_from(octet).unwrap());
        assert_eq!(
            decode(&[&[high, low, 0, 1, 7], V4, SIV, COOKIE, END]),
            Ok(())
        );
        let text = format!("critical record of unknown type {number}, at offset 6");
        refused(&[V4, &[high | 0x80, low, 0, 0], SIV, COOKIE, END], &text);
    }
}

#[test]
fn refuses_to_write_what_would_not_be_read() {
    let cookie = [1; MAX_COOKIE_LENGTH + 1];
    let cookies = [&cookie[..]];
    let response = KeResponse::new(AeadAlgorithm::AES_SIV_CMAC_256, &cookies);
    let mut octets = Vec::new();
    assert_eq!(
        response.encode(&mut octets).unwrap_err().to_string(),
        "cookie of 1025 octets is longer than 1024"
    );
    assert!(octets.is_empty());

    let cookies = [&cookie[..3]];
    let response = KeResponse::new(AeadAlgorithm::AES_SIV_CMAC_256, &cookies);
    let needed = response.encoded_len();
    for left in 0..needed {
        let mut octets = vec![0xa5; needed];
        let error = response.encode(&mut &mut octets[..left]).unwrap_err();
        let field = "message";
        assert_eq!(
            error,
            EncodeError::BufferTooSmall {
                field,
                needed,
                left
            }
        );
        assert_eq!(octets, vec![0xa5; needed]);
    }
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(
        number in any::<u16>(),
        cookies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 1..10),
        server in proptest::option::of("[!-$&-~]{1,255}"),
        port in proptest::option::of(any::<u16>()),
        compliant in any::<bool>(),
    ) {
        let cookies: Vec<_> = cookies.iter().map(Vec::as_slice).collect();
        let mut response = KeResponse::new(AeadAlgorithm::from_number(number), &cookies);
        if let Some(server) = &server {
            response = response.with_server(server).unwrap();
        }
        if let Some(port) = port {
            response = response.with_port(port);
        }
        if compliant {
            response = response.with_compliant_gcm_siv_exporter();
        }
        let message = encoded(&response);
        let read = KeResponse::decode(&message).unwrap();
        prop_assert_eq!(read, response);
        prop_assert_eq!(read.server(), server.as_deref());
        prop_assert_eq!((read.port(), read.compliant_gcm_siv_exporter()), (port, compliant));
        prop_assert_eq!(encoded(&read), message);
    }

    #[test]
    fn arbitrary_octets(octets in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = KeResponse::decode(&octets);
        let behind = [V4, SIV, COOKIE, &octets, END].concat();
        if let Ok(response) = KeResponse::decode(&behind) {
            let message = encoded(&response);
            prop_assert_eq!(KeResponse::decode(&message), Ok(response));
        }
    }
}
