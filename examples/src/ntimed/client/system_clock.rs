use core::time::Duration;

use clock_steering::unix::{Error, UnixClock};
use clock_steering::{Clock as _, LeapIndicator, TimeOffset};

use super::SteerError;

/// The system's clock, which is steered through the kernel.
#[derive(Debug)]
pub(super) struct SystemClock {
    clock: UnixClock,
    /// What the kernel was told, parts per million.
    told: f64,
    /// What the kernel was told of leap seconds, and that the clock is right; `None` where it was
    /// told that it is not.
    standing: Option<LeapIndicator>,
}

const PPM: f64 = 1e6;

impl SystemClock {
    /// Takes the clock over from whoever steered it: the kernel's own discipline ends, the
    /// frequency stays.
    ///
    /// # Errors
    ///
    /// Where this program may not steer it.
    pub(super) fn take() -> Result<Self, SteerError> {
        let clock = UnixClock::CLOCK_REALTIME;
        let told = clock.get_frequency().map_err(failure)?;
        // Changes nothing, but tells whether that is allowed.
        clock.set_frequency(told).map_err(failure)?;
        clock.disable_kernel_ntp_algorithm().map_err(failure)?;
        let mut clock = Self {
            clock,
            told,
            standing: Some(LeapIndicator::NoWarning),
        };
        clock.set_unsynchronised()?;
        Ok(clock)
    }

    /// Its frequency in seconds per second.
    pub(super) fn frequency(&self) -> f64 {
        self.told / PPM
    }

    pub(super) fn set_frequency(&mut self, frequency: f64) -> Result<(), SteerError> {
        let ppm = frequency * PPM;
        if ppm.to_bits() != self.told.to_bits() {
            self.clock.set_frequency(ppm).map_err(failure)?;
            self.told = ppm;
        }
        Ok(())
    }

    /// Adds seconds at once; it counts as not synchronised until it is said that it is.
    pub(super) fn step(&mut self, seconds: f64) -> Result<(), SteerError> {
        let offset = time_offset(seconds).ok_or(SteerError::Unspeakable(seconds))?;
        self.clock.step_clock(offset).map_err(failure)?;
        self.set_unsynchronised()
    }

    /// Says how far off it may be, and that it is synchronised.
    pub(super) fn set_synchronised(
        &mut self,
        leap: LeapIndicator,
        estimated: Duration,
        maximum: Duration,
    ) -> Result<(), SteerError> {
        self.clock
            .error_estimate_update(estimated, maximum)
            .map_err(failure)?;
        if self.standing != Some(leap) {
            self.clock.set_leap_seconds(leap).map_err(failure)?;
            self.standing = Some(leap);
        }
        Ok(())
    }

    /// Says that it is not synchronised.
    pub(super) fn set_unsynchronised(&mut self) -> Result<(), SteerError> {
        if self.standing.take().is_some() {
            self.clock
                .set_leap_seconds(LeapIndicator::Unknown)
                .map_err(failure)?;
        }
        Ok(())
    }
}

/// Seconds as whole ones, rounded down, and nanoseconds; `None` beyond the range.
fn time_offset(seconds: f64) -> Option<TimeOffset> {
    let length = Duration::try_from_secs_f64(seconds.abs()).ok()?;
    let whole = length.as_secs().try_into().ok()?;
    Some(match (seconds < 0.0, length.subsec_nanos()) {
        (false, nanos) => TimeOffset {
            seconds: whole,
            nanos,
        },
        (true, 0) => TimeOffset {
            seconds: -whole,
            nanos: 0,
        },
        (true, nanos) => TimeOffset {
            seconds: -whole - 1,
            nanos: 1_000_000_000 - nanos,
        },
    })
}

fn failure(error: Error) -> SteerError {
    match error {
        Error::NoPermission | Error::NoAccess => SteerError::NotAllowed,
        other => SteerError::Kernel(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_of_an_offset_are_not_negative() {
        for (seconds, whole, nanos) in [
            (0.0, 0, 0),
            (1.25, 1, 250_000_000),
            (-1.25, -2, 750_000_000),
            (-3.0, -3, 0),
            (-1e-9, -1, 999_999_999),
        ] {
            let offset = time_offset(seconds).unwrap();
            assert_eq!((offset.seconds, offset.nanos), (whole, nanos), "{seconds}");
        }
        for bad in [f64::NAN, f64::INFINITY, -1e30] {
            assert_eq!(time_offset(bad), None, "{bad}");
        }
    }
}
