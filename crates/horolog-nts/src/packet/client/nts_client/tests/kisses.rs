use super::*;

#[test]
fn rfc_8915_section_5_7_a_kiss_code_must_have_the_identifier_of_the_request() {
    let mut client = client(SIV, 8);
    let request = ask(&mut client, 1);
    for code in [KissCode::NTSN, KissCode::DENY, KissCode::RATE] {
        let without = kiss(&request, code, &[1; 32]);
        let discard = client.handle_reply(&without[..48], at(1)).unwrap_err();
        assert_eq!(discard, NtsDiscard::NoIdentifier);
        let discard = client.handle_reply(&without, at(1)).unwrap_err();
        assert_eq!(discard, NtsDiscard::Identifier);
        let mut elsewhere = kiss(&request, code, &identifier(&request));
        elsewhere[24] ^= 1;
        let discard = client.handle_reply(&elsewhere, at(1)).unwrap_err();
        assert_eq!(discard, NtsDiscard::Header(Discard::Origin));
    }
    assert_eq!(client.naks(), 0);
    // Its identifier is no longer outstanding when there is another request.
    let late = kiss(&request, KissCode::NTSN, &identifier(&request));
    ask(&mut client, 2);
    let discard = client.handle_reply(&late, at(1)).unwrap_err();
    assert_eq!(discard, NtsDiscard::Header(Discard::Origin));
}

#[test]
fn rfc_8915_section_5_7_after_a_nak_the_client_waits_for_an_authentic_reply() {
    let mut client = client(SIV, 8);
    let request = ask(&mut client, 1);
    let nak = kiss(&request, KissCode::NTSN, &identifier(&request));
    assert_eq!(client.handle_reply(&nak, at(1)), Ok(NtsReply::Nak));
    assert_eq!(
        client.handle_reply(&nak, at(1)),
        Err(NtsDiscard::RepeatedKiss)
    );
    assert_eq!(client.naks(), 1);
    assert!(client.needs_key_establishment());
    assert_eq!(taken(client.handle_reply(&answer(&request), at(1))), 1);
    assert!(!client.needs_key_establishment());

    // Without one it wants new keys, and goes on asking with what it has.
    let request = ask(&mut client, 2);
    let nak = kiss(&request, KissCode::NTSN, &identifier(&request));
    assert_eq!(client.handle_reply(&nak, at(1)), Ok(NtsReply::Nak));
    let request = ask(&mut client, 3);
    assert!(client.needs_key_establishment());
    assert_eq!(taken(client.handle_reply(&answer(&request), at(1))), 2);
    assert!(!client.needs_key_establishment());
    assert_eq!(client.naks(), 2);
}

#[test]
fn rfc_8915_section_5_7_new_keys_replace_all_old_cookies_and_keys() {
    let mut client = client(SIV, 8);
    let request = ask(&mut client, 1);
    let reply = answer(&request);
    let nak = kiss(&request, KissCode::NTSN, &identifier(&request));
    client.handle_reply(&nak, at(1)).unwrap();

    let wrong = Association {
        next_protocol: NextProtocol::from_number(0x8001),
        ..established(SIV, 1)
    };
    let error = client.replace_association(wrong).unwrap_err();
    assert_eq!(
        error,
        AssociationError::NextProtocol(NextProtocol::from_number(0x8001))
    );
    assert_eq!(client.cookies().len(), 7);

    let fresh = established(AeadAlgorithm::AES_128_GCM_SIV, 2);
    client.replace_association(fresh).unwrap();
    assert_eq!(client.cookies().len(), 2);
    assert!(!client.needs_key_establishment());
    let discard = client.handle_reply(&reply, at(1)).unwrap_err();
    assert_eq!(discard, NtsDiscard::Header(Discard::Unexpected));
    let request = ask(&mut client, 2);
    assert_eq!(taken(client.handle_reply(&answer(&request), at(1))), 7);
    assert_eq!(client.into_association().cookies.len(), 8);
}

