use super::*;

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

    /// What stands behind the authenticator is not authenticated, and makes no difference to a bit.
    #[test]
    fn nothing_behind_a_request_is_used(choice in 0..5_usize, tail in proptest::collection::vec(any::<u8>(), 0..80)) {
        let request = parts(ALGORITHMS[choice]).write();
        let (_, expected) = answer(&mut server(), &request).unwrap();
        let with_tail = [&request[..], &tail].concat();
        let (response, octets) = answer(&mut server(), &with_tail).unwrap();
        prop_assert_eq!(response.cookies, 2);
        prop_assert_eq!(octets, expected);
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
