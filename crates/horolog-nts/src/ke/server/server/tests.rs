use super::*;
use crate::ke::{KePhase, KeTimeouts};
use crate::{
    Association, ErrorCode, ExportError, ExporterSecret, KeClient, KeClientConfig, KeError,
    ResponseError,
};
use hex_literal::hex;
use proptest::prelude::*;

const V4: &[u8] = &hex!("80010002 0000");
const SIV: &[u8] = &hex!("80040002 000f");
const END: &[u8] = &hex!("80000000");

fn secret() -> ExporterSecret {
    ExporterSecret::new(&[7; 32]).unwrap()
}

fn keyring() -> Keyring {
    Keyring::new(1, &[0x2b; 32])
}

fn rng() -> impl CryptoRng {
    rand_core::UnwrapErr(getrandom::SysRng)
}

fn respond(server: &KeServer<'_>) -> (Result<KeOutcome, KeServerError>, Vec<u8>) {
    let mut response = b"before".to_vec();
    let outcome = server.respond(&secret(), &keyring(), &mut rng(), &mut response);
    assert_eq!(response[..6], *b"before");
    (outcome, response[6..].to_vec())
}

fn answer(config: &KeServerConfig, parts: &[&[u8]]) -> (Result<KeOutcome, KeServerError>, Vec<u8>) {
    let mut server = KeServer::new(config, Duration::ZERO);
    let _ = server.handle_octets(&parts.concat());
    server.handle_end();
    respond(&server)
}

/// The request is refused, and the response is nothing but this error.
fn refused(parts: &[&[u8]], code: ErrorCode) {
    let (outcome, response) = answer(&KeServerConfig::new(), parts);
    assert_eq!(outcome.unwrap_err().error_code(), code);
    let mut expected = Vec::new();
    code.encode_response(&mut expected).unwrap();
    assert_eq!(response, expected);
}

fn bad_request(parts: &[&[u8]]) {
    refused(parts, ErrorCode::BAD_REQUEST);
}

/// Whether two pairs of keys are the same.
fn same(one: &SessionKeys, other: &SessionKeys) -> bool {
    let sealed = |keys: &SessionKeys| {
        [keys.client_to_server(), keys.server_to_client()].map(|key| {
            let mut buffer = [0; 20];
            key.seal(b"header", &[7; 12], &mut buffer).unwrap();
            buffer
        })
    };
    one.algorithm() == other.algorithm() && sealed(one) == sealed(other)
}

/// What a client of ours makes of a response.
fn association(config: &KeClientConfig, response: &[u8]) -> Result<Association, KeError> {
    let mut client = KeClient::new(config, Duration::ZERO);
    let _ = client.handle_octets(response);
    client.finish(&secret())
}

#[test]
fn a_client_gets_keys_and_cookies_that_open_to_them() {
    let config = KeServerConfig::new();
    for number in [15, 16, 17, 30, 31] {
        let algorithm = AeadAlgorithm::from_number(number);
        let client = KeClientConfig::new().with_algorithms(&[algorithm]).unwrap();
        let request = KeClient::new(&client, Duration::ZERO)
            .poll_request()
            .unwrap();
        let (outcome, response) = answer(&config, &[&request]);
        let keys_of_chrony = false;
        assert_eq!(
            outcome,
            Ok(KeOutcome::Established {
                algorithm,
                keys_of_chrony
            })
        );
        let association = association(&client, &response).unwrap();
        assert_eq!(association.keys.algorithm(), algorithm);
        assert!(association.alternative_keys.is_none());
        assert_eq!(association.cookies.len(), 8);
        for cookie in association.cookies.iter() {
            assert_eq!(Some(cookie.len()), Keyring::cookie_length(algorithm));
            assert!(same(
                &keyring().open_cookie(cookie).unwrap(),
                &association.keys
            ));
        }
        // No two are the same.
        let mut cookies: Vec<_> = association.cookies.iter().collect();
        cookies.sort_unstable();
        cookies.dedup();
        assert_eq!(cookies.len(), 8);
    }
}

