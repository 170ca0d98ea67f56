//! NTS: Horolog beside ntp-proto, with the same work on both sides.
//!
//! * ntp-proto speaks AES-SIV-CMAC-256 and -512, not AES-128-GCM-SIV. Its cookies are sealed with
//!   AES-SIV-CMAC-512, Horolog's with AES-SIV-CMAC-256.
//! * It draws nonces and identifiers by itself, from a thread's `ChaCha12`. Horolog gets as many
//!   octets from another `ChaCha12`, so that both pay for them.
//! * Its server answers a request for eight cookies with seven.
//! * Its client shows neither its cookies nor its measurement: what is compared is the octets of the
//!   request, and from the octets of the response to its cookies. Horolog's side keeps the cookies
//!   and makes the measurement as well.

mod aead;
mod client;
mod cookie;
mod random;
mod server;

use std::io::Cursor;

use horolog_ntp::ClientConfig;
use horolog_nts::{AeadAlgorithm, Association, CookieJar, Keyring, NtsClient, SessionKeys};
use horolog_time::NtpTimestamp;
use ntp_proto::{Cipher, NtpPacket};

use self::random::Random;
use crate::Operation;

/// All of them, group by group.
#[must_use]
pub fn operations() -> Vec<Operation> {
    [
        aead::operations(),
        cookie::operations(),
        client::operations(),
        server::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Who Horolog is: with the feature `fast-siv` or without.
const HOROLOG: &str = if cfg!(feature = "fast-siv") {
    "horolog-fast-siv"
} else {
    "horolog"
};

const PEER: &str = "ntp-proto";

/// The keys of [`ntp_proto::test_cookie`].
fn session_keys() -> SessionKeys {
    let octets: [u8; 64] =
        core::array::from_fn(|index| u8::try_from(index).expect("it is below 64"));
    let (server_to_client, client_to_server) = octets.split_at(32);
    SessionKeys::new(
        AeadAlgorithm::AES_SIV_CMAC_256,
        client_to_server,
        server_to_client,
    )
    .expect("32 octets are right")
}

fn keyring() -> Keyring {
    Keyring::new(1, &[9; 32])
}

/// One cookie.
fn cookie(keys: &SessionKeys) -> Vec<u8> {
    let mut buffer = [0; 200];
    let length = keyring()
        .seal_cookie(keys, &mut Random::new(), &mut buffer)
        .expect("there is room");
    buffer[..length].to_vec()
}

fn now() -> NtpTimestamp {
    NtpTimestamp::from_parts(3_900_000_000, 0)
}

/// A client with so many cookies.
fn client(cookies: usize) -> NtsClient {
    let keys = session_keys();
    let mut jar = CookieJar::new();
    for _ in 0..cookies {
        jar.push(&cookie(&keys)).expect("there is room");
    }
    let association = Association::new(keys, jar);
    NtsClient::new(ClientConfig::default(), association).expect("it is for NTPv4")
}

/// Encodes and seals a request of the peer, and tells its length.
fn write_peer_request(
    packet: &NtpPacket<'_>,
    key: &dyn Cipher,
    buffer: &mut [u8],
) -> Option<usize> {
    let mut cursor = Cursor::new(buffer);
    packet.serialize(&mut cursor, key, None).ok()?;
    usize::try_from(cursor.position()).ok()
}
