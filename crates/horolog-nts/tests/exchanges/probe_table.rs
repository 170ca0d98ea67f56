//! Odd requests and what servers say to them: for the tests here, and for those with a real server.

use horolog_nts::{KeResponse, ResponseError};

use crate::file::Exchange;

/// What a server says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    /// Eight cookies for this algorithm.
    Keys(u16),
    /// The same, and that its keys are exported as the RFC has it.
    Compliant(u16),
    NoAlgorithm,
    NoProtocol,
    Error(u16),
    /// Nothing: it hangs up.
    Closed,
}

use Answer::{Closed, Compliant, Error, Keys, NoAlgorithm, NoProtocol};

/// The number of a probe, what is odd about it, what we say, what chrony 4.6.1 says, and what
/// ntpd-rs 1.9.0 says.
///
/// Where one of them hangs up, the RFC asks for an error; where ntpd-rs has no algorithm in common
/// it does not know 30. Of 17, 16 and 15 each takes another, and each may.
pub(crate) const PROBES: [(u16, &str, Answer, Answer, Answer); 28] = [
    (0, "AEAD 15", Keys(15), Keys(15), Keys(15)),
    (1, "AEAD record not critical", Keys(15), Keys(15), Keys(15)),
    (2, "AEAD 30 alone", Keys(30), Keys(30), NoAlgorithm),
    (
        3,
        "AEAD 30, record 1024",
        Compliant(30),
        Compliant(30),
        NoAlgorithm,
    ),
    (4, "AEAD 17, 16, 15", Keys(15), Keys(15), Keys(17)),
    (5, "unknown AEAD, then 15", Keys(15), Keys(15), Keys(15)),
    (6, "unknown AEAD", NoAlgorithm, NoAlgorithm, NoAlgorithm),
    (7, "no AEAD in the record", Error(1), Error(1), NoAlgorithm),
    (8, "no AEAD record", Error(1), Error(1), Error(1)),
    (9, "no protocol record", Error(1), Error(1), Error(1)),
    (10, "unknown protocol", NoProtocol, NoProtocol, NoProtocol),
    (
        11,
        "unknown protocol, then NTPv4",
        Keys(15),
        Keys(15),
        Keys(15),
    ),
    (12, "two protocol records", Error(1), Error(1), Error(1)),
    (13, "unknown critical record", Error(0), Error(0), Error(0)),
    (14, "unknown record", Keys(15), Keys(15), Keys(15)),
    (15, "end not critical", Error(1), Closed, Keys(15)),
    (16, "end with a body", Error(1), Closed, Keys(15)),
    (
        17,
        "odd length of the AEAD list",
        Error(1),
        Error(1),
        Closed,
    ),
    (18, "an error", Error(1), Error(1), Error(1)),
    (19, "a cookie", Error(1), Error(1), Error(1)),
    (20, "a server and a port", Keys(15), Keys(15), Keys(15)),
    (21, "a record behind the end", Error(1), Closed, Keys(15)),
    (22, "no end", Error(1), Closed, Closed),
    (23, "cut inside of a record", Error(1), Closed, Closed),
    (24, "nothing", Error(1), Closed, Closed),
    (25, "20000 octets in a record", Error(1), Closed, Closed),
    (26, "the end alone", Error(1), Error(1), Error(1)),
    // 27, 28 and 30 are odd in TLS alone: no ALPN, another ALPN, TLS 1.2. 29 offers another ALPN
    // beside.
    (31, "octet by octet", Keys(15), Keys(15), Keys(15)),
];

/// What a message says.
pub(crate) fn summary(message: &[u8]) -> Answer {
    let response = match KeResponse::decode(message) {
        Ok(response) => response,
        Err(ResponseError::Error { code }) => return Error(code.number()),
        Err(error) => panic!("{error}"),
    };
    if response.next_protocols().next().is_none() {
        return NoProtocol;
    }
    let Some(algorithm) = response.algorithm() else {
        return NoAlgorithm;
    };
    assert_eq!(response.cookies().count(), 8);
    if response.compliant_gcm_siv_exporter() {
        Compliant(algorithm.number())
    } else {
        Keys(algorithm.number())
    }
}

/// The message of a stream from one side, if there is one.
pub(crate) fn octets(exchange: &Exchange, stream: u16, from_client: bool) -> Option<&[u8]> {
    let mut messages = exchange.messages.iter();
    let found =
        messages.find(|message| (message.stream, message.from_client) == (stream, from_client));
    found.map(|message| &message.octets[..])
}

/// The request that the files leave out: 20000 octets in a record.
pub(crate) fn long_request() -> Vec<u8> {
    let head = [
        0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x3f, 0xff, 0x4e, 0x20,
    ];
    [&head[..], &vec![b'z'; 20_000], &[0x80, 0, 0, 0]].concat()
}
