/// What happens to a [`Simulator`](crate::Simulator)'s clock at some time, unknown to the steering.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bump {
    /// Seconds after the start.
    pub when: f64,
    /// What the oscillator's frequency changes by, in seconds per second.
    pub frequency: f64,
    /// Seconds added to the clock.
    pub phase: f64,
}
