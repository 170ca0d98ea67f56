//! Captured exchanges once more, with this project's client or server in one of the two places.

use core::convert::Infallible;

use horolog_ntp::{
    Arrival, ClientConfig, ClientExchange, Discard, ExtensionType, Header, InterleavedTable,
    KissCode, LeapIndicator, MacKey, Measurement, Mode, Packet, Reply, Response, ResponseKind,
    SavedReply, ServerResponder, SystemState, Unusable,
};
use horolog_tests::Frame;
use horolog_time::{NtpDuration, NtpTimestamp};
use rand_core::{TryCryptoRng, TryRng};

/// Captures of clients and servers without NTS, how many requests they hold, and how many replies
/// tell time.
const PLAIN: [(&str, usize, usize); 13] = [
    ("broadcast-chrony", 5, 5),
    ("era-rollover-2036", 16, 16),
    ("kod-rate-chrony", 5, 2),
    ("leap-announce-2016-12-31-LI1", 26, 25),
    ("ntpv3-plain", 6, 6),
    ("ntpv4-chrony46-plain", 8, 8),
    ("ntpv4-extfield-f323-f324", 7, 7),
    ("ntpv4-interleaved-client-server", 9, 9),
    ("ntpv4-mac-aes128", 5, 5),
    ("ntpv4-mac-md5", 5, 5),
    ("ntpv4-mac-sha1", 5, 5),
    ("ntpv4-mac-sha256", 5, 5),
    ("sntp-oneshot-clients", 9, 9),
];
const UNSYNCHRONISED: (&str, usize, usize) = ("unsynchronised-server", 9, 0);
/// The same with NTS.
const NTS: [(&str, usize, usize); 9] = [
    ("nts-aead15-chrony43", 5, 5),
    ("nts-aead30-chrony46", 6, 6),
    ("nts-aead30-without-record1024-chrony46-server", 6, 4),
    ("nts-chrony43-client-ntpsec123-server", 5, 5),
    ("nts-cookie-placeholders", 13, 9),
    ("nts-interleaved-aead15", 9, 9),
    ("nts-ke-ntsntpserver-fd00_99__1", 5, 5),
    ("nts-nak", 19, 18),
    ("nts-ntpdrs19-ntpv4", 18, 18),
];

fn packet(octets: &[u8]) -> Packet<'_> {
    Packet::decode(octets).expect("a packet of version 1 to 4")
}

/// A request of versions 1 to 4 and its reply, if there is one.
struct Exchange {
    request: Frame,
    reply: Option<Frame>,
}

impl Exchange {
    /// Those of a capture, in order; addresses and ports say what belongs together.
    fn of(capture: &str) -> Vec<Self> {
        let frames = Frame::of(capture);
        let mode = |frame: &Frame| Header::decode(&frame.octets).map(|header| header.mode);
        let (requests, others): (Vec<_>, Vec<_>) = frames
            .into_iter()
            .partition(|frame| mode(frame) == Ok(Mode::CLIENT));
        let mut replies = others
            .into_iter()
            .filter(|frame| mode(frame) == Ok(Mode::SERVER))
            .peekable();
        let exchanges: Vec<_> = requests
            .into_iter()
            .map(|request| {
                let is_reply = |reply: &Frame| {
                    (reply.source, reply.destination) == (request.destination, request.source)
                };
                let reply = replies.next_if(is_reply);
                Self { request, reply }
            })
            .collect();
        assert!(
            replies.next().is_none(),
            "{capture}: a reply without a request"
        );
        exchanges
    }

    /// The request's header, and the reply with its header.
    fn headers(&self) -> (Header, Option<(&Frame, Header)>) {
        let header = |frame: &Frame| packet(&frame.octets).header;
        let reply = self.reply.as_ref().map(|reply| (reply, header(reply)));
        (header(&self.request), reply)
    }
}

/// Draws what a captured client has drawn.
struct Script(core::array::IntoIter<NtpTimestamp, 2>);

impl TryRng for Script {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("timestamps have 64 bits")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next().expect("a stamp is left").to_bits())
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Infallible> {
        unreachable!("timestamps are drawn whole")
    }
}

impl TryCryptoRng for Script {}

