use alloc::sync::Arc;
use core::net::SocketAddr;
use core::ops::ControlFlow;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::net::TcpStream;
use std::sync::Mutex;
use std::thread;

use horolog_https::{AnswerKind, RefusalList, SearchConfig, SearchError, StatusCode, TimeUrl};
use horolog_time::NtpDuration;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::ResolvesServerCertUsingSni;
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, RootCertStore, ServerConfig, SupportedProtocolVersion, version};

use super::*;

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A certificate of `localhost`, its key, and what trusts it.
fn identity() -> (
    CertificateDer<'static>,
    PrivateKeyDer<'static>,
    Arc<dyn ServerCertVerifier>,
) {
    let certified = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let certificate = certified.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider());
    (certificate, key.into(), verifier.build().unwrap())
}

/// Serves while the client is there; gives what it heard.
fn with_server<T>(
    limits: TimeLimits,
    httpstime: bool,
    client: impl FnOnce(SocketAddr, Arc<dyn ServerCertVerifier>) -> T,
) -> (T, Vec<TimeEvent>) {
    let (certificate, key, verifier) = identity();
    let tls = server_config(provider(), vec![certificate], key).unwrap();
    with_session(tls, limits, httpstime, |address| client(address, verifier))
}

/// The same with sessions of any configuration.
fn with_session<T>(
    tls: ServerConfig,
    limits: TimeLimits,
    httpstime: bool,
    client: impl FnOnce(SocketAddr) -> T,
) -> (T, Vec<TimeEvent>) {
    let listener = TimeListener::bind(([127, 0, 0, 1], 0).into(), tls.into(), limits).unwrap();
    let listener = if httpstime {
        listener
    } else {
        listener.without_httpstime()
    };
    let address = listener.local_address().unwrap();
    let (stop, events) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let result = thread::scope(|scope| {
        let should_stop = || stop.load(Ordering::Relaxed);
        let observe = |_, event| events.lock().unwrap().push(event);
        let server = scope.spawn(move || listener.serve(&should_stop, &observe));
        let result = client(address);
        stop.store(true, Ordering::Relaxed);
        server.join().unwrap().unwrap();
        result
    });
    (result, events.into_inner().unwrap())
}

fn url(path: &str) -> TimeUrl {
    format!("https://localhost{path}").parse().unwrap()
}

#[test]
fn a_server_is_asked_until_its_time_is_known() {
    let (result, events) = with_server(TimeLimits::default(), true, |address, verifier| {
        let mut config = HttpsConfig::new(provider(), verifier);
        config.search = SearchConfig::new().with_rounds(3);
        config.certificate_time = CertificateTime::Claimed;
        let mut bounds = Vec::new();
        let mut refusals = RefusalList::new();
        let last = measure(&url(""), address, &config, &mut refusals, |round| {
            bounds.push(round.bounds);
            ControlFlow::Continue(())
        });
        (last.unwrap(), bounds)
    });
    let (last, bounds) = result;
    assert_eq!(bounds.last(), Some(&last.bounds));
    assert!(
        bounds
            .iter()
            .all(|bounds| bounds.contains(NtpDuration::ZERO))
    );
    assert!(last.httpstime.is_some());
    let answered = |event: &&TimeEvent| **event == TimeEvent::Answered(AnswerKind::Time);
    assert_eq!(events.iter().filter(answered).count(), bounds.len());
    // It stops at once, and may look at that before it sees that the client is gone.
    let ended = [TimeEvent::HungUp, TimeEvent::Slow];
    let last = events.last().expect("an event");
    assert!(ended.contains(last), "{events:?}");
}

/// A server that shows a certificate without having its key.
fn impostor(
    certificate: CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> ServerConfig {
    let (_, key, _) = identity();
    let key = provider().key_provider.load_private_key(key).unwrap();
    let certified = CertifiedKey::new(vec![certificate], key);
    let mut resolver = ResolvesServerCertUsingSni::new();
    resolver.add("localhost", certified).unwrap();
    ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver))
}

/// A certificate is public: only the signature of the handshake shows that it is the server's.
#[test]
fn a_certificate_without_its_key_is_refused_at_any_time() {
    for version in [&version::TLS12, &version::TLS13] {
        for time in [CertificateTime::Local, CertificateTime::Claimed] {
            let (certificate, _, verifier) = identity();
            let tls = impostor(certificate, version);
            let (result, events) = with_session(tls, TimeLimits::default(), true, |address| {
                let mut config = HttpsConfig::new(provider(), verifier);
                config.certificate_time = time;
                let stop = |_: &_| ControlFlow::Break(());
                measure(&url(""), address, &config, &mut RefusalList::new(), stop)
            });
            let bad = rustls::Error::InvalidCertificate(CertificateError::BadSignature);
            let error = result.unwrap_err();
            assert!(
                matches!(&error, HttpsNetError::Tls(error) if *error == bad),
                "{version:?}, {time:?}: {error:?}"
            );
            // Nothing was asked.
            assert!(matches!(events[..], [TimeEvent::Tls(_)]), "{events:?}");
        }
    }
}

#[test]
fn an_observer_ends_it() {
    let (result, _) = with_server(TimeLimits::default(), true, |address, verifier| {
        let config = HttpsConfig::new(provider(), verifier);
        let mut refusals = RefusalList::new();
        let stop = |_: &_| ControlFlow::Break(());
        measure(&url(""), address, &config, &mut refusals, stop)
    });
    assert_eq!(result.unwrap().number, 1);
}

