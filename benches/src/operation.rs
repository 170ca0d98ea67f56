use std::fmt;
use std::hint::black_box;

/// One thing to measure: a closure, looped over here so that every harness runs the same loop.
pub struct Operation {
    group: &'static str,
    name: &'static str,
    octets: usize,
    rounds: u64,
    repeat: Box<dyn FnMut(u64)>,
}

/// Over how many rounds instructions are counted, unless told otherwise.
const ROUNDS: u64 = 1000;

impl Operation {
    /// Takes `once`, which does the work on `octets` octets, and `is_right`, which judges what it
    /// returns.
    ///
    /// The inputs have to go through [`black_box`] inside of `once`; what it returns does so here.
    ///
    /// # Panics
    ///
    /// Where `is_right` says no.
    pub fn new<T>(
        group: &'static str,
        name: &'static str,
        octets: usize,
        mut once: impl FnMut() -> T + 'static,
        is_right: impl FnOnce(T) -> bool,
    ) -> Self {
        assert!(is_right(once()), "{group}/{name} has another result");
        let repeat = move |times| {
            for _ in 0..times {
                // By reference: a copy of the result would cost as much as a header's decoding.
                black_box(&once());
            }
        };
        Self {
            group,
            name,
            octets,
            rounds: ROUNDS,
            repeat: Box::new(repeat),
        }
    }

    /// Crate, operation and case: `ntp/decode-header/captured-server`.
    #[must_use]
    pub const fn group(&self) -> &'static str {
        self.group
    }

    /// Who does it: `horolog`, `limit`, or another crate's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Octets read or written each time.
    #[must_use]
    pub const fn octets(&self) -> usize {
        self.octets
    }

    /// Over how many rounds its instructions are counted.
    #[must_use]
    pub const fn rounds(&self) -> u64 {
        self.rounds
    }

    /// Fewer rounds, for what takes long.
    pub(crate) const fn set_rounds(&mut self, rounds: u64) {
        self.rounds = rounds;
    }

    /// Does it so many times.
    pub fn repeat(&mut self, times: u64) {
        (self.repeat)(times);
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.group, self.name)
    }
}
