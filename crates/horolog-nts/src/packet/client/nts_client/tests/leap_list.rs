use super::*;
use crate::LeapListOffer;
use horolog_ntp::{FieldValue, LeapListField, PrivateExtensionType};

const AGREED: PrivateExtensionType = PrivateExtensionType::LEAP_LIST;
const TYPE: ExtensionType = AGREED.get();
/// 16 octets.
const LIST: [u8; 16] = *b"\x00\x11\x11\x11\x12\x11\x34\x31\x21\x12\x22\x9d\x56\x52\x87\xfa";

/// A client that asks, and its request.
fn asked(algorithm: AeadAlgorithm, cookies: usize, room: usize) -> (NtsClient, Vec<u8>) {
    let mut client = client(algorithm, cookies);
    client.ask_for_leap_list(AGREED, room);
    let request = ask(&mut client, 1);
    (client, request)
}

/// What a server says that offers a list.
fn answer_with(request: &[u8], field_type: PrivateExtensionType, list: &[u8]) -> Vec<u8> {
    let mut server = server();
    server.set_leap_list(Some(LeapListOffer { field_type, list }));
    answer_of(&mut server, request)
}

fn field_of(value: LeapListField<'_>) -> Vec<u8> {
    let mut octets = Vec::new();
    value.encode_value(&mut octets);
    field(TYPE, &octets)
}

/// The types in an authentic reply that were encrypted, and what it says of the list.
fn heard(client: &mut NtsClient, reply: &[u8]) -> (Vec<ExtensionType>, Option<(Vec<u8>, usize)>) {
    let NtsReply::Authentic(authentic) = client.handle_reply(reply, at(1)).unwrap() else {
        panic!("{reply:?}");
    };
    let types = authentic.encrypted_fields().map(|field| field.field_type);
    let said = authentic.leap_list().unwrap();
    let said = said.map(|said| (said.list().unwrap_or_default().to_vec(), said.list_len()));
    (types.collect(), said)
}

#[test]
fn a_list_that_was_asked_for_is_encrypted_in_a_reply_as_long_as_its_request() {
    for algorithm in ALGORITHMS {
        for cookies in 1..=8 {
            let (mut client, request) = asked(algorithm, cookies, 16);
            // Encrypted in the request too: nothing of it is to be seen.
            let types: Vec<_> = fields(&request).iter().map(|(found, ..)| *found).collect();
            assert!(!types.contains(&TYPE));
            assert!(request.len() <= 1232);

            let reply = answer_with(&request, AGREED, &LIST);
            assert_eq!(reply.len(), request.len());
            assert!(!reply.windows(8).any(|octets| octets == &LIST[..8]));
            let placeholders = types.iter().filter(|found| **found == PLACEHOLDER).count();
            let (inside, said) = heard(&mut client, &reply);
            assert_eq!(said, Some((LIST.to_vec(), 16)));
            assert_eq!(
                inside,
                [vec![COOKIE; 1 + placeholders], vec![TYPE]].concat()
            );
        }
    }
}

#[test]
fn only_the_next_request_asks() {
    let (mut client, first) = asked(SIV, 8, 16);
    let plain = ask(&mut client, 2);
    // Placeholders for the cookie of the first are in the second.
    assert_eq!((first.len(), plain.len()), (228 + 28, 228 + 104));
    let (inside, said) = heard(&mut client, &answer_with(&plain, AGREED, &LIST));
    assert_eq!((inside, said), (vec![COOKIE; 2], None));
    // A request that is not written leaves it to the next one.
    client.ask_for_leap_list(AGREED, 16);
    let too_small = client.write_request(&mut [0; 255], at(0), &mut Sequence(3));
    assert!(matches!(too_small, Err(ProtectError::Encode(_))));
    let request = ask(&mut client, 4);
    let (_, said) = heard(&mut client, &answer_with(&request, AGREED, &LIST));
    assert_eq!(said, Some((LIST.to_vec(), 16)));
}

#[test]
fn a_list_that_is_longer_than_its_room_is_left_out_and_its_length_told() {
    for (room, length) in [(0, 1), (0, 16), (12, 13), (12, 16), (16, 17), (16, 65_535)] {
        let (mut client, request) = asked(SIV, 8, room);
        let list = vec![0x11; length];
        let reply = answer_with(&request, AGREED, &list);
        assert_eq!(reply.len(), request.len());
        let (inside, said) = heard(&mut client, &reply);
        assert_eq!(said, Some((Vec::new(), length)), "{room}");
        assert_eq!(inside, [COOKIE, TYPE]);
        if length < 100 {
            client.ask_for_leap_list(AGREED, length);
            let request = ask(&mut client, 2);
            let (_, said) = heard(&mut client, &answer_with(&request, AGREED, &list));
            assert_eq!(said, Some((list, length)));
        }
    }
    // No request asks for more than a packet holds.
    let mut client = client(SIV, 8).with_max_length(2000);
    client.ask_for_leap_list(AGREED, usize::MAX);
    assert_eq!(ask(&mut client, 1).len(), 228 + 12 + 1024);
}

