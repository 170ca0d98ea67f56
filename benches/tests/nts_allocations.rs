//! Protected packets allocate nothing after the first ones.

use core::convert::Infallible;
use core::net::Ipv4Addr;
use std::hint::black_box;

use allocation_counter::measure;
use horolog_ntp::{
    Arrival, ClientConfig, InterleavedTable, PrivateExtensionType, ServerResponder, SystemState,
};
use horolog_nts::{
    AeadAlgorithm, Association, CookieJar, Keyring, LeapListOffer, NtsClient, NtsReply, NtsServer,
    SessionKeys,
};
use horolog_time::{NtpDuration, NtpTimestamp};

/// Numbers that are all different.
struct Sequence(u64);

impl rand_core::TryRng for Sequence {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("nothing draws 32 bits")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        for octets in octets.chunks_mut(8) {
            let bits = self.try_next_u64()?.to_be_bytes();
            octets.copy_from_slice(&bits[..octets.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Sequence {}

fn keyring() -> Keyring {
    Keyring::new(1, &[9; 32])
}

fn client(algorithm: AeadAlgorithm, rng: &mut Sequence) -> NtsClient {
    let secret = vec![7; algorithm.key_length().unwrap()];
    let keys = SessionKeys::new(algorithm, &secret, &secret).unwrap();
    let mut cookies = CookieJar::new();
    let mut cookie = [0; 300];
    let length = keyring().seal_cookie(&keys, rng, &mut cookie).unwrap();
    cookies.push(&cookie[..length]).unwrap();
    let association = Association::new(keys, cookies);
    let config = ClientConfig {
        interleaved: true,
        ..ClientConfig::default()
    };
    NtsClient::new(config, association).unwrap()
}

#[test]
fn a_client_and_a_server_with_nts() {
    for number in [15, 16, 17, 30, 31] {
        let mut rng = Sequence(number.into());
        let mut client = client(AeadAlgorithm::from_number(number), &mut rng);
        let responder = ServerResponder::new(SystemState::local_primary())
            .with_interleaved(InterleavedTable::new(16));
        let mut server = NtsServer::new(responder, keyring());
        let (field_type, list) = (PrivateExtensionType::LEAP_LIST, &[7; 17]);
        server.set_leap_list(Some(LeapListOffer { field_type, list }));
        let mut buffers = [[0; 1500]; 2];
        let mut now = NtpTimestamp::from_parts(3_900_000_000, 0);
        let [mut by_client, mut by_server] = [0, 0];
        for round in 0..40 {
            now = now + NtpDuration::SECOND;
            let arrival = Arrival {
                source: Ipv4Addr::LOCALHOST.into(),
                receive: now,
                transmit: now,
            };
            let [request, response] = &mut buffers;
            let mut length = 0;
            // Every other request asks for the list of leap seconds.
            let asks = round % 2 == 0;
            let writing = measure(|| {
                if asks {
                    client.ask_for_leap_list(field_type, list.len());
                }
                length = client.write_request(request, now, &mut rng).unwrap();
            });
            // The first response is full of cookies: seven placeholders asked for them.
            let answering = measure(|| {
                let request = &request[..length];
                let sent = server.respond(request, arrival, &mut rng, response);
                length = black_box(sent).unwrap().length;
            });
            // A few are lost, so that placeholders come and go.
            let is_lost = round % 5 == 3;
            let reading = measure(|| {
                if !is_lost {
                    let reply = client.handle_reply(&response[..length], now).unwrap();
                    let NtsReply::Authentic(authentic) = black_box(reply) else {
                        panic!("{reply:?}");
                    };
                    assert_eq!(authentic.leap_list().unwrap().is_some(), asks);
                    client.handle_reply(&response[..length], now).unwrap_err();
                }
            });
            if round >= 10 {
                by_client += writing.count_total + reading.count_total;
                by_server += answering.count_total;
            }
            if round == 0 {
                // The counter counts: the jar gets its room now.
                assert!(reading.count_total > 0);
            }
        }
        assert_eq!((by_client, by_server), (0, 0), "{number}");
        assert!(client.cookies().len() >= 5);
    }
}

/// What a server refuses or cannot open costs no memory either.
#[test]
fn hostile_requests() {
    let mut rng = Sequence(1);
    let mut client = client(AeadAlgorithm::AES_SIV_CMAC_256, &mut rng);
    let responder = ServerResponder::new(SystemState::local_primary());
    let mut server = NtsServer::new(responder, Keyring::new(2, &[8; 32]));
    let mut buffers = [[0; 1500]; 2];
    let now = NtpTimestamp::from_parts(3_900_000_000, 0);
    let arrival = Arrival {
        source: Ipv4Addr::LOCALHOST.into(),
        receive: now,
        transmit: now,
    };
    let [request, response] = &mut buffers;
    let length = client.write_request(request, now, &mut rng).unwrap();
    let mut respond = |request: &[u8]| server.respond(request, arrival, &mut rng, response).is_ok();
    assert!(respond(&request[..length])); // a NAK; its room is kept
    let mut answered = 0;
    let info = measure(|| {
        for end in 0..=length {
            answered += usize::from(respond(&request[..end]));
        }
        for place in 0..length {
            request[place] ^= 0x81;
            answered += usize::from(respond(&request[..length]));
            request[place] ^= 0x81;
        }
    });
    assert_eq!(info.count_total, 0);
    assert!(answered > 100, "{answered}");
}
