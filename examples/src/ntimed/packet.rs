use std::time::SystemTime;

use horolog_ntimed::{Exchange, TracePacket};
use horolog_ntp::Measurement;
use horolog_time::{NtpDate, UnixTime};

/// A reply as it stands in a trace; `None` where its times are unknown.
pub(super) fn packet(measurement: &Measurement) -> Option<TracePacket> {
    let now = UnixTime::try_from(SystemTime::now()).ok()?;
    let pivot = NtpDate::from_unix(now).ok()?;
    let exchange = Exchange::from_measurement(measurement, pivot)?;
    let header = measurement.header();
    let packet = TracePacket {
        leap: header.leap,
        version: header.version,
        mode: header.mode,
        stratum: header.stratum,
        poll: u8::from_be_bytes(header.poll.exponent().to_be_bytes()),
        precision: header.precision.exponent(),
        root_delay: header.root_delay.as_seconds_f64(),
        root_dispersion: header.root_dispersion.as_seconds_f64(),
        reference_id: header.reference_id,
        reference: 0.0,
        t1: UnixTime::EPOCH,
        there: 0.0,
        processing: 0.0,
        back: 0.0,
    };
    Some(packet.with_times(&exchange))
}