#[test]
fn keys_of_older_chrony_for_a_client_that_does_not_know_better() {
    let request = [V4, &hex!("80040004 001e 000f"), END];
    let (outcome, response) = answer(&KeServerConfig::new(), &request);
    let algorithm = AeadAlgorithm::AES_128_GCM_SIV;
    let keys_of_chrony = true;
    assert_eq!(
        outcome,
        Ok(KeOutcome::Established {
            algorithm,
            keys_of_chrony
        })
    );
    let message = KeResponse::decode(&response).unwrap();
    assert!(!message.compliant_gcm_siv_exporter());
    let expected = SessionKeys::export_gcm_siv_of_chrony(&secret(), NextProtocol::NTP_V4).unwrap();
    for cookie in message.cookies() {
        assert!(same(&keyring().open_cookie(cookie).unwrap(), &expected));
    }
}

#[test]
fn what_is_said_of_the_exporter_comes_back_with_its_algorithm_alone() {
    let compliant = &hex!("04000000");
    for (list, echoed) in [
        (hex!("80040002 001e"), true),
        (hex!("80040002 000f"), false),
    ] {
        let (_, response) = answer(&KeServerConfig::new(), &[V4, &list, compliant, END]);
        let message = KeResponse::decode(&response).unwrap();
        assert_eq!(message.compliant_gcm_siv_exporter(), echoed);
    }
}

#[test]
fn says_where_the_ntp_server_is() {
    let config = KeServerConfig::new().with_server("ntp.example").unwrap();
    let config = config.with_port(11123).with_cookies(3);
    let (_, response) = answer(&config, &[V4, SIV, END]);
    let message = KeResponse::decode(&response).unwrap();
    assert_eq!(
        (message.server(), message.port()),
        (Some("ntp.example"), Some(11123))
    );
    assert_eq!(message.cookies().count(), 3);
    // As chrony does: protocol, algorithm, port, server, cookies.
    assert_eq!(response[12..16], hex!("80070002"));
    assert_eq!(response[18..22], hex!("8006000b"));
    assert_eq!(response[33..35], hex!("0005"));
}

/// § 4: a server takes 1024 octets whatever its limit.
#[test]
fn rfc_8915_section_4_takes_requests_of_1024_octets() {
    let config = KeServerConfig::new().with_request_limit(0);
    let filling = [&hex!("3fff03ec")[..], &[b'z'; 1004]].concat();
    let request = [V4, SIV, &filling[..], END];
    assert_eq!(request.concat().len(), 1024);
    assert!(answer(&config, &request).0.is_ok());

    let filling = [&hex!("3fff03ed")[..], &[b'z'; 1005]].concat();
    let error = answer(&config, &[V4, SIV, &filling, END]).0.unwrap_err();
    assert_eq!(error.error_code(), ErrorCode::BAD_REQUEST);
    assert_eq!(
        error.to_string(),
        "message length 1025 is not within the limit, at offset 1021"
    );
}

/// § 4: unknown critical records are an error, others are passed over.
#[test]
fn rfc_8915_section_4_unknown_records() {
    let code = ErrorCode::UNRECOGNIZED_CRITICAL_RECORD;
    refused(&[V4, SIV, &hex!("bfff0005 68656c6c6f"), END], code);
    for pool in 8..=14 {
        refused(&[V4, SIV, &[0x80, pool, 0, 0], END], code);
        let passed = answer(&KeServerConfig::new(), &[V4, SIV, &[0, pool, 0, 0], END]);
        assert!(passed.0.is_ok());
    }
}

/// § 4.1.1: exactly one End of Message, the last.
#[test]
fn rfc_8915_section_4_1_1_end_of_message() {
    bad_request(&[V4, SIV]);
    bad_request(&[V4, SIV, &[0x80, 0]]);
    bad_request(&[V4, SIV, &hex!("00000000")]);
    bad_request(&[V4, SIV, &hex!("8000000178")]);
    bad_request(&[V4, SIV, END, V4]);
    bad_request(&[]);
}

