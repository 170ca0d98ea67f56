use super::*;

#[test]
fn rfc_8915_section_5_7_requests_of_which_a_part_is_missing_or_too_much_get_no_answer() {
    let change = |change: fn(&mut Parts)| {
        let mut parts = parts(SIV);
        change(&mut parts);
        refusal(&parts.write())
    };
    assert_eq!(
        change(|parts| drop(parts.before.remove(0))),
        NtsRefusal::Missing(IDENTIFIER)
    );
    assert_eq!(
        change(|parts| drop(parts.before.remove(1))),
        NtsRefusal::Missing(COOKIE)
    );
    assert_eq!(
        change(|parts| parts.before.push(field(COOKIE, &[1; 100]))),
        NtsRefusal::Repeated(COOKIE)
    );
    assert_eq!(
        change(|parts| parts.before.push(field(IDENTIFIER, &[1; 32]))),
        NtsRefusal::Repeated(IDENTIFIER)
    );
    for encrypted in [IDENTIFIER, COOKIE, AUTHENTICATOR] {
        let mut parts = parts(SIV);
        parts.inside.push(field(encrypted, &[1; 32]));
        assert_eq!(refusal(&parts.write()), NtsRefusal::Encrypted(encrypted));
    }
    assert!(matches!(
        change(|parts| parts.inside.push(vec![3, 4, 0, 3])),
        NtsRefusal::Plaintext(_)
    ));

    let request = parts(SIV).write();
    let places: Vec<_> = fields(&request)
        .iter()
        .map(|(_, start, _)| *start)
        .collect();
    let [_, _, placeholder, authenticator] = places[..] else {
        panic!()
    };
    assert_eq!(
        refusal(&request[..authenticator]),
        NtsRefusal::Missing(AUTHENTICATOR)
    );
    assert_eq!(
        refusal(&request[..placeholder]),
        NtsRefusal::Missing(AUTHENTICATOR)
    );

    // The authenticator before the cookie; a cookie behind it counts as little as one of zeros.
    let (front, rest) = request.split_at(84);
    let (between, sealed) = rest.split_at(authenticator - 84);
    let turned = [front, sealed, between].concat();
    assert_eq!(refusal(&turned), NtsRefusal::Missing(COOKIE));
    let with_mac = [&request[..placeholder], &[0, 0, 0, 1], &[7; 16]].concat();
    assert_eq!(refusal(&with_mac), NtsRefusal::Missing(AUTHENTICATOR));
    for length in (49..request.len()).filter(|length| !places.contains(length)) {
        assert!(
            server()
                .respond(
                    &request[..length],
                    arrival(1),
                    &mut Sequence(1),
                    &mut [0; 500]
                )
                .is_err(),
            "{length}"
        );
    }
}

#[test]
fn rfc_8915_section_5_7_what_does_not_open_gets_a_nak_without_cookies() {
    let mut unknown = parts(SIV);
    let mut other = [0; 200];
    let length = Keyring::new(8, &[9; 32])
        .seal_cookie(&unknown.keys, &mut Sequence(1), &mut other)
        .unwrap();
    unknown.before[1] = field(COOKIE, &other[..length]);
    let mut wrong = parts(SIV);
    wrong.keys = keys(SIV, [3, 2]);
    let mut changed = parts(SIV);
    changed.before[1][20] ^= 1;
    for parts in [unknown, wrong, changed] {
        let request = parts.write();
        let sealed = SealedRequest::decode(&request).unwrap().unwrap();
        assert!(sealed.open(&keyring(), &mut [0; 16]).unwrap_err().is_nak());
        let (response, reply) = answer(&mut server(), &request).unwrap();
        assert_eq!(response.kind, ResponseKind::Kiss(KissCode::NTSN));
        let packet = Packet::decode(&reply).unwrap();
        assert_eq!(packet.header.kiss_code(), Some(KissCode::NTSN));
        assert_eq!(packet.header.origin, header().transmit);
        let types: Vec<_> = packet.fields().map(|field| field.field_type).collect();
        assert_eq!(types, [IDENTIFIER]);
        assert_eq!(reply[48..], parts.before[0]);
    }
}

