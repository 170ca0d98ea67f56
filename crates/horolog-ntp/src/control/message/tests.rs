use super::*;
use crate::mac::{KeyId, MacAlgorithm, MacKey};
use hex_literal::hex;
use proptest::prelude::*;

/// `ntpq` against NTPsec 1.2.3, frame 31 of tests/data/mode6-ntpq-ntpsec123.hex: the octet
/// behind the data is left over from an earlier answer.
const ANSWER: [u8; 28] = hex!("d682000c c0160000 0000000f 746f7461 6c5f7262 75663d31 300d0a33");

fn error(octets: &[u8]) -> String {
    ControlMessage::decode(octets).unwrap_err().to_string()
}

fn with(data: usize, trailer: &[u8]) -> Vec<u8> {
    let mut octets = hex!("16020001 00000000 00000000").to_vec();
    octets[11] = u8::try_from(data).unwrap();
    octets.resize(12 + data, b'x');
    octets.extend(trailer);
    octets
}

#[test]
fn rfc_9327_section_2_captured_answer() {
    let message = ControlMessage::decode(&ANSWER).unwrap();
    assert_eq!(
        message,
        ControlMessage {
            leap: LeapIndicator::Unknown,
            response: true,
            status: 0xc016,
            data: b"total_rbuf=10\r\n",
            padding: Some(b"3"),
            ..ControlMessage::request(OpCode::READ_VARIABLES, 12)
        }
    );
    let mut written = [0xa5; 30];
    message.encode(&mut written.as_mut_slice()).unwrap();
    assert_eq!(written[..28], ANSWER);
    assert_eq!(written[28..], [0xa5; 2]);
}

#[test]
fn pads_with_zeros_over_a_dirty_buffer() {
    let message = ControlMessage {
        data: b"x",
        ..ControlMessage::request(OpCode::READ_MRU, 1)
    };
    let mut written = [0xa5; 16];
    message.encode(&mut written.as_mut_slice()).unwrap();
    assert_eq!(written, hex!("160a0001 00000000 00000001 78000000"));
}

#[test]
fn rejects_every_truncation() {
    for length in 0..ANSWER.len() {
        let error = ControlMessage::decode(&ANSWER[..length]).unwrap_err();
        assert!(
            matches!(error.kind(), DecodeErrorKind::Truncated { .. }),
            "{length}: {error}"
        );
    }
    assert_eq!(
        error(&ANSWER[..11]),
        "count needs 2 octets, 1 are left, at offset 10"
    );
    assert_eq!(
        error(&ANSWER[..26]),
        "data needs 15 octets, 14 are left, at offset 12"
    );
    assert_eq!(
        error(&ANSWER[..27]),
        "padding needs 1 octets, 0 are left, at offset 27"
    );
}

#[test]
fn rejects_other_versions_and_modes() {
    for (first, message) in [
        (0x06, "version is 0x0, expected 1 to 4, at offset 0"),
        (0x2e, "version is 0x5, expected 1 to 4, at offset 0"),
        (0x17, "mode is 0x7, expected 6, at offset 0"),
    ] {
        let mut octets = ANSWER;
        octets[0] = first;
        assert_eq!(error(&octets), message);
    }
}

#[test]
fn rejects_a_count_above_468() {
    let mut octets = vec![0; 12 + 472];
    octets[0] = 0x16;
    octets[10..12].copy_from_slice(&468_u16.to_be_bytes());
    assert!(ControlMessage::decode(&octets[..480]).is_ok());
    octets[11] += 1;
    assert_eq!(
        error(&octets),
        "data length 469 is not 468 or less, at offset 10"
    );
}

#[test]
fn rejects_what_is_no_authenticator() {
    let trailing = "8 octets are left over after control message, at offset 12";
    assert_eq!(error(&with(0, &[1; 8])), trailing);
    for length in (0..40).filter(|length| ![0, 4, 20, 24, 28].contains(length)) {
        assert!(
            ControlMessage::decode(&with(0, &vec![1; length])).is_err(),
            "{length}"
        );
    }
}

