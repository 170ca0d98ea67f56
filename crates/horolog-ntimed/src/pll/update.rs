use crate::{Adjustment, PllMode};

/// What a [`Pll`](crate::Pll) made of an estimate: the trace line `PLL`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PllReport {
    /// The mode, after the estimate.
    pub mode: PllMode,
    /// Seconds since the last estimate, 0 where the PLL does not track.
    pub elapsed: f64,
    /// The estimate's offset.
    pub offset: f64,
    /// The estimate's weight.
    pub weight: f64,
    /// What to add to the clock over the duration, and its frequency for good.
    pub adjustment: Adjustment,
    /// The proportional gain that was used.
    pub proportional: f64,
    /// The integral gain that was used.
    pub integral: f64,
}

/// What is to be done with the clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PllAction {
    /// Nothing.
    Nothing,
    /// Add these seconds at once; what was measured before is void then.
    Step(f64),
    /// Steer it so from now on.
    Adjust(Adjustment),
}

/// An answer of a [`Pll`](crate::Pll).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PllUpdate {
    /// How it came about.
    pub report: PllReport,
    /// What is to be done.
    pub action: PllAction,
}