#[test]
fn another_type_is_for_the_two_sides_to_agree_on() {
    let other = PrivateExtensionType::new(ExtensionType::from_bits(0xf0f0)).unwrap();
    for (offered, is_heard) in [(other, true), (AGREED, false)] {
        let mut client = client(SIV, 8);
        client.ask_for_leap_list(other, 16);
        let request = ask(&mut client, 1);
        let (inside, said) = heard(&mut client, &answer_with(&request, offered, &LIST));
        assert_eq!(
            (said.is_some(), inside.contains(&other.get())),
            (is_heard, is_heard)
        );
    }
}

#[test]
fn a_list_that_was_not_asked_for_or_not_encrypted_is_not_heard() {
    let keys = keys(SIV, [1, 2]);
    let list = field_of(LeapListField::request(16).answer(&LIST).unwrap());
    let empty = field_of(LeapListField::request(16));
    let identified = |request: &[u8]| field(IDENTIFIER, &identifier(request));

    let mut silent = client(SIV, 8);
    let request = ask(&mut silent, 1);
    let reply = made(
        &request,
        &keys,
        &[identified(&request)],
        core::slice::from_ref(&list),
    );
    assert_eq!(heard(&mut silent, &reply), (vec![TYPE], None));

    // Before the authenticator it is authentic, but not encrypted; behind it, neither.
    let (mut client, request) = asked(SIV, 8, 16);
    let mut reply = made(&request, &keys, &[identified(&request), list.clone()], &[]);
    reply.extend(&list);
    assert_eq!(heard(&mut client, &reply), (vec![], None));

    // An echo of the request says nothing.
    let (mut client, request) = asked(SIV, 8, 16);
    let reply = made(&request, &keys, &[identified(&request)], &[empty]);
    assert_eq!(heard(&mut client, &reply), (vec![TYPE], None));
}

#[test]
fn a_malformed_list_is_an_error_and_its_reply_still_time() {
    let (mut client, request) = asked(SIV, 8, 16);
    let mut list = field_of(LeapListField::request(16).answer(&LIST).unwrap());
    list[11] = 1;
    let before = [field(IDENTIFIER, &identifier(&request))];
    let reply = made(&request, &keys(SIV, [1, 2]), &before, &[list]);
    let NtsReply::Authentic(authentic) = client.handle_reply(&reply, at(1)).unwrap() else {
        panic!("{reply:?}");
    };
    assert!(matches!(authentic.reply, Reply::Measurement(_)));
    let error = authentic.leap_list().unwrap_err().to_string();
    assert_eq!(error, "reserved is 0x1, expected 0, at offset 6");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_octet_of_a_list_can_be_changed(choice in 0..5_usize, place in any::<prop::sample::Index>(), mask in 1..=255_u8,
                                         tail in proptest::collection::vec(any::<u8>(), 0..80)) {
        let (mut client, request) = asked(ALGORITHMS[choice], 8, 16);
        let reply = answer_with(&request, AGREED, &LIST);
        let place = place.index(reply.len());
        let mut changed = reply.clone();
        changed[place] ^= mask;
        prop_assert!(client.handle_reply(&changed, at(1)).is_err(), "{}", place);
        // What stands behind makes no difference.
        let (_, said) = heard(&mut client, &[&reply[..], &tail].concat());
        prop_assert_eq!(said, Some((LIST.to_vec(), 16)));
    }

    #[test]
    fn replies_are_never_longer_than_requests(cookies in 1..=8_usize, room in 0..300_usize,
                                              list in proptest::collection::vec(any::<u8>(), 1..300)) {
        let (mut client, request) = asked(SIV, cookies, room);
        let reply = answer_with(&request, AGREED, &list);
        prop_assert_eq!(reply.len(), request.len());
        let (_, said) = heard(&mut client, &reply);
        let (heard, length) = said.unwrap();
        prop_assert_eq!(length, list.len());
        let fits = list.len() <= room.next_multiple_of(4);
        prop_assert_eq!(heard, if fits { list } else { Vec::new() });
    }
}
