//! Replays captured responses into clients that drew what the captured clients drew.

use horolog_ntp::{ClientConfig, Discard, ExtensionType, Header, Measurement, Packet, Reply};
use horolog_nts::{
    AeadAlgorithm, Association, CookieJar, NtsClient, NtsDiscard, NtsReply, SessionKeys,
};
use horolog_time::NtpTimestamp;

use crate::authenticators::{aead, authenticator, candidates};
use crate::file::{Datagram, Exchange, FILES, Key, exchange};
use crate::script::Script;

const NOW: NtpTimestamp = NtpTimestamp::from_parts(3_900_000_000, 0);

/// The value of a datagram's only field of a type.
fn value(datagram: &Datagram, field_type: ExtensionType) -> &[u8] {
    Packet::decode(&datagram.octets)
        .expect("what was captured")
        .find(field_type)
        .expect("the field")
        .value
}

fn header(datagram: &Datagram) -> Header {
    Header::decode(&datagram.octets).expect("what was captured")
}

/// The key that opens a datagram.
fn key_of<'a>(exchange: &'a Exchange, datagram: &'a Datagram) -> &'a Key {
    let (start, found) = authenticator(&datagram.octets).expect("an authenticator");
    let opens = |key: &&Key| {
        let mut buffer = found.ciphertext.to_vec();
        aead(key)
            .open(&datagram.octets[..start], found.nonce, &mut buffer)
            .is_ok()
    };
    candidates(&exchange.keys, datagram)
        .find(opens)
        .expect("a key that opens it")
}

/// The key of the other direction that belongs to one: the files have them in pairs.
fn pair<'a>(exchange: &'a Exchange, client_to_server: &Key) -> [&'a Key; 2] {
    let [c2s, s2c] = exchange
        .keys
        .chunks(2)
        .find(|keys| keys[0].octets == client_to_server.octets)
        .expect("a pair of keys")
    else {
        panic!("a key of one direction only")
    };
    [c2s, s2c]
}

fn session([c2s, s2c]: [&Key; 2]) -> SessionKeys {
    let algorithm = AeadAlgorithm::from_number(c2s.algorithm);
    SessionKeys::new(algorithm, &c2s.octets, &s2c.octets).expect("what was captured")
}

/// How many placeholders a captured request has.
fn placeholders(request: &Datagram) -> usize {
    Packet::decode(&request.octets)
        .expect("what was captured")
        .fields()
        .filter(|field| field.field_type == ExtensionType::NTS_COOKIE_PLACEHOLDER)
        .count()
}

/// A jar that gives the request's cookie first and has as many as its client had.
fn jar(request: &Datagram) -> CookieJar {
    let cookie = value(request, ExtensionType::NTS_COOKIE);
    let mut jar = CookieJar::new();
    jar.push(cookie).expect("a cookie");
    for _ in 0..7 - placeholders(request) {
        jar.push(&vec![0xdd; cookie.len()]).expect("room");
    }
    jar
}

/// Has a client write a request with the random numbers of a captured one.
fn write(client: &mut NtsClient, request: &Datagram, interleaved: bool) -> Vec<u8> {
    let captured = header(request);
    let (_, found) = authenticator(&request.octets).expect("what was captured");
    let identifier = value(request, ExtensionType::UNIQUE_IDENTIFIER);
    let mut drawn = captured.transmit.to_bits().to_be_bytes().to_vec();
    if interleaved {
        drawn.extend(captured.receive.to_bits().to_be_bytes());
    }
    drawn.extend(identifier);
    drawn.extend(found.nonce);
    let mut buffer = [0xa5; 2000];
    let length = client
        .write_request(&mut buffer, NOW, &mut Script(&drawn))
        .expect("what was captured");
    buffer[..length].to_vec()
}

