//! Reads every message of the exchanges in tests/data as a request or a response, and writes it
//! again.

use core::time::Duration;

use horolog_nts::{
    AeadAlgorithm, CookieJar, ErrorCode, ExporterSecret, KeClient, KeClientConfig, KeError,
    KeProgress, KeRequest, KeResponse, RecordType, ResponseError,
};

use crate::file::{FILES, Message, exchange};

/// Whether our encoders write the records as this peer does.
///
/// A probe leaves the critical bit of its list of algorithms clear, as NTPsec does, and asks for
/// what is passed over.
fn in_our_order(message: &Message) -> bool {
    message.records.iter().all(|(critical, number, _)| {
        let record_type = RecordType::from_bits(*number);
        *critical || record_type.name().is_some() && record_type != RecordType::AEAD_ALGORITHM
    })
}

#[test]
fn responses_read_and_write() {
    let (mut same, mut other, mut errors, mut without) = (0, 0, 0, 0);
    for (name, text) in FILES {
        for message in exchange(text).messages.iter().filter(|m| !m.from_client) {
            let records = |record_type: RecordType| {
                let of_type = move |number: &u16| *number == record_type.to_bits();
                let mut bodies = message.records.iter().filter(move |r| of_type(&r.1));
                move || bodies.next().map(|(_, _, body)| &body[..])
            };
            match KeResponse::decode(&message.octets) {
                Ok(response) => {
                    let mut cookies = records(RecordType::NEW_COOKIE);
                    response
                        .cookies()
                        .for_each(|cookie| assert_eq!(cookies(), Some(cookie)));
                    assert_eq!(cookies(), None);
                    let algorithm = response.algorithm().map(|a| a.number().to_be_bytes());
                    assert_eq!(
                        records(RecordType::AEAD_ALGORITHM)().unwrap_or_default(),
                        algorithm.as_ref().map_or(&[][..], |octets| octets)
                    );
                    assert_eq!(
                        records(RecordType::COMPLIANT_GCM_SIV_EXPORTER)().is_some(),
                        response.compliant_gcm_siv_exporter()
                    );
                    assert_eq!(
                        records(RecordType::SERVER)(),
                        response.server().map(str::as_bytes)
                    );
                    let port = response.port().map(u16::to_be_bytes);
                    assert_eq!(
                        records(RecordType::PORT)(),
                        port.as_ref().map(<[u8; 2]>::as_slice)
                    );
                    let mut written = Vec::new();
                    response.encode(&mut written).expect("room");
                    assert_eq!(written.len(), response.encoded_len());
                    if in_our_order(message) {
                        assert_eq!(written, message.octets, "{name}");
                        same += 1;
                    } else {
                        other += 1;
                    }
                    without += usize::from(algorithm.is_none());
                }
                Err(ResponseError::Error { code }) => {
                    let body = code.number().to_be_bytes();
                    assert_eq!(records(RecordType::ERROR)(), Some(&body[..]));
                    assert_ne!(code, ErrorCode::INTERNAL_SERVER_ERROR);
                    let mut written = Vec::new();
                    code.encode_response(&mut written).expect("room");
                    assert_eq!(written, message.octets, "{name}");
                    errors += 1;
                }
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }
    // The other one is NTPsec's.
    assert_eq!((same, other, errors, without), (44, 1, 16, 7));
}

#[test]
fn requests_read_and_write() {
    let (mut same, mut other) = (0, 0);
    for (name, text) in FILES {
        for message in exchange(text).messages.iter().filter(|m| m.from_client) {
            let Ok(request) = KeRequest::decode(&message.octets) else {
                continue;
            };
            let mut written = Vec::new();
            request.encode(&mut written).expect("room");
            assert_eq!(written.len(), request.encoded_len());
            assert_eq!(KeRequest::decode(&written), Ok(request));
            if in_our_order(message) {
                assert_eq!(written, message.octets, "{name}");
                same += 1;
            } else {
                other += 1;
            }
        }
    }
    assert_eq!((same, other), (39, 4));
}

#[test]
fn clients_take_every_response() {
    let secret = ExporterSecret::new(&[7; 48]).expect("48 octets");
    let algorithms = [15, 17, 30].map(AeadAlgorithm::from_number);
    let config = KeClientConfig::new()
        .with_algorithms(&algorithms)
        .expect("supported");
    let (mut taken, mut of_chrony, mut refused, mut without) = (0, 0, 0, 0);
    for (name, text) in FILES {
        for message in exchange(text).messages.iter().filter(|m| !m.from_client) {
            let mut client = KeClient::new(&config, Duration::ZERO);
            let (last, octets) = message.octets.split_last().expect("octets");
            for octet in octets {
                assert_eq!(
                    client.handle_octets(&[*octet]),
                    KeProgress::NeedMore,
                    "{name}"
                );
            }
            assert_eq!(client.handle_octets(&[*last]), KeProgress::Done, "{name}");
            match client.finish(&secret) {
                Ok(association) => {
                    let of_type = |record_type: RecordType| {
                        let number = record_type.to_bits();
                        message
                            .records
                            .iter()
                            .filter(move |record| record.1 == number)
                    };
                    let cookies = of_type(RecordType::NEW_COOKIE).map(|record| &record.2[..]);
                    assert!(association.cookies.iter().eq(cookies), "{name}");
                    assert_eq!(association.cookies.len(), CookieJar::CAPACITY, "{name}");
                    let compliant = of_type(RecordType::COMPLIANT_GCM_SIV_EXPORTER).count() == 1;
                    let gcm_siv = association.keys.algorithm() == AeadAlgorithm::AES_128_GCM_SIV;
                    assert_eq!(
                        association.alternative_keys.is_some(),
                        gcm_siv && !compliant
                    );
                    taken += 1;
                    of_chrony += usize::from(gcm_siv && !compliant);
                }
                Err(KeError::Refused { .. }) => refused += 1,
                Err(KeError::NoCommonAlgorithm | KeError::NoCommonProtocol) => without += 1,
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }
    assert_eq!((taken, of_chrony, refused, without), (38, 3, 16, 7));
}
