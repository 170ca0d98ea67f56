use core::time::Duration;

/// How long to search, and what to believe.
///
/// # Examples
///
/// ```
/// use horolog_https::SearchConfig;
///
/// let config = SearchConfig::new().with_rounds(12);
/// assert_eq!(config.rounds(), 12);
/// assert_eq!(SearchConfig::new().rounds(), 8);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SearchConfig {
    rounds: u32,
    any_status: bool,
    lateness: Duration,
}

impl SearchConfig {
    /// Rounds that nobody needs more of: a nanosecond is 2^-30 s.
    pub const MAX_ROUNDS: u32 = 32;
    /// How late a [`Date`](Self::with_lateness) can be.
    pub const MAX_LATENESS: Duration = Duration::from_mins(1);

    /// Eight rounds, with servers that offer time, whose Date is never late.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            rounds: 8,
            any_status: false,
            lateness: Duration::ZERO,
        }
    }

    /// Asks at most so often, 1 to [`MAX_ROUNDS`](Self::MAX_ROUNDS) times.
    #[must_use]
    pub fn with_rounds(mut self, rounds: u32) -> Self {
        self.rounds = rounds.clamp(1, Self::MAX_ROUNDS);
        self
    }

    /// Takes the time of responses of any status. Many servers that do not offer time have a right
    /// Date on their "not found"; but they did not agree to be asked.
    #[must_use]
    pub const fn with_any_status(mut self) -> Self {
        self.any_status = true;
        self
    }

    /// Allows for servers that keep a Date for a while, so that it is late by up to this, at most
    /// [`MAX_LATENESS`](Self::MAX_LATENESS). The result gets no narrower than this and the round trip.
    #[must_use]
    pub fn with_lateness(mut self, lateness: Duration) -> Self {
        self.lateness = lateness.min(Self::MAX_LATENESS);
        self
    }

    /// The most rounds.
    #[must_use]
    pub const fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Whether the time of responses of any status is taken.
    #[must_use]
    pub const fn takes_any_status(&self) -> bool {
        self.any_status
    }

    /// How late a Date may be.
    #[must_use]
    pub const fn lateness(&self) -> Duration {
        self.lateness
    }
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self::new()
    }
}
