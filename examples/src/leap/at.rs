use core::fmt;

use horolog_ntp::LeapIndicator;
use horolog_time::{LeapSecond, LeapTable, LookupError, UtcInstant};
use serde::Serialize;

/// What a table says of an instant. Serializes as one JSON object.
#[derive(Debug, Serialize)]
pub struct AtRecord {
    instant: String,
    tai_utc: i32,
    /// The leap indicator; `None` where the table has expired.
    leap: Option<String>,
    /// The next leap second, if the table knows of one.
    next_month: Option<String>,
    next_sign: Option<i32>,
    valid_until: String,
    expired: bool,
}

impl AtRecord {
    /// Asks a table.
    ///
    /// # Errors
    ///
    /// Where the table does not know: before 1972, a second that UTC did not have, and after its
    /// expiry unless `allow_expired` asks for the last known value.
    pub fn new(
        table: &LeapTable,
        instant: UtcInstant,
        allow_expired: bool,
    ) -> Result<Self, LookupError> {
        let expired = table.is_expired(instant);
        let tai_utc = if expired && allow_expired {
            table.last_known_tai_utc(instant)?
        } else {
            table.tai_utc(instant)?
        };
        let next = table.next_leap_after(instant).ok().flatten();
        Ok(Self {
            instant: instant.to_string(),
            tai_utc: tai_utc.seconds(),
            leap: table
                .upcoming_leap(instant)
                .ok()
                .map(|leap| LeapIndicator::announcing(leap).to_string()),
            next_month: next.map(|leap: LeapSecond| leap.month().to_string()),
            next_sign: next.map(|leap| leap.sign().as_i32()),
            valid_until: table.valid_until().to_string(),
            expired,
        })
    }
}

/// For people, a line for each fact.
impl fmt::Display for AtRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expired = if self.expired {
            " (last known: the table has expired)"
        } else {
            ""
        };
        writeln!(f, "instant      {}", self.instant)?;
        writeln!(f, "TAI-UTC      {} s{expired}", self.tai_utc)?;
        writeln!(
            f,
            "leap         {}",
            self.leap.as_deref().unwrap_or("unknown")
        )?;
        match (&self.next_month, self.next_sign) {
            (Some(month), Some(sign)) => {
                writeln!(f, "next leap    {sign:+} at the end of {month}")?;
            }
            _ => writeln!(f, "next leap    none known")?,
        }
        writeln!(f, "valid until  {}", self.valid_until)
    }
}
