use core::fmt::{self, Write};

use horolog_time::epoch::UNIX_EPOCH_IN_NTP_SECONDS;
use horolog_time::{LeapTable, Month, UtcInstant};
use sha1::{Digest, Sha1};

use super::{CommentPlace, ListComments};
use crate::steps::steps;
use crate::text::month_name;
use crate::{LeapWriteError, ListHash};

/// Writes a leap-second table as a leap-seconds.list, with its hash.
///
/// `Display` is the text of the file. A strict reader reads the same table from it. Where the
/// comments of a file of the IERS are written with its table, the file comes out as it was.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::{LeapSecondsList, ListWriter};
/// use horolog_time::{LeapSign, LeapTable};
///
/// let table = LeapTable::builder()
///     .leap("1972-06".parse()?, LeapSign::Positive)
///     .expires("1972-12-28T00:00:00Z".parse()?)
///     .updated("1972-07-01T12:00:00Z".parse()?)
///     .build()?;
/// let text = ListWriter::new(&table)?.to_string();
/// assert_eq!(
///     text,
///     "\
/// #$\t2287828800
/// #@\t2303337600
/// 2272060800      10      # 1 Jan 1972
/// 2287785600      11      # 1 Jul 1972
/// #h\ta2bd3909 b1b6a82b 13ac7255 f4383450 00c94f5c
/// ",
/// );
/// assert_eq!(LeapSecondsList::decode(text.as_bytes())?.into_table(), table);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ListWriter<'a> {
    table: &'a LeapTable,
    updated: i64,
    expires: i64,
    comments: Option<&'a ListComments<'a>>,
}

impl<'a> ListWriter<'a> {
    /// Takes a table that says when it was updated.
    ///
    /// # Errors
    ///
    /// * [`LeapWriteError::NoUpdateTime`] where the table has none.
    /// * Those of [`with_updated`](Self::with_updated).
    pub fn new(table: &'a LeapTable) -> Result<Self, LeapWriteError> {
        let updated = table.updated().ok_or(LeapWriteError::NoUpdateTime)?;
        Self::with_updated(table, updated)
    }

    /// Takes a table, and the time of update to be written whatever the table says.
    ///
    /// # Errors
    ///
    /// * [`LeapWriteError::NoExpiry`] where the table has none.
    /// * [`LeapWriteError::Instant`] where the update or the expiry is before 1900, within a second,
    ///   or a second 23:59:60, which the format cannot tell from the one after it.
    /// * [`LeapWriteError::NegativeTaiUtc`] where TAI-UTC becomes negative.
    pub fn with_updated(table: &'a LeapTable, updated: UtcInstant) -> Result<Self, LeapWriteError> {
        let expires = table.expires().ok_or(LeapWriteError::NoExpiry)?;
        if let Some(leap) = table
            .leaps()
            .iter()
            .find(|leap| leap.tai_utc().seconds() < 0)
        {
            return Err(LeapWriteError::NegativeTaiUtc {
                month: leap.month(),
                tai_utc: leap.tai_utc(),
            });
        }
        Ok(Self {
            table,
            updated: whole_second("update", updated)?,
            expires: whole_second("expiry", expires)?,
            comments: None,
        })
    }

    /// The same, with comments.
    #[must_use]
    pub const fn comments(mut self, comments: &'a ListComments<'a>) -> Self {
        self.comments = Some(comments);
        self
    }

    /// The hash that is written.
    #[must_use]
    pub fn hash(&self) -> ListHash {
        let mut digits = Hasher(Sha1::default());
        // A hash takes all that is written into it.
        let _ = write!(digits, "{}{}", self.updated, self.expires);
        for (instant, tai_utc) in steps(self.table) {
            let _ = write!(digits, "{}{tai_utc}", since_1900(instant));
        }
        ListHash::from_octets(digits.0.finalize().into())
    }
}

/// The whole text.
impl fmt::Display for ListWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comments = self
            .comments
            .into_iter()
            .flat_map(ListComments::lines)
            .peekable();
        let mut write_comments = |f: &mut fmt::Formatter<'_>, place| {
            while let Some((_, line)) = comments.next_if(|(before, _)| *before <= place) {
                writeln!(f, "{line}")?;
            }
            Ok(())
        };
        write_comments(f, CommentPlace::Updated)?;
        writeln!(f, "#$\t{}", self.updated)?;
        write_comments(f, CommentPlace::Expires)?;
        writeln!(f, "#@\t{}", self.expires)?;
        for (instant, tai_utc) in steps(self.table) {
            write_comments(f, CommentPlace::Data(instant))?;
            let date = instant.date();
            let month = month_name(Month::from(date));
            writeln!(
                f,
                "{}      {tai_utc}      # {} {month:.3} {}",
                since_1900(instant),
                date.day(),
                date.year(),
            )?;
        }
        write_comments(f, CommentPlace::Hash)?;
        writeln!(f, "#h\t{}", self.hash())?;
        write_comments(f, CommentPlace::End)
    }
}

fn since_1900(instant: UtcInstant) -> i64 {
    instant.to_unix().seconds() + i64::from(UNIX_EPOCH_IN_NTP_SECONDS)
}

fn whole_second(field: &'static str, instant: UtcInstant) -> Result<i64, LeapWriteError> {
    let seconds = since_1900(instant);
    if seconds < 0 || instant.nanoseconds() != 0 || instant.is_leap_second() {
        return Err(LeapWriteError::Instant {
            field,
            instant,
            unit: "whole second since 1900",
        });
    }
    Ok(seconds)
}

/// Hashes what is written into it.
struct Hasher(Sha1);

