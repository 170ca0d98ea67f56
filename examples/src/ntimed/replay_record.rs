//! What `ntimed sim` prints as JSON. Scripts rely on these names.

use horolog_ntimed::{FilterReport, Peak, Simulator, TracePacket, TracePeer};
use horolog_time::{NtpDate, UnixTime};
use serde::Serialize;

use super::answer_record::AnswerRecord;
use super::steering_record::SteeringRecord;

/// What an evaluated reply led to. Offsets are seconds that the clock is ahead.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ReplayRecord {
    /// Seconds since the start of the simulation.
    pub(super) elapsed: f64,
    pub(super) server: String,
    pub(super) address: String,
    /// Unix seconds in decimals, as the trace has them: by a clock that nobody steers.
    pub(super) t1: String,
    pub(super) t2: Option<String>,
    pub(super) t3: Option<String>,
    pub(super) t4: Option<String>,
    /// What this reply alone says, of that clock.
    pub(super) measured: f64,
    /// What the server's filter makes of it, of the clock as it is steered.
    pub(super) low: f64,
    pub(super) mid: f64,
    pub(super) high: f64,
    #[serde(flatten)]
    pub(super) said: SaidRecord,
    #[serde(flatten)]
    pub(super) steering: SteeringRecord,
    /// What steering has come to.
    pub(super) frequency: f64,
}

/// What all sources say.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum SaidRecord {
    Extended(AnswerRecord),
    /// As the original has it: it knows of no quorum.
    Classic {
        offset: Option<f64>,
        weight: Option<f64>,
    },
}

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct ReplaySummaryRecord {
    pub(super) summary: bool,
    /// Seconds since the start of the simulation.
    pub(super) elapsed: f64,
    pub(super) replies: u64,
    pub(super) evaluated: u64,
    #[serde(flatten)]
    pub(super) said: SaidRecord,
    pub(super) steps: u32,
    /// The sum of all steps.
    pub(super) stepped: f64,
    pub(super) frequency: f64,
}

impl ReplayRecord {
    pub(super) fn new(
        (elapsed, frequency): (f64, f64),
        (peer, packet): (TracePeer<'_>, &TracePacket),
        filtered: &FilterReport,
        peak: Option<Peak>,
        simulator: &Simulator,
    ) -> Self {
        let times = packet.exchange(0.0);
        let unix = |date: NtpDate| date.to_unix().ok().map(|time| time.to_string());
        let said = SaidRecord::new(simulator, peak, packet.t1);
        let has_quorum = simulator
            .answer()
            .is_none_or(|answer| answer.offset.is_some());
        Self {
            elapsed,
            server: peer.host.to_owned(),
            address: peer.address.to_owned(),
            t1: packet.t1.to_string(),
            t2: times.and_then(|times| unix(times.t2)),
            t3: times.and_then(|times| unix(times.t3)),
            t4: times.and_then(|times| unix(times.t4)),
            measured: 0.5 * (packet.back - packet.there),
            low: filtered.low,
            mid: filtered.mid,
            high: filtered.high,
            said,
            steering: SteeringRecord::new(simulator.pll(), has_quorum),
            frequency,
        }
    }
}

impl SaidRecord {
    /// As of the last reply; `at` is when that was, in truth.
    pub(super) fn new(simulator: &Simulator, peak: Option<Peak>, at: UnixTime) -> Self {
        let Some(answer) = simulator.answer() else {
            return Self::Classic {
                offset: peak.map(|peak| peak.offset),
                weight: peak.map(|peak| peak.weight),
            };
        };
        let leap = answer.leap.verdict(at, None);
        Self::Extended(AnswerRecord::new(answer, leap, |source| {
            let peer = simulator.peer(source);
            peer.map_or_else(String::new, |peer| peer.host.to_owned())
        }))
    }
}
