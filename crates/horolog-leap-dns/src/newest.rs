use horolog_leap_a::{EncodeError, LeapAnnouncement};
use horolog_time::{LeapTable, Month, TaiUtc};

/// The newest announcement that a table knows of, as Bulletin C would say it: the last end of June
/// or December before the expiry, or the last leap second where that is later.
///
/// `None` for a table that expires before the end of June 1972.
///
/// # Errors
///
/// [`EncodeError`] where an A record cannot say its month or TAI-UTC.
///
/// # Examples
///
/// ```
/// use horolog_leap_dns::newest_announcement;
/// use horolog_time::{LeapSign, LeapTable};
///
/// let table = LeapTable::builder()
///     .leap("1972-06".parse()?, LeapSign::Positive)
///     .expires("1974-06-28T00:00:00Z".parse()?)
///     .build()?;
/// let newest = newest_announcement(&table)?.unwrap();
/// assert_eq!(newest.to_string(), "1973-12 dtai=11 delta=0");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn newest_announcement(table: &LeapTable) -> Result<Option<LeapAnnouncement>, EncodeError> {
    let end = Month::from(table.valid_until().date());
    let half_year = (1..=6)
        .filter_map(|months| end.checked_add(-months))
        .find(|month| month.month() % 6 == 0);
    let last_leap = table.leaps().last();
    let month = half_year.max(last_leap.map(|leap| leap.month()));
    let Some(month) = month.filter(|month| *month >= Month::JANUARY_1972) else {
        return Ok(None);
    };
    let leap = last_leap.filter(|leap| leap.month() == month);
    let tai_utc = match (leap, last_leap) {
        (Some(leap), _) => leap.tai_utc_before(),
        (None, Some(leap)) => leap.tai_utc(),
        (None, None) => TaiUtc::AT_1972,
    };
    LeapAnnouncement::new(month, tai_utc, leap.map(|leap| leap.sign())).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::LeapSign;

    fn newest(leaps: &[(&str, LeapSign)], expires: &str) -> Option<String> {
        let mut table = LeapTable::builder().expires(expires.parse().unwrap());
        for (month, sign) in leaps {
            table = table.leap(month.parse().unwrap(), *sign);
        }
        let found = newest_announcement(&table.build().unwrap()).unwrap();
        found.map(|announcement| announcement.to_string())
    }

    #[test]
    fn the_newest_is_the_last_half_year_or_the_last_leap() {
        let one = [("1972-06", LeapSign::Positive)];
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(
            newest(&one, "1972-12-28T00:00:00Z"),
            is("1972-06 dtai=10 delta=+1")
        );
        assert_eq!(
            newest(&one, "1973-01-01T00:00:00Z"),
            is("1972-12 dtai=11 delta=0")
        );
        let other = [("1972-08", LeapSign::Negative)];
        assert_eq!(
            newest(&other, "1972-12-28T00:00:00Z"),
            is("1972-08 dtai=10 delta=-1")
        );
        assert_eq!(newest(&[], "1972-06-28T00:00:00Z"), None);
        assert_eq!(
            newest(&[], "1972-07-01T00:00:00Z"),
            is("1972-06 dtai=10 delta=0")
        );
    }
}