#[test]
fn no_timeout_is_too_long() {
    let limits = TimeLimits {
        handshake: Duration::MAX,
        idle: Duration::MAX,
        ..TimeLimits::default()
    };
    let (result, _) = with_server(limits, true, |address, verifier| {
        let mut config = HttpsConfig::new(provider(), verifier);
        config.connect_timeout = Duration::MAX;
        config.response_timeout = Duration::MAX;
        let stop = |_: &_| ControlFlow::Break(());
        measure(&url(""), address, &config, &mut RefusalList::new(), stop)
    });
    assert_eq!(result.unwrap().number, 1);
}

#[test]
fn a_server_that_refuses_is_remembered_and_left_alone() {
    let status = StatusCode::NOT_FOUND;
    let (mut refusals, events) = with_server(TimeLimits::default(), true, |address, verifier| {
        let config = HttpsConfig::new(provider(), verifier);
        let mut refusals = RefusalList::new();
        let go_on = |_: &_| ControlFlow::Continue(());
        let first = measure(&url("/x"), address, &config, &mut refusals, go_on).unwrap_err();
        let refused = SearchError::NotOffered { status };
        assert!(
            matches!(first, HttpsNetError::Search(error) if error == refused),
            "{first}"
        );
        refusals
    });
    assert_eq!(events[0], TimeEvent::Answered(AnswerKind::NotFound));

    let ((), events) = with_server(TimeLimits::default(), true, |address, verifier| {
        let mut config = HttpsConfig::new(provider(), verifier);
        let stop = |_: &_| ControlFlow::Break(());
        let again = measure(&url("/x"), address, &config, &mut refusals, stop).unwrap_err();
        assert!(matches!(again, HttpsNetError::LeftAlone { status: left } if left == status));
        // Whoever takes any status asks all the same.
        config.search = config.search.with_any_status();
        let round = measure(&url("/x"), address, &config, &mut refusals, stop).unwrap();
        assert_eq!(round.status, status);
        assert_eq!(refusals.len(), 1);
    });
    assert_eq!(events[0], TimeEvent::Answered(AnswerKind::NotFound));
}

#[test]
fn connections_and_requests_are_counted() {
    let limits = TimeLimits {
        per_address: 0,
        ..TimeLimits::default()
    };
    let (result, events) = with_server(limits, false, |address, verifier| {
        let config = HttpsConfig::new(provider(), verifier);
        let stop = |_: &_| ControlFlow::Break(());
        measure(&url(""), address, &config, &mut RefusalList::new(), stop)
    });
    assert!(result.is_err());
    assert_eq!(events, [TimeEvent::TooMany]);

    // As many at once as there may be, from whatever address, and no more.
    let limits = TimeLimits {
        connections: 1,
        ..TimeLimits::default()
    };
    let (result, events) = with_server(limits, false, |address, verifier| {
        // Clients are accepted in the order in which they come.
        let _first = TcpStream::connect(address).unwrap();
        let config = HttpsConfig::new(provider(), verifier);
        let stop = |_: &_| ControlFlow::Break(());
        measure(&url(""), address, &config, &mut RefusalList::new(), stop)
    });
    let error = result.unwrap_err();
    assert!(
        matches!(error, HttpsNetError::Search(_) | HttpsNetError::Net(_)),
        "{error:?}"
    );
    assert_eq!(events[0], TimeEvent::TooMany);

    let limits = TimeLimits {
        requests: 1,
        ..TimeLimits::default()
    };
    let (result, _) = with_server(limits, false, |address, verifier| {
        let config = HttpsConfig::new(provider(), verifier);
        let go_on = |_: &_| ControlFlow::Continue(());
        measure(&url(""), address, &config, &mut RefusalList::new(), go_on)
    });
    let closed = SearchError::ClosedEarly { rounds: 1 };
    let error = result.unwrap_err();
    assert!(
        matches!(error, HttpsNetError::Search(error) if error == closed),
        "{error}"
    );
}

#[test]
fn clients_that_say_nothing_are_not_waited_for() {
    use std::io::Read as _;
    let limits = TimeLimits {
        handshake: Duration::from_millis(100),
        ..TimeLimits::default()
    };
    let (octets, events) = with_server(limits, true, |address, _| {
        let mut silent = TcpStream::connect(address).unwrap();
        let mut octets = Vec::new();
        // The end comes though nothing was said.
        silent.read_to_end(&mut octets).unwrap();
        octets
    });
    // An alert at most.
    assert!(octets.len() < 64, "{octets:?}");
    assert_eq!(events, [TimeEvent::Slow]);
}

#[test]
fn clients_that_ask_nothing_more_are_not_waited_for() {
    let limits = TimeLimits {
        idle: Duration::from_millis(100),
        ..TimeLimits::default()
    };
    // There is more time between two requests, however busy the machine.
    let (result, events) = with_server(limits, false, |address, verifier| {
        let config = HttpsConfig::new(provider(), verifier);
        let go_on = |_: &_| ControlFlow::Continue(());
        measure(&url(""), address, &config, &mut RefusalList::new(), go_on)
    });
    let error = result.unwrap_err();
    assert!(
        matches!(
            error,
            HttpsNetError::Search(SearchError::ClosedEarly { .. })
        ),
        "{error}"
    );
    assert_eq!(events.last(), Some(&TimeEvent::Slow), "{events:?}");
}

#[test]
fn a_server_that_is_to_stop_does_not_wait_for_its_clients() {
    let (stream, events) = with_server(TimeLimits::default(), true, |address, verifier| {
        let silent = TcpStream::connect(address).unwrap();
        // The server has taken it when it has answered the next one.
        let config = HttpsConfig::new(provider(), verifier);
        let stop = |_: &_| ControlFlow::Break(());
        measure(&url(""), address, &config, &mut RefusalList::new(), stop).unwrap();
        silent
    });
    drop(stream);
    assert!(events.contains(&TimeEvent::Slow), "{events:?}");
}
