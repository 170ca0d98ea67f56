use super::*;

#[test]
fn rfc_8915_section_5_7_a_response_has_the_identifier_and_encrypted_cookies() {
    for algorithm in ALGORITHMS {
        let parts = parts(algorithm);
        let request = parts.write();
        let (response, reply) = answer(&mut server(), &request).unwrap();
        assert_eq!((response.kind, response.cookies), (ResponseKind::Basic, 2));
        assert_eq!(reply.len(), request.len());
        let types: Vec<_> = fields(&reply).iter().map(|(found, ..)| *found).collect();
        assert_eq!(types, [IDENTIFIER, AUTHENTICATOR]);
        assert_eq!(fields(&reply)[0].2, parts.before[0]);
        let cookies = parts.cookies_in(&reply);
        assert_eq!(cookies.len(), 2);
        assert_ne!(cookies[0], cookies[1]);
        let head = Header::decode(&reply).unwrap();
        assert_eq!(
            (head.stratum, head.origin),
            (Stratum::PRIMARY, header().transmit)
        );
    }
}

#[test]
fn rfc_8915_section_5_3_an_identifier_of_any_length_is_echoed() {
    for length in [32, 36, 64, 600] {
        let mut parts = parts(SIV);
        parts.before[0] = field(IDENTIFIER, &vec![0x77; length]);
        let request = parts.write();
        let (_, reply) = answer(&mut server(), &request).unwrap();
        assert_eq!(fields(&reply)[0].2, parts.before[0]);
        // In a kiss code too.
        parts.before[1] = field(COOKIE, &[5; 100]);
        let (response, reply) = answer(&mut server(), &parts.write()).unwrap();
        assert_eq!(response.kind, ResponseKind::Kiss(KissCode::NTSN));
        assert_eq!(reply[48..], parts.before[0]);
    }
    let mut parts = parts(SIV);
    parts.before[0] = field(IDENTIFIER, &[0x77; 28]);
    assert!(
        matches!(refusal(&parts.write()), NtsRefusal::Malformed(error) if error.offset() == 52)
    );
}

#[test]
fn rfc_8915_section_5_5_a_placeholder_counts_if_it_is_as_long_as_the_cookie() {
    let (fits, zero) = (field(PLACEHOLDER, &[0; 100]), field(PLACEHOLDER, &[0; 96]));
    let dirty = field(PLACEHOLDER, &[0xff; 100]);
    let long = field(PLACEHOLDER, &[0; 104]);
    for (more, inside, cookies) in [
        (vec![], vec![], 2),
        (vec![&fits], vec![], 3),
        (vec![&dirty], vec![], 3), // what it holds is ignored
        (vec![&zero, &long], vec![], 2),
        (vec![&fits, &zero], vec![&fits, &fits], 5), // they may be encrypted
        (vec![], vec![&long], 2),
        (vec![&fits; 6], vec![], 8),
        (vec![&fits; 9], vec![&fits; 3], 8), // but there are eight at most
    ] {
        let mut parts = parts(SIV);
        parts.before.extend(more.into_iter().cloned());
        parts.inside = inside.into_iter().cloned().collect();
        let request = parts.write();
        let (response, reply) = answer(&mut server(), &request).unwrap();
        assert_eq!(response.cookies, cookies);
        assert_eq!(parts.cookies_in(&reply).len(), cookies);
        assert_eq!(reply.len(), request.len());
    }
}

#[test]
fn rfc_8915_section_5_5_a_response_is_not_longer_than_its_request() {
    // Placeholders of an old, shorter cookie would be for more than there is room.
    let mut parts = parts(SIV);
    let request = parts.write();
    let sealed = SealedRequest::decode(&request).unwrap().unwrap();
    let mut scratch = [0; 16];
    let opened = sealed.open(&keyring(), &mut scratch).unwrap();
    for (room, cookies) in [(request.len(), 2), (request.len() - 1, 1), (228, 1)] {
        let mut buffer = vec![0; room];
        let response = opened
            .write_response(&header(), &keyring(), &mut Sequence(1), &mut buffer)
            .unwrap();
        assert_eq!(response.cookies, cookies);
        assert!(response.length <= room && response.length + 3 >= room);
    }
    let small = opened.write_response(&header(), &keyring(), &mut Sequence(1), &mut [0; 227]);
    assert!(matches!(small, Err(NtsRefusal::Response(_))));

    // A cookie of 64 octets for keys whose cookies have 100 here.
    parts.before[1] = field(COOKIE, &[1; 64]);
    parts.before[2] = field(PLACEHOLDER, &[0; 64]);
    let respond = |parts: &Parts| {
        let request = parts.write();
        let sealed = SealedRequest::decode(&request).unwrap().unwrap();
        let mut scratch = [0; 16];
        let opened = sealed.open_with(keys(SIV, [1, 2]), &mut scratch).unwrap();
        let mut buffer = [0; 2000];
        let header = header();
        opened
            .write_response(&header, &keyring(), &mut Sequence(1), &mut buffer)
            .map(|response| (request.len() - response.length, response.cookies))
    };
    assert_eq!(respond(&parts), Ok((0, 1)));
    parts.before.pop();
    let (length, request) = (228, 192);
    assert_eq!(
        respond(&parts),
        Err(NtsRefusal::TooLong { length, request })
    );
}

