use super::*;

/// A UDP header from port 123 to 1123, without a checksum, and a payload.
fn udp() -> Vec<u8> {
    [&[0, 123, 0x04, 0x63, 0, 12, 0, 0][..], b"time"].concat()
}

fn ipv4(protocol: u8, fragment: [u8; 2], payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(20 + payload.len()).unwrap();
    let mut octets = vec![0x45, 0, 0, length, 0, 1];
    octets.extend(fragment);
    octets.extend([64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    octets.extend(payload);
    octets
}

fn ipv6(payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    let mut octets = vec![0x60, 0, 0, 0, 0, length, 17, 64];
    octets.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    octets.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    octets.extend(payload);
    octets
}

#[test]
fn every_link_type_leads_to_the_datagram() {
    let v4 = ipv4(17, [0; 2], &udp());
    let v6 = ipv6(&udp());
    let mac = [0; 12];
    let sll = [0; 14];
    let sll2 = [0; 18];
    let frames = [
        (1, [&mac[..], &[8, 0], &v4, &[0; 6]].concat(), false),
        (1, [&mac[..], &[0x86, 0xdd], &v6].concat(), true),
        (1, [&mac[..], &[0x81, 0, 0, 5, 8, 0], &v4].concat(), false),
        (
            1,
            [&mac[..], &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0], &v4].concat(),
            false,
        ),
        (113, [&sll[..], &[8, 0], &v4].concat(), false),
        (113, [&sll[..], &[0x86, 0xdd], &v6].concat(), true),
        (276, [&[8, 0], &sll2[..], &v4].concat(), false),
        (276, [&[0x86, 0xdd], &sll2[..], &v6].concat(), true),
        (101, v4.clone(), false),
        (101, v6.clone(), true),
        (228, v4.clone(), false),
        (229, v6.clone(), true),
        (0, [&[2, 0, 0, 0], &v4[..]].concat(), false),
        (0, [&[30, 0, 0, 0], &v6[..]].concat(), true),
        (108, [&[0, 0, 0, 24], &v6[..]].concat(), true),
    ];
    for (link, frame, is_v6) in frames {
        let datagram = Datagram::decode(link, &frame).unwrap_or_else(|other| {
            panic!("link type {link}: {other:?}");
        });
        let (source, destination) = if is_v6 {
            ("[2001:db8::1]:123", "[2001:db8::2]:1123")
        } else {
            ("192.0.2.1:123", "192.0.2.2:1123")
        };
        assert_eq!(datagram.source.to_string(), source, "link type {link}");
        assert_eq!(datagram.destination.to_string(), destination);
        assert_eq!((datagram.payload, datagram.length), (&b"time"[..], 4));
        assert!(datagram.is_whole() && datagram.checksum.is_none());
        assert!(datagram.has_port(&[123]) && datagram.has_port(&[1123]));
        assert!(!datagram.has_port(&[4460]));
        for length in 0..frame.len() {
            // Whatever comes of it, it ends.
            let _ = Datagram::decode(link, &frame[..length]);
        }
    }
}

#[test]
fn the_checksum_is_computed() {
    for (sum, right) in [([0x95, 0x25], true), ([0x95, 0x24], false)] {
        let mut payload = udp();
        payload[6..8].copy_from_slice(&sum);
        let packet = ipv4(17, [0; 2], &payload);
        let datagram = Datagram::decode(101, &packet).unwrap();
        assert_eq!(datagram.checksum, Some(right), "{sum:x?}");
    }
}

#[test]
fn other_frames_are_told_apart() {
    let tcp = [0; 20].map(|_| 0x50);
    for (link, frame, other) in [
        (101, ipv4(17, [0x20, 0], &udp()), Other::Fragment),
        (101, ipv4(17, [0, 1], &udp()), Other::Fragment),
        (101, ipv4(6, [0; 2], &tcp), Other::Tcp),
        (101, ipv4(1, [0; 2], &[8; 8]), Other::NotUdp),
        (
            1,
            [[0; 12], [0x08, 6, 0, 1, 8, 0, 6, 4, 0, 1, 0, 0]].concat(),
            Other::NotUdp,
        ),
        (101, Vec::new(), Other::NotUdp),
        (105, ipv4(17, [0; 2], &udp()), Other::Link(105)),
    ] {
        assert_eq!(Datagram::decode(link, &frame), Err(other));
    }
}

#[test]
fn a_datagram_that_was_cut_tells_its_length() {
    let packet = ipv4(17, [0; 2], &udp());
    let datagram = Datagram::decode(101, &packet[..30]).unwrap();
    assert_eq!((datagram.payload, datagram.length), (&b"ti"[..], 4));
    assert!(!datagram.is_whole());
}
