use std::time::SystemTime;

use horolog_ntimed::{Exchange, TracePacket};
use horolog_ntp::Measurement;
use horolog_time::{NtpDate, UnixTime};

/// What the original's reader of packets makes of a timestamp that is zero, and so not known:
/// 2036-02-07 06:28:16, when the era ends.
const ZERO: UnixTime = UnixTime::from_seconds(2_085_978_496);

/// A reply as it stands in a trace, whatever it says; `None` where the local clock's times are
/// unknown.
pub(super) fn packet(measurement: &Measurement) -> Option<TracePacket> {
    let now = UnixTime::try_from(SystemTime::now()).ok()?;
    let pivot = NtpDate::from_unix(now).ok()?;
    let zero = NtpDate::from_unix(ZERO).ok()?;
    let at = |timestamp| NtpDate::from_timestamp(timestamp, pivot);
    let header = measurement.header();
    let exchange = Exchange {
        leap: header.leap,
        version: header.version,
        mode: header.mode,
        stratum: header.stratum,
        precision: header.precision,
        reference_id: header.reference_id,
        reference: at(header.reference).unwrap_or(zero),
        t1: at(measurement.t1())?,
        t2: at(measurement.t2()).unwrap_or(zero),
        t3: at(measurement.t3()).unwrap_or(zero),
        t4: at(measurement.t4())?,
    };
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
