use core::fmt;

use crate::LeapSign;

/// TAI-UTC (DTAI) in whole seconds, as it is from 1972 on.
///
/// # Examples
///
/// ```
/// use horolog_time::{LeapSign, TaiUtc};
///
/// assert_eq!(TaiUtc::AT_1972.after(LeapSign::Positive), TaiUtc::from_seconds(11));
/// assert_eq!(TaiUtc::from_seconds(37).to_string(), "37");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TaiUtc(i32);

impl TaiUtc {
    /// 10 s, from 1972-01-01T00:00:00Z to the first leap second.
    ///
    /// Source: [IERS, UTC-TAI.history](https://hpiers.obspm.fr/eoppc/bul/bulc/UTC-TAI.history).
    pub const AT_1972: Self = Self(10);

    /// Takes seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i32) -> Self {
        Self(seconds)
    }

    /// Seconds to add to UTC to get TAI.
    #[must_use]
    pub const fn seconds(self) -> i32 {
        self.0
    }

    /// What this becomes by a leap second; stays at the end of the range.
    #[must_use]
    pub const fn after(self, sign: LeapSign) -> Self {
        Self(self.0.saturating_add(sign.as_i32()))
    }

    /// What this was before a leap second; stays at the end of the range.
    #[must_use]
    pub const fn before(self, sign: LeapSign) -> Self {
        Self(self.0.saturating_sub(sign.as_i32()))
    }
}

/// The number of seconds; `{:+}` shows the sign of a positive number too.
impl fmt::Display for TaiUtc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stop_at_the_ends() {
        let (min, max) = (
            TaiUtc::from_seconds(i32::MIN),
            TaiUtc::from_seconds(i32::MAX),
        );
        assert_eq!(max.after(LeapSign::Positive), max);
        assert_eq!(max.before(LeapSign::Negative), max);
        assert_eq!(min.after(LeapSign::Negative), min);
        assert_eq!(min.before(LeapSign::Positive), min);
    }

    #[test]
    fn text_keeps_the_flags() {
        assert_eq!(format!("{:+}|{:4}", TaiUtc(37), TaiUtc(-1)), "+37|  -1");
    }
}
