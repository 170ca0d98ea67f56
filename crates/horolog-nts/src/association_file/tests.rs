use super::*;
use crate::saved::with_checksum;
use hex_literal::hex;
use proptest::prelude::*;

const SAVED: [u8; 134] = hex!(
    "484e415301070000001e101b020b6e74702e6578616d706c65c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5"
    "c55c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c001ec6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c66c6c6c6c6c"
    "6c6c6c6c6c6c6c6c6c6c6c0003616263000464656667eb664be5fe42da70c30840f736ff32b06984"
    "740a63fe4c4e3123d78ba80bd09a"
);

fn association() -> Association {
    let algorithm = AeadAlgorithm::AES_128_GCM_SIV;
    let mut cookies = CookieJar::new();
    for cookie in [&b"used"[..], b"abc", b"defg"] {
        cookies.push(cookie).unwrap();
    }
    assert!(cookies.take().is_some());
    let keys = SessionKeys::new(algorithm, &[0xc5; 16], &[0x5c; 16]).unwrap();
    Association {
        alternative_keys: SessionKeys::new(algorithm, &[0xc6; 16], &[0x6c; 16]).ok(),
        server: Some("ntp.example".into()),
        port: Some(4123),
        ..Association::new(keys, cookies)
    }
}

fn error_with(place: usize, octets: &[u8]) -> String {
    let mut changed = SAVED.to_vec();
    changed[place..place + octets.len()].copy_from_slice(octets);
    let changed = with_checksum(&changed);
    Association::decode(&changed).unwrap_err().to_string()
}

/// Source: put together with Python `struct` and `hashlib` from the layout.
#[test]
fn octet_by_octet() {
    assert_eq!(**association().encode().unwrap(), SAVED);
    let loaded = Association::decode(&SAVED).unwrap();
    assert_eq!(loaded.server.as_deref(), Some("ntp.example"));
    assert_eq!(
        (loaded.port, loaded.next_protocol.number()),
        (Some(4123), 0)
    );
    assert_eq!(loaded.keys.algorithm().number(), 30);
    assert_eq!(loaded.keys.client_to_server().secret(), [0xc5; 16]);
    assert_eq!(loaded.keys.server_to_client().secret(), [0x5c; 16]);
    let alternative = loaded.alternative_keys.unwrap();
    assert_eq!(alternative.client_to_server().secret(), [0xc6; 16]);
    assert_eq!(alternative.server_to_client().secret(), [0x6c; 16]);
    assert!(loaded.cookies.iter().eq([&b"abc"[..], b"defg"]));
}

#[test]
fn what_may_be_missing() {
    for number in [15, 16, 17, 30, 31] {
        let algorithm = AeadAlgorithm::from_number(number);
        let secret = vec![1; algorithm.key_length().unwrap()];
        let keys = SessionKeys::new(algorithm, &secret, &secret).unwrap();
        let least = Association {
            next_protocol: NextProtocol::from_number(0x8001),
            ..Association::new(keys, CookieJar::new())
        };
        let saved = least.encode().unwrap();
        assert_eq!(saved.len(), 5 + 9 + 2 * secret.len() + 32);
        let loaded = Association::decode(&saved).unwrap();
        assert_eq!(loaded.keys.algorithm(), algorithm);
        assert_eq!(loaded.next_protocol.number(), 0x8001);
        assert!(loaded.cookies.is_empty() && loaded.alternative_keys.is_none());
        assert!(loaded.server.is_none() && loaded.port.is_none());
    }
}

#[test]
fn refuses_each_damaged_octet_and_every_truncation() {
    for place in 0..SAVED.len() {
        for bit in [1, 0x80, 0xff] {
            let mut damaged = SAVED;
            damaged[place] ^= bit;
            assert!(Association::decode(&damaged).is_err(), "octet {place}");
        }
        assert!(
            Association::decode(&SAVED[..place]).is_err(),
            "{place} octets"
        );
    }
}

#[test]
fn errors_name_field_and_offset() {
    for (place, octets, expected) in [
        (
            0,
            &b"HNKR"[..],
            "magic is 0x484e4b52, expected HNAS, an association, at offset 0",
        ),
        (4, &[9], "version is 0x9, expected 1, at offset 4"),
        (5, &[15], "flags is 0xf, expected 0 to 7, at offset 5"),
        (
            5,
            &[5],
            "port is 0x101b, expected 0 where there is none, at offset 10",
        ),
        (
            5,
            &[6],
            "server length is 0xb, expected 0 where there is no server, else more, at offset 13",
        ),
        (
            8,
            &[0, 1],
            "aead algorithm is 0x1, expected one that is spoken here, at offset 8",
        ),
        (
            8,
            &[0, 15],
            "aead algorithm is 0x6c6c, expected one that is spoken here, at offset 89",
        ),
        (
            12,
            &[9],
            "number of cookies is 0x9, expected 0 to 8, at offset 12",
        ),
        (
            12,
            &[1],
            "6 octets are left over after the last cookie, at offset 96",
        ),
        (
            12,
            &[3],
            "cookie length needs 2 octets, 0 are left, at offset 102",
        ),
        (
            16,
            b" ",
            "server body is 0x20, expected printable ASCII, at offset 16",
        ),
        (
            57,
            &[0, 1],
            "aead algorithm is 0x1, expected one that is spoken here, at offset 57",
        ),
        (
            91,
            &[0, 0],
            "cookie length 0 is not 1 to 1024, at offset 91",
        ),
        (
            96,
            &[0, 5],
            "cookie needs 5 octets, 4 are left, at offset 98",
        ),
    ] {
        assert_eq!(error_with(place, octets), expected);
    }
}

#[test]
fn refuses_to_save_what_could_not_be_loaded() {
    let error = |server: &str| {
        let mut association = association();
        association.server = Some(server.into());
        association.encode().map(|saved| saved.len()).unwrap_err()
    };
    let expected = EncodeError::TooLong {
        field: "server",
        length: 256,
        max: 255,
    };
    assert_eq!(error(&"a".repeat(256)), expected);
    for server in ["", "two words", "\u{e4}"] {
        assert!(matches!(error(server), EncodeError::Ambiguous { .. }));
    }
}

proptest! {
    /// What decodes encodes to the same octets.
    #[test]
    fn arbitrary_octets(
        octets in proptest::collection::vec(any::<u8>(), 0..200),
        changes in proptest::collection::vec((5..100_usize, any::<u8>()), 0..3),
    ) {
        prop_assert!(Association::decode(&octets).is_err());
        let start = [b"HNAS\x01", &octets[..], &[0; 32]].concat();
        let mut changed = SAVED.to_vec();
        for (place, octet) in changes {
            changed[place] = octet;
        }
        for octets in [start, changed] {
            let octets = with_checksum(&octets);
            if let Ok(association) = Association::decode(&octets) {
                let saved = association.encode().unwrap();
                prop_assert_eq!(&**saved, &octets);
            }
        }
    }
}
