use horolog_time::{LeapSecond, LeapSign, TaiUtc};

/// What is known of leap seconds at an instant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LeapFacts {
    /// TAI-UTC at the instant.
    pub tai_utc: TaiUtc,
    /// The next leap second that is known of.
    pub next: Option<LeapSecond>,
    /// The leap second at the end of this day.
    pub today: Option<LeapSign>,
}
