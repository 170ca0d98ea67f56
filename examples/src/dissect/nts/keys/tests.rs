use super::*;

use horolog_ntp::FieldValue as _;

const CLIENT: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 1));
const SERVER: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 2));
const NONCE: [u8; 12] = [7; 12];

fn place(version: Version, mode: Mode) -> Place {
    let hosts = match mode {
        Mode::CLIENT => Some((CLIENT, SERVER)),
        _ => Some((SERVER, CLIENT)),
    };
    Place {
        version,
        mode,
        hosts,
    }
}

fn secret(octet: u8) -> ExporterSecret {
    ExporterSecret::new(&[octet; 32]).unwrap()
}

/// The value of an authenticator behind "before" that hides a field without a body.
fn sealed(key: &AeadKey) -> Vec<u8> {
    let mut ciphertext = [0; 20];
    ciphertext[..4].copy_from_slice(&[0xf0, 0x0d, 0, 4]);
    key.seal(b"before", &NONCE, &mut ciphertext).unwrap();
    let authenticator = NtsAuthenticator {
        nonce: &NONCE,
        ciphertext: &ciphertext,
        additional_padding: 4,
    };
    let mut value = Vec::new();
    authenticator.encode_value(&mut value);
    value
}

fn open(keys: &mut NtsKeys, place: Place, value: &[u8]) -> Opening {
    let authenticator = NtsAuthenticator::decode_value(value).unwrap();
    keys.open(place, b"before", &authenticator)
}

#[test]
fn each_protocol_has_its_own_keys() {
    let (v4, v5) = (Version::V4, Version::V5);
    for (protocol, version, other) in [(NextProtocol::NTP_V4, v4, v5), (NTP_V5_DRAFT, v5, v4)] {
        for algorithm in ALGORITHMS {
            let session = SessionKeys::export(&secret(1), protocol, algorithm).unwrap();
            let value = sealed(session.client_to_server());
            let mut keys = NtsKeys::new(&[], vec![secret(0), secret(1)]);
            let opening = open(&mut keys, place(version, Mode::CLIENT), &value);
            let plaintext = opening.plaintext().expect("it opens");
            assert_eq!(plaintext.keys(), format!("AEAD {algorithm}"));
            assert_eq!(plaintext.fields().0.len(), 1);
            for wrong in [place(version, Mode::SERVER), place(other, Mode::CLIENT)] {
                let opening = open(&mut keys, wrong, &value);
                assert_eq!(opening.opened(), Some(false), "{algorithm} {wrong:?}");
            }
        }
    }
}

#[test]
fn keys_of_older_chrony_are_tried_too() {
    let protocol = NextProtocol::NTP_V4;
    let session = SessionKeys::export_gcm_siv_of_chrony(&secret(1), protocol).unwrap();
    let value = sealed(session.server_to_client());
    let mut keys = NtsKeys::new(&[], vec![secret(1)]);
    let opening = open(&mut keys, place(Version::V4, Mode::SERVER), &value);
    let with = opening.plaintext().expect("it opens").keys();
    assert_eq!(with, "AEAD 30 in the context of AEAD 15");
    // No chrony speaks version 5.
    let opening = open(&mut keys, place(Version::V5, Mode::SERVER), &value);
    assert_eq!(opening.opened(), Some(false));
}

#[test]
fn without_keys_or_direction_nothing_is_known() {
    let protocol = NextProtocol::NTP_V4;
    let algorithm = AeadAlgorithm::AES_SIV_CMAC_256;
    let session = SessionKeys::export(&secret(1), protocol, algorithm).unwrap();
    let value = sealed(session.client_to_server());
    let client = place(Version::V4, Mode::CLIENT);
    assert_eq!(open(&mut NtsKeys::default(), client, &value).opened(), None);
    assert_eq!(NtsKeys::default().refuse(client).opened(), None);
    let mut keys = NtsKeys::new(&[], vec![secret(1)]);
    assert_eq!(open(&mut keys, client, &value).opened(), Some(true));
    assert_eq!(keys.refuse(client).opened(), Some(false));
    for mode in [Mode::SYMMETRIC_ACTIVE, Mode::BROADCAST, Mode::CONTROL] {
        let place = place(Version::V4, mode);
        assert_eq!(open(&mut keys, place, &value).opened(), None, "{mode}");
        assert_eq!(keys.refuse(place).opened(), None, "{mode}");
    }
}

#[test]
fn what_opened_last_is_tried_first() {
    let mut candidates = Candidates::new(
        &[],
        &[secret(0), secret(1), secret(2)],
        NextProtocol::NTP_V4,
    );
    let count = 3 * (ALGORITHMS.len() + 1);
    assert_eq!(candidates.all.len(), count);
    let mut tries = |hosts, wanted: Option<usize>| {
        let wanted = wanted.map(|index| Arc::clone(&candidates.all[index].keys));
        let mut tries = 0;
        let found = candidates.find(hosts, |candidate| {
            tries += 1;
            let is_wanted = wanted
                .as_ref()
                .is_some_and(|keys| Arc::ptr_eq(keys, &candidate.keys));
            is_wanted.then_some(())
        });
        assert_eq!(found.is_some(), wanted.is_some());
        tries
    };
    let (there, back) = (Some((CLIENT, SERVER)), Some((SERVER, CLIENT)));
    assert_eq!(tries(there, Some(9)), 10);
    assert_eq!(tries(back, Some(9)), 1);
    // Another association between the same hosts.
    assert_eq!(tries(there, Some(15)), 16);
    assert_eq!(tries(there, Some(15)), 1);
    assert_eq!(tries(back, Some(9)), 2);
    // Between others nothing is known, and each is tried once.
    assert_eq!(tries(Some((CLIENT, CLIENT)), Some(9)), 10);
    assert_eq!(tries(there, None), count);
    assert_eq!(tries(None, Some(9)), 10);
    assert_eq!(tries(None, Some(9)), 10);
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut candidates = Candidates::new(&[], &[secret(0), secret(1)], NextProtocol::NTP_V4);
    for index in 0..12 {
        candidates.remember((CLIENT, SERVER), index);
    }
    let recent = &candidates.recent[&(CLIENT, SERVER)];
    assert!(recent.iter().copied().eq((4..12).rev()), "{recent:?}");
    for number in 0..MOST_PAIRS {
        let host = core::net::Ipv4Addr::from_bits(u32::try_from(number).unwrap());
        candidates.remember((host.into(), SERVER), 0);
    }
    assert!(candidates.recent.len() <= MOST_PAIRS);
}
