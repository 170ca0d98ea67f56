use super::*;
use crate::packet::authenticator::Layout;
use crate::packet::fields::NtsFields;
use crate::packet::testing::file::{FILES, exchange};
use crate::packet::testing::{ALGORITHMS, Sequence, at, field, fields, key_of, keyring, keys};
use crate::{AeadAlgorithm, CookieError, OpenError, SessionKeys};
use core::net::Ipv4Addr;
use horolog_ntp::{
    ExtensionField, ExtensionType, Header, KeyFileFormat, MacKeys, Packet, PacketWriter, RateLimit,
    RateLimiter, Refusal, Stratum, SystemState, UniqueIdentifier,
};
use proptest::prelude::*;

const SIV: AeadAlgorithm = AeadAlgorithm::AES_SIV_CMAC_256;
const IDENTIFIER: ExtensionType = ExtensionType::UNIQUE_IDENTIFIER;
const COOKIE: ExtensionType = ExtensionType::NTS_COOKIE;
const PLACEHOLDER: ExtensionType = ExtensionType::NTS_COOKIE_PLACEHOLDER;
const AUTHENTICATOR: ExtensionType = ExtensionType::NTS_AUTHENTICATOR;

fn server() -> NtsServer {
    NtsServer::new(
        ServerResponder::new(SystemState::local_primary()),
        keyring(),
    )
}

fn arrival(seconds: u32) -> Arrival {
    Arrival {
        source: Ipv4Addr::LOCALHOST.into(),
        receive: at(seconds),
        transmit: at(seconds),
    }
}

/// The response, which is never longer than the request.
fn answer(server: &mut NtsServer, request: &[u8]) -> Result<(NtsResponse, Vec<u8>), NtsRefusal> {
    let mut buffer = vec![0xa5; 2000];
    let response = server.respond(request, arrival(3), &mut Sequence(3), &mut buffer)?;
    assert!(response.length <= request.len());
    buffer.truncate(response.length);
    // A buffer as long as the request always suffices.
    let again = server.respond(
        request,
        arrival(3),
        &mut Sequence(3),
        &mut vec![0; request.len()],
    );
    assert!(matches!(
        again,
        Ok(_) | Err(NtsRefusal::Plain(Refusal::RateLimited))
    ));
    Ok((response, buffer))
}

fn refusal(request: &[u8]) -> NtsRefusal {
    answer(&mut server(), request).unwrap_err()
}

fn cookie(keys: &SessionKeys) -> Vec<u8> {
    let mut cookie = vec![0; 300];
    let length = keyring()
        .seal_cookie(keys, &mut Sequence(50), &mut cookie)
        .unwrap();
    cookie.truncate(length);
    cookie
}

/// What a request is made of.
struct Parts {
    keys: SessionKeys,
    before: Vec<Vec<u8>>,
    inside: Vec<Vec<u8>>,
    nonce: usize,
    padding: usize,
}

/// A request with one placeholder.
fn parts(algorithm: AeadAlgorithm) -> Parts {
    let keys = keys(algorithm, [1, 2]);
    let cookie = cookie(&keys);
    Parts {
        before: vec![
            field(IDENTIFIER, &[0x1d; 32]),
            field(COOKIE, &cookie),
            field(PLACEHOLDER, &vec![0; cookie.len()]),
        ],
        inside: Vec::new(),
        nonce: algorithm.required_nonce_length().unwrap(),
        padding: 0,
        keys,
    }
}

fn header() -> Header {
    Header {
        transmit: NtpTimestamp::from_bits(0x1234_5678),
        ..Header::default()
    }
}

impl Parts {
    fn write(&self) -> Vec<u8> {
        let mut packet = header().to_octets().to_vec();
        packet.extend(self.before.concat());
        let inside = self.inside.concat();
        let key = self.keys.client_to_server();
        let layout = Layout {
            start: packet.len(),
            nonce: self.nonce,
            plaintext: inside.len(),
            additional_padding: self.padding,
        };
        packet.resize(layout.end(key), 0);
        packet[layout.plaintext_start()..][..inside.len()].copy_from_slice(&inside);
        layout.seal(key, &mut Sequence(8), &mut packet).unwrap();
        packet
    }

    /// The cookies in a response, all of which open and hold the same keys.
    fn cookies_in(&self, response: &[u8]) -> Vec<Vec<u8>> {
        let sealed = NtsFields::decode(response)
            .unwrap()
            .sealed()
            .unwrap()
            .unwrap();
        assert_eq!(sealed.end, response.len());
        let mut buffer = sealed.authenticator.ciphertext.to_vec();
        let plaintext = self
            .keys
            .server_to_client()
            .open(
                sealed.associated_data,
                sealed.authenticator.nonce,
                &mut buffer,
            )
            .unwrap();
        crate::packet::fields::check_plaintext(plaintext).unwrap();
        crate::packet::fields::walked(plaintext)
            .map(|field| {
                assert_eq!(field.field_type, COOKIE);
                let opened = keyring().open_cookie(field.value).unwrap();
                assert_eq!(opened.algorithm(), self.keys.algorithm());
                let mut text = *b"seventeen octets and the tag.....";
                opened
                    .client_to_server()
                    .seal(b"", &[1; 12], &mut text)
                    .unwrap();
                self.keys
                    .client_to_server()
                    .open(b"", &[1; 12], &mut text)
                    .unwrap();
                field.value.to_vec()
            })
            .collect()
    }
}

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

#[test]
fn requests_of_which_a_part_is_missing_or_too_much_get_no_answer() {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is changed up to the end of the ciphertext, the answer holds no time.
    #[test]
    fn no_octet_of_a_request_can_be_changed(choice in 0..5_usize, place in any::<prop::sample::Index>(), mask in 1..=255_u8) {
        let request = parts(ALGORITHMS[choice]).write();
        let mut changed = request.clone();
        changed[place.index(request.len())] ^= mask;
        match answer(&mut server(), &changed) {
            Ok((response, _)) => {
                let is_kiss = response.kind == ResponseKind::Kiss(KissCode::NTSN);
                // Another version is answered in plain: there all behind the header is a MAC.
                prop_assert!(is_kiss, "{:?}", response);
            }
            Err(refusal) => prop_assert!(!refusal.is_nak()),
        }
    }

    #[test]
    fn any_datagram_is_answered_shortly_or_not_at_all(mut datagram in proptest::collection::vec(any::<u8>(), 0..600), keep in 0..400_usize) {
        let request = parts(SIV).write();
        let keep = keep.min(request.len());
        datagram.splice(..0, request[..keep].iter().copied());
        let _ = answer(&mut server(), &datagram);
        if let Some(first) = datagram.first_mut() {
            *first = 0x23;
        }
        let _ = answer(&mut server(), &datagram);
    }
}
