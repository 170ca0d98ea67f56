/// A source of a [`Combiner`](crate::Combiner) or an [`Evaluator`](crate::Evaluator), by the order in
/// which they were added. The number of one that was removed does not come again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SourceId(usize);

impl SourceId {
    pub(crate) const fn new(index: usize) -> Self {
        Self(index)
    }

    /// 0 for the first that was added.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}
