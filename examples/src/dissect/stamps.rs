use horolog_time::epoch::SECONDS_PER_DAY;
use horolog_time::{NtpDuration, NtpTimestamp, UnixTime, UtcInstant};

use super::packet::{Body, Dissection};
use crate::units::offset;

/// Tells timestamps that are times from those that are random numbers.
///
/// Many clients send random numbers as transmit timestamps, and servers send them back. A timestamp
/// is taken for a time where it lies within a month of the capture, or within a day of another
/// timestamp of the packet: so the times of a clock that is wrong by years are shown too.
#[derive(Debug)]
pub(super) struct Stamps {
    capture: Option<UnixTime>,
    pivot: UnixTime,
    all: [NtpTimestamp; 4],
}

const DAY: i32 = SECONDS_PER_DAY.cast_signed();
const MONTH: i32 = 30 * DAY;

impl Stamps {
    /// The pivot is the time of capture, or `now` where that is not known.
    pub(super) fn of(packet: &Dissection<'_>, now: UnixTime) -> Self {
        let unknown = NtpTimestamp::UNKNOWN;
        let capture = packet.envelope.time;
        Self {
            capture,
            pivot: capture.unwrap_or(now),
            all: match &packet.body {
                Body::Ntp(header) => [
                    header.reference,
                    header.origin,
                    header.receive,
                    header.transmit,
                ],
                Body::V5(header) => [unknown, unknown, header.receive, header.transmit],
                Body::Nothing | Body::Control { .. } | Body::Private(_) => [unknown; 4],
            },
        }
    }

    /// UTC and how far from the capture, or else 16 digits.
    pub(super) fn show(&self, timestamp: NtpTimestamp) -> String {
        if timestamp.is_unknown() {
            return "0".to_owned();
        }
        let time = timestamp
            .to_unix(self.pivot)
            .filter(|_| self.is_plausible(timestamp));
        match (time, self.capture) {
            (None, _) => timestamp.to_string(),
            (Some(time), None) => utc(time),
            (Some(time), Some(capture)) => {
                let apart = timestamp - NtpTimestamp::from_unix(capture);
                format!("{}  {}", utc(time), offset(apart))
            }
        }
    }

    fn is_plausible(&self, timestamp: NtpTimestamp) -> bool {
        let near = |other: NtpTimestamp, seconds| {
            let apart = (timestamp - other).saturating_abs();
            !other.is_unknown() && apart <= NtpDuration::from_seconds(seconds)
        };
        near(NtpTimestamp::from_unix(self.pivot), MONTH)
            || self
                .all
                .iter()
                .any(|&other| other != timestamp && near(other, DAY))
    }
}

/// An instant in UTC with nine decimals.
pub(super) fn utc(time: UnixTime) -> String {
    let Ok(instant) = UtcInstant::from_unix(time) else {
        return time.to_string();
    };
    if instant.nanoseconds() > 0 {
        return instant.to_string();
    }
    let text = instant.to_string();
    format!("{}.000000000Z", text.trim_end_matches('Z'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps(seconds: [i64; 4]) -> Stamps {
        let capture = UnixTime::from_seconds(1_795_337_488);
        let stamp = |seconds| NtpTimestamp::from_unix(UnixTime::from_seconds(seconds));
        Stamps {
            capture: Some(capture),
            pivot: capture,
            all: seconds.map(stamp),
        }
    }

    #[test]
    fn times_are_shown_with_their_distance_from_the_capture() {
        let stamps = stamps([1_795_337_486; 4]);
        assert_eq!(
            stamps.show(stamps.all[0]),
            "2026-11-22T08:51:26.000000000Z  -2.000 s"
        );
        assert_eq!(stamps.show(NtpTimestamp::UNKNOWN), "0");
    }

    #[test]
    fn random_numbers_are_shown_as_they_are() {
        let random = NtpTimestamp::from_bits(0xb040_5d17_638a_b2dc);
        assert_eq!(stamps([1_795_337_486; 4]).show(random), "b0405d17.638ab2dc");
        let twice = Stamps {
            all: [random; 4],
            ..stamps([0; 4])
        };
        assert_eq!(twice.show(random), "b0405d17.638ab2dc");
    }

    #[test]
    fn times_of_a_clock_that_is_wrong_by_years_are_shown() {
        let stamps = stamps([1_483_228_700, 1, 1_483_228_799, 1_483_228_799]);
        assert!(
            stamps
                .show(stamps.all[2])
                .starts_with("2016-12-31T23:59:59.")
        );
    }
}
