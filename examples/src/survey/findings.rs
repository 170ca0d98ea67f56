use core::time::Duration;
use std::time::SystemTime;

use horolog_ntimed::{
    Answer, Combiner, Evaluator, Exchange, LeapVerdict, Param, Params, Source, Trust,
};
use horolog_time::{NtpDate, UnixTime};

use super::{Standing, Surveyed, standing};
use crate::query::Proof;

/// What all servers said, and what follows from it.
///
/// Offsets are what to add to the local clock, in seconds.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The servers, in the order they were given.
    pub servers: Vec<Surveyed>,
    /// What is thought of each.
    pub standings: Vec<Standing>,
    /// When the survey began.
    pub begun: UnixTime,
    /// How long it took.
    pub length: Duration,
    /// What the majority says of a leap second.
    pub leap: LeapVerdict,
    /// When the last sample came, after the beginning.
    pub last: Duration,
    answer: Answer,
    combiner: Combiner,
}

impl Findings {
    pub(super) fn new(servers: Vec<Surveyed>, begun: SystemTime, length: Duration) -> Self {
        let mut evaluator = Evaluator::new(params(length));
        let mut exchanges = Vec::new();
        for server in &servers {
            let id = evaluator.add_source(Source {
                address: server.address,
                trust: trust(server),
            });
            exchanges.extend(
                server
                    .samples
                    .iter()
                    .map(|taken| (taken.time, id, &taken.sample.measurement)),
            );
        }
        exchanges.sort_by_key(|(time, ..)| *time);
        for (time, id, measurement) in exchanges {
            let now = date(begun, time);
            if let Some(exchange) = Exchange::from_measurement(measurement, now) {
                evaluator.observe_exchange(id, &exchange, now);
            }
        }
        // Not at the end: a server that is waited for in vain does not make the others worse.
        let last = servers
            .iter()
            .filter_map(Surveyed::newest)
            .map(|taken| taken.time);
        let last = last.max().unwrap_or(length);
        let answer = evaluator.answer(date(begun, last));
        let combiner = evaluator.combiner().clone();
        let begun = UnixTime::try_from(begun).unwrap_or(UnixTime::EPOCH);
        let mut standings: Vec<_> = servers
            .iter()
            .map(|_| Standing {
                density: None,
                reason: answer.peak.is_none().then(|| "no majority".to_owned()),
            })
            .collect();
        for (id, density) in combiner.densities() {
            if let Some(standing) = standings.get_mut(id.index()) {
                standing.density = Some(density);
            }
        }
        for (id, rejection) in &answer.rejected {
            let both = standings.get_mut(id.index()).zip(servers.get(id.index()));
            if let Some((standing, server)) = both {
                standing.reason = Some(standing::reason(rejection, server, &servers));
            }
        }
        Self {
            leap: answer.leap.verdict(begun, None),
            servers,
            standings,
            begun,
            length,
            last,
            answer,
            combiner,
        }
    }

    /// The offset by which the majority would set the clock.
    #[must_use]
    pub fn offset(&self) -> Option<f64> {
        self.answer.offset.map(|ahead| -ahead)
    }

    /// What all that agree allow, low and high.
    #[must_use]
    pub fn bounds(&self) -> Option<[f64; 2]> {
        self.answer.bounds.map(|[low, high]| [-high, -low])
    }

    /// The most likely offset, and how dense all densities together are there, per second.
    #[must_use]
    pub fn peak(&self) -> Option<[f64; 2]> {
        self.answer.peak.map(|peak| [-peak.offset, peak.weight])
    }

    /// How many agree and how many vote.
    #[must_use]
    pub const fn quorum(&self) -> (usize, usize) {
        (self.answer.quorum.agreeing, self.answer.quorum.voters)
    }

    /// Whether not all that agree say the same of a leap second.
    #[must_use]
    pub const fn is_leap_disputed(&self) -> bool {
        self.answer.leap.is_disputed()
    }

    /// The sum of the densities at an offset, per second.
    #[must_use]
    pub fn density(&self, offset: f64) -> f64 {
        self.combiner.at(-offset)
    }

