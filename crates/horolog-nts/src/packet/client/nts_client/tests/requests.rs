use super::*;

#[test]
fn rfc_8915_section_5_3_the_identifier_is_32_random_octets_and_always_new() {
    let mut client = client(SIV, 8);
    let (first, second) = (ask(&mut client, 1), ask(&mut client, 2));
    assert_eq!(identifier(&first).len(), 32);
    assert_ne!(identifier(&first), identifier(&second));
    // What the generator drew: behind the transmit timestamp.
    let mut rng = Sequence(1);
    let (mut transmit, mut drawn) = ([0; 8], [0; 32]);
    rng.fill_bytes(&mut transmit);
    rng.fill_bytes(&mut drawn);
    assert_eq!(
        (&first[40..48], identifier(&first)),
        (&transmit[..], drawn.to_vec())
    );
}

#[test]
fn rfc_8915_section_5_7_a_request_has_one_identifier_one_cookie_and_one_authenticator() {
    for algorithm in ALGORITHMS {
        for cookies in 1..=8 {
            let mut client = client(algorithm, cookies);
            let cookie = client.cookies().peek().unwrap().to_vec();
            let request = ask(&mut client, 1);
            let found = fields(&request);
            let types: Vec<_> = found.iter().map(|(field_type, ..)| *field_type).collect();
            assert_eq!(
                (types[0], types[1], *types.last().unwrap()),
                (IDENTIFIER, COOKIE, AUTHENTICATOR)
            );
            assert_eq!(found[1].2[4..], cookie);

            // Section 5.5: as long as the cookie, and zero.
            let placeholders = &found[2..found.len() - 1];
            for (field_type, _, octets) in placeholders {
                assert_eq!(*field_type, PLACEHOLDER);
                assert_eq!(octets[4..], vec![0; cookie.len()]);
            }
            // So many that with the answer there are eight, if they fit.
            assert!(request.len() <= 1232, "{}", request.len());
            let fit = (1232 - 48 - 36 - 40) / (4 + cookie.len()) - 1;
            assert_eq!(placeholders.len(), (8 - cookies).min(fit), "{algorithm}");
            assert_eq!(client.cookies().len(), cookies - 1);

            let reply = answer(&request);
            assert_eq!(reply.len(), request.len());
            assert_eq!(
                taken(client.handle_reply(&reply, at(1))),
                1 + placeholders.len()
            );
            assert_eq!(client.cookies().len(), 8.min(cookies + fit));
        }
    }
}

#[test]
fn rfc_8915_section_5_6_the_nonce_is_new_and_leaves_room_for_that_of_the_response() {
    for (algorithm, length) in ALGORITHMS.into_iter().zip([16, 16, 16, 12, 12]) {
        let mut client = client(algorithm, 2);
        let nonce = |request: &[u8]| {
            let sealed = NtsFields::decode(request)
                .unwrap()
                .sealed()
                .unwrap()
                .unwrap();
            assert_eq!(sealed.authenticator.additional_padding, 0);
            sealed.authenticator.nonce.to_vec()
        };
        let (first, second) = (nonce(&ask(&mut client, 1)), nonce(&ask(&mut client, 2)));
        assert_eq!(first.len(), length);
        assert_ne!(first, second);
    }
}

#[test]
fn rfc_8915_section_5_7_each_cookie_is_sent_once() {
    let mut client = client(SIV, 8);
    let cookies: Vec<_> = client.cookies().iter().map(<[u8]>::to_vec).collect();
    for (number, cookie) in cookies.iter().enumerate() {
        assert!(!client.needs_key_establishment());
        let request = ask(&mut client, u64::try_from(number).unwrap());
        assert_eq!(fields(&request)[1].2[4..], cookie[..]);
    }
    assert!(client.needs_key_establishment());
    let error = client
        .write_request(&mut [0; 500], at(0), &mut Sequence(9))
        .unwrap_err();
    assert_eq!(error, ProtectError::NoCookie);
    assert_eq!(
        error.to_string(),
        "no cookie is left: run the key establishment"
    );
}

#[test]
fn rfc_8915_section_5_7_rather_fewer_placeholders_than_a_packet_too_long() {
    for (max, placeholders) in [(2000, 7), (1000, 7), (955, 6), (332, 1), (331, 0), (228, 0)] {
        let mut client = client(SIV, 1).with_max_length(max);
        let request = ask(&mut client, 1);
        assert_eq!(request.len(), 228 + 104 * placeholders, "{max}");
    }
    let mut client = client(SIV, 1).with_max_length(227);
    let error = client
        .write_request(&mut [0; 500], at(0), &mut Sequence(1))
        .unwrap_err();
    let (length, max) = (228, 227);
    assert_eq!(error, ProtectError::TooLong { length, max });
    assert_eq!(client.cookies().len(), 1);
}

#[test]
fn a_request_that_is_not_written_changes_nothing() {
    let mut client = client(SIV, 2);
    let reply = answer(&ask(&mut client, 1));
    for length in [0, 47, 48, 100, 227] {
        let error = client.write_request(&mut vec![0; length], at(0), &mut Sequence(2));
        assert!(matches!(
            error,
            Err(ProtectError::Encode(EncodeError::BufferTooSmall { .. }))
        ));
    }
    assert_eq!(client.cookies().len(), 1);
    assert_eq!(taken(client.handle_reply(&reply, at(1))), 7);
}

#[test]
fn a_cookie_that_no_field_is_as_long_as_is_padded() {
    for (length, padded) in [
        (1, 12),
        (11, 12),
        (12, 12),
        (13, 16),
        (99, 100),
        (1021, 1024),
    ] {
        let mut jar = CookieJar::new();
        jar.push(&vec![0xcc; length]).unwrap();
        let association = Association::new(keys(SIV, [1, 2]), jar);
        let mut client = NtsClient::new(ClientConfig::default(), association).unwrap();
        let request = ask(&mut client, 1);
        let found = NtsFields::decode(&request).unwrap();
        let cookie = found.cookie().unwrap();
        assert_eq!(
            (cookie.len(), &cookie[..length]),
            (padded, &vec![0xcc; length][..])
        );
        assert!(cookie[length..].iter().all(|&octet| octet == 0));
        assert_eq!(
            found.placeholders(padded),
            7.min((1232 - 124) / (padded + 4) - 1)
        );
    }
}

#[test]
fn only_requests_of_version_4_are_protected_so() {
    let config = ClientConfig {
        version: Version::V3,
        ..ClientConfig::default()
    };
    let error = NtsClient::new(config, established(SIV, 1)).unwrap_err();
    assert_eq!(error, AssociationError::Version(Version::V3));
}

#[test]
fn debug_shows_no_cookie() {
    let text = format!("{:?}", client(SIV, 3));
    assert!(
        text.contains("len: 3") && !text.contains("cookies: ["),
        "{text}"
    );
}
