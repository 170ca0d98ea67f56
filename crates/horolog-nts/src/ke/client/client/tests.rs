use super::*;
use crate::ke::{KePhase, KeTimeouts};
use crate::{AeadKey, ErrorCode, ExportError, ExporterSecret, KeError, MessageError, RecordType};
use hex_literal::hex;
use proptest::prelude::*;

const V4: &[u8] = &hex!("80010002 0000");
const SIV: &[u8] = &hex!("80040002 000f");
const GCM_SIV: &[u8] = &hex!("80040002 001e");
const COMPLIANT: &[u8] = &hex!("04000000");
const COOKIE: &[u8] = &hex!("00050004 01020304");
const END: &[u8] = &hex!("80000000");

fn secret() -> ExporterSecret {
    let octets: Vec<u8> = (0..32).collect();
    ExporterSecret::new(&octets).unwrap()
}

fn finished(parts: &[&[u8]]) -> Result<Association, KeError> {
    let config = KeClientConfig::new();
    let mut client = KeClient::new(&config, Duration::ZERO);
    let _ = client.handle_octets(&parts.concat());
    client.handle_end();
    client.finish(&secret())
}

fn refused(parts: &[&[u8]], expected: KeError) {
    assert_eq!(finished(parts).unwrap_err(), expected);
}

/// Whether a key is made of these octets.
fn is(key: &AeadKey, octets: &[u8]) -> bool {
    let other = AeadKey::new(key.algorithm(), octets).unwrap();
    let mut buffers = [[0; 20]; 2];
    key.seal(b"header", &[7; 12], &mut buffers[0]).unwrap();
    other.seal(b"header", &[7; 12], &mut buffers[1]).unwrap();
    buffers[0] == buffers[1]
}

/// Keys of 16 octets for an exporter secret that counts up. Source: computed with Python
/// `cryptography` and an HKDF of its own, contexts 0000001e and 0000000f.
const COMPLIANT_KEYS: [[u8; 16]; 2] = [
    hex!("3081916323676ebf2f7d0f1dd7c4dd11"),
    hex!("50fafa49ad2f35af1b51785f9b183001"),
];
const CHRONY_KEYS: [[u8; 16]; 2] = [
    hex!("63bb83659bfa8f478436c3b4900d4a6b"),
    hex!("27d641835cf3590509c1d0817c18b102"),
];

#[test]
fn keys_in_the_context_of_the_rfc_where_both_say_so() {
    let association = finished(&[V4, GCM_SIV, COMPLIANT, COOKIE, END]).unwrap();
    assert!(is(association.keys.client_to_server(), &COMPLIANT_KEYS[0]));
    assert!(is(association.keys.server_to_client(), &COMPLIANT_KEYS[1]));
    assert!(association.alternative_keys.is_none());
}

#[test]
fn keys_of_older_chrony_where_the_server_does_not_say_so() {
    let association = finished(&[V4, GCM_SIV, COOKIE, END]).unwrap();
    assert!(is(association.keys.client_to_server(), &CHRONY_KEYS[0]));
    assert!(is(association.keys.server_to_client(), &CHRONY_KEYS[1]));
    let others = association.alternative_keys.unwrap();
    assert!(is(others.client_to_server(), &COMPLIANT_KEYS[0]));
    assert!(is(others.server_to_client(), &COMPLIANT_KEYS[1]));
}

#[test]
fn what_is_said_of_one_algorithm_changes_no_other() {
    let association = finished(&[V4, SIV, COMPLIANT, COOKIE, END]).unwrap();
    assert_eq!(
        association.keys.algorithm(),
        AeadAlgorithm::AES_SIV_CMAC_256
    );
    assert!(association.alternative_keys.is_none());
}

#[test]
fn server_and_port() {
    let (server, port) = (&hex!("80060003 3a3a31"), &hex!("80070002 2b77"));
    let association = finished(&[V4, SIV, port, server, COOKIE, END]).unwrap();
    assert_eq!(association.server.as_deref(), Some("::1"));
    assert_eq!(association.port, Some(11127));
    let association = finished(&[V4, SIV, COOKIE, END]).unwrap();
    assert_eq!((association.server, association.port), (None, None));
}

