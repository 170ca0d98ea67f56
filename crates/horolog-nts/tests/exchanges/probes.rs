//! Puts odd requests to our server and compares its answers with those of chrony and ntpd-rs.

use core::time::Duration;

use horolog_nts::{ExporterSecret, KeServer, KeServerConfig, Keyring};

use crate::file::{FILES, exchange};
use crate::probe_table::Answer::{self, Closed, Error};
use crate::probe_table::{PROBES, long_request, octets, summary};

/// Our answer, to a request whole and octet by octet.
fn ours(request: &[u8]) -> Answer {
    let config = KeServerConfig::new();
    let secret = ExporterSecret::new(&[7; 48]).expect("48 octets");
    let keyring = Keyring::new(1, &[0x2b; 32]);
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let [whole, portions] = [request.len().max(1), 1].map(|length| {
        let mut server = KeServer::new(&config, Duration::ZERO);
        for portion in request.chunks(length) {
            let _ = server.handle_octets(portion);
        }
        server.handle_end();
        let mut response = Vec::new();
        let outcome = server.respond(&secret, &keyring, &mut rng, &mut response);
        let answer = summary(&response);
        assert_eq!(outcome.is_err(), matches!(answer, Error(_)));
        answer
    });
    assert_eq!(whole, portions);
    whole
}

#[test]
fn probes_are_answered() {
    let file = |name| {
        let (_, text) = FILES
            .into_iter()
            .find(|(file, _)| *file == name)
            .expect("a file");
        exchange(text)
    };
    let chrony = file("nts-ke-probes-chrony46");
    let ntpd_rs = file("nts-ke-probes-ntpdrs19");
    let long = long_request();
    for (stream, name, expected, of_chrony, of_ntpd_rs) in PROBES {
        let request = match stream {
            24 => &[],
            25 => &long[..],
            _ => octets(&chrony, stream, true).expect("a request"),
        };
        assert_eq!(ours(request), expected, "{name}");
        for (exchange, expected) in [(&chrony, of_chrony), (&ntpd_rs, of_ntpd_rs)] {
            if let Some(same) = octets(exchange, stream, true) {
                assert_eq!(same, request, "{name}");
            }
            let answer = octets(exchange, stream, false).map_or(Closed, summary);
            assert_eq!(answer, expected, "{name}");
        }
    }
}
