use core::fmt;

use crate::NtpDuration;

/// 2^`exponent`; every `i8` lies well inside the range of normal `f64`.
fn exp2(exponent: i8) -> f64 {
    const BIAS: i16 = 1023;
    f64::from_bits(u64::from((BIAS + i16::from(exponent)).unsigned_abs()) << 52)
}

macro_rules! log2 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(i8);

        impl $name {
            /// Takes the exponent as it stands in a packet. Every value is allowed.
            #[must_use]
            pub const fn from_exponent(exponent: i8) -> Self {
                Self(exponent)
            }

            /// The exponent as it stands in a packet.
            #[must_use]
            pub const fn exponent(self) -> i8 {
                self.0
            }

            /// The span, clamped to what [`NtpDuration`] holds: 2^-32 s to just below 2^31 s.
            #[must_use]
            pub fn duration(self) -> NtpDuration {
                NtpDuration::exp2(self.0)
            }

            /// The span in seconds, exactly.
            #[must_use]
            pub fn as_seconds_f64(self) -> f64 {
                exp2(self.0)
            }
        }

        /// The exponent.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

log2! {
    /// A poll interval as the logarithm of seconds: 6 is 64 s.
    ///
    /// Hostile values (127, -128) are harmless: nothing here shifts by an unchecked exponent.
    /// Defined in [RFC 5905 § 7.3](https://www.rfc-editor.org/rfc/rfc5905#section-7.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_time::{NtpDuration, Poll};
    ///
    /// assert_eq!(Poll::from_exponent(6).duration(), NtpDuration::from_seconds(64));
    /// assert_eq!(Poll::from_exponent(127).duration(), NtpDuration::MAX);
    /// ```
    Poll
}

impl Poll {
    /// The shortest interval of RFC 5905, 16 s.
    pub const MIN: Self = Self(4);
    /// The longest interval of RFC 5905, 36 h.
    pub const MAX: Self = Self(17);

    /// At least [`MIN`](Self::MIN), at most [`MAX`](Self::MAX).
    #[must_use]
    pub fn clamped(self) -> Self {
        self.clamp(Self::MIN, Self::MAX)
    }
}

log2! {
    /// The precision of a clock as the logarithm of seconds: -20 is about 1 us.
    ///
    /// Defined in [RFC 5905 § 7.3](https://www.rfc-editor.org/rfc/rfc5905#section-7.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_time::Precision;
    ///
    /// assert_eq!(Precision::from_exponent(-10).as_seconds_f64(), 0.0009765625);
    /// ```
    Precision
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exponent_has_a_value() {
        for exponent in i8::MIN..=i8::MAX {
            let poll = Poll::from_exponent(exponent);
            assert!(
                (poll.as_seconds_f64() - 2_f64.powi(exponent.into())).abs() == 0.0,
                "2^{exponent}"
            );
            assert!(poll.duration() > NtpDuration::ZERO);
        }
    }

    #[test]
    fn polls_are_clamped() {
        assert_eq!(Poll::from_exponent(-128).clamped(), Poll::MIN);
        assert_eq!(Poll::from_exponent(127).clamped(), Poll::MAX);
    }
}
