use core::fmt;

use horolog_time::{LeapTable, Losses, Month, UtcInstant};

use crate::LeapWriteError;
use crate::steps::steps;
use crate::text::month_name;

/// Writes a leap-second table as a `Leap_Second.dat`.
///
/// `Display` is the text of the file, with a header in the manner of the IERS.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::{LeapSecondDat, LeapSecondDatWriter};
/// use horolog_time::{LeapSign, LeapTable};
///
/// let table = LeapTable::builder()
///     .leap("1972-06".parse()?, LeapSign::Positive)
///     .expires("1972-12-28T00:00:00Z".parse()?)
///     .build()?;
/// let writer = LeapSecondDatWriter::new(&table)?;
/// assert!(writer.losses().is_empty());
/// let text = writer.to_string();
/// assert!(text.contains("#  File expires on 28 December 1972\n"));
/// assert!(text.ends_with("    41499.0    1  7 1972       11\n"));
/// assert_eq!(text.parse::<LeapSecondDat>()?.into_table(), table);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LeapSecondDatWriter<'a> {
    table: &'a LeapTable,
    expires: UtcInstant,
}

impl<'a> LeapSecondDatWriter<'a> {
    /// Takes a table.
    ///
    /// # Errors
    ///
    /// * [`LeapWriteError::NoExpiry`] where the table has none.
    /// * [`LeapWriteError::Instant`] where the expiry is within a day.
    /// * [`LeapWriteError::NoLeapSeconds`] where the table has none.
    pub fn new(table: &'a LeapTable) -> Result<Self, LeapWriteError> {
        let expires = table.expires().ok_or(LeapWriteError::NoExpiry)?;
        if expires != UtcInstant::midnight(expires.date()) {
            return Err(LeapWriteError::Instant {
                field: "expiry",
                instant: expires,
                unit: "whole day",
            });
        }
        if table.leaps().is_empty() {
            return Err(LeapWriteError::NoLeapSeconds);
        }
        Ok(Self { table, expires })
    }

    /// What the text does not say of the table: when it was updated.
    #[must_use]
    pub fn losses(&self) -> Losses {
        let none = Losses::none();
        self.table
            .updated()
            .map_or(none, |updated| none.with_updated(updated))
    }
}

/// The whole text.
impl fmt::Display for LeapSecondDatWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expires = self.expires.date();
        let month = month_name(Month::from(expires));
        f.write_str(
            "#  TAI-UTC in seconds, each line from its date until that of the next line\n#\n",
        )?;
        let (day, year) = (expires.day(), expires.year());
        writeln!(f, "#  File expires on {day} {month} {year}")?;
        f.write_str("#\n#    MJD        Date        TAI-UTC (s)\n#           day month year\n#    ---    --------------   ------\n#\n")?;
        for (instant, tai_utc) in steps(self.table) {
            let date = instant.date();
            let (day, month, year) = (date.day(), date.month(), date.year());
            writeln!(f, "{:9}.0{day:5}{month:3} {year}{tai_utc:9}", date.mjd())?;
        }
        Ok(())
    }
}
