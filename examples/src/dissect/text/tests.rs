use super::super::nts::keys::NtsKeys;
use super::super::packet::Envelope;
use super::*;

fn lines(payload: &[u8]) -> String {
    let envelope = Envelope {
        index: 3,
        time: Some(UnixTime::from_seconds(1_795_337_488)),
        route: Some((
            "192.0.2.1:123".parse().unwrap(),
            "[::1]:123".parse().unwrap(),
        )),
        length: payload.len(),
        checksum: None,
    };
    let packet = Dissection::new(envelope, payload, &[], &mut NtsKeys::default());
    Lines::new(&packet, UnixTime::EPOCH).to_string()
}

#[test]
fn a_kiss_code_is_named() {
    let mut octets = [0; 48];
    octets[0] = 0xe4;
    octets[2] = 6;
    octets[3] = 0xec;
    octets[12..16].copy_from_slice(b"RATE");
    assert_eq!(
        lines(&octets),
        "#3 2026-11-22T08:51:28.000000000Z 192.0.2.1:123 > [::1]:123 NTPv4 server, 48 octets\n   \
         clock      leap unknown, stratum 0, poll 64.00 s, precision 953.7 ns\n   \
         root       delay 0.000 ns, dispersion 0.000 ns, reference ID RATE\n   \
         kiss code  RATE: asked too often\n   \
         reference  0\n   \
         origin     0\n   \
         receive    0\n   \
         transmit   0\n"
    );
}

#[test]
fn nothing_that_a_terminal_obeys_is_printed() {
    let mut octets = vec![0x16, 0x82, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0];
    octets.extend(0..=255_u8);
    octets[10] = 1;
    for first in [0x16, 0x17, 0x23, 0x24, 0x1c, 0x2b, 0x2c, 0] {
        octets[0] = first;
        for length in 0..octets.len() {
            let text = lines(&octets[..length]);
            let is_plain = |octet: u8| octet == b'\n' || (b' '..=b'~').contains(&octet);
            assert!(text.bytes().all(is_plain), "{text:?}");
        }
    }
}

#[test]
fn long_values_are_shortened() {
    assert_eq!(shortened(&[0xab; 32]), "ab".repeat(32));
    assert_eq!(shortened(&[0xab; 33]), "ab".repeat(32) + "... 1 more");
}

#[test]
fn a_list_of_leap_seconds_is_shown_as_text() {
    let with = |length: u8, list: &[u8]| {
        let mut octets = vec![0; 48];
        octets[0] = 0x24;
        octets.extend([0xf1, 0xea, 0, 28]);
        octets.extend(b"Leap");
        octets.extend([0, length, 0, 0]);
        octets.extend(list);
        octets.resize(76, 0);
        let lines = lines(&octets);
        let (label, text) = lines
            .lines()
            .last()
            .unwrap()
            .split_once("28 octets  ")
            .unwrap();
        assert_eq!(label.trim(), "leap-list");
        text.to_owned()
    };
    assert_eq!(with(2, &[0xe2, 0xf3]), "3-4?");
    assert_eq!(with(1, &[0xe2]), "e2");
    assert_eq!(with(17, &[]), "left out: 17 octets");
    assert_eq!(with(0, &[]), "asks for a list of up to 16 octets");
    // Another's field of this type.
    assert_eq!(
        with(0, &[9]),
        format!("4c6561700000000009{}", "00".repeat(15))
    );
}
