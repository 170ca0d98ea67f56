//! Servers that said what is known, for tests.

use core::net::SocketAddr;
use core::time::Duration;
use std::time::SystemTime;

use horolog_ntp::{Header, LeapIndicator, Measurement, Mode, ReferenceId, Stratum, Version};
use horolog_time::{NtpDuration, NtpTimestamp, Precision};

use super::{Findings, Surveyed};
use crate::query::{Event, Proof, Sample};

/// A server that was asked once a second; an exchange is its offset and its delay in milliseconds.
pub(super) fn server(
    name: &str,
    number: u8,
    stratum: u8,
    leap: LeapIndicator,
    exchanges: &[[f64; 2]],
) -> Surveyed {
    let mut server = Surveyed::silent(name, "");
    server.trouble = None;
    let address = SocketAddr::from(([192, 0, 2, number], 123));
    let start = NtpTimestamp::from_parts(9, 0);
    let milliseconds =
        |span: f64| NtpDuration::from_seconds_f64(span * 1e-3).expect("a short span");
    for (second, [offset, delay]) in (1..).zip(exchanges) {
        let there = start + milliseconds(delay / 2.0 + offset);
        let header = Header {
            version: Version::V4,
            mode: Mode::SERVER,
            stratum: Stratum::new(stratum),
            reference_id: ReferenceId::from_octets([198, 51, 100, number]),
            leap,
            precision: Precision::from_exponent(-23),
            reference: start,
            ..Header::default()
        };
        let times = [start, there, there, start + milliseconds(*delay)];
        let event = Event::Sample(Sample {
            measurement: Measurement::new(times, header, Precision::from_exponent(-23)),
            proof: Proof::None,
        });
        server.hear(name, address, &event, Duration::from_secs(second));
        server.summary.add(&event);
    }
    server
}

/// What follows from these servers in the last month of a half-year, in which leap seconds can be.
pub(super) fn findings(servers: Vec<Surveyed>) -> Findings {
    // 2016-12-15.
    let begun = SystemTime::UNIX_EPOCH + Duration::from_hours(411_600);
    Findings::new(servers, begun, Duration::from_secs(4))
}

/// Whether two numbers are the same but for so much.
#[track_caller]
pub(super) fn assert_close(is: f64, should: f64, most: f64) {
    assert!((is - should).abs() <= most, "{is} is not {should}");
}
