use super::*;

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
