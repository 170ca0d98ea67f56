mod captures;
#[cfg(feature = "unstable-leap-ef")]
mod leap_list;
mod properties;
mod refusals;
mod responses;

use super::*;
use crate::packet::authenticator::Layout;
use crate::packet::fields::NtsFields;
use crate::packet::testing::file::{FILES, exchange};
use crate::packet::testing::{ALGORITHMS, Sequence, at, field, fields, key_of, keyring, keys};
use crate::{AeadAlgorithm, CookieError, OpenError, SessionKeys};
use core::net::Ipv4Addr;
use horolog_ntp::{
    ExtensionField, ExtensionType, Header, KeyFileFormat, MacKeys, Packet, PacketWriter, RateLimit,
    RateLimiter, Refusal, Stratum, SystemState, UniqueIdentifier,
};
use proptest::prelude::*;

const SIV: AeadAlgorithm = AeadAlgorithm::AES_SIV_CMAC_256;
const IDENTIFIER: ExtensionType = ExtensionType::UNIQUE_IDENTIFIER;
const COOKIE: ExtensionType = ExtensionType::NTS_COOKIE;
const PLACEHOLDER: ExtensionType = ExtensionType::NTS_COOKIE_PLACEHOLDER;
const AUTHENTICATOR: ExtensionType = ExtensionType::NTS_AUTHENTICATOR;

fn server() -> NtsServer {
    NtsServer::new(
        ServerResponder::new(SystemState::local_primary()),
        keyring(),
    )
}

fn arrival(seconds: u32) -> Arrival {
    Arrival {
        source: Ipv4Addr::LOCALHOST.into(),
        receive: at(seconds),
        transmit: at(seconds),
    }
}

/// The response, which is never longer than the request.
fn answer(server: &mut NtsServer, request: &[u8]) -> Result<(NtsResponse, Vec<u8>), NtsRefusal> {
    let mut buffer = vec![0xa5; 2000];
    let response = server.respond(request, arrival(3), &mut Sequence(3), &mut buffer)?;
    assert!(response.length <= request.len());
    buffer.truncate(response.length);
    // A buffer as long as the request always suffices.
    let again = server.respond(
        request,
        arrival(3),
        &mut Sequence(3),
        &mut vec![0; request.len()],
    );
    assert!(matches!(
        again,
        Ok(_) | Err(NtsRefusal::Plain(Refusal::RateLimited))
    ));
    Ok((response, buffer))
}

fn refusal(request: &[u8]) -> NtsRefusal {
    answer(&mut server(), request).unwrap_err()
}

fn cookie(keys: &SessionKeys) -> Vec<u8> {
    let mut cookie = vec![0; 300];
    let length = keyring()
        .seal_cookie(keys, &mut Sequence(50), &mut cookie)
        .unwrap();
    cookie.truncate(length);
    cookie
}

/// What a request is made of.
struct Parts {
    keys: SessionKeys,
    before: Vec<Vec<u8>>,
    inside: Vec<Vec<u8>>,
    nonce: usize,
    padding: usize,
}

/// A request with one placeholder.
fn parts(algorithm: AeadAlgorithm) -> Parts {
    let keys = keys(algorithm, [1, 2]);
    let cookie = cookie(&keys);
    Parts {
        before: vec![
            field(IDENTIFIER, &[0x1d; 32]),
            field(COOKIE, &cookie),
            field(PLACEHOLDER, &vec![0; cookie.len()]),
        ],
        inside: Vec::new(),
        nonce: algorithm.required_nonce_length().unwrap(),
        padding: 0,
        keys,
    }
}

fn header() -> Header {
    Header {
        transmit: NtpTimestamp::from_bits(0x1234_5678),
        ..Header::default()
    }
}

impl Parts {
    fn write(&self) -> Vec<u8> {
        let mut packet = header().to_octets().to_vec();
        packet.extend(self.before.concat());
        let inside = self.inside.concat();
        let key = self.keys.client_to_server();
        let layout = Layout {
            start: packet.len(),
            nonce: self.nonce,
            plaintext: inside.len(),
            additional_padding: self.padding,
        };
        packet.resize(layout.end(), 0);
        packet[layout.plaintext_start()..][..inside.len()].copy_from_slice(&inside);
        layout.seal(key, &mut Sequence(8), &mut packet).unwrap();
        packet
    }

    /// The cookies in a response, all of which open and hold the same keys.
    fn cookies_in(&self, response: &[u8]) -> Vec<Vec<u8>> {
        let sealed = NtsFields::decode(response)
            .unwrap()
            .sealed()
            .unwrap()
            .unwrap();
        assert_eq!(sealed.end, response.len());
        let mut buffer = sealed.authenticator.ciphertext.to_vec();
        let plaintext = self
            .keys
            .server_to_client()
            .open(
                sealed.associated_data,
                sealed.authenticator.nonce,
                &mut buffer,
            )
            .unwrap();
        crate::packet::fields::check_plaintext(plaintext).unwrap();
        crate::packet::fields::walked(plaintext)
            .map(|field| {
                assert_eq!(field.field_type, COOKIE);
                let opened = keyring().open_cookie(field.value).unwrap();
                assert_eq!(opened.algorithm(), self.keys.algorithm());
                let mut text = *b"seventeen octets and the tag.....";
                opened
                    .client_to_server()
                    .seal(b"", &[1; 12], &mut text)
                    .unwrap();
                self.keys
                    .client_to_server()
                    .open(b"", &[1; 12], &mut text)
                    .unwrap();
                field.value.to_vec()
            })
            .collect()
    }
}
