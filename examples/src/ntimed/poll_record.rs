//! What `ntimed poll` prints as JSON. Scripts rely on these names.

use core::net::SocketAddr;
use std::time::SystemTime;

use horolog_ntp::Measurement;
use horolog_time::UnixTime;
use serde::Serialize;

use crate::query::{Event, ReplyRecord, Sample, TroubleRecord};

/// What came of a poll.
#[derive(Debug, Serialize)]
pub struct PollRecord {
    /// Seconds since the start.
    elapsed: f64,
    server: String,
    address: String,
    port: u16,
    /// Of a reply whatever it says.
    #[serde(flatten)]
    reply: ReplyRecord,
    /// Of a reply that tells time, as are delay, error bound and what vouches for it.
    offset: Option<f64>,
    delay: Option<f64>,
    error_bound: Option<f64>,
    auth: Option<String>,
    /// Why there is no time, for people.
    error: Option<String>,
    kiss: Option<String>,
}

/// All polls.
#[derive(Debug, Serialize)]
pub struct PolledRecord {
    pub(super) summary: bool,
    /// Seconds since the start.
    pub(super) elapsed: f64,
    pub(super) servers: usize,
    pub(super) polls: u32,
    /// Those that tell the time.
    pub(super) replies: u32,
}

impl PollRecord {
    pub(super) fn new(
        elapsed: f64,
        server: &str,
        address: SocketAddr,
        event: &Event,
        answered: Option<&Measurement>,
    ) -> Self {
        let now = UnixTime::try_from(SystemTime::now()).unwrap_or(UnixTime::EPOCH);
        let sample = match event {
            Event::Sample(sample) => Some(sample),
            _ => None,
        };
        let measured = sample.map(|Sample { measurement, .. }| measurement);
        let reply = measured.or(answered);
        let trouble = TroubleRecord::new(server, address, event);
        Self {
            elapsed,
            server: server.to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            reply: reply.map_or_else(ReplyRecord::default, |reply| ReplyRecord::new(reply, now)),
            offset: measured.map(|measured| measured.offset().as_seconds_f64()),
            delay: measured.map(|measured| measured.delay().as_seconds_f64()),
            error_bound: measured.map(|measured| measured.root_distance().as_seconds_f64()),
            auth: sample.map(|sample| sample.proof.name()),
            error: trouble.as_ref().map(|trouble| trouble.error().to_owned()),
            kiss: trouble.and_then(|trouble| trouble.kiss().map(str::to_owned)),
        }
    }
}
