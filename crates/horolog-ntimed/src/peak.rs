/// The most likely offset and how likely it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Seconds that the local clock is ahead.
    pub offset: f64,
    /// The sum of the densities there, per second.
    pub weight: f64,
}
