//! What `query` prints as JSON. Scripts rely on these names.

use core::net::SocketAddr;

use horolog_ntp::{KissAction, KissCode};
use horolog_time::{NtpTimestamp, UnixTime};
use serde::Serialize;

use super::{Event, Proof, Sample, Summary};

/// One measurement.
#[derive(Debug, Serialize)]
pub struct SampleRecord {
    server: String,
    address: String,
    port: u16,
    version: u8,
    stratum: u8,
    leap: String,
    refid: String,
    poll: i8,
    precision: i8,
    root_delay: f64,
    root_dispersion: f64,
    /// Unix seconds in decimals, because a number would lose digits.
    t1: Option<String>,
    t2: Option<String>,
    t3: Option<String>,
    t4: Option<String>,
    offset: f64,
    delay: f64,
    error_bound: f64,
    auth: String,
    /// The number of the AEAD algorithm where NTS is used.
    aead: Option<u16>,
    /// Cookies left where NTS is used.
    cookies: Option<usize>,
    interleaved: bool,
}

impl SampleRecord {
    /// Timestamps are read as of the era that `now` is in the middle of.
    #[must_use]
    pub fn new(server: &str, address: SocketAddr, sample: &Sample, now: UnixTime) -> Self {
        let Sample { measurement, proof } = sample;
        let (aead, cookies) = match *proof {
            Proof::Nts { algorithm, cookies } => (Some(algorithm.number()), Some(cookies)),
            Proof::None | Proof::Mac(_) => (None, None),
        };
        let header = measurement.header();
        let unix = |stamp: NtpTimestamp| stamp.to_unix(now).map(|time| time.to_string());
        Self {
            server: server.to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            version: header.version.to_bits(),
            stratum: header.stratum.get(),
            leap: header.leap.to_string(),
            refid: header.reference_id.describe(header.stratum).to_string(),
            poll: header.poll.exponent(),
            precision: header.precision.exponent(),
            root_delay: header.root_delay.as_seconds_f64(),
            root_dispersion: header.root_dispersion.as_seconds_f64(),
            t1: unix(measurement.t1()),
            t2: unix(measurement.t2()),
            t3: unix(measurement.t3()),
            t4: unix(measurement.t4()),
            offset: measurement.offset().as_seconds_f64(),
            delay: measurement.delay().as_seconds_f64(),
            error_bound: measurement.root_distance().as_seconds_f64(),
            auth: proof.name(),
            aead,
            cookies,
            interleaved: measurement.is_interleaved(),
        }
    }
}

/// A request that brought no time.
#[derive(Debug, Serialize)]
pub struct TroubleRecord {
    server: String,
    address: String,
    port: u16,
    /// What went wrong, for people.
    error: String,
    /// The kiss code, if it was one.
    kiss: Option<String>,
}

impl TroubleRecord {
    /// `None` for an event that is none.
    #[must_use]
    pub fn new(server: &str, address: SocketAddr, event: &Event) -> Option<Self> {
        let (error, kiss) = match event {
            Event::Sample(_) | Event::Established { .. } => return None,
            Event::NotEstablished(error) => (error.clone(), None),
            Event::NoCookie => (
                "no cookie is left, and it is too soon for new keys".to_owned(),
                None,
            ),
            Event::Nak => (
                "NTS NAK: the server does not know the cookie".to_owned(),
                Some(KissCode::NTSN.to_string()),
            ),
            Event::Lost {
                unauthentic: Some(reason),
                ..
            } => (format!("no reply to believe: {reason}"), None),
            Event::Lost { refused: true, .. } => ("connection refused".to_owned(), None),
            Event::Lost { discarded: 0, .. } => ("no reply".to_owned(), None),
            Event::Lost { discarded, .. } => (
                format!("no reply, and {discarded} datagrams that answer nothing"),
                None,
            ),
            Event::Kiss(code) => {
                let action = match code.action() {
                    KissAction::Stop => "the server does not want to be asked",
                    KissAction::SlowDown => "asked too often, slowing down",
                    _ => "no time",
                };
                (
                    format!("kiss code {code}: {action}"),
                    Some(code.to_string()),
                )
            }
            Event::Unusable(reason) => (reason.to_string(), None),
        };
        let (address, port) = (address.ip().to_string(), address.port());
        Some(Self {
            server: server.to_owned(),
            address,
            port,
            error,
            kiss,
        })
    }

    /// What went wrong, for people.
    #[must_use]
    pub fn error(&self) -> &str {
        &self.error
    }
}

/// All requests to one server.
#[derive(Debug, Serialize)]
pub struct SummaryRecord {
    summary: bool,
    server: String,
    samples: usize,
    lost: u32,
    offset: Option<f64>,
    delay: Option<f64>,
    jitter: Option<f64>,
}

impl SummaryRecord {
    /// Offset and delay are those of the best measurement.
    #[must_use]
    pub fn new(server: &str, summary: &Summary) -> Self {
        let best = summary.best();
        Self {
            summary: true,
            server: server.to_owned(),
            samples: summary.samples(),
            lost: summary.lost(),
            offset: best.map(|best| best.offset().as_seconds_f64()),
            delay: best.map(|best| best.delay().as_seconds_f64()),
            jitter: summary.jitter(),
        }
    }
}
