//! Exchanges of version 5 between two instances of ntpd-rs, as captured.

#![cfg(feature = "unstable-ntpv5")]
#![expect(clippy::unwrap_used, reason = "a test may")]

use horolog_ntp::v5::{
    DRAFT, DraftIdentification, Flags, Header, Packet, PacketWriter, ReferenceIds,
    ReferenceIdsRequest, ReferenceIdsResponse, Timescale,
};
use horolog_ntp::{Datagram, LeapIndicator, Mode};

fn frames() -> Vec<Vec<u8>> {
    let digits = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    include_str!("data/ntpv5-ntpdrs19.hex")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap().1)
        .map(|hex| hex.as_bytes().chunks(2).map(digits).collect())
        .collect()
}

fn draft<'a>(packet: &Packet<'a>) -> &'a str {
    packet
        .find_as::<DraftIdentification<'_>>()
        .unwrap()
        .unwrap()
        .as_str()
}

#[test]
fn every_packet_encodes_to_the_same_octets() {
    let frames = frames();
    assert_eq!(frames.len(), 6);
    for octets in frames {
        let Ok(Datagram::V5(packet)) = Datagram::decode(&octets) else {
            panic!("not version 5")
        };
        assert_eq!(draft(&packet), DRAFT);
        let mut written = vec![0xa5; packet.encoded_len()];
        packet.encode(&mut written.as_mut_slice()).unwrap();
        assert_eq!(written, octets);

        // Nor is there anything in it that could not be written anew.
        let mut written = vec![0xa5; octets.len()];
        let mut writer = PacketWriter::new(&mut written, &packet.header).unwrap();
        packet
            .fields()
            .for_each(|field| writer.raw_field(&field).unwrap());
        assert_eq!(writer.finish(), octets.len());
        assert_eq!(written, octets);
    }
}

#[test]
fn answers_are_as_long_as_requests_and_echo_the_client_cookie() {
    let frames = frames();
    let mut filter = ReferenceIds::new();
    for (number, exchange) in frames.chunks(2).enumerate() {
        let request = Packet::decode(&exchange[0]).unwrap();
        let answer = Packet::decode(&exchange[1]).unwrap();
        assert_eq!(exchange[0].len(), exchange[1].len());
        let header = Header {
            poll: request.header.poll,
            client_cookie: request.header.client_cookie,
            ..Header::default()
        };
        assert_eq!(request.header, header);
        assert_eq!(answer.header.client_cookie, request.header.client_cookie);
        assert_eq!(
            (
                answer.header.mode,
                answer.header.flags,
                answer.header.timescale
            ),
            (Mode::SERVER, Flags::SYNCHRONISED, Timescale::UTC)
        );
        assert_eq!(answer.header.leap, LeapIndicator::Unknown);
        assert!(answer.header.receive.to_bits() < answer.header.transmit.to_bits());

        let asked: ReferenceIdsRequest = request.find_as().unwrap().unwrap();
        assert_eq!(usize::from(asked.offset()), 16 * number);
        assert_eq!((asked.length(), asked.is_within()), (16, true));
        let part: ReferenceIdsResponse<'_> = answer.find_as().unwrap().unwrap();
        assert!(filter.set(asked, &part));
    }
}
