//! The program `httpstime` as tests ask with it.

use core::net::SocketAddr;

use serde_json::Value;

use crate::{Output, Pki, Program};

/// Asks the server at an address for its time, with further arguments.
#[must_use]
pub fn ask(pki: &Pki, address: SocketAddr, arguments: &str) -> Output {
    ask_url(pki, &format!("https://{address}"), arguments)
}

/// Asks for the time at a URL.
#[must_use]
pub fn ask_url(pki: &Pki, url: &str, arguments: &str) -> Output {
    Program::new("httpstime")
        .args(&format!("client {url} --json --ca"))
        .arg(pki.authority())
        .args(arguments)
        .run()
}

/// A number of a record.
///
/// # Panics
///
/// Where it has none.
#[must_use]
pub fn number(record: &Value, name: &str) -> f64 {
    record[name]
        .as_f64()
        .unwrap_or_else(|| panic!("no {name} in {record}"))
}

/// The one record, whose bounds hold a true offset.
///
/// # Panics
///
/// Where there is another number of them, or the bounds do not hold it.
#[expect(clippy::must_use_candidate, reason = "what it checks is what matters")]
pub fn told(output: &Output, truth: f64) -> Value {
    assert_eq!(output.status, Some(0), "{output:?}");
    let [record] = &output.json()[..] else {
        panic!("{output:?}")
    };
    let (low, high) = (number(record, "low"), number(record, "high"));
    assert!(
        low <= truth && truth <= high,
        "{truth} is not inside: {record}"
    );
    let width = number(record, "width");
    assert!((high - low - width).abs() < 1e-6 && width > 0.0, "{record}");
    let mid = number(record, "mid");
    assert!((low.midpoint(high) - mid).abs() < 1e-6, "{record}");
    record.clone()
}

/// Asks until the bounds are as narrow as this: other work on the machine makes them wider, never
/// wrong.
///
/// # Panics
///
/// Where they never are, or do not hold the true offset.
pub fn narrow(limit: f64, truth: f64, mut ask: impl FnMut() -> Output) -> Value {
    let mut record = Value::Null;
    for _ in 0..12 {
        record = told(&ask(), truth);
        if number(&record, "width") < limit {
            return record;
        }
    }
    panic!("not within {limit} s in twelve runs: {record}");
}