impl Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HashRule, HashState, LeapSecondsList};
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use horolog_time::{LeapSign, TaiUtc, UnixTime};
    use proptest::prelude::*;

    const LISTS: [&str; 2] = [
        include_str!("../../tests/data/iers-expires-2026-06-28.list"),
        include_str!("../../tests/data/iers-expires-2027-06-28.list"),
    ];

    fn utc(text: &str) -> UtcInstant {
        text.parse().unwrap()
    }

    fn table(expires: Option<&str>) -> LeapTable {
        let builder = LeapTable::builder().leap("1972-06".parse().unwrap(), LeapSign::Positive);
        match expires {
            Some(expires) => builder.expires(utc(expires)).build().unwrap(),
            None => builder.build().unwrap(),
        }
    }

    #[test]
    fn lists_of_the_iers_come_out_as_they_were() {
        for text in LISTS {
            let table = text.parse::<LeapSecondsList>().unwrap().into_table();
            let comments = ListComments::decode(text.as_bytes()).unwrap();
            let writer = ListWriter::new(&table).unwrap().comments(&comments);
            assert_eq!(writer.to_string(), text);
        }
    }

    #[test]
    fn without_comments_the_data_and_the_hash_stay() {
        for text in LISTS {
            let list: LeapSecondsList = text.parse().unwrap();
            let written = ListWriter::new(list.table()).unwrap().to_string();
            let kept = |line: &&str| {
                ["#$", "#@", "#h", "2", "3"]
                    .iter()
                    .any(|start| line.starts_with(start))
            };
            let original: Vec<_> = text.lines().filter(kept).collect();
            assert_eq!(written.lines().collect::<Vec<_>>(), original);
            assert_eq!(original.len(), 31);
            assert_eq!(written.parse(), Ok(list));
        }
    }

    #[test]
    fn comments_of_a_line_that_is_gone_stay() {
        let text =
            "# a\n#@ 2319321600\n2272060800 10\n# b\n2287785600 11\n# c\n2303683200 12\n# d\n";
        let comments = ListComments::decode(text.as_bytes()).unwrap();
        let table = table(Some("1972-12-28T00:00:00Z"));
        let writer = ListWriter::with_updated(&table, utc("1972-07-01T00:00:00Z")).unwrap();
        let written = writer.comments(&comments).to_string();
        let kinds: Vec<_> = written.lines().map(|line| line.get(..3).unwrap()).collect();
        assert_eq!(
            kinds,
            [
                "#$\t", "# a", "#@\t", "227", "# b", "228", "# c", "#h\t", "# d"
            ]
        );
        assert!(LeapSecondsList::decode(written.as_bytes()).is_ok());
    }

    #[test]
    fn a_table_without_its_times_is_not_written() {
        let (whole, endless) = (table(Some("1973-01-01T00:00:00Z")), table(None));
        let now = utc("1972-12-01T00:00:00Z");
        assert_eq!(
            ListWriter::new(&whole).unwrap_err(),
            LeapWriteError::NoUpdateTime
        );
        let error = ListWriter::with_updated(&endless, now).unwrap_err();
        assert_eq!(error, LeapWriteError::NoExpiry);
        let text = ListWriter::with_updated(&whole, now).unwrap().to_string();
        assert_eq!(
            text.parse::<LeapSecondsList>().unwrap().updated(),
            Some(now)
        );
    }

    #[test]
    fn an_instant_within_a_second_is_not_written() {
        let good = utc("1972-12-01T00:00:00Z");
        for wrong in [
            "1973-01-01T00:00:00.5Z",
            "1972-12-31T23:59:60Z",
            "1899-12-31T23:59:59Z",
        ] {
            let wrong = utc(wrong);
            let table = table(Some("1973-01-01T00:00:00Z"));
            let error = ListWriter::with_updated(&table, wrong).unwrap_err();
            let unit = "whole second since 1900";
            let instant = wrong;
            let field = "update";
            assert_eq!(
                error,
                LeapWriteError::Instant {
                    field,
                    instant,
                    unit
                }
            );
        }
        let table = table(Some("1973-01-01T00:00:00.5Z"));
        let error = ListWriter::with_updated(&table, good).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the expiry 1973-01-01T00:00:00.5"),
            "{error}"
        );
    }

    #[test]
    fn negative_tai_utc_is_not_written() {
        let builder = (0..11).fold(LeapTable::builder(), |builder, number| {
            builder.leap(Month::from_number(number).unwrap(), LeapSign::Negative)
        });
        let table = builder
            .expires(utc("1973-01-01T00:00:00Z"))
            .build()
            .unwrap();
        let error = ListWriter::with_updated(&table, utc("1972-07-01T00:00:00Z")).unwrap_err();
        let (month, tai_utc) = ("1972-11".parse().unwrap(), TaiUtc::from_seconds(-1));
        assert_eq!(error, LeapWriteError::NegativeTaiUtc { month, tai_utc });
    }

    proptest! {
        #[test]
        fn a_table_survives(table in crate::tests::tables(0..99), updated in -2_208_988_800_i64..99_999_999_999) {
            let updated = UtcInstant::from_unix(UnixTime::from_seconds(updated)).unwrap();
            let Ok(writer) = ListWriter::with_updated(&table, updated) else {
                prop_assert!(table.leaps().iter().any(|leap| leap.tai_utc().seconds() < 0));
                return Ok(());
            };
            let text = writer.to_string();
            let list = LeapSecondsList::decode_with(text.as_bytes(), HashRule::Any).unwrap();
            prop_assert_eq!(list.hash_state(), HashState::Verified);
            prop_assert_eq!(list.updated(), Some(updated));
            prop_assert_eq!(list.table().leaps(), table.leaps());
            prop_assert_eq!(list.table().expires(), table.expires());
            prop_assert_eq!(ListWriter::new(list.table()).unwrap().to_string(), text);
        }
    }
}
