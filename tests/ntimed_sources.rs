//! NTP in interleaved mode, NTS and time over HTTPS in one evaluation, over simulated paths.
//!
//! The servers are right but for one, and the local clock is 0.3 s ahead. Nothing is steered.

#![expect(clippy::unwrap_used, reason = "helpers of a test may")]

use core::convert::Infallible;
use core::net::{IpAddr, Ipv4Addr};

use horolog_https::{
    Action, RequestReader, ResponseReader, Search, SearchConfig, TimeFields, TimeUrl,
    encode_request,
};
use horolog_ntimed::{Evaluation, Evaluator, Exchange, Params, Rejection, Source, SourceId, Trust};
use horolog_ntp::{
    Arrival, ClientConfig, ClientExchange, InterleavedTable, Measurement, ReferenceId, Reply,
    ServerResponder, Stratum, SystemState,
};
use horolog_nts::{
    AeadAlgorithm, Association, CookieJar, Keyring, NtsClient, NtsReply, NtsServer, SessionKeys,
};
use horolog_time::{NtpDate, NtpTimestamp, OffsetBounds, UnixTime};
use rand_core::{TryCryptoRng, TryRng};

const MICROSECOND: i64 = 1_000;
const MILLISECOND: i64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;

/// By how much the local clock is ahead, in nanoseconds.
const AHEAD: i64 = 300 * MILLISECOND;

/// How long a server takes until it writes the time at which its reply leaves, and from then until
/// the reply leaves.
const WORK: i64 = 20 * MICROSECOND;
const LATE: i64 = 50 * MICROSECOND;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The truth, so many nanoseconds after the start.
fn unix(at: i64) -> UnixTime {
    let nanoseconds = u32::try_from(at.rem_euclid(SECOND)).unwrap();
    UnixTime::new(1_795_338_518 + at.div_euclid(SECOND), nanoseconds).unwrap()
}

fn date(at: i64) -> NtpDate {
    NtpDate::from_unix(unix(at)).unwrap()
}

fn stamp(at: i64) -> NtpTimestamp {
    date(at).timestamp()
}

/// What the local clock shows.
fn local(at: i64) -> NtpTimestamp {
    stamp(at + AHEAD)
}

