use core::fmt;
use std::path::Path;

use horolog_leap_list::HashState;
use horolog_time::{Month, TaiUtc};

use super::Loaded;

/// A table for people: a line about the whole, and one for each leap second.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Where the table is from.
    pub file: &'a Path,
    /// The table.
    pub loaded: &'a Loaded,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.file.display(), self.loaded)?;
        writeln!(
            f,
            "   1972-01      TAI-UTC {:>3} s",
            TaiUtc::AT_1972.seconds()
        )?;
        self.loaded.table.leaps().iter().try_for_each(|leap| {
            let (sign, tai_utc) = (leap.sign().as_i32(), leap.tai_utc().seconds());
            writeln!(f, "   {}  {sign:+}  TAI-UTC {tai_utc:>3} s", leap.month())
        })
    }
}

/// The table in one line.
impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leaps = self.table.leaps();
        let tai_utc = leaps.last().map_or(TaiUtc::AT_1972, |leap| leap.tai_utc());
        write!(
            f,
            "{}, {} leap seconds, TAI-UTC {tai_utc} s",
            self.format,
            leaps.len()
        )?;
        match self.table.expires() {
            Some(expires) if self.format.has_day_of_expiry() => write!(f, ", expires {expires}")?,
            Some(expires) => write!(f, ", expires {}", Month::from(expires.date()))?,
            None => f.write_str(", no expiry")?,
        }
        if let Some(updated) = self.table.updated() {
            write!(f, ", updated {updated}")?;
        }
        f.write_str(match self.hash {
            Some(HashState::Verified) => ", hash verified",
            Some(HashState::Absent) => ", no hash",
            Some(_) => ", wrong hash",
            None => "",
        })?;
        self.security
            .map_or(Ok(()), |security| write!(f, ", {security}"))
    }
}
