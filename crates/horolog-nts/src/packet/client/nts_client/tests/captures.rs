use super::*;

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
            let placeholders = found.placeholders(cookie.len());
            let mut jar = CookieJar::new();
            jar.push(cookie).unwrap();
            for _ in placeholders..7 {
                jar.push(&[0xdd; 100]).unwrap();
            }
            let mut buffer = vec![0xa5; octets.len()];
            let key = key_of(&exchange, octets);
            let length = write(
                &mut buffer,
                (
                    &Header::decode(octets).unwrap(),
                    found
                        .identifier()
                        .unwrap()
                        .unwrap()
                        .as_octets()
                        .try_into()
                        .unwrap(),
                ),
                &mut jar,
                usize::MAX,
                Inside::default(),
                (key.algorithm(), &key),
                &mut Script(sealed.authenticator.nonce),
            );
            assert_eq!(length, Ok((octets.len(), 1 + placeholders)), "{name}");
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
    let mut client = NtsClient::new(config, Association::new(keys, jar)).unwrap();
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
