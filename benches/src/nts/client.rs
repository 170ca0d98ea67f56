//! A client's side of exchanges: requests written, a response read.
//!
//! Horolog's client spends a cookie for each request and asks for what it then lacks, so what can be
//! repeated is a whole exchange, or one that a few lost ones came before.

use std::hint::black_box;

use horolog_nts::{CookieJar, NtsClient, NtsReply};
use ntp_proto::{KeySetProvider, NtpPacket, PollInterval};

use super::random::Random;
use super::{HOROLOG, PEER, client, now, server, write_peer_request};
use crate::Operation;

pub(super) fn operations() -> Vec<Operation> {
    const ONE: &str = "nts/client-exchange/1-cookie";
    const EIGHT: &str = "nts/client-exchange/8-cookies-after-7-lost";
    vec![
        exchange(ONE, 1),
        peer_exchanges(ONE, 1),
        exchange(EIGHT, 8),
        peer_exchanges(EIGHT, 8),
    ]
}

/// Writes so many requests and reads the response to the last, which has a cookie for each.
fn exchange(group: &'static str, requests: usize) -> Operation {
    let mut client = client(CookieJar::CAPACITY);
    let mut rng = Random::new();
    let mut request = [0; NtsClient::DEFAULT_MAX_LENGTH];
    let mut write = move |client: &mut NtsClient| {
        (0..requests).fold(0, |_, _| {
            let request = black_box(&mut request);
            let length = client.write_request(request, black_box(now()), &mut rng);
            length.map_or(0, |length| request[..length].len())
        })
    };
    // The same one twice in a row would be refused.
    let responses = [0, 1].map(|seconds| response(requests, seconds));
    let length = responses[0].len();
    let mut turn = 0;
    Operation::new(
        group,
        HOROLOG,
        length,
        move || {
            let written = write(black_box(&mut client));
            turn ^= 1;
            match client.handle_reply(black_box(&responses[turn]), black_box(now())) {
                Ok(NtsReply::Authentic(reply)) => (written, black_box(&reply).cookies),
                _ => (written, 0),
            }
        },
        move |result| result == (length, requests),
    )
}

/// The response to the last of so many requests of [`client`], so many seconds later; the requests are
/// the same in each turn.
fn response(requests: usize, seconds: u32) -> Vec<u8> {
    let mut client = client(CookieJar::CAPACITY);
    let mut buffers = [[0; NtsClient::DEFAULT_MAX_LENGTH]; 2];
    let [request, response] = &mut buffers;
    let length = (0..requests).fold(0, |_, _| {
        client
            .write_request(request, now(), &mut Random::new())
            .expect("there are cookies")
    });
    let sent = server::server()
        .respond(
            &request[..length],
            server::arrival(seconds),
            &mut Random::new(),
            response,
        )
        .expect("the request is right");
    response[..sent.length].to_vec()
}

fn peer_exchanges(group: &'static str, requests: u8) -> Operation {
    let keys = KeySetProvider::new(1).get();
    let session = ntp_proto::test_cookie();
    let cookie = keys.encode_cookie_pub(&session);
    let poll = PollInterval::default();

    // The response to one request; there is no way to have the same request again.
    let (request, identifier) = NtpPacket::nts_poll_message(&cookie, requests, poll);
    let mut buffer = [0; NtsClient::DEFAULT_MAX_LENGTH];
    let length =
        write_peer_request(&request, session.c2s.as_ref(), &mut buffer).expect("there is room");
    let response = server::peer_response(&keys, &buffer[..length]);
    let octets = response.len();
    Operation::new(
        group,
        PEER,
        octets,
        move || {
            let mut written = None;
            for number in 1..=requests {
                let (request, identifier) =
                    NtpPacket::nts_poll_message(black_box(&cookie), number, poll);
                black_box(&identifier);
                written =
                    write_peer_request(&request, session.c2s.as_ref(), black_box(&mut buffer));
            }
            let key = session.s2c.as_ref();
            let Ok((packet, _)) = NtpPacket::deserialize(black_box(&response), key) else {
                return (written, 0);
            };
            if !packet.valid_server_response(black_box(identifier), true) {
                return (written, 0);
            }
            let keep = |kept, cookie: Vec<u8>| kept + usize::from(!black_box(&cookie).is_empty());
            (written, packet.new_cookies().fold(0, keep))
        },
        // Its server counts the Unique Identifier among the fields that ask for cookies.
        move |(written, kept)| written == Some(length) && kept == usize::from(requests.min(7)),
    )
}