#[test]
fn keeps_eight_cookies_in_their_order() {
    let cookies: Vec<_> = (0..70).map(|number| [0, 5, 0, 1, number]).collect();
    let association = finished(&[V4, SIV, &cookies.concat(), END]).unwrap();
    let kept = association.cookies.iter().map(|cookie| cookie[0]);
    assert!(kept.eq(0..8));
}

/// § 4.1.2: only what was offered, and nothing where that is nothing.
#[test]
fn rfc_8915_section_4_1_2_protocols() {
    refused(&[&hex!("80010000"), END], KeError::NoCommonProtocol);
    let protocol = NextProtocol::from_number(0x8001);
    let not_offered = KeError::Misbehaved(Misbehavior::ProtocolNotOffered { protocol });
    refused(&[&hex!("80010002 8001"), SIV, COOKIE, END], not_offered);
    refused(
        &[&hex!("80010004 0000 8001"), SIV, COOKIE, END],
        not_offered,
    );
}

/// § 4.1.3: a client must not go on after an error.
#[test]
fn rfc_8915_section_4_1_3_error() {
    let code = ErrorCode::INTERNAL_SERVER_ERROR;
    let error = &hex!("80020002 0002");
    refused(&[error, END], KeError::Refused { code });
    refused(&[V4, SIV, COOKIE, error, END], KeError::Refused { code });
    // The server closed in the middle of something, or went on with what is too long.
    refused(&[error, &[0]], KeError::Refused { code });
    let config = KeClientConfig::new().with_response_limit(1024);
    let mut client = KeClient::new(&config, Duration::ZERO);
    let too_long = [error, &hex!("40000400")[..]].concat();
    assert_eq!(client.handle_octets(&too_long), KeProgress::Done);
    assert_eq!(
        client.finish(&secret()).unwrap_err(),
        KeError::Refused { code }
    );
}

/// § 4.1.4: unknown warnings are errors.
#[test]
fn rfc_8915_section_4_1_4_warning() {
    let warning = &hex!("80030002 ffff");
    refused(
        &[V4, SIV, warning, COOKIE, END],
        KeError::Warned { number: 0xffff },
    );
}

/// § 4.1.5: an algorithm that was offered, and one alone.
#[test]
fn rfc_8915_section_4_1_5_algorithms() {
    refused(&[V4, &hex!("80040000"), END], KeError::NoCommonAlgorithm);
    // NTPsec answers so whatever is offered, but here it is 17.
    let algorithm = AeadAlgorithm::AES_SIV_CMAC_512;
    refused(
        &[V4, &hex!("00040002 0011"), COOKIE, END],
        KeError::Misbehaved(Misbehavior::AlgorithmNotOffered { algorithm }),
    );
    let record_type = RecordType::AEAD_ALGORITHM;
    let (fault, offset) = ("a list of more than one", 6);
    refused(
        &[V4, &hex!("80040004 000f 001e"), COOKIE, END],
        KeError::Misbehaved(Misbehavior::Message(MessageError::Misplaced {
            record_type,
            fault,
            offset,
        })),
    );
}

/// § 4.1.6: at least one cookie.
#[test]
fn rfc_8915_section_4_1_6_no_cookies() {
    let record_type = RecordType::NEW_COOKIE;
    refused(
        &[V4, SIV, END],
        KeError::Misbehaved(Misbehavior::Message(MessageError::Missing { record_type })),
    );
}

/// § 4: a client takes 65536 octets.
#[test]
fn rfc_8915_section_4_takes_long_responses() {
    let start = [V4, SIV, COOKIE].concat();
    let body = vec![0; 65_536 - start.len() - 8];
    let length = u16::try_from(body.len()).unwrap();
    let filling = [&[0x40, 0][..], &length.to_be_bytes(), &body].concat();
    assert!(finished(&[&start, &filling, END]).is_ok());
    let [high, low] = (length + 1).to_be_bytes();
    let error = finished(&[&start, &[0x40, 0, high, low], &body, &[0], END]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "message length 65537 is not within the limit, at offset 65533"
    );
}

#[test]
fn what_comes_behind_the_end_is_not_looked_at() {
    let association = finished(&[V4, SIV, COOKIE, END, &hex!("80020002 0001")]);
    assert_eq!(association.unwrap().cookies.len(), 1);
}