/// The next server may be another, which knows nothing of the last exchange.
#[test]
fn new_keys_start_over_in_basic_mode() {
    let config = ClientConfig {
        interleaved: true,
        ..ClientConfig::default()
    };
    let mut client = NtsClient::new(config, established(SIV, 8)).unwrap();
    let request = ask(&mut client, 1);
    assert_eq!(taken(client.handle_reply(&answer(&request), at(1))), 1);
    let origin = |request: &[u8]| Header::decode(request).unwrap().origin;
    assert!(!origin(&ask(&mut client, 2)).is_unknown());
    client.replace_association(established(SIV, 8)).unwrap();
    assert!(origin(&ask(&mut client, 3)).is_unknown());
}

#[test]
fn other_kiss_codes_tell_whether_they_are_authentic() {
    let mut client = client(SIV, 8);
    let request = ask(&mut client, 1);
    let rate = kiss(&request, KissCode::RATE, &identifier(&request));
    let reply = client.handle_reply(&rate, at(1)).unwrap();
    assert_eq!(reply.kiss(), Some((KissCode::RATE, false)));
    assert!(!client.needs_key_establishment());

    // It is not over yet; now the server says it under its key.
    let own = [field(IDENTIFIER, &identifier(&request))];
    let mut packet = made(
        &request,
        &keys(SIV, [1, 2]),
        &own,
        &[field(COOKIE, &[4; 100])],
    );
    packet[..48].copy_from_slice(&rate[..48]);
    let layout = Layout {
        start: 84,
        nonce: 16,
        plaintext: 104,
        additional_padding: 0,
    };
    packet[layout.plaintext_start()..][..104].copy_from_slice(&field(COOKIE, &[4; 100]));
    layout
        .seal(
            keys(SIV, [1, 2]).server_to_client(),
            &mut Sequence(6),
            &mut packet,
        )
        .unwrap();
    let reply = client.handle_reply(&packet, at(1)).unwrap();
    assert_eq!(reply.kiss(), Some((KissCode::RATE, true)));
    assert_eq!(client.cookies().len(), 8);
    assert!(client.handle_reply(&rate, at(1)).is_err());
}

#[test]
fn after_a_nak_the_other_keys_are_tried_once() {
    let algorithm = AeadAlgorithm::AES_128_GCM_SIV;
    let both = || Association {
        keys: keys(algorithm, [3, 4]),
        alternative_keys: Some(keys(algorithm, [1, 2])),
        ..established(algorithm, 8)
    };
    let mut client = NtsClient::new(ClientConfig::default(), both()).unwrap();
    let request = ask(&mut client, 1);
    assert_eq!(
        client.handle_reply(&answer(&request), at(1)),
        Ok(NtsReply::Nak)
    );
    assert!(!client.needs_key_establishment());
    let request = ask(&mut client, 2);
    assert!(client.association().alternative_keys.is_none());
    assert_eq!(taken(client.handle_reply(&answer(&request), at(1))), 2);

    // Where those do not do either, new ones are needed.
    let neither = Association {
        alternative_keys: Some(keys(algorithm, [5, 6])),
        ..both()
    };
    client.replace_association(neither).unwrap();
    for needs in [false, true, true] {
        let request = ask(&mut client, 3);
        assert_eq!(
            client.handle_reply(&answer(&request), at(1)),
            Ok(NtsReply::Nak)
        );
        assert_eq!(client.needs_key_establishment(), needs);
    }

    // Where the first ones do, the others are forgotten.
    let first = Association {
        keys: keys(algorithm, [1, 2]),
        ..both()
    };
    client.replace_association(first).unwrap();
    let request = ask(&mut client, 4);
    assert_eq!(taken(client.handle_reply(&answer(&request), at(1))), 1);
    assert!(client.association().alternative_keys.is_none());
}