/// § 4.1.2: exactly one record of protocols, with one at least.
#[test]
fn rfc_8915_section_4_1_2_next_protocol() {
    bad_request(&[SIV, END]);
    bad_request(&[V4, V4, SIV, END]);
    bad_request(&[&hex!("80010000"), SIV, END]);
    let config = KeServerConfig::new();
    let (outcome, response) = answer(&config, &[&hex!("80010004 1234 8001"), SIV, END]);
    assert_eq!(outcome, Ok(KeOutcome::NoCommonProtocol));
    assert_eq!(response, hex!("80010000 80000000"));
    let config = KeClientConfig::new();
    let error = association(&config, &response).unwrap_err();
    assert_eq!(error, KeError::NoCommonProtocol);
}

/// § 4.1.3 and § 4.1.4: requests must not have errors and warnings.
#[test]
fn rfc_8915_section_4_1_3_and_4_1_4_error_and_warning() {
    bad_request(&[&hex!("80020002 0001"), END]);
    bad_request(&[V4, SIV, &hex!("80020002 0001"), END]);
    bad_request(&[V4, SIV, &hex!("80030002 0001"), END]);
}

/// § 4.1.5: exactly one record of algorithms with NTPv4, with one at least.
#[test]
fn rfc_8915_section_4_1_5_aead_algorithm() {
    bad_request(&[V4, END]);
    bad_request(&[V4, SIV, SIV, END]);
    bad_request(&[V4, &hex!("80040000"), END]);
    bad_request(&[V4, &hex!("80040003 000f00"), END]);
    let config = KeServerConfig::new();
    let (outcome, response) = answer(&config, &[V4, &hex!("80040002 7abc"), END]);
    assert_eq!(outcome, Ok(KeOutcome::NoCommonAlgorithm));
    assert_eq!(response, hex!("80010002 0000 80040000 80000000"));
    let config = KeClientConfig::new();
    let error = association(&config, &response).unwrap_err();
    assert_eq!(error, KeError::NoCommonAlgorithm);
}

/// § 4.1.6: requests must not have cookies.
#[test]
fn rfc_8915_section_4_1_6_new_cookie() {
    bad_request(&[V4, SIV, &hex!("00050004 63636363"), END]);
}

/// § 4.1.7 and § 4.1.8: what the client asks for may be passed over, but not be there twice.
#[test]
fn rfc_8915_section_4_1_7_and_4_1_8_server_and_port() {
    let (server, port) = (&hex!("00060001 61"), &hex!("00070002 04d2"));
    let (outcome, response) = answer(&KeServerConfig::new(), &[V4, SIV, server, port, END]);
    assert!(outcome.is_ok());
    let message = KeResponse::decode(&response).unwrap();
    assert_eq!((message.server(), message.port()), (None, None));
    bad_request(&[V4, SIV, server, server, END]);
    bad_request(&[V4, SIV, port, port, END]);
    bad_request(&[V4, SIV, &hex!("00070001 04"), END]);
}

/// § 4.1.3: error 2 where the server is at fault.
#[test]
fn rfc_8915_section_4_1_3_internal_server_error() {
    struct Unfinished;
    impl KeyExporter for Unfinished {
        fn export(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), ExportError> {
            Err(ExportError::Refused)
        }
    }
    let config = KeServerConfig::new();
    let mut server = KeServer::new(&config, Duration::ZERO);
    let _ = server.handle_octets(&[V4, SIV, END].concat());
    let mut response = Vec::new();
    let outcome = server.respond(&Unfinished, &keyring(), &mut rng(), &mut response);
    assert_eq!(outcome, Err(KeServerError::Export(ExportError::Refused)));
    let code = ErrorCode::INTERNAL_SERVER_ERROR;
    assert_eq!(
        KeResponse::decode(&response),
        Err(ResponseError::Error { code })
    );
    let error = KeServerError::Encode(EncodeError::BufferTooSmall {
        field: "cookie",
        needed: 2,
        left: 1,
    });
    assert_eq!(error.error_code(), code);
}