#[test]
fn rfc_8915_section_5_6_a_nonce_that_leaves_too_little_room_is_discarded() {
    for algorithm in ALGORITHMS {
        let needed = algorithm.required_nonce_length().unwrap();
        let nonces = algorithm.nonce_lengths().unwrap();
        for (nonce, padding) in [
            (4, 4),
            (1, 12),
            (8, 0),
            (8, 4),
            (8, 8),
            (12, 0),
            (13, 0),
            (20, 0),
        ] {
            if !nonces.contains(&nonce) {
                continue;
            }
            let mut parts = parts(algorithm);
            (parts.nonce, parts.padding) = (nonce, padding);
            let length = nonce.next_multiple_of(4) + padding;
            let result = answer(&mut server(), &parts.write());
            if length < needed {
                let short = NtsRefusal::ShortNonce {
                    algorithm,
                    length,
                    needed,
                };
                assert_eq!(result.unwrap_err(), short);
            } else {
                assert_eq!(result.unwrap().0.cookies, 2);
            }
        }
    }
}

#[test]
fn rfc_8915_section_5_7_fields_behind_the_authenticator_are_discarded() {
    let parts = parts(SIV);
    let request = parts.write();
    let (_, expected) = answer(&mut server(), &request).unwrap();
    for tail in [
        field(PLACEHOLDER, &[0; 100]),
        field(COOKIE, &[0; 100]),
        field(IDENTIFIER, &[0; 32]),
        field(AUTHENTICATOR, &[0; 40]),
        vec![0, 0, 0, 9],
        vec![0xff; 7],
    ] {
        let (_, reply) = answer(&mut server(), &[&request[..], &tail].concat()).unwrap();
        assert_eq!(reply, expected);
    }
}

#[test]
fn fields_that_are_not_of_nts_can_be_read_and_are_not_sent_back() {
    let unknown = ExtensionType::from_bits(0xf00d);
    let mut parts = parts(SIV);
    parts.before.push(field(unknown, &[6; 24]));
    parts.inside.push(field(unknown, &[7; 40]));
    let request = parts.write();
    let sealed = SealedRequest::decode(&request).unwrap().unwrap();
    let mut scratch = [0; 100];
    let opened = sealed.open(&keyring(), &mut scratch).unwrap();
    let find = |fields: &mut dyn Iterator<Item = ExtensionField<'_>>| {
        fields
            .filter(|field| field.field_type == unknown)
            .map(|field| field.value.len())
            .collect::<Vec<_>>()
    };
    assert_eq!(find(&mut opened.authenticated_fields()), [24]);
    assert_eq!(find(&mut opened.encrypted_fields()), [40]);
    assert_eq!((opened.algorithm(), opened.cookies_asked_for()), (SIV, 2));
    let short = sealed.open(&keyring(), &mut [0; 59]).unwrap_err();
    assert_eq!(
        short,
        NtsRefusal::ScratchTooSmall {
            needed: 60,
            length: 59
        }
    );
    let (_, reply) = answer(&mut server(), &request).unwrap();
    // Additional padding makes up for them.
    assert_eq!(reply.len(), request.len());
    assert_eq!(parts.cookies_in(&reply).len(), 2);
}

/// As a server of many threads does it: the cryptography is outside of the lock.
#[test]
fn threads_share_a_responder() {
    let responder = std::sync::Mutex::new(ServerResponder::new(SystemState::local_primary()));
    let keyring = keyring();
    let answer = |algorithm| {
        let parts = parts(algorithm);
        let request = parts.write();
        let sealed = SealedRequest::decode(&request).unwrap().unwrap();
        let Arrival {
            source, receive, ..
        } = arrival(1);
        let decision = responder.lock().unwrap().admit(source, receive);
        assert_eq!(decision, RateDecision::Answer);
        let mut scratch = vec![0; sealed.scratch_length()];
        let opened = sealed.open(&keyring, &mut scratch).unwrap();
        let reply = responder.lock().unwrap().reply(opened.header(), arrival(1));
        let mut buffer = vec![0; sealed.length()];
        let response = opened
            .write_response(&reply.header, &keyring, &mut Sequence(1), &mut buffer)
            .unwrap();
        assert_eq!(response.length, request.len());
        parts.cookies_in(&buffer).len()
    };
    let answer = &answer;
    std::thread::scope(|scope| {
        for thread in ALGORITHMS.map(|algorithm| scope.spawn(move || answer(algorithm))) {
            assert_eq!(thread.join().unwrap(), 2);
        }
    });
}
