use core::fmt;
use core::net::Ipv4Addr;

use horolog_time::{Month, TaiUtc};

use crate::EncodeError;
use crate::fields::{Delta, Fields};

/// The record that ends a set: TAI-UTC is unknown after the end of its month.
///
/// Its address is made as that of a [`LeapAnnouncement`](crate::LeapAnnouncement), with the d that
/// is illegal there, 3. TAI-UTC is that up to the end of the month.
///
/// # Examples
///
/// ```
/// use horolog_leap_a::{LeapAnnouncement, ListEnd};
/// use horolog_time::TaiUtc;
///
/// let end = ListEnd::new("2027-05".parse()?, TaiUtc::from_seconds(37))?;
/// assert_eq!(end.to_string(), "2027-05 dtai=37 end");
/// assert!(LeapAnnouncement::from_addr(end.to_addr()).is_err());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ListEnd {
    /// Checked, as is `tai_utc`.
    month: Month,
    tai_utc: TaiUtc,
}

impl ListEnd {
    /// Takes the last month that is known, and TAI-UTC in it.
    ///
    /// # Errors
    ///
    /// * [`EncodeError::Month`] outside of 1971-12 to 2142-06.
    /// * [`EncodeError::TaiUtc`] outside of 0 to 127 s.
    pub fn new(month: Month, tai_utc: TaiUtc) -> Result<Self, EncodeError> {
        Fields::check(month, tai_utc)?;
        Ok(Self { month, tai_utc })
    }

    pub(crate) const fn from_checked(month: Month, tai_utc: TaiUtc) -> Self {
        Self { month, tai_utc }
    }

    /// The address that says this.
    #[must_use]
    pub fn to_addr(self) -> Ipv4Addr {
        let fields = Fields {
            month: self.month,
            tai_utc: self.tai_utc,
            delta: Delta::Illegal,
        };
        fields.encode()
    }

    /// The last month that is known.
    #[must_use]
    pub const fn month(self) -> Month {
        self.month
    }

    /// TAI-UTC until its end.
    #[must_use]
    pub const fn tai_utc(self) -> TaiUtc {
        self.tai_utc
    }
}

/// `2027-05 dtai=37 end`.
impl fmt::Display for ListEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} dtai={} end", self.month, self.tai_utc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fields_cannot_hold_is_refused() {
        let tai_utc = TaiUtc::AT_1972;
        let month = "1971-11".parse().unwrap();
        assert_eq!(
            ListEnd::new(month, tai_utc),
            Err(EncodeError::Month { month })
        );
        let tai_utc = TaiUtc::from_seconds(128);
        assert_eq!(
            ListEnd::new("1971-12".parse().unwrap(), tai_utc),
            Err(EncodeError::TaiUtc { tai_utc })
        );
    }
}
