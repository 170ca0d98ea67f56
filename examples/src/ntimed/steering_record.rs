use horolog_ntimed::{PllAction, PllMode, PllUpdate};
use serde::Serialize;

/// What the loop does with an offset, as JSON. Steps and slews are seconds to add to the clock.
/// Scripts rely on these names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct SteeringRecord {
    pub(super) mode: &'static str,
    pub(super) action: &'static str,
    pub(super) step: Option<f64>,
    pub(super) slew: Option<f64>,
    /// Over how many seconds.
    pub(super) duration: Option<f64>,
}

impl SteeringRecord {
    /// What the loop did, if it was told of an offset at all.
    pub(super) fn new(pll: Option<&PllUpdate>, has_quorum: bool) -> Self {
        let mut record = Self {
            mode: if has_quorum { "ignored" } else { "no-quorum" },
            action: "none",
            step: None,
            slew: None,
            duration: None,
        };
        let Some(pll) = pll else {
            return record;
        };
        record.mode = match pll.report.mode {
            PllMode::Startup => "startup",
            PllMode::Stepping => "stepping",
            PllMode::Settling => "settling",
            PllMode::Tracking => "tracking",
        };
        match pll.action {
            PllAction::Nothing => {}
            PllAction::Step(step) => {
                record.action = "step";
                record.step = Some(step);
            }
            PllAction::Adjust(adjustment) => {
                record.action = "adjust";
                record.slew = Some(adjustment.offset);
                record.duration = Some(adjustment.duration);
            }
        }
        record
    }
}
