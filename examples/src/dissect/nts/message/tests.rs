use super::*;

#[test]
fn every_octet_is_in_a_record_or_in_the_rest() {
    // A list, an unknown type, an end, and something behind it.
    let octets = [
        0x80, 4, 0, 2, 0, 15, 0x40, 1, 0, 1, 9, 0x80, 0, 0, 0, 1, 2, 3,
    ];
    for length in 0..octets.len() {
        let message = KeMessage::new(&octets[..length]);
        let mut written = Vec::new();
        for record in &message.records {
            assert_eq!(record.offset, written.len());
            record.raw.encode(&mut written).unwrap();
        }
        if let Some(rest) = &message.rest {
            assert_eq!(rest.offset, written.len());
            written.extend_from_slice(rest.octets);
        }
        assert_eq!(written, octets[..length]);
        assert_eq!(message.is_good(), length == 15, "{length}");
    }
}

#[test]
fn bodies_that_their_type_forbids() {
    let far = [0x40, 1, 0, 0];
    for (record, error) in [
        (
            &[0, 1, 0, 1, 0][..],
            "next-protocol body length 1 is not a multiple of 2, at offset 8",
        ),
        (&[0, 2, 0, 0], "error body length 0 is not 2, at offset 8"),
        (
            &[0, 3, 0, 1, 0],
            "warning body length 1 is not 2, at offset 8",
        ),
        (
            &[0, 5, 0, 0],
            "new-cookie body length 0 is not 1 to 1024, at offset 8",
        ),
        (
            &[0, 6, 0, 2, b'a', b'\n'],
            "server body is 0xa, expected printable ASCII, at offset 9",
        ),
        (
            &[4, 0, 0, 1, 0],
            "compliant-gcm-siv-exporter length 1 is not 0, at offset 8",
        ),
    ] {
        let octets = [&far, record, &[0x80, 0, 0, 0]].concat();
        let message = KeMessage::new(&octets);
        assert_eq!(message.records.len(), 3);
        assert!(message.rest.is_none());
        let found = message.records[1].body.unwrap_err();
        assert_eq!(found.to_string(), error);
        assert!(!message.is_good());
    }
}

#[test]
fn hex_is_bounded() {
    let longest = usize::try_from(MOST_CHARACTERS).unwrap();
    let text = vec![b'0'; longest];
    assert_eq!(read_hex(&*text).unwrap().len(), longest / 2);
    let longer = io::repeat(b' ').take(1 << 40);
    let error = read_hex(longer).unwrap_err();
    assert_eq!(error.to_string(), "more than 524288 characters");
}

#[test]
fn names() {
    let name = |number| protocol_name(NextProtocol::from_number(number));
    assert_eq!(
        (name(0), name(0x8001), name(1)),
        (Some("ntpv4"), Some("ntpv5-draft"), None)
    );
    let name = |number| algorithm_name(AeadAlgorithm::from_number(number));
    assert_eq!(name(31).as_deref(), Some("aead-aes-256-gcm-siv"));
    assert_eq!(name(1), None);
}