/// Numbers that do not come twice.
struct Counter(u64);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0 += 1;
        Ok(u32::try_from(self.0).unwrap())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 += 1;
        Ok(self.0 << 20)
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        for octet in octets {
            self.0 += 1;
            *octet = self.0.to_le_bytes()[0];
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

/// A server of NTP whose clock is wrong by nanoseconds, and the client that asks it in interleaved
/// mode.
struct Plain {
    client: ClientExchange,
    responder: ServerResponder,
    wrong: i64,
    /// The way there, and back.
    ways: [i64; 2],
}

impl Plain {
    fn new(wrong: i64, ways: [i64; 2]) -> Self {
        let config = ClientConfig {
            interleaved: true,
            ..ClientConfig::default()
        };
        let responder = ServerResponder::new(SystemState::local_primary());
        Self {
            client: ClientExchange::new(config),
            responder: responder.with_interleaved(InterleavedTable::new(16)),
            wrong,
            ways,
        }
    }

    /// Asks at a time and tells when the reply came. The server's clock is set just before.
    fn ask(&mut self, at: i64, rng: &mut Counter) -> (i64, Measurement) {
        let [there, back] = self.ways;
        let mut request = [0; 48];
        let length = self
            .client
            .write_request(&mut request, local(at), None, rng);
        let request = &request[..length.unwrap()];
        let shown = |at: i64| stamp(at + self.wrong);
        let arrived = at + there;
        let left = arrived + WORK + LATE;
        self.responder.set_system(SystemState {
            stratum: Stratum::new(2),
            reference_id: ReferenceId::from_octets([192, 0, 2, 1]),
            reference: shown(arrived - MILLISECOND),
            ..SystemState::local_primary()
        });
        let arrival = Arrival {
            source: HERE,
            receive: shown(arrived),
            transmit: shown(arrived + WORK),
        };
        let mut reply = [0; 48];
        let response = self.responder.respond(request, arrival, &mut reply);
        if let Some(saved) = response.unwrap().saved {
            self.responder.handle_transmitted(saved, shown(left));
        }
        let came = left + back;
        match self.client.handle_reply(&reply, local(came), None) {
            Ok(Reply::Measurement(measurement)) => (came, measurement),
            other => panic!("{other:?}"),
        }
    }
}

/// One exchange that NTS authenticates, over a slow way; the server is of stratum 4.
fn ask_nts(at: i64, rng: &mut Counter) -> (i64, Measurement) {
    const WAY: i64 = 10 * MILLISECOND;
    let keyring = Keyring::new(1, &[0x5e; 32]);
    let algorithm = AeadAlgorithm::AES_SIV_CMAC_256;
    let keys = SessionKeys::new(algorithm, &[0xc5; 32], &[0x5c; 32]).unwrap();
    let mut cookie = [0; 200];
    let length = keyring.seal_cookie(&keys, rng, &mut cookie).unwrap();
    let mut cookies = CookieJar::new();
    cookies.push(&cookie[..length]).unwrap();
    let association = Association::new(keys, cookies);
    let mut client = NtsClient::new(ClientConfig::default(), association).unwrap();
    let mut request = [0; NtsClient::DEFAULT_MAX_LENGTH];
    let length = client.write_request(&mut request, local(at), rng).unwrap();

    let system = SystemState {
        stratum: Stratum::new(4),
        ..SystemState::local_primary()
    };
    let mut server = NtsServer::new(ServerResponder::new(system), keyring);
    let arrival = Arrival {
        source: HERE,
        receive: stamp(at + WAY),
        transmit: stamp(at + WAY + WORK),
    };
    let mut reply = vec![0; length];
    let sent = server.respond(&request[..length], arrival, rng, &mut reply);
    let came = at + WAY + WORK + WAY;
    match client.handle_reply(&reply[..sent.unwrap().length], local(came)) {
        Ok(NtsReply::Authentic(authentic)) => match authentic.reply {
            Reply::Measurement(measurement) => (came, measurement),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// The search for the edge of a web server's second, and when it was over.
fn ask_web(begin: i64) -> (i64, OffsetBounds) {
    const WAY: i64 = 15 * MILLISECOND;
    let url: TimeUrl = "https://time.example".parse().unwrap();
    let shown = |at: i64| unix(at + AHEAD);
    let mut now = begin;
    let mut search = Search::new(SearchConfig::new());
    search.handle_connected(shown(now));
    loop {
        let at = match search.poll_action() {
            Action::Send { at } => at,
            Action::Done(bounds) => return (now, bounds),
            other => panic!("{other:?}"),
        };
        while shown(now) < at {
            now += MILLISECOND;
        }
        search.handle_sent(shown(now));
        let (mut request, mut response) = (Vec::new(), Vec::new());
        encode_request(&url, &mut request);
        now += WAY;
        let mut reader = RequestReader::new();
        reader.handle_octets(&request);
        let answer = reader.poll_answer().expect("a whole request");
        answer.encode(&TimeFields::new(unix(now)).unwrap(), &mut response);
        now += WAY;
        let response = ResponseReader::new().handle_octets(&response).unwrap();
        search.handle_response(&response.expect("it is whole"), shown(now));
    }
}

/// Gives a measurement to the evaluation, as what it is.
fn observe(
    evaluator: &mut Evaluator,
    source: SourceId,
    (came, measurement): (i64, Measurement),
) -> Evaluation {
    let exchange = Exchange::from_measurement(&measurement, date(came)).expect("it has all times");
    let evaluation = if measurement.is_interleaved() {
        evaluator.observe_interleaved(source, &exchange, date(came))
    } else {
        evaluator.observe_exchange(source, &exchange, date(came))
    };
    let filtered = evaluation.filtered.expect("an exchange");
    assert_eq!(filtered.err(), None, "{measurement:?}");
    evaluation
}

/// Sources of each kind, and a liar that is nearer than all of them.
#[test]
fn sources_of_three_kinds_agree_against_a_liar() {
    let mut rng = Counter(0);
    let mut evaluator = Evaluator::new(Params::default());
    let at = |address: &str, trust| Source {
        address: address.parse().ok(),
        trust,
    };
    let near = evaluator.add_source(at("192.0.2.1:123", Trust::ByStratum));
    let liar = evaluator.add_source(at("192.0.2.2:123", Trust::ByStratum));
    // Nobody on the way can lie, whatever the stratum.
    let nts = evaluator.add_source(at("192.0.2.3:123", Trust::Fixed(1.0)));
    // Whoever has the certificate can tell any time, and no nearer than a round trip.
    let web = evaluator.add_source(at("192.0.2.4:443", Trust::Fixed(0.1)));

    let mut near_server = Plain::new(0, [4 * MILLISECOND, 2 * MILLISECOND]);
    let mut lying_server = Plain::new(-200 * MILLISECOND, [MILLISECOND / 10; 2]);
    let mut interleaved = 0;
    for turn in 0..4 {
        for (source, server) in [(near, &mut near_server), (liar, &mut lying_server)] {
            let asked = server.ask(turn * 2 * SECOND, &mut rng);
            interleaved += u32::from(asked.1.is_interleaved());
            observe(&mut evaluator, source, asked);
        }
    }
    // The first request is basic, and the second is what an interleaved one builds on.
    assert_eq!(interleaved, 4);
    observe(&mut evaluator, nts, ask_nts(9 * SECOND, &mut rng));
    let (done, bounds) = ask_web(10 * SECOND);
    let answer = evaluator.observe_bounds(web, bounds, date(done)).answer;

    assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (3, 4));
    let truth = 0.3;
    let [low, high] = answer.bounds.expect("a majority");
    assert!(low <= truth && truth <= high, "{answer:?}");
    assert!((answer.offset.unwrap() - truth).abs() < 0.002, "{answer:?}");
    let [(named, Rejection::Falseticker(says))] = answer.rejected[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(named, liar);
    assert!(says[0] <= 0.5 && 0.5 <= says[1], "{says:?}");

    let combiner = evaluator.combiner();
    for (source, trust, width) in [(near, 0.5, 0.0066), (nts, 1.0, 0.0205), (web, 0.1, 0.2)] {
        let density = combiner.get(source).expect("it votes");
        assert!((density.trust() - trust).abs() < 1e-9, "{density:?}");
        assert!(density.contains(truth), "{density:?}");
        assert!(density.high() - density.low() < width, "{density:?}");
    }
}

/// The kernel's time of leaving is told by the interleaved reply alone, so that its bounds are
/// narrower by what a reply waits in the server.
#[test]
fn an_interleaved_exchange_is_better_than_the_basic_one() {
    let mut rng = Counter(0);
    let mut evaluator = Evaluator::new(Params::default());
    let source = evaluator.add_source(Source::default());
    let mut server = Plain::new(0, [MILLISECOND; 2]);
    let mut widths = Vec::new();
    for turn in 0..3 {
        let asked = server.ask(turn * SECOND, &mut rng);
        let exchange = Exchange::from_measurement(&asked.1, date(asked.0)).unwrap();
        widths.push((exchange.high() - exchange.low(), asked.1.is_interleaved()));
        observe(&mut evaluator, source, asked);
    }
    let [(basic, false), _, (interleaved, true)] = widths[..] else {
        panic!("{widths:?}")
    };
    assert!((basic - interleaved - 5e-5).abs() < 1e-8, "{widths:?}");
    assert!((interleaved - 0.002).abs() < 1e-8, "{widths:?}");
}
