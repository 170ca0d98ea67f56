mod captures;
mod kisses;
#[cfg(feature = "unstable-leap-ef")]
mod leap_list;
mod properties;
mod replies;
mod requests;

use super::*;
use crate::packet::authenticator::Layout;
use crate::packet::testing::file::{FILES, exchange};
use crate::packet::testing::{
    ALGORITHMS, Script, Sequence, at, established, field, fields, key_of, keyring, keys,
};
use crate::{AeadAlgorithm, NtsResponse, NtsServer, OpenError, SessionKeys};
use core::net::Ipv4Addr;
use horolog_ntp::{Answer, Arrival, Reply, ResponseKind, ServerResponder, SystemState};
use proptest::prelude::*;

const SIV: AeadAlgorithm = AeadAlgorithm::AES_SIV_CMAC_256;
const IDENTIFIER: ExtensionType = ExtensionType::UNIQUE_IDENTIFIER;
const COOKIE: ExtensionType = ExtensionType::NTS_COOKIE;
const PLACEHOLDER: ExtensionType = ExtensionType::NTS_COOKIE_PLACEHOLDER;
const AUTHENTICATOR: ExtensionType = ExtensionType::NTS_AUTHENTICATOR;

fn client(algorithm: AeadAlgorithm, cookies: usize) -> NtsClient {
    NtsClient::new(ClientConfig::default(), established(algorithm, cookies)).unwrap()
}

/// The next request of a client.
fn ask(client: &mut NtsClient, rng: u64) -> Vec<u8> {
    let mut buffer = [0xa5; 2000];
    let length = client
        .write_request(&mut buffer, at(0), &mut Sequence(rng))
        .unwrap();
    buffer[..length].to_vec()
}

/// What a server says.
fn answer(request: &[u8]) -> Vec<u8> {
    answer_of(&mut server(), request)
}

fn server() -> NtsServer {
    let responder = ServerResponder::new(SystemState::local_primary());
    NtsServer::new(responder, keyring())
}

/// What this server says.
fn answer_of(server: &mut NtsServer, request: &[u8]) -> Vec<u8> {
    // Another time for each request.
    let fraction = u32::from_be_bytes(request[44..48].try_into().unwrap());
    let arrival = Arrival {
        source: Ipv4Addr::LOCALHOST.into(),
        receive: NtpTimestamp::from_parts(3_900_000_005, fraction),
        transmit: at(6),
    };
    let mut buffer = vec![0xa5; request.len()];
    let NtsResponse { length, .. } = server
        .respond(request, arrival, &mut Sequence(77), &mut buffer)
        .unwrap();
    buffer.truncate(length);
    buffer
}

/// A reply with given fields before the authenticator and in it.
fn made(request: &[u8], keys: &SessionKeys, before: &[Vec<u8>], inside: &[Vec<u8>]) -> Vec<u8> {
    let mut packet = answer(request)[..Header::LENGTH].to_vec();
    packet.extend(before.concat());
    let inside = inside.concat();
    let layout = Layout {
        start: packet.len(),
        nonce: 16,
        plaintext: inside.len(),
        additional_padding: 0,
    };
    packet.resize(layout.end(), 0);
    packet[layout.plaintext_start()..][..inside.len()].copy_from_slice(&inside);
    layout
        .seal(keys.server_to_client(), &mut Sequence(5), &mut packet)
        .unwrap();
    packet
}

/// A kiss code in answer to a request, with a Unique Identifier.
fn kiss(request: &[u8], code: KissCode, identifier: &[u8]) -> Vec<u8> {
    let header = Answer::kiss(&Header::decode(request).unwrap(), code).header;
    let mut packet = header.to_octets().to_vec();
    packet.extend(field(IDENTIFIER, identifier));
    packet
}

fn identifier(packet: &[u8]) -> Vec<u8> {
    fields(packet)[0].2[4..].to_vec()
}

/// How many cookies a reply brought; panics where it is no time.
fn taken(reply: Result<NtsReply<'_>, NtsDiscard>) -> usize {
    match reply {
        Ok(NtsReply::Authentic(authentic)) => {
            assert!(matches!(authentic.reply, Reply::Measurement(_)));
            authentic.cookies
        }
        other => panic!("{other:?}"),
    }
}