/// This project's client in the place of the captured one: draws the same random stamps, sends
/// what that one sent, gets what it got, and reads T1 and T4 from the times of capture.
fn replay_client(capture: &str) -> Vec<(Frame, Reply)> {
    let exchanges = Exchange::of(capture);
    let keys = Frame::keys();
    let interleaved = exchanges
        .iter()
        .any(|exchange| !exchange.headers().0.origin.is_unknown());
    let mut client: Option<ClientExchange> = None;
    let mut replies = Vec::new();
    let mut last: Option<Frame> = None;
    for exchange in exchanges {
        let (asked, reply) = exchange.headers();
        let name = exchange.request.name();
        let config = ClientConfig {
            version: asked.version,
            poll: asked.poll,
            interleaved,
            ..ClientConfig::default()
        };
        // Another version or poll interval is another client to ours.
        let client = match &mut client {
            Some(client) if *client.config() == config => client,
            client => client.insert(ClientExchange::new(config)),
        };
        let mut rng = Script([asked.transmit, asked.receive].into_iter());
        let ours = client.request(exchange.request.time, &mut rng);
        // Other programs show another precision, and LI 3 while they are not synchronised.
        let expected = Header {
            leap: asked.leap,
            precision: asked.precision,
            ..ours
        };
        assert_eq!(asked, expected, "{name}");
        let Some((frame, answer)) = reply else {
            continue;
        };

        let packet = packet(&exchange.request.octets);
        let key: Option<&MacKey> = packet
            .mac()
            .map(|mac| keys.find(mac.key_id).expect("a key of the captures"));
        // What came before is not taken for the reply.
        if let Some(last) = last.replace(frame.clone()) {
            let refused = client.handle_reply(&last.octets, frame.time, key);
            let is_bogus = |discard| matches!(discard, Discard::Origin | Discard::Version(_));
            assert!(refused.is_err_and(is_bogus), "{name}");
        }
        let taken = client
            .handle_reply(&frame.octets, frame.time, key)
            .unwrap_or_else(|discard| panic!("{name}: {discard}"));
        assert_eq!(
            client.handle_reply(&frame.octets, frame.time, key),
            Err(Discard::Unexpected),
            "{name}"
        );
        if let Reply::Measurement(measurement) = &taken {
            assert_eq!(measurement.header(), &answer, "{name}");
            let by_receive = answer.origin == asked.receive && !asked.receive.is_unknown();
            assert_eq!(measurement.is_interleaved(), by_receive, "{name}");
        }
        replies.push((frame.clone(), taken));
    }
    replies
}

fn measurements(capture: &str) -> Vec<(Frame, Measurement)> {
    replay_client(capture)
        .into_iter()
        .filter_map(|(frame, reply)| match reply {
            Reply::Measurement(measurement) => Some((frame, measurement)),
            _ => None,
        })
        .collect()
}

fn is_within(span: NtpDuration, nanoseconds: i64) -> bool {
    span.saturating_abs() < NtpDuration::from_nanoseconds(nanoseconds).expect("a short span")
}

#[test]
fn two_programs_on_one_clock_are_less_than_a_millisecond_apart() {
    let mut measured = 0;
    for (capture, _, expected) in PLAIN.into_iter().chain(NTS) {
        let found = measurements(capture);
        assert_eq!(found.len(), expected, "{capture}");
        if capture.starts_with("era-") || capture.starts_with("leap-") {
            continue;
        }
        for (frame, measurement) in found {
            let (name, offset) = (frame.name(), measurement.offset());
            assert!(is_within(offset, 1_000_000), "{name}: {offset}");
            assert!(is_within(measurement.delay(), 1_000_000), "{name}");
            measured += 1;
        }
    }
    assert_eq!(measured, 66 + 79);
}

/// The server's clock is another one, ahead by the same at both sides of the end of era 0.
#[test]
fn an_offset_of_years_is_the_same_across_the_end_of_an_era() {
    let years = NtpDuration::from_seconds(290_638_808);
    for (frame, measurement) in measurements("era-rollover-2036") {
        let off = measurement.offset().saturating_sub(years);
        assert!(is_within(off, 1_000_000), "{}: {off}", frame.name());
    }
}

