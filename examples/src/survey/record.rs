//! What `survey` prints as JSON. Scripts rely on these names.

use serde::Serialize;

use super::{Findings, Standing, Surveyed};

/// One server.
#[derive(Debug, Serialize)]
pub struct ServerRecord {
    server: String,
    address: Option<String>,
    port: Option<u16>,
    samples: usize,
    lost: u32,
    /// Those of the lost that were replies, but told no usable time.
    unusable: u32,
    /// The reachability register in octal, as `ntpq` shows it.
    reach: String,
    stratum: Option<u8>,
    refid: Option<String>,
    leap: Option<String>,
    auth: Option<String>,
    /// Of the best sample, as are delay and error bound.
    offset: Option<f64>,
    delay: Option<f64>,
    error_bound: Option<f64>,
    jitter: Option<f64>,
    /// What its samples together bound the offset to.
    low: Option<f64>,
    high: Option<f64>,
    /// How much weight it has, 0 to 1.
    trust: Option<f64>,
    agrees: bool,
    /// Why it does not count.
    reason: Option<String>,
}

impl ServerRecord {
    /// A server and what is thought of it.
    #[must_use]
    pub fn new(server: &Surveyed, standing: &Standing) -> Self {
        let best = server.summary.best();
        let newest = server.newest().map(|taken| &taken.sample);
        let header = newest.map(|sample| sample.measurement.header());
        let bounds = standing.bounds();
        Self {
            server: server.name.clone(),
            address: server.address.map(|address| address.ip().to_string()),
            port: server.address.map(|address| address.port()),
            samples: server.summary.samples(),
            lost: server.summary.lost(),
            unusable: server.unusable,
            reach: format!("{:03o}", server.reach),
            stratum: header.map(|header| header.stratum.get()),
            refid: header.map(|header| header.reference_id.describe(header.stratum).to_string()),
            leap: header.map(|header| header.leap.to_string()),
            auth: newest.map(|sample| sample.proof.name()),
            offset: best.map(|best| best.offset().as_seconds_f64()),
            delay: best.map(|best| best.delay().as_seconds_f64()),
            error_bound: best.map(|best| best.root_distance().as_seconds_f64()),
            jitter: server.summary.jitter(),
            low: bounds.map(|[low, _]| low),
            high: bounds.map(|[_, high]| high),
            trust: standing.density.map(|density| density.trust()),
            agrees: standing.agrees(),
            reason: standing.reason.clone(),
        }
    }
}

/// All servers.
#[derive(Debug, Serialize)]
pub struct SurveyRecord {
    summary: bool,
    servers: usize,
    agreeing: usize,
    voters: usize,
    quorum: bool,
    offset: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    /// At the peak, per second.
    density: Option<f64>,
    leap: String,
    leap_disputed: bool,
}

impl From<&Findings> for SurveyRecord {
    fn from(findings: &Findings) -> Self {
        let (agreeing, voters) = findings.quorum();
        let bounds = findings.bounds();
        Self {
            summary: true,
            servers: findings.servers.len(),
            agreeing,
            voters,
            quorum: findings.peak().is_some(),
            offset: findings.offset(),
            low: bounds.map(|[low, _]| low),
            high: bounds.map(|[_, high]| high),
            density: findings.peak().map(|[_, density]| density),
            leap: findings.leap.to_string(),
            leap_disputed: findings.is_leap_disputed(),
        }
    }
}
