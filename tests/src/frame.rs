use core::net::{IpAddr, SocketAddr};
use std::collections::HashMap;
use std::sync::LazyLock;

use horolog_ntp::{KeyFileFormat, MacKeys};
use horolog_time::{NtpTimestamp, UnixTime};

const PAYLOADS: &str = include_str!("../data/ntp-payloads.csv");
const FIELDS: &str = include_str!("../data/ntp-fields.csv");

/// A captured NTP datagram, and what tshark reads in it; see `data/README.md`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The capture, without the ending of its name.
    pub capture: String,
    /// The number in the capture.
    pub number: usize,
    /// When it was captured, by the client's clock.
    pub time: NtpTimestamp,
    /// Where it comes from.
    pub source: SocketAddr,
    /// Where it goes to.
    pub destination: SocketAddr,
    /// The datagram.
    pub octets: Vec<u8>,
    /// The row of the payloads, by column.
    pub payload: Row,
    /// The row of tshark's fields, by column.
    pub tshark: Row,
}

/// A row of a table, by the names of the columns.
pub type Row = HashMap<&'static str, String>;

impl Frame {
    /// All of them, in the order of the files.
    ///
    /// # Panics
    ///
    /// Where the files are not as they should be.
    #[must_use]
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Frame>> = LazyLock::new(|| {
            let (payloads, fields) = (table(PAYLOADS), table(FIELDS));
            assert_eq!(payloads.len(), fields.len(), "rows");
            payloads
                .into_iter()
                .zip(fields)
                .map(|(payload, tshark)| Frame::from_rows(payload, tshark))
                .collect()
        });
        &ALL
    }

    /// Those of one capture.
    ///
    /// # Panics
    ///
    /// Where there are none.
    #[must_use]
    pub fn of(capture: &str) -> Vec<Self> {
        let of_capture = Self::all().iter().filter(|frame| frame.capture == capture);
        let frames: Vec<_> = of_capture.cloned().collect();
        assert!(!frames.is_empty(), "no capture {capture}");
        frames
    }

    /// The symmetric keys of the captures.
    ///
    /// # Panics
    ///
    /// Where they are not as they should be.
    #[must_use]
    pub fn keys() -> MacKeys {
        let secret = "HEX:000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
        let text = format!(
            "1 MD5 ASCII:md5secret\n\
             2 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233\n\
             3 SHA256 {secret}\n\
             4 SHA512 {secret}\n\
             5 AES128 HEX:2B7E151628AED2A6ABF7158809CF4F3C\n"
        );
        MacKeys::from_file(&text, KeyFileFormat::Chrony).expect("a key file")
    }

    /// Capture and number, for messages.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} frame {}", self.capture, self.number)
    }

    fn from_rows(payload: Row, tshark: Row) -> Self {
        let address = |v4, v6, port| {
            let text = [&payload[v4], &payload[v6]];
            let [Some(address), None] = sorted(text.map(|text| text.parse::<IpAddr>().ok())) else {
                panic!("not one address: {text:?}")
            };
            SocketAddr::new(address, payload[port].parse().expect("a port"))
        };
        Self {
            capture: payload["pcap"].trim_end_matches(".pcap").to_owned(),
            number: payload["frame"].parse().expect("a number"),
            time: time(&payload["epoch"]),
            source: address("src4", "src6", "sport"),
            destination: address("dst4", "dst6", "dport"),
            octets: octets(&payload["payload_hex"]),
            payload,
            tshark,
        }
    }
}

/// What is there comes first.
fn sorted<T>([a, b]: [Option<T>; 2]) -> [Option<T>; 2] {
    if a.is_some() { [a, b] } else { [b, a] }
}

/// The rows of a table behind its heading.
fn table(text: &'static str) -> Vec<Row> {
    let (heading, rows) = text.split_once('\n').expect("a heading");
    let columns: Vec<_> = heading.trim_end().split(',').collect();
    rows.lines()
        .map(|line| {
            let cells = cells(line);
            assert_eq!(cells.len(), columns.len(), "{line}");
            columns.iter().copied().zip(cells).collect()
        })
        .collect()
}

/// The cells of a line; a comma between quotes belongs to its cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cells.last_mut().expect("one at least").push(letter),
        }
    }
    assert!(!quoted, "a quote is open: {line}");
    cells
}

/// Seconds since 1970 with nine digits behind the point.
fn time(text: &str) -> NtpTimestamp {
    let (seconds, nanoseconds) = text.split_once('.').expect("a point");
    assert_eq!(nanoseconds.len(), 9, "{text}");
    let number = |digits: &str| digits.parse().expect("digits");
    let nanoseconds = u32::try_from(number(nanoseconds)).expect("nine digits");
    NtpTimestamp::from_unix(UnixTime::new(number(seconds), nanoseconds).expect("a time"))
}

fn octets(hex: &str) -> Vec<u8> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "{hex}");
    let octet = |pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    pairs
        .iter()
        .map(|pair| octet(pair).expect("hexadecimal digits"))
        .collect()
}
