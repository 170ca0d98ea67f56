//! Protected NTP packets.

use core::convert::Infallible;
use core::net::Ipv4Addr;

use horolog_leap_compact::CompactList;
use horolog_ntp::{
    Arrival, ClientConfig, ExtensionField, ExtensionType, FieldLayout, FieldValue, FieldWalker,
    Header, KissCode, LeapListField, NtsAuthenticator, Packet, PrivateExtensionType, ResponseKind,
    ServerResponder, SystemState, Trailing,
};
use horolog_nts::{
    AeadAlgorithm, AeadKey, Association, CookieJar, Keyring, LeapListOffer, NtsClient, NtsReply,
    NtsResponse, NtsServer, SealedRequest, SessionKeys,
};
use horolog_time::NtpTimestamp;

use crate::{DIRT, check_error};

/// Randomness that is the same each time.
struct Counter(u64);

impl rand_core::TryRng for Counter {
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

impl rand_core::TryCryptoRng for Counter {}

const NOW: NtpTimestamp = NtpTimestamp::from_parts(3_900_000_000, 0);
const COOKIES: usize = 5;

fn algorithm(choice: u8) -> AeadAlgorithm {
    [
        AeadAlgorithm::AES_SIV_CMAC_256,
        AeadAlgorithm::AES_128_GCM_SIV,
        AeadAlgorithm::AES_SIV_CMAC_512,
        AeadAlgorithm::AES_256_GCM_SIV,
        AeadAlgorithm::AES_SIV_CMAC_384,
    ][usize::from(choice) % 5]
}

fn keys(algorithm: AeadAlgorithm) -> SessionKeys {
    let length = algorithm.key_length().expect("a known one");
    let secrets = [[0x5c; 64], [0x36; 64]];
    let [c2s, s2c] = secrets.each_ref().map(|secret| &secret[..length]);
    SessionKeys::new(algorithm, c2s, s2c).expect("their length")
}

fn keyring() -> Keyring {
    Keyring::new(0x0102_0304, &[0xc0; 32])
}

fn server() -> NtsServer {
    let responder = ServerResponder::new(SystemState::local_primary());
    NtsServer::new(responder, keyring())
}

/// A client that has sent a request, and the request.
fn asked(algorithm: AeadAlgorithm) -> (NtsClient, Vec<u8>) {
    let mut client = client(algorithm);
    let request = ask(&mut client);
    (client, request)
}

fn client(algorithm: AeadAlgorithm) -> NtsClient {
    let keys = keys(algorithm);
    let mut cookies = CookieJar::new();
    let mut cookie = [0; 300];
    for number in 0..COOKIES {
        let mut rng = Counter(u64::try_from(number).expect("a small one"));
        let length = keyring()
            .seal_cookie(&keys, &mut rng, &mut cookie)
            .expect("room");
        cookies.push(&cookie[..length]).expect("room");
    }
    let association = Association::new(keys, cookies);
    NtsClient::new(ClientConfig::default(), association).expect("NTPv4")
}

/// A client's next request.
fn ask(client: &mut NtsClient) -> Vec<u8> {
    let mut request = vec![DIRT; 1232];
    let length = client
        .write_request(&mut request, NOW, &mut Counter(99))
        .expect("a cookie");
    request.truncate(length);
    request
}

/// The response, which must be readable and no longer than the request.
fn respond(server: &mut NtsServer, request: &[u8]) -> Option<(NtsResponse, Vec<u8>)> {
    let arrival = Arrival {
        source: Ipv4Addr::LOCALHOST.into(),
        receive: NOW,
        transmit: NOW,
    };
    let mut buffer = vec![DIRT; 2048];
    let response = server
        .respond(request, arrival, &mut Counter(7), &mut buffer)
        .ok()?;
    assert!(
        response.length <= request.len(),
        "a response longer than its request"
    );
    buffer.truncate(response.length);
    Packet::decode(&buffer).expect("responses can be read");
    Some((response, buffer))
}

/// Where the authenticator starts.
fn start(packet: &[u8]) -> usize {
    let mut walker = FieldWalker::behind(packet, Header::LENGTH, FieldLayout::V4);
    loop {
        let start = walker.offset();
        match walker.next() {
            Some(Ok(Trailing::Field(field)))
                if field.field_type == ExtensionType::NTS_AUTHENTICATOR =>
            {
                return start;
            }
            Some(Ok(Trailing::Field(_))) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// What stands in front, and an authenticator that hides a plaintext.
fn sealed(front: &[u8], key: &AeadKey, plaintext: &[u8]) -> Vec<u8> {
    let nonce = [0x0e; 12];
    let mut ciphertext = plaintext.to_vec();
    ciphertext.resize(plaintext.len() + key.tag_length(), DIRT);
    key.seal(front, &nonce, &mut ciphertext).expect("room");
    let authenticator = NtsAuthenticator {
        nonce: &nonce,
        ciphertext: &ciphertext,
        additional_padding: 4,
    };
    let mut value = Vec::new();
    authenticator.encode_value(&mut value);
    let mut packet = front.to_vec();
    let field = ExtensionField {
        field_type: ExtensionType::NTS_AUTHENTICATOR,
        value: &value,
    };
    field
        .encode(FieldLayout::V4, &mut packet)
        .expect("short enough");
    packet
}

/// Changes octets: each change is two octets of place and one to combine with.
fn changed(packet: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut packet = packet.to_vec();
    for change in changes.chunks_exact(3) {
        let place = usize::from(u16::from_be_bytes([change[0], change[1]]));
        let length = packet.len();
        // From behind there can be more: a tail that grows.
        match packet.get_mut(place) {
            Some(octet) => *octet ^= change[2],
            None if length < 1500 => packet.push(change[2]),
            None => {}
        }
    }
    packet
}

/// The value of an authenticator as it stands; and octets as what an authentic one hides, for a client
/// and for a server. The first octet chooses the algorithm.
pub fn nts_authenticator(octets: &[u8]) {
    let Some((&choice, octets)) = octets.split_first() else {
        return;
    };
    if octets.len() > 60_000 {
        return;
    }
    let algorithm = algorithm(choice);
    let keys = keys(algorithm);
    match NtsAuthenticator::decode_value(octets) {
        Ok(first) => {
            let mut written = vec![DIRT; first.value_len()];
            first.encode_value(&mut written.as_mut_slice());
            assert_eq!(NtsAuthenticator::decode_value(&written), Ok(first));
            let mut buffer = first.ciphertext.to_vec();
            let opened = keys.client_to_server().open(b"", first.nonce, &mut buffer);
            assert!(opened.is_err());
            assert_eq!(buffer, first.ciphertext);
        }
        Err(error) => check_error(octets, &error),
    }

    let is_walkable = FieldWalker::new(octets, FieldLayout::NtsPlaintext).all(|item| item.is_ok());
    let (mut client, request) = asked(algorithm);
    let (_, reply) = respond(&mut server(), &request).expect("a good request");
    let packet = sealed(&reply[..start(&reply)], keys.server_to_client(), octets);
    match client.handle_reply(&packet, NOW) {
        Ok(NtsReply::Authentic(authentic)) => {
            let length: usize = authentic
                .encrypted_fields()
                .map(|field| ExtensionField::HEADER_LENGTH + field.value.len())
                .sum();
            assert_eq!(length, octets.len());
            assert!(is_walkable && authentic.cookies <= 1 + 8 - COOKIES);
            assert!(client.cookies().len() <= CookieJar::CAPACITY);
        }
        Ok(other) => panic!("{other:?}"),
        Err(_) => {
            assert!(!is_walkable);
            assert_eq!(client.cookies().len(), COOKIES - 1);
        }
    }

    let packet = sealed(&request[..start(&request)], keys.client_to_server(), octets);
    let request = SealedRequest::decode(&packet)
        .expect("it is whole")
        .expect("it has fields of NTS");
    let mut scratch = vec![DIRT; request.scratch_length()];
    if let Ok(opened) = request.open(&keyring(), &mut scratch) {
        assert!(is_walkable);
        let inside = opened
            .encrypted_fields()
            .filter(|field| field.field_type == ExtensionType::NTS_COOKIE_PLACEHOLDER)
            .count();
        assert!((1 + 8 - COOKIES..=1 + 8 - COOKIES + inside).contains(&opened.cookies_asked_for()));
    }
    if let Some((response, _)) = respond(&mut server(), &packet) {
        assert!(response.cookies <= CookieJar::CAPACITY);
    }
}

/// A datagram for a server as it stands, and a good request that is changed. The first octet chooses
/// the algorithm.
pub fn nts_server(octets: &[u8]) {
    let Some((&choice, octets)) = octets.split_first() else {
        return;
    };
    let mut server = server();
    if let Some((response, reply)) = respond(&mut server, octets) {
        assert_eq!(response.cookies, 0, "nobody has a cookie of this server's");
        let header = Header::decode(&reply).expect("it can be read");
        if header.kiss_code() == Some(KissCode::NTSN) {
            assert!(SealedRequest::decode(octets).is_ok_and(|request| request.is_some()));
        }
    }

    let (mut client, request) = asked(algorithm(choice));
    let changed = changed(&request, octets);
    let Some((response, reply)) = respond(&mut server, &changed) else {
        return;
    };
    if response.cookies > 0 {
        // What stands behind the authenticator, its padding and length may have been changed.
        let start = start(&request);
        assert_eq!(changed[..start], request[..start]);
        let reply = client.handle_reply(&reply, NOW).expect("an answer");
        assert!(matches!(reply, NtsReply::Authentic(_)));
    } else if let ResponseKind::Kiss(KissCode::NTSN) = response.kind {
        assert_ne!(changed, request);
    }
}

/// A datagram for a client as it stands, and a good reply that is changed. The first octet chooses the
/// algorithm.
pub fn nts_client(octets: &[u8]) {
    let Some((&choice, octets)) = octets.split_first() else {
        return;
    };
    let (mut client, request) = asked(algorithm(choice));
    let arbitrary = client.handle_reply(octets, NOW);
    assert!(!matches!(arbitrary, Ok(NtsReply::Authentic(_))));
    let (_, reply) = respond(&mut server(), &request).expect("a good request");
    let changed = changed(&reply, octets);
    let start = start(&reply);
    match client.handle_reply(&changed, NOW) {
        Ok(NtsReply::Authentic(authentic)) => {
            assert_eq!(changed[..start], reply[..start]);
            assert_eq!(authentic.cookies, 1 + 8 - COOKIES);
            assert_eq!(client.cookies().len(), CookieJar::CAPACITY);
        }
        Ok(NtsReply::Nak | NtsReply::UnprotectedKiss(_)) => {
            let header = Header::decode(&changed).expect("it was read");
            assert!(header.kiss_code().is_some());
            // The good one still counts.
            let reply = client.handle_reply(&reply, NOW);
            assert!(matches!(reply, Ok(NtsReply::Authentic(_))));
        }
        Ok(other) => panic!("{other:?}"),
        Err(_) => {
            assert_ne!(changed, reply);
            assert_eq!(client.cookies().len(), COOKIES - 1);
            let reply = client.handle_reply(&reply, NOW);
            assert!(matches!(reply, Ok(NtsReply::Authentic(_))));
        }
    }
}

/// The value of the field with the list of leap seconds: as it stands, as what an authentic reply hides
/// from a client that asked, and as what a request hides from a server that has a list.
pub fn leap_list_field(octets: &[u8]) {
    // A field has a multiple of four octets.
    if octets.len() > 1024 || !octets.len().is_multiple_of(4) {
        return;
    }
    let decoded = LeapListField::decode_value(octets);
    match decoded {
        Ok(first) => {
            let mut written = vec![DIRT; first.value_len()];
            first.encode_value(&mut written.as_mut_slice());
            assert_eq!(written, octets);
            if let Some(list) = first.list() {
                assert_eq!(list.len(), first.list_len());
                let _ = CompactList::decode_binary(list);
            }
        }
        Err(error) => check_error(octets, &error),
    }
    let (agreed, list) = (PrivateExtensionType::LEAP_LIST, &[0x5a; 21]);
    let field_type = agreed.get();
    let mut hidden = Vec::new();
    let field = ExtensionField {
        field_type,
        value: octets,
    };
    field
        .encode(FieldLayout::NtsPlaintext, &mut hidden)
        .expect("short enough");

    let mut client = client(algorithm(0));
    client.ask_for_leap_list(agreed, 16);
    let request = ask(&mut client);
    let mut server = server();
    let (_, reply) = respond(&mut server, &request).expect("a good request");
    let keys = keys(algorithm(0));
    let packet = sealed(&reply[..start(&reply)], keys.server_to_client(), &hidden);
    let Ok(NtsReply::Authentic(authentic)) = client.handle_reply(&packet, NOW) else {
        panic!("an authentic reply");
    };
    let heard = authentic.leap_list();
    assert_eq!(
        heard,
        decoded.map(|field| (!field.is_request()).then_some(field))
    );

    server.set_leap_list(Some(LeapListOffer {
        field_type: agreed,
        list,
    }));
    let packet = sealed(
        &request[..start(&request)],
        keys.client_to_server(),
        &hidden,
    );
    let (response, reply) = respond(&mut server, &packet).expect("an authentic request");
    let sealed = &reply[start(&reply) + ExtensionField::HEADER_LENGTH..];
    let sealed = NtsAuthenticator::decode_value(sealed).expect("the server's own");
    let mut buffer = sealed.ciphertext.to_vec();
    let front = &reply[..start(&reply)];
    let plaintext = keys
        .server_to_client()
        .open(front, sealed.nonce, &mut buffer)
        .expect("the server's own");
    let fields: Vec<_> = FieldWalker::new(plaintext, FieldLayout::NtsPlaintext).collect();
    let is_asked = decoded.is_ok_and(|field| field.is_request());
    assert_eq!(fields.len(), response.cookies + usize::from(is_asked));
    if let Some(Ok(Trailing::Field(answer))) = fields.last().filter(|_| is_asked) {
        assert_eq!(answer.value.len(), octets.len());
    }
}