    /// What pictures of several servers are drawn around: the agreed offset, or without one the
    /// middle of what the servers say.
    #[must_use]
    pub fn centre(&self) -> f64 {
        let best = self
            .servers
            .iter()
            .filter_map(|server| server.summary.best());
        let mut offsets: Vec<_> = best.map(|best| best.offset().as_seconds_f64()).collect();
        offsets.sort_by(f64::total_cmp);
        let middle = offsets.get(offsets.len() / 2).copied();
        self.offset().or(middle).unwrap_or_default()
    }

    /// A server with what is thought of it, and its number.
    pub fn each(&self) -> impl Iterator<Item = (usize, &Surveyed, &Standing)> {
        let both = self.servers.iter().zip(&self.standings);
        both.enumerate()
            .map(|(number, (server, standing))| (number, server, standing))
    }
}

/// Servers that are silent count against the others until the end, however long the survey is, but not
/// beyond what the parameter allows.
fn params(length: Duration) -> Params {
    let mut params = Params::default();
    let rate = Param::PollRate;
    let longer = length.as_secs_f64() + 1.0;
    // The range is kept, so it is not refused.
    let _ = params.set(rate, longer.clamp(rate.default_value(), rate.max()));
    params
}

/// A server whose replies NTS protects is trusted as one of stratum 1: that nobody on the way changed
/// them is worth more than a stratum, which anybody can claim. It still has one vote.
fn trust(server: &Surveyed) -> Trust {
    let mut proofs = server.samples.iter().map(|taken| taken.sample.proof);
    let protected = proofs.all(|proof| matches!(proof, Proof::Nts { .. }));
    if protected && !server.samples.is_empty() {
        Trust::Fixed(1.0)
    } else {
        Trust::ByStratum
    }
}

fn date(begun: SystemTime, time: Duration) -> NtpDate {
    let unix = begun
        .checked_add(time)
        .and_then(|time| UnixTime::try_from(time).ok());
    unix.and_then(|unix| NtpDate::from_unix(unix).ok())
        .unwrap_or(NtpDate::PRIME_EPOCH)
}

#[cfg(test)]
mod tests {
    use horolog_ntp::{Header, Measurement, Mode, Stratum, Version};
    use horolog_nts::AeadAlgorithm;
    use horolog_time::{NtpTimestamp, Precision};

    use super::*;
    use crate::query::Sample;
    use crate::survey::Taken;

    fn server(proof: Proof) -> Surveyed {
        let times = [NtpTimestamp::from_parts(9, 0); 4];
        let header = Header {
            version: Version::V4,
            mode: Mode::SERVER,
            stratum: Stratum::new(1),
            reference: times[0],
            ..Header::default()
        };
        let sample = Sample {
            measurement: Measurement::new(times, header, Precision::from_exponent(-23)),
            proof,
        };
        let time = Duration::from_secs(1);
        let mut server = Surveyed::silent("a", "");
        server.samples.push(Taken { time, sample });
        server
    }

    #[test]
    fn the_silent_count_in_a_long_survey_as_in_a_short_one() {
        for length in [1, 100, 4000] {
            let length = Duration::from_secs(length);
            let mut good = server(Proof::None);
            let mut last = good.samples[0];
            last.time = length;
            good.samples.push(last);
            let silent = Surveyed::silent("b", "no reply");
            let findings = Findings::new(vec![good, silent], SystemTime::now(), length);
            assert_eq!(findings.quorum(), (1, 2), "{length:?}");
            assert_eq!(findings.peak(), None, "{length:?}");
        }
    }

    #[test]
    fn what_nts_protects_is_trusted_as_stratum_1() {
        let nts = Proof::Nts {
            algorithm: AeadAlgorithm::AES_SIV_CMAC_256,
            cookies: 8,
        };
        assert_eq!(trust(&server(nts)), Trust::Fixed(1.0));
        assert_eq!(trust(&server(Proof::None)), Trust::ByStratum);
        assert_eq!(trust(&Surveyed::silent("a", "")), Trust::ByStratum);
        let mut mixed = server(nts);
        mixed.samples.extend(server(Proof::None).samples);
        assert_eq!(trust(&mixed), Trust::ByStratum);
    }
}
