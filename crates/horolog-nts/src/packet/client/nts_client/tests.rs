use super::*;
use crate::packet::testing::file::{FILES, exchange};
use crate::packet::testing::{
    ALGORITHMS, Script, Sequence, association, at, established, field, fields, key_of, keyring,
    keys,
};
use crate::{AeadAlgorithm, NtsResponse, NtsServer, OpenError, SessionKeys};
use core::net::Ipv4Addr;
use horolog_ntp::{Answer, Arrival, Reply, ResponseKind, ServerResponder, SystemState};
use proptest::prelude::*;

const SIV: AeadAlgorithm = AeadAlgorithm::AES_SIV_CMAC_256;
const IDENTIFIER: ExtensionType = ExtensionType::UNIQUE_IDENTIFIER;
const COOKIE: ExtensionType = ExtensionType::NTS_COOKIE;
const PLACEHOLDER: ExtensionType = ExtensionType::NTS_COOKIE_PLACEHOLDER;
const AUTHENTICATOR: ExtensionType = ExtensionType::NTS_AUTHENTICATOR;

fn client(algorithm: AeadAlgorithm, cookies: usize) -> NtsClient {
    NtsClient::new(ClientConfig::default(), established(algorithm, cookies)).unwrap()
}

/// The next request of a client.
fn ask(client: &mut NtsClient, rng: u64) -> Vec<u8> {
    let mut buffer = [0xa5; 2000];
    let length = client
        .write_request(&mut buffer, at(0), &mut Sequence(rng))
        .unwrap();
    buffer[..length].to_vec()
}

/// What a server says.
fn answer(request: &[u8]) -> Vec<u8> {
    let responder = ServerResponder::new(SystemState::local_primary());
    // Another time for each request.
    let fraction = u32::from_be_bytes(request[44..48].try_into().unwrap());
    let arrival = Arrival {
        source: Ipv4Addr::LOCALHOST.into(),
        receive: NtpTimestamp::from_parts(3_900_000_005, fraction),
        transmit: at(6),
    };
    let mut buffer = vec![0xa5; request.len()];
    let NtsResponse { length, .. } = NtsServer::new(responder, keyring())
        .respond(request, arrival, &mut Sequence(77), &mut buffer)
        .unwrap();
    buffer.truncate(length);
    buffer
}

/// A reply with given fields before the authenticator and in it.
fn made(request: &[u8], keys: &SessionKeys, before: &[Vec<u8>], inside: &[Vec<u8>]) -> Vec<u8> {
    let mut packet = answer(request)[..Header::LENGTH].to_vec();
    packet.extend(before.concat());
    let inside = inside.concat();
    let layout = Layout {
        start: packet.len(),
        nonce: 16,
        plaintext: inside.len(),
        additional_padding: 0,
    };
    packet.resize(layout.end(keys.server_to_client()), 0);
    packet[layout.plaintext_start()..][..inside.len()].copy_from_slice(&inside);
    layout
        .seal(keys.server_to_client(), &mut Sequence(5), &mut packet)
        .unwrap();
    packet
}

/// A kiss code in answer to a request, with a Unique Identifier.
fn kiss(request: &[u8], code: KissCode, identifier: &[u8]) -> Vec<u8> {
    let header = Answer::kiss(&Header::decode(request).unwrap(), code).header;
    let mut packet = header.to_octets().to_vec();
    packet.extend(field(IDENTIFIER, identifier));
    packet
}

fn identifier(packet: &[u8]) -> Vec<u8> {
    fields(packet)[0].2[4..].to_vec()
}

/// How many cookies a reply brought; panics where it is no time.
fn taken(reply: Result<NtsReply<'_>, NtsDiscard>) -> usize {
    match reply {
        Ok(NtsReply::Authentic(authentic)) => {
            assert!(matches!(authentic.reply, Reply::Measurement(_)));
            authentic.cookies
        }
        other => panic!("{other:?}"),
    }
}

/// Requests of chrony, NTPsec and ntpd-rs, written from what they drew: the same octets.
#[test]
fn rfc_8915_section_5_7_requests_of_others_are_written_to_the_octet() {
    let mut written = 0;
    for (name, text) in FILES {
        let exchange = exchange(text);
        for packet in exchange.datagrams.iter().filter(|packet| packet.mode == 3) {
            let octets = &packet.octets;
            let found = NtsFields::decode(octets).unwrap();
            let Some(sealed) = found.sealed().unwrap() else {
                continue;
            };
            // One was made with a nonce of 8 octets, which a client here never has.
            if sealed.authenticator.nonce.len() == 8 {
                continue;
            }
            let cookie = found.cookie().unwrap();
            let mut buffer = vec![0xa5; octets.len()];
            let key = key_of(&exchange, octets);
            let length = write(
                &mut buffer,
                &Header::decode(octets).unwrap(),
                found
                    .identifier()
                    .unwrap()
                    .unwrap()
                    .as_octets()
                    .try_into()
                    .unwrap(),
                cookie,
                found.placeholders(cookie.len()),
                &key,
                &mut Script(sealed.authenticator.nonce),
            );
            assert_eq!(length, Ok(octets.len()), "{name}");
            assert_eq!(buffer, *octets, "{name}");
            written += 1;
        }
    }
    assert_eq!(written, 78);
}

