use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Up to the end of the ciphertext; what stands behind makes no difference to what is measured, nor
    /// to the cookies.
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

        let mut other = super::client(ALGORITHMS[choice], 7);
        prop_assert_eq!(&ask(&mut other, 1), &request);
        let [with_tail, without] = [(&mut client, &tail[..]), (&mut other, &[])].map(|(client, tail)| {
            let reply = [&reply[..], tail].concat();
            let NtsReply::Authentic(authentic) = client.handle_reply(&reply, at(1)).unwrap() else { panic!() };
            assert_eq!(authentic.authenticated_fields().count(), 1);
            let encrypted: Vec<_> = authentic.encrypted_fields().map(|field| field.value.to_vec()).collect();
            let (measured, taken) = (authentic.reply, authentic.cookies);
            let cookies: Vec<_> = client.cookies().iter().map(<[u8]>::to_vec).collect();
            (measured, taken, encrypted, cookies)
        });
        prop_assert_eq!((with_tail.1, with_tail.3.len()), (2, 8));
        prop_assert_eq!(with_tail, without);
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