#[test]
fn authenticators_stand_behind_a_multiple_of_eight_or_of_four() {
    for (data, trailer, padding, digest) in [
        (0, 20, 0, 16),
        (0, 24, 4, 16),
        (0, 28, 4, 20),
        (4, 20, 0, 16),
        (4, 24, 0, 20),
        (5, 27, 7, 16),
        (5, 31, 7, 20),
        (5, 23, 3, 16),
    ] {
        let octets = with(data, &vec![7; trailer]);
        let message = ControlMessage::decode(&octets).unwrap();
        assert_eq!(message.authenticated_len(), 12 + data + padding);
        assert_eq!(message.authenticator.unwrap().digest.len(), digest);
        let mut written = Vec::new();
        message.encode(&mut written).unwrap();
        assert_eq!(written, octets);
    }
}

#[test]
fn a_signed_message_verifies() {
    let key = MacKey::new(KeyId::new(1), MacAlgorithm::Md5, b"md5secret").unwrap();
    let mut message = ControlMessage {
        data: b"leap=0",
        authenticator: Some(MacTrailer {
            key_id: key.id(),
            digest: &[0; 16],
        }),
        ..ControlMessage::request(OpCode::WRITE_VARIABLES, 1)
    };
    let mut octets = Vec::new();
    message.encode(&mut octets).unwrap();
    let digest = key.digest(&octets[..message.authenticated_len()]);
    message.authenticator = Some(MacTrailer {
        key_id: key.id(),
        digest: digest.as_octets(),
    });
    octets.clear();
    message.encode(&mut octets).unwrap();
    assert_eq!(octets.len(), 24 + 20);

    let message = ControlMessage::decode(&octets).unwrap();
    let mac = message.authenticator.unwrap();
    assert!(key.verify(
        &octets[..message.authenticated_len()],
        &mac,
        message.version
    ));
}

#[test]
fn rejects_what_cannot_be_written() {
    let message = ControlMessage::request(OpCode::READ_STATUS, 1);
    let error = message.encode(&mut [0; 11].as_mut_slice()).unwrap_err();
    assert!(matches!(error, EncodeError::BufferTooSmall { .. }));
    let message = ControlMessage {
        data: &[0; 469],
        ..message
    };
    let error = message.encode(&mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "data of 469 octets is longer than 468");
    let message = ControlMessage {
        data: &[],
        authenticator: Some(MacTrailer {
            key_id: KeyId::new(1),
            digest: &[0; 32],
        }),
        ..message
    };
    let error = message.encode(&mut Vec::new()).unwrap_err();
    assert!(matches!(error, EncodeError::Ambiguous { .. }));
}

#[test]
fn padding_is_made_up_again_where_the_data_changed() {
    let mut message = ControlMessage::decode(&ANSWER).unwrap();
    message.data = b"twelve octet";
    let mut written = Vec::new();
    message.encode(&mut written).unwrap();
    assert_eq!(written.len(), 24);
}

proptest! {
    #[test]
    fn what_decodes_encodes_to_the_same_octets(
        mut octets in proptest::collection::vec(any::<u8>(), 12..80),
        version in 1..5_u8,
        count in 0..60_u8,
    ) {
        octets[0] = octets[0] & 0xc0 | version << 3 | 6;
        octets[10] = 0;
        octets[11] = count;
        if let Ok(message) = ControlMessage::decode(&octets) {
            let mut written = vec![0xa5; message.encoded_len()];
            message.encode(&mut written.as_mut_slice()).unwrap();
            prop_assert_eq!(written, octets);
        }
    }

    #[test]
    fn what_is_made_survives(
        bits: u8,
        words: [u16; 4],
        data in proptest::collection::vec(any::<u8>(), 0..=468),
        digest in proptest::option::of(proptest::collection::vec(any::<u8>(), 20)),
        is_long: bool,
    ) {
        let digest = digest.as_ref().map(|digest| if is_long { &digest[..] } else { &digest[..16] });
        let message = ControlMessage {
            response: bits & 0x80 != 0,
            error: bits & 0x40 != 0,
            more: bits & 0x20 != 0,
            status: words[1],
            association: words[2],
            offset: words[3],
            data: &data,
            authenticator: digest.map(|digest| MacTrailer { key_id: KeyId::new(9), digest }),
            ..ControlMessage::request(OpCode::from_bits(bits), words[0])
        };
        let mut written = Vec::new();
        message.encode(&mut written).unwrap();
        prop_assert_eq!(written.len(), message.encoded_len());
        prop_assert_eq!(ControlMessage::decode(&written).unwrap(), message);
    }
}
