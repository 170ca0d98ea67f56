use crate::Operation;

/// The ways to do one thing, under one name.
pub(crate) struct Group {
    name: &'static str,
    octets: usize,
    operations: Vec<Operation>,
}

impl Group {
    /// One without operations; each reads or writes so many octets.
    pub(crate) const fn new(name: &'static str, octets: usize) -> Self {
        Self {
            name,
            octets,
            operations: Vec::new(),
        }
    }

    /// Adds what `who` does, as [`Operation::new`].
    pub(crate) fn with<T>(
        mut self,
        who: &'static str,
        once: impl FnMut() -> T + 'static,
        is_right: impl FnOnce(T) -> bool,
    ) -> Self {
        let operation = Operation::new(self.name, who, self.octets, once, is_right);
        self.operations.push(operation);
        self
    }

    /// The operations in their order, each counted over so many rounds instead of 1000.
    pub(crate) fn over_rounds(mut self, rounds: u64) -> Self {
        for operation in &mut self.operations {
            operation.set_rounds(rounds);
        }
        self
    }

    /// The operations in their order.
    pub(crate) fn operations(self) -> Vec<Operation> {
        self.operations
    }
}
