//! Leap-second tables from files in every format, and what they say of a leap indicator.

mod announcement;
mod at;
mod compare;
mod contradiction;
mod dns;
mod facts;
mod fetched;
mod field_type;
mod format;
mod json;
mod knowledge;
mod named_dns;
mod refreshed_dns;
mod report;
mod source;
mod summary;
mod unknown;

use std::path::Path;

use horolog_ntp::LeapIndicator;
use horolog_time::{LeapTable, LookupError, UnixTime, UtcInstant};

pub use announcement::AnnouncementRecord;
pub use at::AtRecord;
pub use compare::difference;
pub use contradiction::contradiction;
pub use dns::{DnsOptions, NO_LIST, loaded};
pub use facts::LeapFacts;
pub use fetched::{FetchedRecord, FetchedReport};
pub use field_type::field_type;
pub use format::{AnyError, Format, Loaded};
pub use knowledge::LeapKnowledge;
pub use named_dns::NamedDnsOptions;
pub use refreshed_dns::{LeapTaker, RefreshedDnsOptions};
pub use report::Report;
pub use source::{load_any, system_list};
pub use summary::Summary;
pub use unknown::LeapUnknown;

use crate::cli::Context;

/// Reads a table from a file of any format. One that may be cut unseen is told of on
/// standard error.
///
/// # Errors
///
/// Where the file cannot be read, or is no good table.
pub fn load(path: &Path) -> Result<LeapTable, Context> {
    let loaded = load_any(path, None)?;
    loaded.warn_of_doubt(path);
    Ok(loaded.table)
}

/// The leap indicator that a server should show at an instant.
///
/// # Errors
///
/// Where the table does not know: before 1972 and after its expiry.
pub fn indicator(table: &LeapTable, now: UnixTime) -> Result<LeapIndicator, LookupError> {
    let Ok(now) = UtcInstant::from_unix(now) else {
        return Ok(LeapIndicator::NoWarning);
    };
    table.upcoming_leap(now).map(LeapIndicator::announcing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::LeapSign;

    #[test]
    fn a_leap_second_is_announced_on_its_day_alone() {
        let table = LeapTable::builder()
            .leap("2016-12".parse().unwrap(), LeapSign::Positive)
            .leap("2017-06".parse().unwrap(), LeapSign::Negative)
            .expires("2017-12-28T00:00:00Z".parse().unwrap())
            .build()
            .unwrap();
        let at = |text: &str| text.parse::<UtcInstant>().unwrap().to_unix();
        for (text, shown) in [
            ("2016-12-30T23:59:59Z", LeapIndicator::NoWarning),
            ("2016-12-31T00:00:00Z", LeapIndicator::Insert),
            ("2016-12-31T23:59:59Z", LeapIndicator::Insert),
            ("2017-01-01T00:00:00Z", LeapIndicator::NoWarning),
            ("2017-06-29T23:59:59Z", LeapIndicator::NoWarning),
            ("2017-06-30T00:00:00Z", LeapIndicator::Delete),
            ("2017-06-30T23:59:58Z", LeapIndicator::Delete),
            ("2017-07-01T00:00:00Z", LeapIndicator::NoWarning),
        ] {
            assert_eq!(indicator(&table, at(text)), Ok(shown), "{text}");
        }
        assert!(matches!(
            indicator(&table, at("2017-12-28T00:00:00Z")),
            Err(LookupError::Expired { .. })
        ));
    }
}