/// § 4: a server has a timeout, after which it says error 1.
#[test]
fn rfc_8915_section_4_timeout() {
    let start = Duration::from_secs(9);
    let after = |seconds| start + Duration::from_secs(seconds);
    let config = KeServerConfig::new();
    let mut server = KeServer::new(&config, start);
    assert_eq!(server.poll_timeout(), Some(after(3)));
    server.handle_handshake();
    assert_eq!(server.poll_timeout(), Some(after(5)));
    let _ = server.handle_octets(V4);
    server.handle_timeout(after(4));
    assert_eq!(server.poll_timeout(), Some(after(5)));
    server.handle_timeout(after(6));
    assert_eq!(server.poll_timeout(), None);
    let (outcome, response) = respond(&server);
    let phase = KePhase::Message;
    assert_eq!(outcome, Err(KeServerError::TimedOut { phase }));
    assert_eq!(response, hex!("80020002 0001 80000000"));

    let timeouts = KeTimeouts {
        handshake: Duration::from_secs(1),
        ..KeTimeouts::SERVER
    };
    let config = KeServerConfig::new().with_timeouts(timeouts);
    let mut server = KeServer::new(&config, start);
    server.handle_timeout(after(1));
    let (phase, error) = (KePhase::Handshake, respond(&server).0.unwrap_err());
    assert_eq!(error, KeServerError::TimedOut { phase });
    assert_eq!(
        error.to_string(),
        "the client took too long for the TLS handshake"
    );

    // What is whole is answered, however late.
    let mut server = KeServer::new(&config, start);
    let _ = server.handle_octets(&[V4, SIV, END].concat());
    assert_eq!(server.poll_timeout(), None);
    server.handle_timeout(after(99));
    assert!(respond(&server).0.is_ok());
}

#[test]
fn a_long_request_is_refused_before_it_is_there() {
    let config = KeServerConfig::new();
    let mut server = KeServer::new(&config, Duration::ZERO);
    let start = [V4, SIV, &hex!("3fff4e20")].concat();
    assert_eq!(server.handle_octets(&start), KeProgress::Done);
    for _ in 0..20 {
        assert_eq!(server.handle_octets(&[b'z'; 1000]), KeProgress::Done);
    }
    assert!(server.reception.octets().len() < 20);
    let (outcome, response) = respond(&server);
    assert_eq!(outcome.unwrap_err().error_code(), ErrorCode::BAD_REQUEST);
    assert_eq!(response, hex!("80020002 0001 80000000"));
}

/// Records that mean something, and some octets that do not.
fn portions() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        V4,
        SIV,
        END,
        &hex!("80040004 001e 0011"),
        &hex!("04000000"),
        &hex!("00060001 61"),
        &hex!("8003"),
    ];
    let known = proptest::sample::select(known.map(<[u8]>::to_vec).to_vec());
    let portion = prop_oneof![9 => known, 1 => proptest::collection::vec(any::<u8>(), 0..5)];
    proptest::collection::vec(portion, 0..7).prop_map(|portions| portions.concat())
}

proptest! {
    #[test]
    fn any_split_gives_the_same(octets in portions(), splits in proptest::collection::vec(1..9_usize, 0..40)) {
        let config = KeServerConfig::new();
        let mut server = KeServer::new(&config, Duration::ZERO);
        let mut rest = &octets[..];
        for length in splits {
            let (portion, behind) = rest.split_at(length.min(rest.len()));
            let _ = server.handle_octets(portion);
            rest = behind;
        }
        let _ = server.handle_octets(rest);
        server.handle_end();
        let (outcome, response) = respond(&server);
        let (expected, expected_response) = answer(&config, &[&octets]);
        prop_assert_eq!(outcome, expected);
        prop_assert_eq!(response.len(), expected_response.len());
        // A client can read it.
        let config = KeClientConfig::new();
        let read = association(&config, &response);
        let unreadable = matches!(read, Err(KeError::Malformed(_) | KeError::ClosedEarly { .. }));
        prop_assert!(!unreadable);
    }
}
