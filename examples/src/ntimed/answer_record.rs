use horolog_ntimed::{Answer, LeapVerdict, LeapVote, SourceId};
use serde::Serialize;

use super::rejected_record::RejectedRecord;

/// What all sources say, as JSON. Scripts rely on these names.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AnswerRecord {
    /// Seconds that the clock is ahead.
    pub(super) offset: Option<f64>,
    pub(super) bounds: Option<[f64; 2]>,
    pub(super) weight: Option<f64>,
    pub(super) agreeing: usize,
    pub(super) voters: usize,
    pub(super) rejected: Vec<RejectedRecord>,
    pub(super) leap: String,
    /// Whether those that agree on the time say different things of a leap second.
    pub(super) leap_disputed: bool,
    #[serde(skip)]
    pub(super) leap_vote: LeapVote,
}

impl AnswerRecord {
    /// An answer, what follows from its leap votes, and the names that sources have.
    pub(super) fn new(
        answer: &Answer,
        leap: LeapVerdict,
        name: impl Fn(SourceId) -> String,
    ) -> Self {
        let rejected = answer.rejected.iter();
        let rejected = rejected.map(|(source, why)| RejectedRecord::new(*source, why, &name));
        Self {
            offset: answer.offset,
            bounds: answer.bounds,
            weight: answer.peak.map(|peak| peak.weight),
            agreeing: answer.quorum.agreeing,
            voters: answer.quorum.voters,
            rejected: rejected.collect(),
            leap: leap.to_string(),
            leap_disputed: answer.leap.is_disputed(),
            leap_vote: answer.leap,
        }
    }
}
