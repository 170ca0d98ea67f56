use core::net::SocketAddr;

use serde_json::Value;

use crate::patience::CLOSE;
use crate::{Namespace, Output, Pki, Program, Serve};

impl Program {
    /// `query --nts` of the server that establishes keys at an address; JSON, ten requests a second.
    #[must_use]
    pub fn query_nts(key_exchange: SocketAddr, pki: &Pki) -> Self {
        Self::query_nts_every(0.1, key_exchange, pki)
    }

    /// The same with so many seconds from one request to the next.
    #[must_use]
    pub fn query_nts_every(seconds: f32, key_exchange: SocketAddr, pki: &Pki) -> Self {
        Self::new("query").nts(seconds, key_exchange, pki)
    }

    /// The same in a host of a [`Network`](crate::Network), of a server at port 4460.
    #[must_use]
    pub fn query_nts_within(host: &Namespace, server: &Namespace, pki: &Pki) -> Self {
        Self::within(host, "query").nts(0.1, server.at(4460), pki)
    }

    fn nts(self, seconds: f32, key_exchange: SocketAddr, pki: &Pki) -> Self {
        let (ip, port) = (key_exchange.ip(), key_exchange.port());
        let authority = pki.authority().display();
        self.args(&format!(
            "{ip} --nts --nts-port {port} --ca {authority} --json --interval {seconds}"
        ))
    }
}

impl Serve {
    /// What a client gets that establishes keys and asks that many times.
    #[must_use]
    pub fn query_nts(&self, pki: &Pki, samples: u32) -> Output {
        let query = Program::query_nts(self.key_exchange(), pki);
        query
            .args(&format!("--samples {samples} --timeout 3"))
            .run()
    }
}

impl Output {
    /// The samples of `query --nts` of a server on the same clock: none may be lost, all have to be
    /// good, with this AEAD algorithm, and the best of four or more has to be close.
    ///
    /// # Panics
    ///
    /// Where one is.
    #[must_use]
    pub fn nts_samples(&self, algorithm: u16) -> Vec<Value> {
        assert_eq!(self.status, Some(0), "{self:?}");
        let (samples, summary) = self.samples();
        assert_eq!(summary["lost"], 0, "{self:?}");
        for sample in &samples {
            assert_protected(sample);
            assert_eq!(sample["aead"], algorithm, "{self:?}");
        }
        assert_best_close(&samples);
        samples
    }

    /// Checks that the program ended with 1, said why, and showed nothing that could be taken for
    /// time.
    ///
    /// # Panics
    ///
    /// Where it did not.
    pub fn assert_no_time(&self) {
        assert_eq!(self.status, Some(1), "{self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        for name in ["\"t2\"", "\"stratum\""] {
            assert!(!self.stdout.contains(name), "{self:?}");
        }
        let is_empty = |line: &Value| line.get("offset").is_none_or(Value::is_null);
        assert!(self.json().iter().all(is_empty), "{self:?}");
    }
}

/// Checks a sample of `query --nts` of a server on the same clock: authenticated, with a full jar of
/// cookies behind it, and with no greater offset than its delay can excuse.
///
/// # Panics
///
/// Where it is not so.
pub fn assert_protected(sample: &Value) {
    assert_eq!(sample["auth"], "nts", "{sample}");
    assert_eq!(sample["cookies"], 8, "{sample}");
    assert_excused(sample);
}

/// Checks a sample of `query` of a server on the same clock: its offset is no greater than its delay
/// can excuse, however busy the machine is.
///
/// # Panics
///
/// Where it is not so.
pub fn assert_excused(sample: &Value) {
    // What a server that steers a clock of its own may be away by.
    const STEERED: f64 = 1e-3;
    let excuse = number(sample, "delay") / 2.0 + STEERED;
    assert!(number(sample, "offset").abs() < excuse, "{sample}");
}

/// Checks that the best of four or more samples of `query` is within a millisecond of the server,
/// which has the same clock; of fewer nothing is asked.
///
/// # Panics
///
/// Where it is not.
pub fn assert_best_close(samples: &[Value]) {
    let offsets = samples.iter().map(|sample| number(sample, "offset").abs());
    let best = offsets.fold(f64::INFINITY, f64::min);
    assert!(samples.len() < 4 || best < CLOSE, "{samples:?}");
}

fn number(record: &Value, name: &str) -> f64 {
    let number = record[name].as_f64();
    number.unwrap_or_else(|| panic!("no {name} in {record}"))
}
