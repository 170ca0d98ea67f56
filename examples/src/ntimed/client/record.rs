//! What the client prints as JSON. Scripts rely on these names.

use horolog_time::{LeapSign, TaiUtc};
use serde::Serialize;

use crate::ntimed::answer_record::AnswerRecord;
use crate::ntimed::steering_record::SteeringRecord;
use crate::ntimed::{KernelOrder, LeapStatus};

/// What a reply led to. Offsets are seconds that the clock is ahead; steps and slews are seconds to
/// add to it, frequencies seconds to add each second.
#[derive(Clone, Debug, Serialize)]
pub(super) struct UpdateRecord {
    /// Seconds since the start.
    pub(super) elapsed: f64,
    pub(super) server: String,
    pub(super) address: String,
    pub(super) port: u16,
    /// What this reply alone says, of the system's clock as it is.
    pub(super) measured: f64,
    /// What all say.
    #[serde(flatten)]
    pub(super) answer: AnswerRecord,
    pub(super) generation: u64,
    #[serde(flatten)]
    pub(super) steering: SteeringRecord,
    /// What steering has come to, beyond what the clock ran at before.
    pub(super) frequency: f64,
    pub(super) dry_run: bool,
}

/// What was measured before is void.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GenerationRecord {
    pub(super) elapsed: f64,
    pub(super) generation: u64,
    pub(super) reason: String,
}

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SummaryRecord {
    pub(super) summary: bool,
    pub(super) elapsed: f64,
    pub(super) polls: u64,
    pub(super) replies: u64,
    pub(super) offset: Option<f64>,
    pub(super) bounds: Option<[f64; 2]>,
    pub(super) agreeing: usize,
    pub(super) voters: usize,
    pub(super) generation: u64,
    pub(super) steps: u32,
    /// The sum of all steps.
    pub(super) stepped: f64,
    pub(super) frequency: f64,
    pub(super) dry_run: bool,
    /// What is known of leap seconds, with `--leap-dns`.
    pub(super) leap_seconds: Option<LeapStatus>,
}

/// What is known of leap seconds, where that has changed.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LeapRecord<'s> {
    pub(super) elapsed: f64,
    pub(super) leap_seconds: &'s LeapStatus,
}

/// What the kernel was told of leap seconds, or would have been.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct KernelRecord {
    pub(super) elapsed: f64,
    pub(super) kernel: &'static str,
    pub(super) month: Option<String>,
    pub(super) tai_utc: Option<i32>,
    pub(super) dry_run: bool,
}

impl KernelRecord {
    pub(super) fn new(elapsed: f64, order: KernelOrder, dry_run: bool) -> Self {
        let (kernel, month, tai_utc) = match order {
            KernelOrder::NoLeap => ("no-leap", None, None),
            KernelOrder::Leap(month, LeapSign::Positive) => ("insert", Some(month), None),
            KernelOrder::Leap(month, LeapSign::Negative) => ("delete", Some(month), None),
            KernelOrder::TaiUtc(tai_utc) => ("tai-utc", None, Some(tai_utc)),
        };
        Self {
            elapsed,
            kernel,
            month: month.map(|month| month.to_string()),
            tai_utc: tai_utc.map(TaiUtc::seconds),
            dry_run,
        }
    }
}
