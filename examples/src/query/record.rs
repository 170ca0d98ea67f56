//! What `query` prints as JSON. Scripts rely on these names.

use core::net::SocketAddr;

use horolog_ntp::{KissAction, KissCode};
use horolog_time::UnixTime;
use serde::Serialize;

use super::reply_record::ReplyRecord;
use super::{Event, Proof, Sample, Summary};

/// One measurement.
#[derive(Debug, Serialize)]
pub struct SampleRecord {
    server: String,
    address: String,
    port: u16,
    #[serde(flatten)]
    reply: ReplyRecord,
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
        Self {
            server: server.to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            reply: ReplyRecord::new(measurement, now),
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

    /// The kiss code, if it was one.
    #[must_use]
    pub fn kiss(&self) -> Option<&str> {
        self.kiss.as_deref()
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