fn measured(reply: &NtsReply<'_>) -> Measurement {
    match reply {
        NtsReply::Authentic(authentic) => match authentic.reply {
            Reply::Measurement(measurement) => measurement,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// The request that a response answers, by its Unique Identifier.
fn request_of<'a>(exchange: &'a Exchange, response: &Datagram) -> &'a Datagram {
    let identifier = value(response, ExtensionType::UNIQUE_IDENTIFIER);
    let is_it = |datagram: &&Datagram| {
        datagram.mode == 3
            && value(datagram, ExtensionType::UNIQUE_IDENTIFIER) == identifier
            && response
                .algorithm
                .is_none_or(|number| Some(number) == datagram.algorithm)
    };
    exchange.datagrams.iter().find(is_it).expect("a request")
}

#[test]
fn responses_of_others_are_accepted_once_and_their_cookies_taken() {
    let (mut accepted, mut refused) = ([0; 32], 0);
    for (name, text) in FILES {
        let exchange = exchange(text);
        let responses: Vec<_> = exchange
            .datagrams
            .iter()
            .filter(|datagram| datagram.mode == 4 && datagram.algorithm.is_some())
            .collect();
        for response in &responses {
            let request = request_of(&exchange, response);
            let keys = session(pair(&exchange, key_of(&exchange, request)));
            let captured = header(request);
            // Those in interleaved mode have a test of their own.
            if !captured.origin.is_unknown() {
                continue;
            }
            let config = ClientConfig {
                poll: captured.poll,
                ..ClientConfig::default()
            };
            let cookies = jar(request);
            let mut client = NtsClient::new(config, Association::new(keys, cookies)).unwrap();
            let written = write(&mut client, request, false);
            let (start, _) = authenticator(&request.octets).unwrap();
            assert_eq!(written[48..start], request.octets[48..start], "{name}");
            if written[..48] == request.octets[..48] {
                assert_eq!(written, request.octets, "{name}");
            }

            // Another's response is not for this client, and neither is it with another's header.
            let identifier = value(response, ExtensionType::UNIQUE_IDENTIFIER);
            for other in responses
                .iter()
                .filter(|other| value(other, ExtensionType::UNIQUE_IDENTIFIER) != identifier)
            {
                let discard = client.handle_reply(&other.octets, NOW).unwrap_err();
                assert_eq!(discard, NtsDiscard::Header(Discard::Origin), "{name}");
                let mut mixed = other.octets.clone();
                mixed[..48].copy_from_slice(&response.octets[..48]);
                let discard = client.handle_reply(&mixed, NOW).unwrap_err();
                assert_eq!(discard, NtsDiscard::Identifier, "{name}");
                refused += 1;
            }

            let before = client.cookies().len();
            let reply = client.handle_reply(&response.octets, NOW).unwrap();
            let measurement = measured(&reply);
            assert_eq!(*measurement.header(), header(response));
            assert!(!measurement.is_interleaved());
            let NtsReply::Authentic(authentic) = reply else {
                panic!()
            };
            assert_eq!(authentic.cookies, 1 + placeholders(request), "{name}");
            assert_eq!(before + authentic.cookies, 8, "{name}");
            let taken: Vec<_> = client.cookies().iter().skip(before).collect();
            if name != "exchange-ntpdrs" {
                let hidden = response.inner.iter().map(|(_, value)| value);
                assert!(taken.iter().eq(hidden), "{name}");
            }
            let again = client.handle_reply(&response.octets, NOW).unwrap_err();
            assert_eq!(again, NtsDiscard::Header(Discard::Unexpected), "{name}");
            accepted[usize::from(response.algorithm.unwrap())] += 1;
        }
    }
    // All 71 but eight of the interleaved session.
    assert_eq!((accepted[15], accepted[17], accepted[30]), (13, 8, 42));
    assert!(refused > 500, "{refused}");
}

/// chrony's client and server in interleaved mode: one client here goes through all of it, and finds
/// the same replies interleaved that chrony's did.
#[test]
fn an_interleaved_session_of_chrony_is_followed() {
    let (_, text) = FILES
        .into_iter()
        .find(|(name, _)| *name == "nts-interleaved-aead15")
        .unwrap();
    let exchange = exchange(text);
    let [first, ..] = &exchange.datagrams[..] else {
        panic!()
    };
    let keys = session(pair(&exchange, key_of(&exchange, first)));
    let config = ClientConfig {
        interleaved: true,
        poll: header(first).poll,
        ..ClientConfig::default()
    };
    let mut client = NtsClient::new(config, Association::new(keys, jar(first))).unwrap();
    let mut kinds = Vec::new();
    for pair in exchange.datagrams.chunks(2) {
        let [request, response] = pair else { break };
        let captured = header(request);
        let written = write(&mut client, request, !captured.origin.is_unknown());
        let ours = Header::decode(&written).unwrap();
        let stamps = |header: Header| (header.origin, header.receive, header.transmit);
        assert_eq!(stamps(ours), stamps(captured));
        let reply = client.handle_reply(&response.octets, NOW).unwrap();
        let measurement = measured(&reply);
        let is_interleaved = header(response).origin != captured.transmit;
        assert_eq!(measurement.is_interleaved(), is_interleaved);
        kinds.push(is_interleaved);
        assert_eq!(client.cookies().len(), 8);
    }
    assert_eq!(kinds.len(), 9);
    assert_eq!(
        kinds
            .iter()
            .filter(|is_interleaved| **is_interleaved)
            .count(),
        7
    );
}

/// chrony's server did not know the keys of the right context: a NAK. A client that has chrony's keys
/// too changes over to them, and the next reply is authentic.
#[test]
fn after_the_nak_of_an_older_chrony_its_keys_are_tried() {
    let (_, text) = FILES
        .into_iter()
        .find(|(name, _)| *name == "nts-aead30-without-record1024-chrony46-server")
        .unwrap();
    let exchange = exchange(text);
    let [refused, nak, request, response, ..] = &exchange.datagrams[..] else {
        panic!()
    };
    let [first, second] =
        [refused, request].map(|request| pair(&exchange, key_of(&exchange, request)));
    let association = Association {
        alternative_keys: Some(session(second)),
        ..Association::new(session(first), jar(refused))
    };
    let mut client = NtsClient::new(ClientConfig::default(), association).unwrap();
    write(&mut client, refused, false);
    assert_eq!(client.handle_reply(&nak.octets, NOW), Ok(NtsReply::Nak));
    assert!(!client.needs_key_establishment());

    write(&mut client, request, false);
    measured(&client.handle_reply(&response.octets, NOW).unwrap());
    assert!(client.association().alternative_keys.is_none());
    assert_eq!(client.naks(), 1);
}

/// A client of chrony's whose server lost its keys, and what came then.
#[test]
fn naks_of_chrony_ask_for_a_key_establishment() {
    let mut naks = 0;
    for (name, text) in FILES {
        let exchange = exchange(text);
        let is_nak = |datagram: &&Datagram| datagram.mode == 4 && datagram.algorithm.is_none();
        for nak in exchange.datagrams.iter().filter(is_nak) {
            let request = request_of(&exchange, nak);
            let keys = session(pair(&exchange, key_of(&exchange, request)));
            let association = Association::new(keys, jar(request));
            let mut client = NtsClient::new(ClientConfig::default(), association).unwrap();
            write(&mut client, request, false);
            assert!(!client.needs_key_establishment());
            let reply = client.handle_reply(&nak.octets, NOW);
            assert_eq!(reply, Ok(NtsReply::Nak), "{name}");
            assert!(client.needs_key_establishment());
            naks += 1;
        }
    }
    assert_eq!(naks, 3);
}
