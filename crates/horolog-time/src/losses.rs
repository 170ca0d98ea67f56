use core::fmt;

use crate::UtcInstant;

/// What a format could not say of a leap-second table.
///
/// The formats of leap seconds do not all say the same: some know the month of the expiry but not
/// its day, and some say nothing of when the table was updated. Whoever writes a table in such a
/// format gets this beside what was written. Nothing else is ever lost: a table that a format
/// cannot say otherwise is an error.
///
/// # Examples
///
/// ```
/// use horolog_time::Losses;
///
/// let losses = Losses::none().with_expires("2026-06-28T00:00:00Z".parse()?);
/// assert!(!losses.is_empty());
/// assert_eq!(losses.to_string(), "expiry 2026-06-28T00:00:00Z cut to the start of its month");
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Losses {
    expires: Option<UtcInstant>,
    updated: Option<UtcInstant>,
}

impl Losses {
    /// Nothing was lost.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            expires: None,
            updated: None,
        }
    }

    /// The same, and this expiry was cut to the start of its month.
    #[must_use]
    pub const fn with_expires(mut self, expires: UtcInstant) -> Self {
        self.expires = Some(expires);
        self
    }

    /// The same, and this time of update was left out.
    #[must_use]
    pub const fn with_updated(mut self, updated: UtcInstant) -> Self {
        self.updated = Some(updated);
        self
    }

    /// The expiry as it was, if it was cut to the start of its month.
    #[must_use]
    pub const fn expires(&self) -> Option<UtcInstant> {
        self.expires
    }

    /// The time of update, if it was left out.
    #[must_use]
    pub const fn updated(&self) -> Option<UtcInstant> {
        self.updated
    }

    /// Whether nothing was lost.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.expires.is_none() && self.updated.is_none()
    }
}

/// For people; empty where nothing was lost.
impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(expires) = self.expires {
            write!(f, "expiry {expires} cut to the start of its month")?;
        }
        if let (Some(_), Some(_)) = (self.expires, self.updated) {
            f.write_str(", ")?;
        }
        if let Some(updated) = self.updated {
            write!(f, "update time {updated} left out")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loss_is_told() {
        let at: UtcInstant = "2026-06-28T00:00:00Z".parse().unwrap();
        assert_eq!(Losses::none().to_string(), "");
        assert!(Losses::none().is_empty());
        let both = Losses::none().with_expires(at).with_updated(at);
        assert_eq!((both.expires(), both.updated()), (Some(at), Some(at)));
        assert_eq!(
            both.to_string(),
            "expiry 2026-06-28T00:00:00Z cut to the start of its month, update time 2026-06-28T00:00:00Z left out"
        );
    }
}
