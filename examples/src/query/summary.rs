use horolog_ntp::Measurement;
use horolog_time::OffsetBounds;

use super::{Event, HeardList};

/// The sum of all requests to one server.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    measurements: Vec<Measurement>,
    lost: u32,
    leap_list: Option<HeardList>,
}

impl Summary {
    pub(crate) fn add(&mut self, event: &Event) {
        match event {
            Event::Sample(sample) => self.measurements.push(sample.measurement),
            Event::Lost { .. }
            | Event::Nak
            | Event::NoCookie
            | Event::Kiss(_)
            | Event::Unusable(_) => self.lost += 1,
            Event::Established { .. } | Event::NotEstablished(_) => {}
        }
    }

    /// Keeps what the server says of its list of leap seconds.
    pub(super) fn hear(&mut self, heard: Option<&HeardList>) {
        self.leap_list = heard.cloned();
    }

    /// What the server says of its list of leap seconds, if it was asked and has answered.
    #[must_use]
    pub const fn leap_list(&self) -> Option<&HeardList> {
        self.leap_list.as_ref()
    }

    /// How many requests brought time.
    #[must_use]
    pub const fn samples(&self) -> usize {
        self.measurements.len()
    }

    /// How many did not.
    #[must_use]
    pub const fn lost(&self) -> u32 {
        self.lost
    }

    /// The measurement of the least delay, which is disturbed least (RFC 5905 § 10).
    #[must_use]
    pub fn best(&self) -> Option<&Measurement> {
        self.measurements
            .iter()
            .min_by_key(|measurement| measurement.delay())
    }

    /// The root mean square of the offsets' differences from the best one's, in seconds (RFC 5905
    /// § 10); 0 for a single measurement.
    #[must_use]
    pub fn jitter(&self) -> Option<f64> {
        let best = self.best()?.offset();
        let squares: f64 = self
            .measurements
            .iter()
            .map(|measurement| {
                measurement
                    .offset()
                    .saturating_sub(best)
                    .as_seconds_f64()
                    .powi(2)
            })
            .sum();
        let others = u32::try_from(self.measurements.len())
            .unwrap_or(u32::MAX)
            .saturating_sub(1)
            .max(1);
        Some((squares / f64::from(others)).sqrt())
    }
}

/// The first two servers that cannot both be right, if there are any: intervals of which each pair
/// has a point in common all have one.
#[must_use]
pub fn disagreement<T>(servers: &[(T, OffsetBounds)]) -> Option<(&T, &T)> {
    servers
        .iter()
        .enumerate()
        .find_map(|(place, (first, bounds))| {
            let others = servers.get(place + 1..).unwrap_or_default();
            let contradicts =
                |(_, other): &&(T, OffsetBounds)| bounds.intersection(*other).is_none();
            others
                .iter()
                .find(contradicts)
                .map(|(second, _)| (first, second))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Proof, Sample};
    use horolog_ntp::Header;
    use horolog_time::{NtpDuration, NtpTimestamp, Precision};

    fn measurement(offset: i64, delay: i64) -> Measurement {
        let at = |microseconds: i64| {
            NtpTimestamp::from_parts(9, 0)
                + NtpDuration::from_nanoseconds(microseconds * 1000).unwrap()
        };
        let server = at(delay / 2 + offset);
        Measurement::new(
            [at(0), server, server, at(delay)],
            Header::default(),
            Precision::from_exponent(-23),
        )
    }

    #[test]
    fn the_least_delay_is_the_best() {
        let mut summary = Summary::default();
        for (offset, delay) in [(100, 50), (10, 20), (300, 400)] {
            let measurement = measurement(offset, delay);
            let proof = Proof::None;
            summary.add(&Event::Sample(Sample { measurement, proof }));
        }
        summary.add(&Event::Lost {
            discarded: 0,
            refused: false,
            unauthentic: None,
        });
        assert_eq!((summary.samples(), summary.lost()), (3, 1));
        assert_eq!(summary.best().unwrap().offset().as_nanoseconds() / 1000, 10);
        let jitter = summary.jitter().unwrap();
        let expected = f64::midpoint(90e-6_f64.powi(2), 290e-6_f64.powi(2)).sqrt();
        assert!((jitter - expected).abs() < 1e-8, "{jitter}");
        assert_eq!(Summary::default().jitter(), None);
    }

    #[test]
    fn servers_that_contradict_each_other_are_found() {
        let bounds = |low, high| {
            OffsetBounds::new(
                NtpDuration::from_seconds(low),
                NtpDuration::from_seconds(high),
            )
            .unwrap()
        };
        assert_eq!(
            disagreement(&[("a", bounds(0, 2)), ("b", bounds(1, 3))]),
            None
        );
        let servers = [
            ("a", bounds(0, 2)),
            ("b", bounds(1, 5)),
            ("c", bounds(3, 4)),
        ];
        assert_eq!(disagreement(&servers), Some((&"a", &"c")));
    }
}
