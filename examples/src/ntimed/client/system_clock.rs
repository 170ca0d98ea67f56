use core::time::Duration;

use clock_steering::unix::{Error, UnixClock};
use clock_steering::{Clock as _, LeapIndicator, TimeOffset};

use horolog_time::epoch::NANOSECONDS_PER_SECOND;
use horolog_time::{LeapSign, TaiUtc};

use super::SteerError;
use crate::ntimed::KernelOrder;

/// The system's clock, which is steered through the kernel.
#[derive(Debug)]
pub(super) struct SystemClock {
    clock: UnixClock,
    /// What the kernel was told, parts per million.
    told: f64,
    /// Whether the kernel was told that the clock is right.
    synchronised: bool,
    /// What the kernel was told of this day's leap second.
    leap: LeapIndicator,
}

const PPM: f64 = 1e6;
/// Where the kernel's own error bound ends (`NTP_PHASE_LIMIT`).
pub(super) const UNKNOWN_ERROR: Duration = Duration::from_secs(16);

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
            synchronised: false,
            leap: LeapIndicator::NoWarning,
        };
        clock.forget_leap()?;
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
        self.forget_leap()
    }

    /// Says how far off it may be, and that it is synchronised.
    pub(super) fn set_synchronised(
        &mut self,
        estimated: Duration,
        maximum: Duration,
    ) -> Result<(), SteerError> {
        self.clock
            .error_estimate_update(estimated, maximum)
            .map_err(failure)?;
        // Each time: whoever sets the clock by so little that it goes unnoticed takes that back.
        self.set_leap(self.leap)
    }

    /// Says that it is not synchronised. A leap second that was told stays.
    pub(super) fn set_unsynchronised(&mut self) -> Result<(), SteerError> {
        if !self.synchronised {
            return Ok(());
        }
        self.synchronised = false;
        let told = if self.leap == LeapIndicator::NoWarning {
            self.clock.set_leap_seconds(LeapIndicator::Unknown)
        } else {
            // That would take the leap second back. Of a clock that may be off by so much the kernel
            // says itself that it is not synchronised.
            self.clock
                .error_estimate_update(UNKNOWN_ERROR, UNKNOWN_ERROR)
        };
        told.map_err(failure)
    }

    /// It is not synchronised, and there is no leap second: one that the kernel was told of before a
    /// step of the clock is not inserted any more.
    pub(super) fn forget_leap(&mut self) -> Result<(), SteerError> {
        let told = self.clock.set_leap_seconds(LeapIndicator::Unknown);
        told.map_err(failure)?;
        self.synchronised = false;
        self.leap = LeapIndicator::NoWarning;
        Ok(())
    }

    /// Tells of a leap second, or of TAI-UTC; for a clock that is synchronised.
    pub(super) fn tell(&mut self, order: KernelOrder) -> Result<(), SteerError> {
        match order {
            KernelOrder::NoLeap => self.set_leap(LeapIndicator::NoWarning),
            KernelOrder::Leap(_, LeapSign::Positive) => self.set_leap(LeapIndicator::Leap61),
            KernelOrder::Leap(_, LeapSign::Negative) => self.set_leap(LeapIndicator::Leap59),
            KernelOrder::TaiUtc(tai_utc) => self.clock.set_tai(tai_utc.seconds()).map_err(failure),
        }
    }

    /// Says what happens at the end of the day, and that the clock is synchronised: the library sets
    /// all these bits at once.
    fn set_leap(&mut self, leap: LeapIndicator) -> Result<(), SteerError> {
        self.clock.set_leap_seconds(leap).map_err(failure)?;
        self.synchronised = true;
        self.leap = leap;
        Ok(())
    }
}

/// The kernel's TAI-UTC, which anybody may ask for; `None` where it does not tell.
pub(super) fn kernel_tai_utc() -> Option<TaiUtc> {
    let tai_utc = UnixClock::CLOCK_REALTIME.get_tai().ok()?;
    Some(TaiUtc::from_seconds(tai_utc))
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
            nanos: NANOSECONDS_PER_SECOND - nanos,
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
