use super::*;
use hex_literal::hex;
use proptest::prelude::*;

/// Every record of a message, and what stands behind it.
fn records(message: &[u8]) -> Result<(Vec<Record<'_>>, &[u8]), DecodeError> {
    let mut reader = RecordReader::new();
    let mut all = Vec::new();
    while let Some(record) = reader.next_of_whole(message)? {
        all.push(record);
    }
    Ok((all, &message[reader.offset()..]))
}

fn encoded(records: &[Record<'_>]) -> Vec<u8> {
    let mut octets = Vec::new();
    for record in records {
        record.encode(&mut octets).unwrap();
    }
    octets
}

const fn record(critical: bool, bits: u16, body: &[u8]) -> Record<'_> {
    Record {
        critical,
        record_type: RecordType::from_bits(bits),
        body,
    }
}

/// The octets are these records, both ways.
fn vector(octets: &[u8], expected: &[Record<'_>]) {
    let (found, behind) = records(octets).unwrap();
    assert_eq!(found, expected);
    assert!(behind.is_empty());
    assert_eq!(encoded(&found), octets);
}

/// Source: composed by RFC 8915 sections 4 and 4.1; the first has the form of chrony's requests.
#[test]
fn rfc_8915_section_4() {
    let (end, protocol) = (Record::END_OF_MESSAGE, record(true, 1, &[0, 0]));
    vector(
        &hex!("80010002 0000 80040004 000f001e 04000000 80000000"),
        &[
            protocol,
            record(true, 4, &[0, 15, 0, 30]),
            record(false, 1024, &[]),
            end,
        ],
    );
    vector(
        &hex!("80010002 0000 80040002 000f 00050004 01020304 80000000"),
        &[
            protocol,
            record(true, 4, &[0, 15]),
            record(false, 5, &[1, 2, 3, 4]),
            end,
        ],
    );
    vector(
        &hex!("80020002 0001 80000000"),
        &[record(true, 2, &[0, 1]), end],
    );
    vector(&hex!("80010000 80000000"), &[record(true, 1, &[]), end]);
    vector(
        &hex!("c0010000 40010000 80000000"),
        &[record(true, 0x4001, &[]), record(false, 0x4001, &[]), end],
    );
}

#[test]
fn every_truncation_needs_more() {
    let message = hex!("80010002 0000 80040004 000f001e 04000000 80000000");
    for length in 0..message.len() {
        let mut reader = RecordReader::new();
        let error = loop {
            if let Err(error) = reader.next_of_whole(&message[..length]) {
                break error;
            }
        };
        assert!(
            matches!(error.kind(), DecodeErrorKind::Truncated { .. }),
            "{error}"
        );
        assert!(matches!(
            reader.next(&message[..length]),
            Ok(NextRecord::NeedMore(_))
        ));
    }
    assert_eq!(
        records(&message[..9]).unwrap_err().to_string(),
        "record needs 4 octets, 3 are left, at offset 6"
    );
    assert_eq!(
        records(&message[..11]).unwrap_err().to_string(),
        "record needs 8 octets, 5 are left, at offset 6"
    );
}

#[test]
fn ends_with_the_first_end_of_message() {
    let (found, behind) = records(&hex!("80000000 80010002 0000")).unwrap();
    assert_eq!(found, [Record::END_OF_MESSAGE]);
    assert_eq!(behind, hex!("80010002 0000"));
    let (found, behind) = records(&hex!("00000001 78")).unwrap();
    assert_eq!(found, [record(false, 0, b"x")]);
    assert!(behind.is_empty());
}

#[test]
fn rejects_what_is_longer_than_the_limit() {
    let message = hex!("80010002 0000 80000000");
    let mut reader = RecordReader::with_limit(message.len());
    while reader.next_of_whole(&message).unwrap().is_some() {}
    for limit in 0..message.len() {
        let mut reader = RecordReader::with_limit(limit);
        let error = loop {
            if let Err(error) = reader.next(&message) {
                break error;
            }
        };
        assert!(matches!(error.kind(), DecodeErrorKind::Length { .. }));
        assert_eq!(reader.next(&message), Err(error));
        // The same error with the least that shows it.
        let mut portions = RecordReader::with_limit(limit);
        let early = (0..=message.len())
            .find_map(|length| {
                loop {
                    match portions.next(&message[..length]) {
                        Ok(NextRecord::Record(_)) => {}
                        other => break other.err(),
                    }
                }
            })
            .unwrap();
        assert_eq!(early, error);
    }
    // A length that is too great is enough.
    let mut reader = RecordReader::new();
    let long = vec![0; 40_000];
    let mut octets = encoded(&[record(false, 999, &long), record(false, 999, &[])]);
    assert!(matches!(reader.next(&octets), Ok(NextRecord::Record(_))));
    let length = octets.len();
    octets[length - 2..].copy_from_slice(&[0x80, 0]);
    assert_eq!(
        reader.next(&octets).unwrap_err().to_string(),
        "message length 72776 is not within the limit, at offset 40004"
    );
}

#[test]
fn a_buffer_that_shrank_needs_more() {
    let message = hex!("80010002 0000 80000000");
    let mut reader = RecordReader::new();
    assert!(matches!(reader.next(&message), Ok(NextRecord::Record(_))));
    assert!(matches!(
        reader.next(&message[..2]),
        Ok(NextRecord::NeedMore(_))
    ));
    assert!(matches!(reader.next(&message), Ok(NextRecord::Record(_))));
    assert_eq!(reader.next(&[]), Ok(NextRecord::End));
}

type Parts = (bool, u16, Vec<u8>);

/// Records of any type but that of the last, known or not.
fn any_records() -> impl Strategy<Value = Vec<Parts>> {
    let body = proptest::collection::vec(any::<u8>(), 0..50);
    let number = prop_oneof![1..20_u16, 1..=0x7fff_u16];
    proptest::collection::vec((any::<bool>(), number, body), 0..12)
}

fn message(parts: &[Parts]) -> Vec<Record<'_>> {
    parts
        .iter()
        .map(|(critical, number, body)| record(*critical, *number, body))
        .chain([Record::END_OF_MESSAGE])
        .collect()
}

proptest! {
    #[test]
    fn any_records_survive(parts in any_records()) {
        let all = message(&parts);
        let octets = encoded(&all);
        prop_assert_eq!(octets.len(), all.iter().map(Record::encoded_len).sum::<usize>());
        let (found, behind) = records(&octets).unwrap();
        prop_assert_eq!(&found, &all);
        prop_assert!(behind.is_empty());
        prop_assert_eq!(encoded(&found), octets);
    }

    /// However the octets come, the records are the same, and what is said to be needed is never
    /// more than there will be.
    #[test]
    fn any_split_reads_the_same(parts in any_records(), steps in proptest::collection::vec(1..30_usize, 1..8)) {
        let all = message(&parts);
        let octets = encoded(&all);
        let (mut reader, mut length, mut steps) = (RecordReader::new(), 0, steps.iter().cycle());
        let mut found = Vec::new();
        loop {
            match reader.next(&octets[..length]).unwrap() {
                NextRecord::Record(record) => found.push(record),
                NextRecord::NeedMore(needed) => {
                    prop_assert!(length + needed.get() <= octets.len());
                    length = octets.len().min(length + steps.next().unwrap());
                }
                NextRecord::End => break,
            }
        }
        prop_assert_eq!(found, all);
        prop_assert_eq!(reader.offset(), octets.len());
    }

    #[test]
    fn any_octets_end(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok((found, behind)) = records(&octets) {
            prop_assert_eq!([&encoded(&found), behind].concat(), octets);
        }
    }
}
