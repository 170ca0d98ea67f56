use super::*;

#[test]
fn a_reply_is_accepted_once() {
    let mut client = client(SIV, 8);
    let reply = answer(&ask(&mut client, 1));
    assert_eq!(taken(client.handle_reply(&reply, at(1))), 1);
    let again = client.handle_reply(&reply, at(1)).unwrap_err();
    assert_eq!(again, NtsDiscard::Header(Discard::Unexpected));
    ask(&mut client, 2);
    let again = client.handle_reply(&reply, at(1)).unwrap_err();
    assert_eq!(again, NtsDiscard::Header(Discard::Origin));
    assert_eq!(client.cookies().len(), 7);
}

#[test]
fn rfc_8915_section_5_7_the_identifier_must_be_that_of_the_request() {
    let mut client = client(SIV, 8);
    let request = ask(&mut client, 1);
    let own = field(IDENTIFIER, &identifier(&request));
    let other = field(IDENTIFIER, &[3; 32]);
    let longer = field(IDENTIFIER, &[identifier(&request), vec![0; 4]].concat());
    let keys = keys(SIV, [1, 2]);
    let mut discard = |before: &[Vec<u8>], inside: &[Vec<u8>]| {
        let packet = made(&request, &keys, before, inside);
        client.handle_reply(&packet, at(1)).unwrap_err()
    };
    assert_eq!(discard(&[], &[]), NtsDiscard::NoIdentifier);
    assert_eq!(
        discard(&[], core::slice::from_ref(&own)),
        NtsDiscard::NoIdentifier
    );
    assert_eq!(discard(&[other], &[]), NtsDiscard::Identifier);
    assert_eq!(discard(&[longer], &[]), NtsDiscard::Identifier);
    let twice = NtsDiscard::Repeated(IDENTIFIER);
    assert_eq!(discard(&[own.clone(), own.clone()], &[]), twice);
    let short = field(IDENTIFIER, &identifier(&request)[..28]);
    assert!(matches!(discard(&[short], &[]), NtsDiscard::Malformed(error) if error.offset() == 52));

    let good = made(&request, &keys, &[own], &[]);
    assert_eq!(taken(client.handle_reply(&good, at(1))), 0);
}

#[test]
fn rfc_8915_section_5_7_a_reply_must_be_authentic_under_the_key_of_the_server() {
    let mut client = client(SIV, 8);
    let request = ask(&mut client, 1);
    let own = [field(IDENTIFIER, &identifier(&request))];
    for wrong in [[2, 1], [1, 3]] {
        let packet = made(&request, &keys(SIV, wrong), &own, &[]);
        let discard = client.handle_reply(&packet, at(1)).unwrap_err();
        assert_eq!(discard, NtsDiscard::NotAuthentic(OpenError));
    }
    // The request itself, sent back as a reply.
    let mut mirrored = request.clone();
    mirrored[0] = mirrored[0] & !7 | 4;
    mirrored.copy_within(40..48, 24);
    let discard = client.handle_reply(&mirrored, at(1)).unwrap_err();
    assert_eq!(discard, NtsDiscard::NotAuthentic(OpenError));
    assert_eq!(taken(client.handle_reply(&answer(&request), at(1))), 1);
}

#[test]
fn rfc_8915_section_5_7_unprotected_responses_are_discarded() {
    let mut client = client(SIV, 8);
    let request = ask(&mut client, 1);
    let reply = answer(&request);
    let discard = client.handle_reply(&reply[..48], at(1)).unwrap_err();
    assert_eq!(discard, NtsDiscard::NoIdentifier);
    let discard = client.handle_reply(&reply[..84], at(1)).unwrap_err();
    assert_eq!(discard, NtsDiscard::Unprotected);
    assert_eq!(taken(client.handle_reply(&reply, at(1))), 1);
}

#[test]
fn the_header_must_answer_the_request() {
    let mut client = client(SIV, 8);
    let reply = answer(&ask(&mut client, 1));
    let mut discard = |place: usize, octet: u8| {
        let mut reply = reply.clone();
        reply[place] = octet;
        client.handle_reply(&reply, at(1)).unwrap_err()
    };
    let header = NtsDiscard::Header;
    assert_eq!(discard(0, 0x1c), header(Discard::Version(Version::V3)));
    assert_eq!(
        discard(0, 0x23),
        header(Discard::Mode(horolog_ntp::Mode::CLIENT))
    );
    assert_eq!(discard(24, reply[24] ^ 1), header(Discard::Origin));
    assert!(matches!(discard(0, 0x34), NtsDiscard::Malformed(_)));
    assert!(matches!(discard(51, 3), NtsDiscard::Malformed(_)));
}

