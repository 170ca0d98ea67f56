use crate::{NtpDuration, TimeError};

/// What is known of a clock's offset: it lies between two bounds.
///
/// The offset is what must be added to the local clock to get true time, as in RFC 5905. `low` is
/// never above `high`.
///
/// # Examples
///
/// ```
/// use horolog_time::{NtpDuration, OffsetBounds};
///
/// let ntp = OffsetBounds::new(NtpDuration::from_seconds(-1), NtpDuration::from_seconds(2))?;
/// let https = OffsetBounds::new(NtpDuration::from_seconds(0), NtpDuration::from_seconds(4))?;
/// let both = ntp.intersection(https).expect("they agree");
/// assert_eq!(both.low(), NtpDuration::ZERO);
/// assert_eq!(both.mid(), NtpDuration::SECOND);
/// assert_eq!(both.width(), NtpDuration::from_seconds(2));
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct OffsetBounds {
    low: NtpDuration,
    high: NtpDuration,
}

impl OffsetBounds {
    /// Takes both bounds.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`], in nanoseconds, where `low` is above `high`.
    pub fn new(low: NtpDuration, high: NtpDuration) -> Result<Self, TimeError> {
        if low > high {
            return Err(TimeError::OutOfRange {
                field: "low bound (ns)",
                value: low.as_nanoseconds(),
                min: NtpDuration::MIN.as_nanoseconds(),
                max: high.as_nanoseconds(),
            });
        }
        Ok(Self { low, high })
    }

    /// `mid` give or take `error`; the sign of `error` does not matter, the ends saturate.
    #[must_use]
    pub const fn around(mid: NtpDuration, error: NtpDuration) -> Self {
        let error = error.saturating_abs();
        Self {
            low: mid.saturating_sub(error),
            high: mid.saturating_add(error),
        }
    }

    /// The offset is not below this.
    #[must_use]
    pub const fn low(self) -> NtpDuration {
        self.low
    }

    /// Half way between the bounds: the best guess where nothing else is known.
    #[must_use]
    pub const fn mid(self) -> NtpDuration {
        NtpDuration::mean(self.low, self.high)
    }

    /// The offset is not above this.
    #[must_use]
    pub const fn high(self) -> NtpDuration {
        self.high
    }

    /// `high` less `low`, saturating.
    #[must_use]
    pub const fn width(self) -> NtpDuration {
        self.high.saturating_sub(self.low)
    }

    /// Whether `offset` is possible.
    #[must_use]
    pub fn contains(self, offset: NtpDuration) -> bool {
        (self.low..=self.high).contains(&offset)
    }

    /// What both allow, or `None` where they contradict each other.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.low.max(other.low), self.high.min(other.high)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(low: i32, high: i32) -> OffsetBounds {
        OffsetBounds::new(
            NtpDuration::from_seconds(low),
            NtpDuration::from_seconds(high),
        )
        .unwrap()
    }

    #[test]
    fn rejects_bounds_in_the_wrong_order() {
        let error = OffsetBounds::new(NtpDuration::SECOND, NtpDuration::ZERO).unwrap_err();
        assert!(matches!(
            error,
            TimeError::OutOfRange {
                value: 1_000_000_000,
                max: 0,
                ..
            }
        ));
    }

    #[test]
    fn contradictions_have_no_intersection() {
        assert_eq!(seconds(0, 1).intersection(seconds(2, 3)), None);
        assert_eq!(
            seconds(0, 2).intersection(seconds(2, 3)),
            Some(seconds(2, 2))
        );
        assert!(seconds(-1, 1).contains(NtpDuration::ZERO));
        assert!(!seconds(-1, 1).contains(NtpDuration::from_seconds(2)));
    }

    #[test]
    fn extreme_bounds_do_not_overflow() {
        let all = OffsetBounds::around(NtpDuration::ZERO, NtpDuration::MIN);
        assert_eq!(all.width(), NtpDuration::MAX);
        assert_eq!(
            OffsetBounds::new(NtpDuration::MIN, NtpDuration::MAX)
                .unwrap()
                .mid(),
            NtpDuration::from_bits(-1)
        );
    }
}
