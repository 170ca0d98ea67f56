use super::*;

/// The made vector with a nonce of 8 octets: with its padding it opens, without it is refused.
#[test]
fn rfc_8915_section_5_6_the_vector_of_a_short_nonce() {
    let (_, text) = FILES
        .into_iter()
        .find(|(name, _)| *name == "exchange-made")
        .unwrap();
    let exchange = exchange(text);
    let good = &exchange.datagrams[2].octets;
    let keys = || {
        let [c2s, s2c] = &exchange.keys[..2] else {
            panic!()
        };
        SessionKeys::new(SIV, &c2s.octets, &s2c.octets).unwrap()
    };
    let open = |packet: &[u8]| {
        let sealed = SealedRequest::decode(packet).unwrap().unwrap();
        sealed
            .open_with(keys(), &mut [0; 16])
            .map(|request| request.cookies_asked_for())
    };
    assert_eq!(open(good), Ok(1));
    let mut cut = good[..good.len() - 8].to_vec();
    let start = cut.len() - 0x20;
    assert_eq!(cut[start..start + 4], [4, 4, 0, 0x28]);
    cut[start + 3] = 0x20;
    let (algorithm, length, needed) = (SIV, 8, 16);
    assert_eq!(
        open(&cut),
        Err(NtsRefusal::ShortNonce {
            algorithm,
            length,
            needed
        })
    );
}

/// Requests that chrony, NTPsec and ntpd-rs sent to others: their cookies do not open here. Where
/// chrony could not open them either, its NAK says what ours says.
#[test]
fn rfc_8915_section_5_7_requests_of_others_get_the_nak_that_chrony_sends() {
    let (mut naks, mut compared) = (0, 0);
    for (name, text) in FILES {
        let exchange = exchange(text);
        for request in exchange.datagrams.iter().filter(|packet| packet.mode == 3) {
            let (response, reply) = answer(&mut server(), &request.octets).unwrap();
            assert_eq!(response.kind, ResponseKind::Kiss(KissCode::NTSN), "{name}");
            naks += 1;
            let ours = Packet::decode(&reply).unwrap();
            for theirs in &exchange.datagrams {
                let packet = Packet::decode(&theirs.octets).unwrap();
                if packet.header.kiss_code() != Some(KissCode::NTSN)
                    || packet.header.origin != ours.header.origin
                {
                    continue;
                }
                // chrony says its precision and when it got the request, which nobody may use.
                let expected = Header {
                    precision: ours.header.precision,
                    reference: ours.header.reference,
                    receive: ours.header.receive,
                    transmit: ours.header.transmit,
                    ..packet.header
                };
                assert_eq!(ours.header, expected);
                assert_eq!(reply[48..], theirs.octets[48..]);
                compared += 1;
            }
        }
    }
    assert_eq!((naks, compared), (79, 3));
}

/// The same requests with cookies of ours in place of theirs, and sealed again with their keys.
#[test]
fn requests_of_others_are_answered_to_the_octet_as_long_as_they_are() {
    let (mut answered, mut cookies) = (0, 0);
    for (name, text) in FILES {
        let exchange = exchange(text);
        for datagram in exchange.datagrams.iter().filter(|packet| packet.mode == 3) {
            let octets = &datagram.octets;
            let sealed = SealedRequest::decode(octets).unwrap().unwrap();
            let secret = &exchange
                .keys
                .iter()
                .find(|key| {
                    let opens = key_of(&exchange, octets);
                    let key =
                        crate::AeadKey::new(AeadAlgorithm::from_number(key.algorithm), &key.octets)
                            .unwrap();
                    let mut text = [0; 16];
                    opens.seal(b"", &[1; 12], &mut text).unwrap();
                    key.algorithm() == opens.algorithm()
                        && key.open(b"", &[1; 12], &mut text).is_ok()
                })
                .unwrap()
                .octets;
            let algorithm = AeadAlgorithm::from_number(datagram.algorithm.unwrap());
            let keys = || SessionKeys::new(algorithm, secret, secret).unwrap();
            // As it is, it opens with the keys in its cookie.
            let mut scratch = [0; 1000];
            let asked_for = sealed
                .open_with(keys(), &mut scratch)
                .unwrap()
                .cookies_asked_for();

            let length = Keyring::cookie_length(algorithm).unwrap();
            let mut before = vec![
                field(IDENTIFIER, sealed.identifier().as_octets()),
                field(COOKIE, &cookie(&keys())),
            ];
            before.resize(1 + asked_for, field(PLACEHOLDER, &vec![0; length]));
            let parts = Parts {
                keys: keys(),
                before,
                inside: Vec::new(),
                nonce: algorithm.required_nonce_length().unwrap(),
                padding: 0,
            };
            let mut parts_octets = parts.write();
            parts_octets[..48].copy_from_slice(&octets[..48]);
            let end = parts_octets.len();
            let layout = Layout {
                start: 48 + parts.before.concat().len(),
                nonce: parts.nonce,
                plaintext: 0,
                additional_padding: 0,
            };
            assert_eq!(
                layout.seal(
                    parts.keys.client_to_server(),
                    &mut Sequence(2),
                    &mut parts_octets
                ),
                Ok(end)
            );
            let (response, reply) = answer(&mut server(), &parts_octets).unwrap();
            assert_eq!(
                (response.length, response.cookies),
                (end, asked_for),
                "{name}"
            );
            assert_eq!(parts.cookies_in(&reply).len(), asked_for);
            answered += 1;
            cookies += asked_for;
        }
    }
    // One client lost four responses in a row: it asked for two, three, four and five.
    assert_eq!((answered, cookies), (79, 89));
}
