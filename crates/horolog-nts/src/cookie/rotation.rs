use core::time::Duration;

use horolog_time::UnixTime;
use thiserror::Error;

/// How long a keyring's key makes cookies, and how many keys it keeps to open older ones.
///
/// Time is cut into periods, counted from 1970; each has its key. A cookie opens for
/// [`previous`](Self::previous) periods after that in which it was made. The default is a day and
/// seven days, as [RFC 8915 § 6](https://www.rfc-editor.org/rfc/rfc8915#section-6) suggests a day.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use horolog_nts::KeyRotation;
///
/// let hourly = KeyRotation::new(Duration::from_secs(3600), 24)?;
/// assert_eq!(hourly.previous(), 24);
/// assert!(KeyRotation::new(Duration::from_millis(500), 24).is_err());
/// # Ok::<(), horolog_nts::RotationError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct KeyRotation {
    pub(super) period: u32,
    pub(super) previous: u8,
}

/// Keys that cannot be rotated as asked.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum RotationError {
    /// A period is of whole seconds, one or more.
    #[error("rotation period of {}.{:09} s is not 1 to 4294967295 whole seconds", period.as_secs(), period.subsec_nanos())]
    Period {
        /// The period.
        period: Duration,
    },
    /// Too few previous keys, or too many.
    #[error("number of previous keys {previous} is not 2 to 30")]
    Previous {
        /// How many.
        previous: usize,
    },
    /// The time is before that of the current key, by more than clocks differ. A ratchet does not go
    /// back.
    #[error("the time is {periods} rotation periods before that of the current key")]
    Behind {
        /// By how many periods.
        periods: u64,
    },
    /// The time is after that of the current key by more periods than a ratchet goes on at once.
    #[error(
        "the time is {periods} rotation periods after that of the current key, more than {most}"
    )]
    Ahead {
        /// By how many periods.
        periods: u64,
        /// How many there may be.
        most: u32,
    },
}

impl KeyRotation {
    /// The shortest period.
    pub const MIN_PERIOD: Duration = Duration::from_secs(1);

    /// The fewest previous keys.
    pub const MIN_PREVIOUS: usize = 2;

    /// The most previous keys.
    pub const MAX_PREVIOUS: usize = 30;

    /// Takes a period and the number of keys to keep beside the current one.
    ///
    /// # Errors
    ///
    /// * [`RotationError::Period`] below a second, above 2^32 - 1 s, and with a fraction.
    /// * [`RotationError::Previous`] unless it is 2 to 30.
    pub fn new(period: Duration, previous: usize) -> Result<Self, RotationError> {
        let seconds = u32::try_from(period.as_secs())
            .ok()
            .filter(|_| period >= Self::MIN_PERIOD && period.subsec_nanos() == 0)
            .ok_or(RotationError::Period { period })?;
        let number = u8::try_from(previous)
            .ok()
            .filter(|_| (Self::MIN_PREVIOUS..=Self::MAX_PREVIOUS).contains(&previous))
            .ok_or(RotationError::Previous { previous })?;
        Ok(Self {
            period: seconds,
            previous: number,
        })
    }

    /// How long a key makes cookies.
    #[must_use]
    pub fn period(&self) -> Duration {
        Duration::from_secs(self.period.into())
    }

    /// How many keys are kept beside the current one.
    #[must_use]
    pub fn previous(&self) -> usize {
        self.previous.into()
    }

    /// The number of the period that an instant is in.
    pub(super) fn epoch_of(self, time: UnixTime) -> i64 {
        time.seconds().div_euclid(self.period.into())
    }

    /// When a period starts; none beyond what can be said.
    pub(super) fn start_of(self, epoch: i64) -> Option<UnixTime> {
        let seconds = epoch.checked_mul(self.period.into())?;
        Some(UnixTime::from_seconds(seconds))
    }
}

/// A day, seven previous keys.
impl Default for KeyRotation {
    fn default() -> Self {
        Self {
            period: 86_400,
            previous: 7,
        }
    }
}
