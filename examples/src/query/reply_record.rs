use horolog_ntp::Measurement;
use horolog_time::{NtpTimestamp, UnixTime};
use serde::Serialize;

/// What stands in a reply, and when it and its request went and came, as JSON. Without a reply, by
/// default, all of it is null. Scripts rely on these names.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReplyRecord {
    version: Option<u8>,
    stratum: Option<u8>,
    leap: Option<String>,
    refid: Option<String>,
    poll: Option<i8>,
    precision: Option<i8>,
    root_delay: Option<f64>,
    root_dispersion: Option<f64>,
    /// Unix seconds in decimals, because a number would lose digits.
    t1: Option<String>,
    t2: Option<String>,
    t3: Option<String>,
    t4: Option<String>,
}

impl ReplyRecord {
    /// Timestamps are read as of the era that `now` is in the middle of.
    #[must_use]
    pub fn new(measurement: &Measurement, now: UnixTime) -> Self {
        let header = measurement.header();
        let unix = |stamp: NtpTimestamp| stamp.to_unix(now).map(|time| time.to_string());
        Self {
            version: Some(header.version.to_bits()),
            stratum: Some(header.stratum.get()),
            leap: Some(header.leap.to_string()),
            refid: Some(header.reference_id.describe(header.stratum).to_string()),
            poll: Some(header.poll.exponent()),
            precision: Some(header.precision.exponent()),
            root_delay: Some(header.root_delay.as_seconds_f64()),
            root_dispersion: Some(header.root_dispersion.as_seconds_f64()),
            t1: unix(measurement.t1()),
            t2: unix(measurement.t2()),
            t3: unix(measurement.t3()),
            t4: unix(measurement.t4()),
        }
    }
}