#[test]
fn a_server_that_closes_early() {
    let received = 0;
    refused(&[], KeError::ClosedEarly { received });
    let received = 21;
    refused(
        &[V4, SIV, COOKIE, &[0x80]],
        KeError::ClosedEarly { received },
    );
}

#[test]
fn a_session_that_exports_nothing() {
    struct Unfinished;
    impl KeyExporter for Unfinished {
        fn export(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), ExportError> {
            Err(ExportError::Refused)
        }
    }
    let config = KeClientConfig::new();
    let mut client = KeClient::new(&config, Duration::ZERO);
    let _ = client.handle_octets(&[V4, SIV, COOKIE, END].concat());
    let error = client.finish(&Unfinished).unwrap_err();
    assert_eq!(error, KeError::Export(ExportError::Refused));
}

#[test]
fn a_server_that_takes_too_long() {
    let start = Duration::from_secs(77);
    let after = |seconds| start + Duration::from_secs(seconds);
    let config = KeClientConfig::new();
    let mut client = KeClient::new(&config, start);
    assert_eq!(client.poll_timeout(), Some(after(5)));
    let mut hanging = KeClient::new(&config, start);
    hanging.handle_timeout(after(5));
    let phase = KePhase::Handshake;
    let error = hanging.finish(&secret()).unwrap_err();
    assert_eq!(error, KeError::TimedOut { phase });
    assert_eq!(
        error.to_string(),
        "the server took too long for the TLS handshake"
    );

    client.handle_handshake();
    assert_eq!(client.poll_timeout(), Some(after(10)));
    let _ = client.handle_octets(V4);
    client.handle_timeout(after(9));
    assert_eq!(client.poll_timeout(), Some(after(10)));
    client.handle_timeout(after(10));
    assert_eq!(client.poll_timeout(), None);
    let phase = KePhase::Message;
    let error = client.finish(&secret()).unwrap_err();
    assert_eq!(error, KeError::TimedOut { phase });

    let timeouts = KeTimeouts {
        exchange: Duration::from_secs(3),
        ..KeTimeouts::CLIENT
    };
    let config = KeClientConfig::new().with_timeouts(timeouts);
    let mut client = KeClient::new(&config, start);
    assert_eq!(client.poll_timeout(), Some(after(3)));
    // A whole response is one, however late it is found.
    let _ = client.handle_octets(&[V4, SIV, COOKIE, END].concat());
    assert_eq!(client.poll_timeout(), None);
    client.handle_timeout(after(50));
    assert!(client.finish(&secret()).is_ok());
}

#[test]
fn the_request_is_there_once() {
    let config = KeClientConfig::new();
    let mut client = KeClient::new(&config, Duration::ZERO);
    assert!(client.poll_request().is_some());
    assert_eq!(client.poll_request(), None);
}

/// Records that mean something, and some octets that do not.
fn portions() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        V4,
        SIV,
        GCM_SIV,
        COMPLIANT,
        COOKIE,
        END,
        &hex!("80020002 0001"),
        &hex!("8003"),
    ];
    let known = proptest::sample::select(known.map(<[u8]>::to_vec).to_vec());
    let portion = prop_oneof![9 => known, 1 => proptest::collection::vec(any::<u8>(), 0..5)];
    proptest::collection::vec(portion, 0..9).prop_map(|portions| portions.concat())
}

proptest! {
    #[test]
    fn any_split_gives_the_same(octets in portions(), splits in proptest::collection::vec(1..9_usize, 0..40)) {
        let config = KeClientConfig::new();
        let mut client = KeClient::new(&config, Duration::ZERO);
        let mut rest = &octets[..];
        for length in splits {
            let (portion, behind) = rest.split_at(length.min(rest.len()));
            let _ = client.handle_octets(portion);
            rest = behind;
        }
        let _ = client.handle_octets(rest);
        client.handle_end();
        let (one, other) = (finished(&[&octets]), client.finish(&secret()));
        match (one, other) {
            (Err(one), Err(other)) => prop_assert_eq!(one, other),
            (Ok(one), Ok(other)) => {
                prop_assert!(one.cookies.iter().eq(other.cookies.iter()));
                prop_assert_eq!(one.keys.algorithm(), other.keys.algorithm());
                prop_assert_eq!(one.alternative_keys.is_some(), other.alternative_keys.is_some());
            }
            (one, other) => panic!("{one:?} {other:?}"),
        }
    }
}
