//! Reads the files of exchanges in tests/data.

/// An NTS-KE message, on which connection it was sent, and its records: critical, type and body.
pub(crate) struct Message {
    pub(crate) stream: u16,
    pub(crate) from_client: bool,
    pub(crate) octets: Vec<u8>,
    pub(crate) records: Vec<(bool, u16, Vec<u8>)>,
}

/// A key as a file has it.
pub(crate) struct Key {
    pub(crate) algorithm: u16,
    pub(crate) client_to_server: bool,
    pub(crate) octets: Vec<u8>,
}

/// An NTP packet, the fields it hides, and with which algorithm.
pub(crate) struct Datagram {
    pub(crate) mode: u8,
    pub(crate) algorithm: Option<u16>,
    pub(crate) octets: Vec<u8>,
    pub(crate) inner: Vec<(u16, Vec<u8>)>,
}

/// What is in one file.
#[derive(Default)]
pub(crate) struct Exchange {
    pub(crate) messages: Vec<Message>,
    pub(crate) keys: Vec<Key>,
    pub(crate) datagrams: Vec<Datagram>,
}

fn hex(digits: &str) -> Vec<u8> {
    if digits == "-" {
        return Vec::new();
    }
    assert_eq!(digits.len() % 2, 0, "{digits}");
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits"))
        .collect()
}

/// Reads a file.
pub(crate) fn exchange(text: &str) -> Exchange {
    let mut all = Exchange::default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["message", stream, side, octets] => all.messages.push(Message {
                stream: stream.parse().expect("a number"),
                from_client: side == "client",
                octets: hex(octets),
                records: Vec::new(),
            }),
            ["record", critical, number, body] => {
                let record = (
                    critical == "1",
                    number.parse().expect("a number"),
                    hex(body),
                );
                all.messages
                    .last_mut()
                    .expect("what it belongs to")
                    .records
                    .push(record);
            }
            ["key", algorithm, direction, octets] => all.keys.push(Key {
                algorithm: algorithm.parse().expect("a number"),
                client_to_server: direction == "c2s",
                octets: hex(octets),
            }),
            ["packet", mode, algorithm, octets] => all.datagrams.push(Datagram {
                mode: mode.parse().expect("a number"),
                algorithm: Some(algorithm.parse().expect("a number")).filter(|&number| number != 0),
                octets: hex(octets),
                inner: Vec::new(),
            }),
            ["inner", number, value] => {
                let field = (
                    u16::from_str_radix(number, 16).expect("a number"),
                    hex(value),
                );
                all.datagrams
                    .last_mut()
                    .expect("what it belongs to")
                    .inner
                    .push(field);
            }
            _ => panic!("{line}"),
        }
    }
    all
}

/// All files with their names.
pub(crate) const FILES: [(&str, &str); 13] = [
    ("exchange-made", include_str!("../data/exchange-made.txt")),
    (
        "exchange-ntpdrs",
        include_str!("../data/exchange-ntpdrs.txt"),
    ),
    (
        "nts-aead15-chrony43",
        include_str!("../data/nts-aead15-chrony43.txt"),
    ),
    (
        "nts-aead30-chrony46",
        include_str!("../data/nts-aead30-chrony46.txt"),
    ),
    (
        "nts-aead30-without-record1024-chrony46-server",
        include_str!("../data/nts-aead30-without-record1024-chrony46-server.txt"),
    ),
    (
        "nts-chrony43-client-ntpsec123-server",
        include_str!("../data/nts-chrony43-client-ntpsec123-server.txt"),
    ),
    (
        "nts-cookie-placeholders",
        include_str!("../data/nts-cookie-placeholders.txt"),
    ),
    (
        "nts-interleaved-aead15",
        include_str!("../data/nts-interleaved-aead15.txt"),
    ),
    (
        "nts-ke-ntsntpserver-fd00_99__1",
        include_str!("../data/nts-ke-ntsntpserver-fd00_99__1.txt"),
    ),
    (
        "nts-ke-probes-chrony46",
        include_str!("../data/nts-ke-probes-chrony46.txt"),
    ),
    (
        "nts-ke-probes-ntpdrs19",
        include_str!("../data/nts-ke-probes-ntpdrs19.txt"),
    ),
    ("nts-nak", include_str!("../data/nts-nak.txt")),
    (
        "nts-ntpdrs19-ntpv4",
        include_str!("../data/nts-ntpdrs19-ntpv4.txt"),
    ),
];
