use horolog_time::NtpDate;

/// A clock that can be steered, real or simulated.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Adjustment, Clock};
/// use horolog_time::NtpDate;
///
/// /// Notes what it would do.
/// struct DryRun(NtpDate, Vec<String>);
///
/// impl Clock for DryRun {
///     type Error = core::convert::Infallible;
///
///     fn now(&self) -> NtpDate {
///         self.0
///     }
///
///     fn step(&mut self, offset: f64) -> Result<(), Self::Error> {
///         self.1.push(format!("step by {offset} s"));
///         Ok(())
///     }
///
///     fn adjust(&mut self, adjustment: Adjustment) -> Result<(), Self::Error> {
///         self.1.push(format!("slew by {} s", adjustment.offset));
///         Ok(())
///     }
/// }
/// ```
pub trait Clock {
    /// What can go wrong with steering it.
    type Error;

    /// A time that grows evenly and is not stepped by [`step`](Self::step), such as that of a
    /// monotonic clock; only differences of it are used.
    fn now(&self) -> NtpDate;

    /// Adds seconds to the clock at once.
    ///
    /// # Errors
    ///
    /// Where the clock cannot be set.
    fn step(&mut self, offset: f64) -> Result<(), Self::Error>;

    /// Steers the clock, instead of what it was told before.
    ///
    /// # Errors
    ///
    /// Where the clock cannot be steered.
    fn adjust(&mut self, adjustment: Adjustment) -> Result<(), Self::Error>;
}

/// How a clock is to be steered: `frequency + offset / duration` for so many seconds, then
/// `frequency` alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Adjustment {
    /// Seconds to add.
    pub offset: f64,
    /// Over how many seconds; a whole number.
    pub duration: f64,
    /// Seconds to add each second, for good.
    pub frequency: f64,
}

impl Adjustment {
    /// What it has added to the clock after some seconds.
    #[must_use]
    pub fn gained(&self, elapsed: f64) -> f64 {
        let share = if self.duration > 0.0 {
            (elapsed / self.duration).clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.offset * share + self.frequency * elapsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_gained_once_and_the_frequency_for_good() {
        let adjustment = Adjustment {
            offset: 0.5,
            duration: 10.0,
            frequency: 1e-3,
        };
        for (elapsed, gained) in [(0.0, 0.0), (5.0, 0.255), (10.0, 0.51), (100.0, 0.6)] {
            assert!((adjustment.gained(elapsed) - gained).abs() < 1e-12);
        }
        assert!(Adjustment::default().gained(1e9).abs() < 1e-12);
    }
}
