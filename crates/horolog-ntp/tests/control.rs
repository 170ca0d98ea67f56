//! Control messages between `ntpq` and `ntpd` of NTPsec, as captured.

#![cfg(feature = "std")]
#![expect(clippy::unwrap_used, reason = "a test may")]

use horolog_ntp::control::{
    Associations, ControlMessage, ErrorCode, ErrorStatus, OpCode, PeerFlags, PeerStatus,
    Reassembly, ReassemblyError, SystemEvent, SystemStatus,
};
use horolog_ntp::{Datagram, LeapIndicator, Version};

struct Frame {
    number: usize,
    opcode: u8,
    sequence: u16,
    association: u16,
    octets: Vec<u8>,
}

fn frames() -> Vec<Frame> {
    let lines = include_str!("data/mode6-ntpq-ntpsec123.hex").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.split(' ');
            let mut next = || parts.next().unwrap();
            Frame {
                number: next().parse().unwrap(),
                opcode: next().parse().unwrap(),
                sequence: next().parse().unwrap(),
                association: next().parse().unwrap(),
                octets: octets(next()),
            }
        })
        .collect()
}

fn octets(hex: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    hex.as_bytes().chunks(2).map(digits).collect()
}

fn message(frames: &[Frame], number: usize) -> ControlMessage<'_> {
    ControlMessage::decode(&frames[number - 1].octets).unwrap()
}

#[test]
fn every_message_reads_as_in_tshark_and_encodes_to_the_same_octets() {
    let frames = frames();
    assert_eq!(frames.len(), 59);
    for (place, frame) in frames.iter().enumerate() {
        assert_eq!(frame.number, place + 1);
        let Ok(Datagram::Control(message)) = Datagram::decode(&frame.octets) else {
            panic!("frame {}", frame.number)
        };
        assert_eq!(
            (message.leap, message.version),
            (LeapIndicator::Unknown, Version::V2)
        );
        assert_eq!(message.opcode, OpCode::from_bits(frame.opcode));
        assert_eq!(message.sequence, frame.sequence);
        assert_eq!(message.association, frame.association);
        assert_eq!(message.authenticator, None);
        let mut written = vec![0xa5; message.encoded_len()];
        message.encode(&mut written.as_mut_slice()).unwrap();
        assert_eq!(written, frame.octets, "frame {}", frame.number);
    }
}

#[test]
fn every_answer_is_put_together_in_either_order() {
    let frames = frames();
    let mut answers = 0;
    let mut in_parts = 0;
    for (place, frame) in frames.iter().enumerate() {
        let request = ControlMessage::decode(&frame.octets).unwrap();
        if request.response {
            continue;
        }
        let parts: Vec<_> = frames[place + 1..]
            .iter()
            .map(|frame| ControlMessage::decode(&frame.octets).unwrap())
            .take_while(|message| message.response)
            .collect();
        assert!(parts.iter().all(|part| part.answers(&request)));
        if parts[0].error {
            let error = Reassembly::new(&request).insert(&parts[0]).unwrap_err();
            let code = ErrorCode::UNKNOWN_VARIABLE;
            let status = ErrorStatus { code, reserved: 0 };
            assert_eq!(error, ReassemblyError::Refused(status));
            continue;
        }
        let put_together = |parts: &mut dyn Iterator<Item = &ControlMessage<'_>>| {
            let mut answer = Reassembly::new(&request);
            let whole: Vec<_> = parts.map(|part| answer.insert(part).unwrap()).collect();
            assert_eq!(whole.iter().filter(|&&whole| whole).count(), 1);
            answer.into_data().unwrap()
        };
        let data = put_together(&mut parts.iter());
        assert_eq!(data, put_together(&mut parts.iter().rev()));
        answers += 1;
        in_parts += usize::from(parts.len() > 1);
    }
    assert_eq!((answers, in_parts), (25, 3));
}

#[test]
fn the_system_tells_its_variables() {
    let frames = frames();
    let answer = message(&frames, 7);
    let status = SystemStatus::from_bits(answer.status);
    assert_eq!(
        (status.leap, status.event),
        (LeapIndicator::Unknown, SystemEvent::RESTART)
    );
    let variables = answer.variables();
    for (name, value) in [
        ("leap", "3"),
        ("stratum", "16"),
        ("precision", "-24"),
        ("refid", "INIT"),
        ("processor", "x86_64"),
        ("version", "ntpd ntpsec-1.2.3"),
        ("leapsec", "2017-01-01T00:00Z"),
        ("mintc", "0"),
    ] {
        assert_eq!(
            variables.get(name.as_bytes()),
            Some(value.as_bytes()),
            "{name}"
        );
    }
    assert_eq!(variables.count(), 25);
}

#[test]
fn a_peer_tells_its_variables_in_two_parts() {
    let frames = frames();
    let mut answer = Reassembly::new(&message(&frames, 3));
    assert_eq!(answer.insert(&message(&frames, 5)), Ok(false));
    assert_eq!(answer.missing(), Some(0..468));
    assert_eq!(answer.insert(&message(&frames, 4)), Ok(true));
    let status = PeerStatus::from_bits(answer.status().unwrap());
    assert!(
        status
            .flags
            .contains(PeerFlags::CONFIGURED | PeerFlags::REACHABLE)
    );
    let data = answer.into_data().unwrap();
    let variables = horolog_ntp::control::Variables::new(&data);
    // The first part ends inside of this name.
    assert_eq!(variables.get(b"pmode"), Some(&b"4"[..]));
    assert_eq!(variables.get(b"srchost"), Some(&b"LOCAL(0)"[..]));
    assert_eq!(
        variables.get(b"filtdelay"),
        Some(&b"0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00"[..])
    );
}

#[test]
fn the_status_lists_the_associations() {
    let frames = frames();
    let answer = message(&frames, 2);
    let associations: Result<Vec<_>, _> = Associations::new(answer.data).collect();
    let [association] = associations.unwrap()[..] else {
        panic!("one association")
    };
    assert_eq!(association.id, 17767);
    assert_eq!(association.status, PeerStatus::from_bits(0x9014));
}

#[test]
fn the_most_recently_used_addresses_come_with_a_new_nonce() {
    let frames = frames();
    let nonce = message(&frames, 55).variables().get(b"nonce").unwrap();
    let asked = message(&frames, 56).variables();
    assert_eq!(asked.get(b"nonce"), Some(nonce));
    let answer = message(&frames, 57).variables();
    assert_eq!(answer.get(b"addr.0"), Some(&b"198.51.100.2:45278"[..]));
    assert_ne!(answer.get(b"nonce"), Some(nonce));
}
