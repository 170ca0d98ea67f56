use crate::{Answer, Density, FilterReport, PllUpdate, Refusal};

/// What an [`Evaluator`](crate::Evaluator) made of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What the filter says of an exchange, or why it does not count; `None` for plain bounds and
    /// for a source that is unknown.
    pub filtered: Option<Result<FilterReport, Refusal>>,
    /// What the sample's source says now, if it counts.
    pub density: Option<Density>,
    /// What all sources say.
    pub answer: Answer,
    /// What the PLL did, if there is a peak, the sample is good and the clock is steered.
    pub pll: Option<PllUpdate>,
}
