use core::fmt;

use horolog_time::LeapSign;

/// Warning of a leap second, and whether the clock is synchronised: the two bits LI.
///
/// RFC 5905 speaks both of the last minute of the *month* (section 7.3) and of the *day* (figure
/// 9). [RFC 8633 § 3.7](https://www.rfc-editor.org/rfc/rfc8633#section-3.7) settles it: a leap
/// second happens only on the last day of a month, and is announced only on that day.
///
/// # Examples
///
/// ```
/// use horolog_ntp::LeapIndicator;
/// use horolog_time::LeapSign;
///
/// assert_eq!(LeapIndicator::from_bits(1), LeapIndicator::Insert);
/// assert_eq!(LeapIndicator::Unknown.to_string(), "unknown");
/// assert_eq!(LeapIndicator::announcing(Some(LeapSign::Positive)), LeapIndicator::Insert);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum LeapIndicator {
    /// 0: no warning.
    #[default]
    NoWarning,
    /// 1: the last minute of the day has 61 seconds.
    Insert,
    /// 2: the last minute of the day has 59 seconds.
    Delete,
    /// 3: the clock is not synchronised.
    Unknown,
}

impl LeapIndicator {
    /// Takes the lower two bits.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::NoWarning,
            1 => Self::Insert,
            2 => Self::Delete,
            _ => Self::Unknown,
        }
    }

    /// What a synchronised server shows on a day that ends with this leap second, or with none.
    ///
    /// `upcoming_leap` of a `LeapTable` of `horolog-time` tells which it is.
    #[must_use]
    pub const fn announcing(leap: Option<LeapSign>) -> Self {
        match leap {
            None => Self::NoWarning,
            Some(LeapSign::Positive) => Self::Insert,
            Some(LeapSign::Negative) => Self::Delete,
        }
    }

    /// The two bits.
    #[must_use]
    pub const fn to_bits(self) -> u8 {
        match self {
            Self::NoWarning => 0,
            Self::Insert => 1,
            Self::Delete => 2,
            Self::Unknown => 3,
        }
    }
}

/// `none`, `insert`, `delete` or `unknown`.
impl fmt::Display for LeapIndicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoWarning => "none",
            Self::Insert => "insert",
            Self::Delete => "delete",
            Self::Unknown => "unknown",
        })
    }
}
