//! Compares what is said of the requests in tests/data with what servers answered.

use horolog_nts::{ErrorCode, KeRequest, RecordType};

use crate::file::{FILES, Message, exchange};

/// The bodies of an answer's records of a type.
fn bodies(answer: &Message, record_type: RecordType) -> impl Iterator<Item = &[u8]> {
    answer
        .records
        .iter()
        .filter(move |(_, number, _)| *number == record_type.to_bits())
        .map(|(_, _, body)| &body[..])
}

#[test]
fn requests_are_taken_and_refused_as_servers_do() {
    let (mut taken, mut refused, mut lenient) = (0, 0, Vec::new());
    for (name, text) in FILES {
        let messages = exchange(text).messages;
        for request in messages.iter().filter(|message| message.from_client) {
            let Some(answer) = messages
                .iter()
                .find(|message| !message.from_client && message.stream == request.stream)
            else {
                // The server hung up, because of the request or of TLS.
                continue;
            };
            let decoded = KeRequest::decode(&request.octets);
            if let Some(code) = bodies(answer, RecordType::ERROR).next() {
                let error = decoded.expect_err("the server refused it").error_code();
                assert_eq!(error.number().to_be_bytes(), code, "{name}");
                assert_ne!(error, ErrorCode::INTERNAL_SERVER_ERROR);
                refused += 1;
            } else if let Ok(decoded) = decoded {
                // What was chosen is among what was offered.
                let algorithm = bodies(answer, RecordType::AEAD_ALGORITHM).next();
                let offered = |body: &[u8]| {
                    body.is_empty()
                        || decoded
                            .algorithms()
                            .any(|offered| offered.number().to_be_bytes() == body)
                };
                assert!(algorithm.is_none_or(offered), "{name}");
                taken += 1;
            } else {
                lenient.push((name, request.stream));
            }
        }
    }
    // ntpd-rs takes an empty list of algorithms, an End of Message that is not critical or has a
    // body, and what follows it.
    assert_eq!(
        lenient,
        [7, 15, 16, 21].map(|stream| ("nts-ke-probes-ntpdrs19", stream))
    );
    assert_eq!((taken, refused), (41, 16));
}