#[test]
fn requests_without_nts_are_answered_without() {
    let mut server = server();
    let keys = || MacKeys::from_file("1 MD5 ASCII:key\n", KeyFileFormat::Chrony).unwrap();
    server.responder_mut().set_keys(keys());
    let keys = keys();
    let key = keys.iter().next().unwrap();
    let (response, reply) = answer(&mut server, &header().to_octets()).unwrap();
    assert_eq!(
        (response.kind, response.cookies, reply.len()),
        (ResponseKind::Basic, 0, 48)
    );

    // RFC 8915 section 5.3: a Unique Identifier may be used without the rest.
    let mut buffer = [0; 200];
    let identifier = UniqueIdentifier::new(&[3; 32]).unwrap();
    let mut writer = PacketWriter::new(&mut buffer, &header()).unwrap();
    writer.field(&identifier).unwrap();
    let length = writer.finish_with_mac(key).unwrap();
    let (response, reply) = answer(&mut server, &buffer[..length]).unwrap();
    assert_eq!((response.key, response.cookies), (Some(key.id()), 0));
    assert_eq!(reply[48..84], buffer[48..84]);
}

#[test]
fn rfc_8915_section_5_4_cookies_in_other_modes_and_versions_are_not_nts() {
    let request = parts(SIV).write();
    for mode in [0, 1, 2, 4, 5, 6, 7] {
        let mut packet = request.clone();
        packet[0] = 0x20 | mode;
        assert!(SealedRequest::decode(&packet).unwrap().is_none());
        assert!(matches!(refusal(&packet), NtsRefusal::Plain(_)), "{mode}");
    }
    for version in [0, 1, 2, 3, 5, 6, 7] {
        let mut packet = request.clone();
        packet[0] = version << 3 | 3;
        assert!(SealedRequest::decode(&packet).unwrap().is_none());
        assert!(
            matches!(refusal(&packet), NtsRefusal::Plain(_)),
            "{version}"
        );
    }
}

#[test]
fn the_rate_limit_comes_before_the_cryptography() {
    let limit = RateLimit {
        burst: 1,
        kiss_every: 2,
        ..RateLimit::default()
    };
    let responder = ServerResponder::new(SystemState::local_primary())
        .with_rate_limit(RateLimiter::new(limit, 16, 1));
    let mut server = NtsServer::new(responder, keyring());
    // Not even this, whose cookie does not open, gets a NAK.
    let mut parts = parts(SIV);
    let good = parts.write();
    parts.before[1] = field(COOKIE, &[5; 100]);
    let bad = parts.write();
    let mut respond = |request: &[u8], seconds| {
        let mut buffer = [0; 500];
        server
            .respond(request, arrival(seconds), &mut Sequence(1), &mut buffer)
            .map(|response| (response.kind, buffer[..response.length].to_vec()))
    };
    assert_eq!(respond(&good, 0).unwrap().0, ResponseKind::Basic);
    let (kind, reply) = respond(&bad, 0).unwrap();
    assert_eq!(kind, ResponseKind::Kiss(KissCode::RATE));
    assert_eq!(reply[48..], parts.before[0]);
    assert_eq!(respond(&bad, 0).unwrap_err(), NtsRefusal::RateLimited);
    assert_eq!(
        respond(&bad, 4).unwrap().0,
        ResponseKind::Kiss(KissCode::NTSN)
    );
    let plain = respond(&header().to_octets(), 4).unwrap();
    assert_eq!(plain.0, ResponseKind::Kiss(KissCode::RATE));
}

#[test]
fn refusals_say_why() {
    for (refusal, text) in [
        (NtsRefusal::Missing(COOKIE), "no field of type"),
        (
            NtsRefusal::Cookie(CookieError::NotAuthentic),
            "cookie is not authentic",
        ),
        (
            NtsRefusal::NotAuthentic(OpenError),
            "authenticator: not authentic",
        ),
        (
            NtsRefusal::ShortNonce {
                algorithm: SIV,
                length: 8,
                needed: 16,
            },
            "8 octets for a nonce are below 16, which aead algorithm 15 needs",
        ),
    ] {
        assert!(refusal.to_string().starts_with(text), "{refusal}");
    }
}

#[test]
fn rfc_8915_section_5_5_a_placeholder_needs_a_cookie() {
    let alone = [
        header().to_octets().to_vec(),
        field(IDENTIFIER, &[0x1d; 32]),
        field(PLACEHOLDER, &[0; 100]),
    ];
    assert_eq!(refusal(&alone.concat()), NtsRefusal::Missing(COOKIE));
}
