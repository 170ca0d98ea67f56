//! Reads every message of the exchanges in tests/data as a request or a response, and writes it
//! again.

use horolog_nts::{ErrorCode, KeRequest, KeResponse, RecordType, ResponseError};

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
