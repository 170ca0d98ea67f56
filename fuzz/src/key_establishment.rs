//! Both sides of NTS key establishment.

use core::time::Duration;

use horolog_nts::{
    AeadAlgorithm, Association, CookieJar, ExporterSecret, KeClient, KeClientConfig, KeError,
    KeOutcome, KeProgress, KeRequest, KeResponse, KeServer, KeServerConfig, KeServerError, Keyring,
    MessageError, ResponseError,
};

use crate::nts::Counting;
use crate::{DIRT, check_error};

fn secret() -> ExporterSecret {
    ExporterSecret::new(&[DIRT; 32]).expect("32 octets")
}

/// The length of portions, and the octets of the other side.
fn portions(octets: &[u8]) -> Option<(usize, &[u8])> {
    let (&length, octets) = octets.split_first()?;
    Some((usize::from(length).max(1), octets))
}

/// A response, and again from what it encodes to.
pub fn ke_response(octets: &[u8]) {
    let first = match KeResponse::decode(octets) {
        Ok(first) => first,
        Err(ResponseError::Message(MessageError::Malformed(error))) => {
            return check_error(octets, &error);
        }
        Err(_) => return,
    };
    let mut written = vec![DIRT; first.encoded_len()];
    first
        .encode(&mut written.as_mut_slice())
        .expect("the length was told");
    assert_eq!(KeResponse::decode(&written), Ok(first));
    assert!(first.cookies().count() <= 64);
    assert!(first.server().is_none_or(|name| !name.is_empty()));
}

/// What a server sends, whole and in portions: a client makes the same of it.
pub fn ke_client(octets: &[u8]) {
    let Some((length, octets)) = portions(octets) else {
        return;
    };
    let config = KeClientConfig::new();
    let [whole, parts] = [octets.len().max(1), length].map(|length| {
        let mut client = KeClient::new(&config, Duration::ZERO);
        let mut progress = KeProgress::NeedMore;
        for portion in octets.chunks(length) {
            let done = progress == KeProgress::Done;
            progress = client.handle_octets(portion);
            assert!(!done || progress == KeProgress::Done, "done, then not done");
        }
        client.handle_end();
        assert_eq!(client.poll_timeout(), None);
        client.finish(&secret())
    });
    match (whole, parts) {
        (Ok(whole), Ok(parts)) => {
            check_association(&config, &whole);
            assert!(whole.cookies.iter().eq(parts.cookies.iter()));
            assert_eq!((whole.server, whole.port), (parts.server, parts.port));
        }
        (Err(KeError::Malformed(error)), Err(other)) => {
            check_error(octets, &error);
            assert_eq!(other, KeError::Malformed(error));
        }
        (Err(whole), Err(parts)) => assert_eq!(whole, parts),
        (whole, parts) => panic!("{whole:?}, and in portions {parts:?}"),
    }
}

fn check_association(config: &KeClientConfig, association: &Association) {
    let algorithm = association.keys.algorithm();
    assert!(config.algorithms().contains(&algorithm));
    assert!((1..=CookieJar::CAPACITY).contains(&association.cookies.len()));
    let gcm_siv = algorithm == AeadAlgorithm::AES_128_GCM_SIV;
    assert!(gcm_siv || association.alternative_keys.is_none());
}

/// What a client sends, whole and in portions: a server says the same, and a client can read it.
pub fn ke_server(octets: &[u8]) {
    let Some((length, octets)) = portions(octets) else {
        return;
    };
    let config = KeServerConfig::new().with_request_limit(KeServerConfig::MIN_REQUEST_LIMIT);
    let keyring = Keyring::new(1, &[DIRT; Keyring::SECRET_LENGTH]);
    let [whole, parts] = [octets.len().max(1), length].map(|length| {
        let mut server = KeServer::new(&config, Duration::ZERO);
        for portion in octets.chunks(length) {
            let _ = server.handle_octets(portion);
        }
        server.handle_end();
        let mut response = Vec::new();
        let outcome = server.respond(&secret(), &keyring, &mut Counting(0), &mut response);
        (outcome, response)
    });
    assert_eq!(whole, parts);
    let (outcome, response) = whole;
    let read = KeResponse::decode(&response);
    match outcome {
        Ok(KeOutcome::Established { algorithm, .. }) => {
            let read = read.expect("a response");
            assert_eq!(read.algorithm(), Some(algorithm));
            assert_eq!(read.cookies().count(), CookieJar::CAPACITY);
            for cookie in read.cookies() {
                let keys = keyring.open_cookie(cookie).expect("a cookie of its own");
                assert_eq!(keys.algorithm(), algorithm);
            }
        }
        Ok(_) => assert_eq!(read.expect("a response").algorithm(), None),
        Err(error) => {
            if let KeServerError::Request(MessageError::Malformed(error)) = error {
                check_error(octets, &error);
            }
            let code = error.error_code();
            assert_eq!(read, Err(ResponseError::Error { code }));
        }
    }
    if let Ok(request) = KeRequest::decode(octets) {
        let mut written = vec![DIRT; request.encoded_len()];
        request
            .encode(&mut written.as_mut_slice())
            .expect("the length was told");
        assert_eq!(KeRequest::decode(&written), Ok(request));
    }
}
