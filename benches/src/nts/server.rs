//! A server's whole work on a request: decode, open the cookie, verify, make new cookies, seal.

use core::convert::Infallible;
use core::net::{IpAddr, Ipv4Addr};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use horolog_ntp::{Arrival, ServerResponder, SystemState};
use horolog_nts::{CookieJar, NtsClient, NtsServer};
use horolog_time::NtpTimestamp as NtpTime;
use ntp_proto::{
    FilterAction, FilterList, KeySet, KeySetProvider, NtpClock, NtpDuration, NtpLeapIndicator,
    NtpPacket, NtpTimestamp, NtpVersion, PollInterval, Server, ServerAction, ServerConfig,
    ServerReason, ServerResponse, ServerStatHandler, SystemSnapshot,
};

use super::random::Random;
use super::{HOROLOG, PEER, client, keyring, now, write_peer_request};
use crate::Operation;

const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub(super) fn operations() -> Vec<Operation> {
    const ONE: &str = "nts/server-exchange/1-cookie";
    const EIGHT: &str = "nts/server-exchange/8-cookies";
    vec![
        respond(ONE, 1),
        peer_responds(ONE, 1),
        respond(EIGHT, 8),
        peer_responds(EIGHT, 8),
    ]
}

fn respond(group: &'static str, cookies: usize) -> Operation {
    let mut request = [0; NtsClient::DEFAULT_MAX_LENGTH];
    let length = client(CookieJar::CAPACITY + 1 - cookies)
        .write_request(&mut request, now(), &mut Random::new())
        .expect("there is a cookie");
    let mut server = server();
    let mut rng = Random::new();
    let mut buffer = [0; NtsClient::DEFAULT_MAX_LENGTH];
    Operation::new(
        group,
        HOROLOG,
        length,
        move || {
            let request = black_box(&request[..length]);
            server.respond(request, arrival(0), &mut rng, black_box(&mut buffer))
        },
        move |response| response.is_ok_and(|response| response.cookies == cookies),
    )
}

pub(super) fn server() -> NtsServer {
    NtsServer::new(
        ServerResponder::new(SystemState::local_primary()),
        keyring(),
    )
}

pub(super) fn arrival(seconds: u32) -> Arrival {
    let time = NtpTime::from_parts(now().seconds() + seconds, 0);
    Arrival {
        source: black_box(SOURCE),
        receive: black_box(time),
        transmit: black_box(time),
    }
}

fn peer_responds(group: &'static str, cookies: u8) -> Operation {
    let keys = KeySetProvider::new(1).get();
    let session = ntp_proto::test_cookie();
    let cookie = keys.encode_cookie_pub(&session);
    let (request, _) = NtpPacket::nts_poll_message(&cookie, cookies, PollInterval::default());
    let mut octets = [0; NtsClient::DEFAULT_MAX_LENGTH];
    let length =
        write_peer_request(&request, session.c2s.as_ref(), &mut octets).expect("there is room");
    let mut server = peer_server(keys);
    let mut buffer = [0; NtsClient::DEFAULT_MAX_LENGTH];
    Operation::new(
        group,
        PEER,
        length,
        move || {
            let request = black_box(&octets[..length]);
            peer_answers(&mut server, request, black_box(&mut buffer)).map_or(0, <[u8]>::len)
        },
        // Header, identifier, seven fields with cookies, authenticator.
        move |length| length == 48 + 36 + 108 * usize::from(cookies.min(7)) + 40,
    )
}

/// The peer's response to a request of its own.
pub(super) fn peer_response(keys: &Arc<KeySet>, request: &[u8]) -> Vec<u8> {
    let mut buffer = [0; NtsClient::DEFAULT_MAX_LENGTH];
    peer_answers(&mut peer_server(Arc::clone(keys)), request, &mut buffer)
        .expect("the request is right")
        .to_vec()
}

fn peer_answers<'a>(
    server: &mut Server<Clock>,
    request: &[u8],
    buffer: &'a mut [u8],
) -> Option<&'a [u8]> {
    let receive = black_box(NtpTimestamp::default());
    match server.handle(black_box(SOURCE), receive, request, buffer, &mut Count(0)) {
        ServerAction::Respond { message } => Some(message),
        ServerAction::Ignore => None,
    }
}

/// Lets in all there is, limits nothing.
fn peer_server(keys: Arc<KeySet>) -> Server<Clock> {
    let list = |filter| FilterList {
        filter,
        action: FilterAction::Ignore,
    };
    let all = "0.0.0.0/0".parse().expect("it is a network");
    let config = ServerConfig {
        denylist: list(vec![]),
        allowlist: list(vec![all]),
        rate_limiting_cache_size: 0,
        rate_limiting_cutoff: Duration::ZERO,
        require_nts: None,
        accepted_versions: vec![NtpVersion::V4],
    };
    Server::new(config, Clock, SystemSnapshot::default(), keys)
}

struct Count(u64);

impl ServerStatHandler for Count {
    fn register(&mut self, _: u8, _: bool, _: ServerReason, _: ServerResponse) {
        self.0 += 1;
    }
}

/// A clock that stands still.
#[derive(Clone)]
struct Clock;

impl NtpClock for Clock {
    type Error = Infallible;

    fn now(&self) -> Result<NtpTimestamp, Infallible> {
        Ok(NtpTimestamp::default())
    }

    fn set_frequency(&self, _: f64) -> Result<NtpTimestamp, Infallible> {
        self.now()
    }

    fn get_frequency(&self) -> Result<f64, Infallible> {
        Ok(0.0)
    }

    fn step_clock(&self, _: NtpDuration) -> Result<NtpTimestamp, Infallible> {
        self.now()
    }

    fn disable_ntp_algorithm(&self) -> Result<(), Infallible> {
        Ok(())
    }

    fn error_estimate_update(&self, _: NtpDuration, _: NtpDuration) -> Result<(), Infallible> {
        Ok(())
    }

    fn status_update(&self, _: NtpLeapIndicator) -> Result<(), Infallible> {
        Ok(())
    }
}