#[test]
fn a_leap_second_is_announced_until_it_comes() {
    let replies = replay_client("leap-announce-2016-12-31-LI1");
    let mut shown = String::new();
    for (frame, reply) in &replies {
        shown.push(match reply {
            Reply::Measurement(measurement) => match measurement.leap() {
                LeapIndicator::Insert => '1',
                LeapIndicator::NoWarning => '0',
                other => panic!("{}: {other}", frame.name()),
            },
            Reply::Unusable(Unusable::Unsynchronised, _) => '3',
            other => panic!("{}: {other:?}", frame.name()),
        });
    }
    // Right after the leap the server sets its clock.
    assert_eq!(shown, "11111111111300000000000000");
    let measured = measurements("leap-announce-2016-12-31-LI1");
    let before = &measured[..11];
    let first = before[0].1.offset();
    for (frame, measurement) in before {
        let off = measurement.offset().saturating_sub(first);
        assert!(is_within(off, 1_000_000), "{}: {off}", frame.name());
    }
    // One second less, as the same second of UTC comes twice in NTP's count.
    let leap = measured[11].1.offset().saturating_sub(first);
    let off = leap.saturating_add(NtpDuration::SECOND);
    assert!(is_within(off, 1_000_000), "{leap}");
}

#[test]
fn kiss_codes_and_servers_without_time_are_told() {
    for (capture, code, expected) in [
        ("kod-rate-chrony", KissCode::RATE, 3),
        (
            "nts-aead30-without-record1024-chrony46-server",
            KissCode::NTSN,
            2,
        ),
        ("nts-nak", KissCode::NTSN, 1),
    ] {
        let replies = replay_client(capture);
        let kissed = replies
            .iter()
            .filter(|(_, reply)| *reply == Reply::Kiss(code));
        assert_eq!(kissed.count(), expected, "{capture}");
    }
    let replies = replay_client(UNSYNCHRONISED.0);
    assert_eq!(replies.len(), UNSYNCHRONISED.1);
    assert!(
        replies
            .iter()
            .all(|(_, reply)| matches!(reply, Reply::Unusable(Unusable::Unsynchronised, _)))
    );
}

/// RFC 9769 § 2: the first two replies are basic, the others tell when the one before really left.
#[test]
fn interleaved_replies_tell_when_the_reply_before_left() {
    let mut interleaved = 0;
    for capture in [
        "ntpv4-interleaved-client-server",
        "ntpv4-extfield-f323-f324",
        "nts-interleaved-aead15",
    ] {
        let found = measurements(capture);
        for (number, (frame, measurement)) in found.iter().enumerate() {
            assert_eq!(
                measurement.is_interleaved(),
                number >= 2,
                "{}",
                frame.name()
            );
            let Some((before, previous)) = number.checked_sub(1).map(|number| &found[number])
            else {
                continue;
            };
            if !measurement.is_interleaved() {
                continue;
            }
            interleaved += 1;
            assert_eq!(measurement.t2(), previous.header().receive);
            assert_eq!(measurement.t4(), before.time);
            // The client's side captured the reply before when the server's kernel sent it: the
            // times of capture are in microseconds.
            let wire = before.time - measurement.t3();
            assert!(is_within(wire, 5_000), "{}: {wire}", frame.name());
            if !previous.is_interleaved() {
                // What the reply before said itself was read before it was sent.
                let late = measurement.t3() - previous.t3();
                assert!(
                    !late.is_negative() && is_within(late, 100_000),
                    "{}: {late}",
                    frame.name()
                );
            }
        }
    }
    assert_eq!(interleaved, 7 + 5 + 7);
}

/// A server that is in the state that a captured reply shows.
fn system_of(reply: &Header) -> SystemState {
    SystemState {
        leap: reply.leap,
        stratum: reply.stratum,
        precision: reply.precision,
        root_delay: reply.root_delay,
        root_dispersion: reply.root_dispersion,
        reference_id: reply.reference_id,
        reference: reply.reference,
    }
}

/// What our server answers, with everything that goes for every answer checked.
fn respond(
    server: &mut ServerResponder,
    request: &Frame,
    times: [NtpTimestamp; 2],
) -> (Vec<u8>, Response) {
    let name = request.name();
    let [receive, transmit] = times;
    let arrival = Arrival {
        source: request.source.ip(),
        receive,
        transmit,
    };
    let mut buffer = [0xa5; 2048];
    let response = server
        .respond(&request.octets, arrival, &mut buffer)
        .unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    let octets = buffer[..response.length].to_vec();
    let asked = packet(&request.octets);
    let answer = packet(&octets);
    assert!(octets.len() <= request.octets.len(), "{name}");
    assert_eq!(answer.header.version, asked.header.version, "{name}");
    assert_eq!(answer.header.mode, Mode::SERVER, "{name}");
    let origin = match response.kind {
        ResponseKind::Interleaved => asked.header.receive,
        _ => asked.header.transmit,
    };
    assert_eq!(answer.header.origin, origin, "{name}");
    assert_eq!(response.key, asked.mac().map(|mac| mac.key_id), "{name}");
    assert_eq!(answer.mac().map(|mac| mac.key_id), response.key, "{name}");
    if let Some(mac) = answer.mac() {
        let covered = &octets[..answer.authenticated_len()];
        let keys = Frame::keys();
        let key = keys.find(mac.key_id).expect("a key of the captures");
        assert!(key.verify(covered, mac, asked.header.version), "{name}");
    }
    (octets, response)
}

