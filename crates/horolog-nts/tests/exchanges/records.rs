//! Decodes every NTS-KE message of the exchanges in tests/data, and encodes it again.

use horolog_nts::{DecodeErrorKind, NextRecord, Record, RecordReader, RecordType};

use crate::file::{FILES, exchange};

#[test]
fn every_message_decodes_and_encodes() {
    let (mut whole, mut cut, mut behind) = (0, 0, 0);
    for (name, text) in FILES {
        for message in exchange(text).messages {
            let mut reader = RecordReader::new();
            let mut written = Vec::new();
            let mut expected = message.records.iter();
            loop {
                match reader.next(&message.octets).expect("records") {
                    NextRecord::Record(record) => {
                        let (critical, number, body) = expected.next().expect("another record");
                        let expected = Record {
                            critical: *critical,
                            record_type: RecordType::from_bits(*number),
                            body,
                        };
                        assert_eq!(record, expected, "{name}");
                        check_body(&record);
                        record.encode(&mut written).expect("room");
                    }
                    NextRecord::End => {
                        whole += 1;
                        break;
                    }
                    NextRecord::NeedMore(_) => {
                        let error = reader.next_of_whole(&message.octets).unwrap_err();
                        assert!(matches!(error.kind(), DecodeErrorKind::Truncated { .. }));
                        assert_eq!(expected.len(), 0, "{name}");
                        cut += 1;
                        break;
                    }
                }
            }
            behind += expected.len();
            assert_eq!(written, message.octets[..reader.offset()], "{name}");
        }
    }
    // The probes of two servers: one without an end, one cut inside of a record, and one with a
    // record behind the end.
    assert_eq!((whole, cut, behind), (128, 4, 2));
}

/// What these peers put into bodies can be read, but for a list that was meant to be odd.
fn check_body(record: &Record<'_>) {
    match record.record_type {
        RecordType::NEXT_PROTOCOL | RecordType::AEAD_ALGORITHM => {
            let octets = record
                .numbers()
                .map(|list| list.iter().flat_map(u16::to_be_bytes).collect::<Vec<_>>());
            match octets {
                Ok(octets) => assert_eq!(octets, record.body),
                Err(_) => assert_eq!(record.body, [0, 15, 0]),
            }
        }
        RecordType::ERROR => assert!(record.number().expect("a number") < 2),
        RecordType::PORT => assert_ne!(record.number().expect("a number"), 0),
        RecordType::NEW_COOKIE => assert_eq!(record.cookie(), Ok(record.body)),
        RecordType::SERVER => {
            assert!(["fd00:99::1", "ntp.example"].contains(&record.server_name().expect("a name")));
        }
        _ => {}
    }
}
