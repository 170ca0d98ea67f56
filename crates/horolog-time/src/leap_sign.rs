use core::fmt;

/// Whether a leap second is inserted or removed.
///
/// # Examples
///
/// ```
/// use horolog_time::LeapSign;
///
/// assert_eq!(LeapSign::Negative.as_i32(), -1);
/// assert_eq!(LeapSign::Positive.to_string(), "+");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum LeapSign {
    /// The last minute of the month ends with 23:59:58; there has been none so far.
    Negative,
    /// The last minute of the month ends with 23:59:60.
    Positive,
}

impl LeapSign {
    /// What is added to TAI-UTC: 1 or -1.
    #[must_use]
    pub const fn as_i32(self) -> i32 {
        match self {
            Self::Negative => -1,
            Self::Positive => 1,
        }
    }
}

/// `+` or `-`.
impl fmt::Display for LeapSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Negative => "-",
            Self::Positive => "+",
        })
    }
}