/// What ntpd-rs's client sent, and its server answered: its own test has both.
#[test]
fn the_exchange_of_ntpd_rs_to_the_octet() {
    let (_, text) = FILES
        .into_iter()
        .find(|(name, _)| *name == "exchange-ntpdrs")
        .unwrap();
    let exchange = exchange(text);
    let [request, response] = &exchange.datagrams[..] else {
        panic!()
    };
    let [c2s, s2c] = &exchange.keys[..] else {
        panic!()
    };
    let found = NtsFields::decode(&request.octets).unwrap();
    let mut jar = CookieJar::new();
    jar.push(found.cookie().unwrap()).unwrap();
    for other in 0..7 {
        jar.push(&[other; 168]).unwrap();
    }
    let keys = SessionKeys::new(AeadAlgorithm::AES_SIV_CMAC_512, &c2s.octets, &s2c.octets).unwrap();
    let config = ClientConfig {
        poll: horolog_time::Poll::from_exponent(4),
        ..ClientConfig::default()
    };
    let mut client = NtsClient::new(config, association(keys, jar)).unwrap();
    let drawn = [
        &request.octets[40..48],
        found.identifier().unwrap().unwrap().as_octets(),
        found.sealed().unwrap().unwrap().authenticator.nonce,
    ];
    // Its precision is 0 as well.
    let mut buffer = [0xa5; 400];
    let length = client.write_request(&mut buffer, at(0), &mut Script(&drawn.concat()));
    assert_eq!(length, Ok(296));
    assert_eq!(buffer[..296], request.octets);

    assert_eq!(taken(client.handle_reply(&response.octets, at(0))), 1);
    let newest = client.cookies().iter().last().unwrap();
    assert_eq!(
        newest[..8],
        [0x1c, 0xc4, 0x0a, 0x94, 0x40, 0x08, 0xe4, 0xbc]
    );
    let again = client.handle_reply(&response.octets, at(0)).unwrap_err();
    assert_eq!(again, NtsDiscard::Header(Discard::Unexpected));
}

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
        let association = association(keys(SIV, [1, 2]), jar);
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

#[test]
fn what_is_hidden_must_be_fields() {
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

#[test]
fn only_ntpv4_is_protected_so() {
    let config = ClientConfig {
        version: Version::V3,
        ..ClientConfig::default()
    };
    let error = NtsClient::new(config, established(SIV, 1)).unwrap_err();
    assert_eq!(error, AssociationError::Version(Version::V3));
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
fn debug_shows_no_cookie() {
    let text = format!("{:?}", client(SIV, 3));
    assert!(
        text.contains("len: 3") && !text.contains("cookies: ["),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Up to the end of the ciphertext; what stands behind makes no difference.
    #[test]
    fn no_octet_of_a_reply_can_be_changed(choice in 0..5_usize, place in any::<prop::sample::Index>(), mask in 1..=255_u8,
                                          tail in proptest::collection::vec(any::<u8>(), 0..80)) {
        let mut client = client(ALGORITHMS[choice], 7);
        let request = ask(&mut client, 1);
        let reply = answer(&request);
        let sealed = NtsFields::decode(&reply).unwrap().sealed().unwrap().unwrap();
        prop_assert_eq!(sealed.end, reply.len());
        // Its own type and lengths are not authenticated. Without them it is another packet, which
        // must not be accepted either.
        let place = place.index(reply.len());
        let mut changed = reply.clone();
        changed[place] ^= mask;
        prop_assert!(client.handle_reply(&changed, at(1)).is_err(), "{}", place);
        prop_assert_eq!(client.cookies().len(), 6);

        let with_tail = [&reply[..], &tail].concat();
        let NtsReply::Authentic(authentic) = client.handle_reply(&with_tail, at(1)).unwrap() else { panic!() };
        prop_assert_eq!(authentic.cookies, 2);
        prop_assert_eq!(authentic.authenticated_fields().count(), 1);
        prop_assert_eq!(authentic.encrypted_fields().count(), 2);
    }

    #[test]
    fn arbitrary_datagrams_are_discarded(datagram in proptest::collection::vec(any::<u8>(), 0..400), keep in 0..300_usize) {
        let mut client = client(SIV, 7);
        let reply = answer(&ask(&mut client, 1));
        prop_assert!(client.handle_reply(&datagram, at(1)).is_err());
        // Behind what is good for a while.
        let mut mixed = reply[..keep.min(reply.len() - 1)].to_vec();
        mixed.extend(&datagram);
        if mixed.len() < reply.len() || mixed[..reply.len()] != reply {
            prop_assert!(client.handle_reply(&mixed, at(1)).is_err());
        }
        prop_assert_eq!(taken(client.handle_reply(&reply, at(1))), 2);
    }
}
