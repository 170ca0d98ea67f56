use horolog_time::{LeapTable, UtcInstant};

use crate::ZoneFragment;

/// Seconds that resolvers may keep a table at an instant: never longer than it is valid, and a day
/// at most, so that a new announcement is seen on the day after it.
///
/// 0, which means not to keep it at all, for a table that has expired. A client may use the same
/// to know when to ask again.
///
/// # Examples
///
/// ```
/// use horolog_leap_dns::ttl_at;
/// use horolog_time::LeapTable;
///
/// let table = LeapTable::builder().expires("2027-06-28T00:00:00Z".parse()?).build()?;
/// assert_eq!(ttl_at(&table, "2026-11-22T00:00:00Z".parse()?), 86_400);
/// assert_eq!(ttl_at(&table, "2027-06-27T23:00:00Z".parse()?), 3_600);
/// assert_eq!(ttl_at(&table, "2027-06-28T00:00:00Z".parse()?), 0);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[must_use]
pub fn ttl_at(table: &LeapTable, now: UtcInstant) -> u32 {
    let until = table.valid_until().to_unix().seconds();
    // The second before a positive leap second has the same number as the leap second.
    let left = until.saturating_sub(now.to_unix().seconds());
    u32::try_from(left.max(0))
        .unwrap_or(u32::MAX)
        .min(ZoneFragment::DEFAULT_TTL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_kept_no_longer_than_they_are_valid() {
        let table = LeapTable::builder()
            .expires("2027-06-28T00:00:00Z".parse().unwrap())
            .build()
            .unwrap();
        for (now, ttl) in [
            ("1972-01-01T00:00:00Z", 86_400),
            ("2027-06-26T23:59:59Z", 86_400),
            ("2027-06-27T00:00:01Z", 86_399),
            ("2027-06-27T23:59:59Z", 1),
            ("2027-06-28T00:00:00Z", 0),
            ("9999-01-01T00:00:00Z", 0),
        ] {
            assert_eq!(ttl_at(&table, now.parse().unwrap()), ttl, "{now}");
        }
    }
}