#[test]
fn rfc_8915_section_5_7_only_encrypted_cookies_are_taken_and_no_more_than_asked_for() {
    let mut client = client(SIV, 6);
    let request = ask(&mut client, 1); // asks for three
    let before = [
        field(COOKIE, &[1; 100]),
        field(IDENTIFIER, &identifier(&request)),
    ];
    let inside = [
        vec![2, 4, 0, 4], // empty
        vec![0xf0, 0x0d, 0, 8, 1, 2, 3, 4],
        field(COOKIE, &[0xc1; 1028]),
        field(COOKIE, &[0xc2; 100]),
        field(COOKIE, &[0xc3; 104]),
        field(COOKIE, &[0xc4; 100]),
    ];
    let mut packet = made(&request, &keys(SIV, [1, 2]), &before, &inside);
    packet.extend(field(COOKIE, &[3; 100]));
    let NtsReply::Authentic(authentic) = client.handle_reply(&packet, at(1)).unwrap() else {
        panic!()
    };
    // Of the first three, two cannot be cookies.
    assert_eq!(authentic.cookies, 1);
    let types = |fields: &mut dyn Iterator<Item = ExtensionField<'_>>| {
        fields
            .map(|field| field.field_type.to_bits())
            .collect::<Vec<_>>()
    };
    let seen = types(&mut authentic.authenticated_fields());
    assert_eq!(seen, [0x0204, 0x0104]);
    let seen = types(&mut authentic.encrypted_fields());
    assert_eq!(seen, [0x0204, 0xf00d, 0x0204, 0x0204, 0x0204, 0x0204]);
    let other = authentic.encrypted_fields().nth(1).unwrap();
    assert_eq!(other.value, [1, 2, 3, 4]);
    let newest = client.cookies().iter().last().unwrap();
    assert_eq!((client.cookies().len(), newest), (6, &[0xc2; 100][..]));
}

#[test]
fn rfc_8915_section_5_6_what_is_hidden_must_be_fields() {
    let mut client = client(SIV, 8);
    let request = ask(&mut client, 1);
    let own = [field(IDENTIFIER, &identifier(&request))];
    for inside in [
        vec![2, 4, 0, 3],
        vec![2, 4, 0, 8],
        vec![2],
        vec![2, 4, 0, 4, 0],
    ] {
        let packet = made(
            &request,
            &keys(SIV, [1, 2]),
            &own,
            core::slice::from_ref(&inside),
        );
        let discard = client.handle_reply(&packet, at(1)).unwrap_err();
        assert!(matches!(discard, NtsDiscard::Plaintext(_)), "{inside:?}");
    }
    assert_eq!(taken(client.handle_reply(&answer(&request), at(1))), 1);
}

#[test]
fn rfc_9769_section_2_interleaved_replies_are_taken_under_nts() {
    let responder = ServerResponder::new(SystemState::local_primary())
        .with_interleaved(horolog_ntp::InterleavedTable::new(16));
    let mut server = NtsServer::new(responder, keyring());
    let config = ClientConfig {
        interleaved: true,
        ..ClientConfig::default()
    };
    let mut client = NtsClient::new(config, established(SIV, 8)).unwrap();
    let mut rng = Sequence(1);
    let mut buffers = [[0; 400]; 2];
    let kinds: Vec<_> = (0..4)
        .map(|round| {
            let [request, response] = &mut buffers;
            let length = client.write_request(request, at(round), &mut rng).unwrap();
            client.handle_transmitted(at(round));
            let arrival = Arrival {
                source: Ipv4Addr::LOCALHOST.into(),
                receive: at(round + 5),
                transmit: at(round + 5),
            };
            let sent = server
                .respond(&request[..length], arrival, &mut rng, response)
                .unwrap();
            if let Some(saved) = sent.saved {
                server.handle_transmitted(saved, at(round + 6));
            }
            let reply = client
                .handle_reply(&response[..sent.length], at(round + 2))
                .unwrap();
            let NtsReply::Authentic(AuthenticReply {
                reply: Reply::Measurement(measured),
                ..
            }) = reply
            else {
                panic!("{reply:?}")
            };
            assert_eq!(
                sent.kind == ResponseKind::Interleaved,
                measured.is_interleaved()
            );
            measured.is_interleaved()
        })
        .collect();
    assert_eq!(kinds, [false, false, true, true]);
}

#[test]
fn rfc_8915_section_5_7_fields_behind_the_authenticator_are_discarded() {
    for tail in [
        field(COOKIE, &[1; 100]),
        field(IDENTIFIER, &[1; 32]),
        field(AUTHENTICATOR, &[1; 40]),
        vec![0; 4],
        vec![0xff; 5],
    ] {
        let mut client = client(SIV, 8);
        let reply = [answer(&ask(&mut client, 1)), tail].concat();
        let NtsReply::Authentic(authentic) = client.handle_reply(&reply, at(1)).unwrap() else {
            panic!()
        };
        assert_eq!(authentic.cookies, 1);
        assert_eq!(authentic.authenticated_fields().count(), 1);
        assert_eq!(authentic.encrypted_fields().count(), 1);
    }
}

#[test]
fn rfc_8915_section_5_7_there_are_never_more_than_eight_cookies() {
    let mut client = client(SIV, 8);
    for rng in 0..20 {
        let request = ask(&mut client, rng);
        if rng % 3 > 0 {
            client.handle_reply(&answer(&request), at(1)).unwrap();
            assert_eq!(client.cookies().len(), 8);
        }
    }
}