#[test]
fn every_request_is_answered() {
    let now = NtpTimestamp::from_parts(3_900_000_000, 0);
    let mut answered = 0;
    for (capture, requests, _) in PLAIN.into_iter().chain([UNSYNCHRONISED]) {
        let exchanges = Exchange::of(capture);
        assert_eq!(exchanges.len(), requests, "{capture}");
        let mut server =
            ServerResponder::new(SystemState::local_primary()).with_keys(Frame::keys());
        for exchange in exchanges {
            let (_, response) = respond(&mut server, &exchange.request, [now, now]);
            assert_eq!(response.kind, ResponseKind::Basic);
            answered += 1;
        }
    }
    assert_eq!(answered, 120);
}

/// Without NTS on our side: no cookie and no authenticator is sent back, the identifier is. One of
/// the captures holds requests without NTS too.
#[test]
fn every_request_of_nts_is_answered_with_its_identifier_alone() {
    let now = NtpTimestamp::from_parts(3_900_000_000, 0);
    let (mut answered, mut identified) = (0, 0);
    for (capture, requests, _) in NTS {
        let exchanges = Exchange::of(capture);
        assert_eq!(exchanges.len(), requests, "{capture}");
        let mut server = ServerResponder::new(SystemState::local_primary());
        for exchange in exchanges {
            let (octets, _) = respond(&mut server, &exchange.request, [now, now]);
            let asked = packet(&exchange.request.octets);
            let answer = packet(&octets);
            let identifier = asked.find(ExtensionType::UNIQUE_IDENTIFIER);
            assert!(
                answer.fields().eq(identifier),
                "{}",
                exchange.request.name()
            );
            answered += 1;
            identified += usize::from(identifier.is_some());
        }
    }
    assert_eq!((answered, identified), (86, 75));
}

/// In the place and the state of the captured server, at the same times, ours says the same.
#[test]
fn our_server_answers_as_the_captured_one_did() {
    let mut compared = [0; 3];
    for (capture, ..) in PLAIN.into_iter().chain([UNSYNCHRONISED]) {
        let mut server = ServerResponder::new(SystemState::local_primary())
            .with_keys(Frame::keys())
            .with_interleaved(InterleavedTable::new(64));
        let mut before: Option<SavedReply> = None;
        for exchange in Exchange::of(capture) {
            let (asked, reply) = exchange.headers();
            let (frame, said) = reply.unwrap();
            if said.reference_id.kiss_code() == KissCode::RATE {
                continue;
            }
            let is_interleaved = said.origin != asked.transmit;
            if let (true, Some(before)) = (is_interleaved, before) {
                server.handle_transmitted(before, said.transmit);
            }
            server.set_system(system_of(&said));
            let times = [said.receive, said.transmit];
            let (octets, response) = respond(&mut server, &exchange.request, times);
            let kind = if is_interleaved {
                ResponseKind::Interleaved
            } else {
                ResponseKind::Basic
            };
            assert_eq!(response.kind, kind, "{}", frame.name());
            before = response.saved;

            // chrony marks its timestamps in the same way. NTPsec does not, and leaves the reference
            // timestamp at zero, for which ours puts the time of arrival.
            let reference = if said.reference.is_unknown() && said.stratum.is_synchronised() {
                said.receive
            } else {
                said.reference
            };
            let expected = Header {
                poll: asked.poll,
                reference,
                receive: NtpTimestamp::from_bits(said.receive.to_bits() | 1),
                transmit: NtpTimestamp::from_bits(said.transmit.to_bits() & !1),
                ..said
            };
            assert_eq!(Header::decode(&octets), Ok(expected), "{}", frame.name());
            compared[0] += 1;
            compared[1] += usize::from(octets == frame.octets);
            compared[2] += usize::from(is_interleaved);
        }
    }
    // All that is not octet for octet the same: two polls raised by a rate limit, seven fields
    // 0xF323, and nine replies of NTPsec.
    assert_eq!(compared, [117, 117 - 2 - 7 - 9, 12]);
}
