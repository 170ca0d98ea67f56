use super::*;
use crate::LeapListOffer;
use horolog_ntp::{FieldValue, LeapListField, PrivateExtensionType};

const TYPE: ExtensionType = ExtensionType::LEAP_LIST;
const OFFER: LeapListOffer<'_> = LeapListOffer {
    field_type: PrivateExtensionType::LEAP_LIST,
    list: b"twelve octet",
};

fn offering() -> NtsServer {
    let mut server = server();
    server.set_leap_list(Some(OFFER));
    server
}

fn value(field: LeapListField<'_>) -> Vec<u8> {
    let mut octets = Vec::new();
    field.encode_value(&mut octets);
    octets
}

fn empty(room: usize) -> Vec<u8> {
    field(TYPE, &value(LeapListField::request(room)))
}

/// The fields that a response hides.
fn inside(parts: &Parts, reply: &[u8]) -> Vec<(ExtensionType, Vec<u8>)> {
    let sealed = NtsFields::decode(reply).unwrap().sealed().unwrap().unwrap();
    let mut buffer = sealed.authenticator.ciphertext.to_vec();
    let key = parts.keys.server_to_client();
    let nonce = sealed.authenticator.nonce;
    let plaintext = key
        .open(sealed.associated_data, nonce, &mut buffer)
        .unwrap();
    crate::packet::fields::walked(plaintext)
        .map(|field| (field.field_type, field.value.to_vec()))
        .collect()
}

fn types(fields: &[(ExtensionType, Vec<u8>)]) -> Vec<ExtensionType> {
    fields.iter().map(|(found, _)| *found).collect()
}

#[test]
fn a_request_without_the_field_gets_none() {
    for algorithm in ALGORITHMS {
        let parts = parts(algorithm);
        let request = parts.write();
        let (response, reply) = answer(&mut offering(), &request).unwrap();
        assert_eq!(types(&inside(&parts, &reply)), [COOKIE; 2]);
        // As if there were no offer.
        let without = answer(&mut server(), &request).unwrap();
        assert_eq!((response, reply), without);
    }
}

#[test]
fn only_an_empty_field_that_is_encrypted_asks() {
    let answered = value(LeapListField::request(12).answer(b"a list").unwrap());
    let mut dirty = value(LeapListField::request(12));
    dirty[19] = 1;
    let other = ExtensionType::from_bits(0xf1eb);
    let request = value(LeapListField::request(12));
    for (before, inside_it, list) in [
        (vec![], vec![empty(12)], true),
        (vec![empty(12)], vec![], false),
        (vec![], vec![field(TYPE, &answered)], false),
        (vec![], vec![field(TYPE, &dirty)], false),
        (vec![], vec![field(TYPE, &[0; 20])], false), // another's field of this type
        (vec![], vec![field(other, &request)], false),
        // The first counts.
        (vec![], vec![empty(12), field(TYPE, &dirty)], true),
        (vec![], vec![field(TYPE, &dirty), empty(12)], false),
    ] {
        let mut parts = parts(SIV);
        parts.before.extend(before);
        parts.inside = inside_it;
        let request = parts.write();
        let (response, reply) = answer(&mut offering(), &request).unwrap();
        assert_eq!((response.cookies, reply.len()), (2, request.len()));
        let mut expected = vec![COOKIE; 2];
        expected.extend(list.then_some(TYPE));
        assert_eq!(types(&inside(&parts, &reply)), expected);
    }
}

#[test]
fn the_field_of_a_response_is_as_long_as_that_of_the_request() {
    for room in [4, 8, 12, 16, 400] {
        let mut parts = parts(SIV);
        parts.inside = vec![empty(room)];
        let (_, reply) = answer(&mut offering(), &parts.write()).unwrap();
        let found = inside(&parts, &reply).pop().unwrap();
        assert_eq!(found.1.len(), 8 + room);
        let said = LeapListField::decode_value(&found.1).unwrap();
        assert_eq!(said.list(), (room >= 12).then_some(OFFER.list));
        assert_eq!(said.list_len(), 12);
    }
}

#[test]
fn a_list_that_cannot_be_said_is_not_given() {
    for list in [&[][..], &vec![1; 65_536]] {
        let mut parts = parts(SIV);
        parts.inside = vec![empty(12)];
        let mut server = server();
        server.set_leap_list(Some(LeapListOffer { list, ..OFFER }));
        let (_, reply) = answer(&mut server, &parts.write()).unwrap();
        assert_eq!(types(&inside(&parts, &reply)), [COOKIE; 2]);
        server.set_leap_list(None);
        let (_, reply) = answer(&mut server, &parts.write()).unwrap();
        assert_eq!(types(&inside(&parts, &reply)), [COOKIE; 2]);
    }
}

#[test]
fn where_the_buffer_is_short_one_cookie_comes_first_then_the_list() {
    let mut parts = parts(SIV);
    parts.inside = vec![empty(12)];
    let request = parts.write();
    for (less, expected) in [
        (0, vec![COOKIE, COOKIE, TYPE]),
        (4, vec![COOKIE, TYPE]),
        (104, vec![COOKIE, TYPE]),
        (108, vec![COOKIE]),
        (128, vec![COOKIE]),
    ] {
        let mut buffer = vec![0xa5; request.len() - less];
        let response = offering()
            .respond(&request, arrival(3), &mut Sequence(3), &mut buffer)
            .unwrap();
        let found = inside(&parts, &buffer[..response.length]);
        assert_eq!(types(&found), expected, "{less}");
    }
    let mut buffer = vec![0xa5; request.len() - 132];
    let refused = offering().respond(&request, arrival(3), &mut Sequence(3), &mut buffer);
    assert!(matches!(refused, Err(NtsRefusal::Response(_))));
}

#[test]
fn without_nts_there_is_no_list() {
    let mut packet = [0; 200];
    let mut writer = PacketWriter::new(&mut packet, &header()).unwrap();
    writer.field(&LeapListField::request(16)).unwrap();
    let length = writer.finish().unwrap();
    let (response, _) = answer(&mut offering(), &packet[..length]).unwrap();
    assert_eq!((response.length, response.cookies), (48, 0));

    // Nor in an NTS NAK.
    let mut parts = parts(SIV);
    parts.inside = vec![empty(12)];
    parts.before[1] = field(COOKIE, &[5; 100]);
    let (response, reply) = answer(&mut offering(), &parts.write()).unwrap();
    assert_eq!(response.kind, ResponseKind::Kiss(KissCode::NTSN));
    assert_eq!(reply.len(), 48 + 36);
}
