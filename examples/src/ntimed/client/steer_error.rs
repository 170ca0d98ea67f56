use clock_steering::unix;
use thiserror::Error;

/// Why the clock is not steered as it should be.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum SteerError {
    /// The program has not got the right to.
    #[error("cannot steer the system clock: that takes the right CAP_SYS_TIME")]
    NotAllowed,
    /// The kernel refuses for another reason.
    #[error("cannot steer the system clock")]
    Kernel(#[source] unix::Error),
    /// A step beyond what the kernel can be told.
    #[error("cannot step the system clock by {0} s")]
    Unspeakable(f64),
    /// A step that is larger than the user wants.
    #[error("the clock would have to be stepped by {step:+.3} s: --max-step is {max} s")]
    TooFar {
        /// Seconds to add to the clock.
        step: f64,
        /// The largest step.
        max: f64,
    },
}
