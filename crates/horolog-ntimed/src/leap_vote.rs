use core::fmt;

use horolog_ntp::LeapIndicator;
use horolog_time::{CivilDate, LeapSign, LeapTable, UnixTime, UtcInstant};

/// What the sources say of a leap second, counted.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{LeapVerdict, LeapVote};
/// use horolog_ntp::LeapIndicator;
/// use horolog_time::{LeapSign, UtcInstant};
///
/// let mut vote = LeapVote::default();
/// for leap in [LeapIndicator::Insert, LeapIndicator::Insert, LeapIndicator::NoWarning] {
///     vote.add(leap);
/// }
/// let december = "2016-12-31T12:00:00Z".parse::<UtcInstant>()?.to_unix();
/// assert_eq!(vote.verdict(december, None), LeapVerdict::Announced(LeapSign::Positive));
/// assert!(vote.is_disputed());
/// let november = "2016-11-30T12:00:00Z".parse::<UtcInstant>()?.to_unix();
/// assert_eq!(vote.verdict(november, None), LeapVerdict::Implausible(LeapSign::Positive));
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LeapVote {
    /// Sources that announce nothing.
    pub none: usize,
    /// Sources that announce an inserted second.
    pub insert: usize,
    /// Sources that announce a deleted second.
    pub delete: usize,
}

/// What follows from a [`LeapVote`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LeapVerdict {
    /// The majority announces nothing.
    None,
    /// The majority announces it, and it can be.
    Announced(LeapSign),
    /// The majority announces it, but it cannot be: the table knows of none, or without a table the
    /// month is not the last of a half-year.
    Implausible(LeapSign),
    /// No majority, or nobody voted.
    Undecided,
}

impl LeapVote {
    /// Counts a vote; an unsynchronised server has none.
    pub const fn add(&mut self, leap: LeapIndicator) {
        match leap {
            LeapIndicator::NoWarning => self.none += 1,
            LeapIndicator::Insert => self.insert += 1,
            LeapIndicator::Delete => self.delete += 1,
            LeapIndicator::Unknown => {}
        }
    }

    /// Whether not all say the same.
    #[must_use]
    pub const fn is_disputed(&self) -> bool {
        let said = (self.none > 0, self.insert > 0, self.delete > 0);
        !matches!(
            said,
            (_, false, false) | (false, _, false) | (false, false, _)
        )
    }

    /// What the majority says, checked against a leap-second table if it knows the day, and else
    /// against the months in which there have been leap seconds: June and December.
    #[must_use]
    pub fn verdict(&self, now: UnixTime, table: Option<&LeapTable>) -> LeapVerdict {
        let all = self.none + self.insert + self.delete;
        let sign = if self.none * 2 > all {
            return LeapVerdict::None;
        } else if self.insert * 2 > all {
            LeapSign::Positive
        } else if self.delete * 2 > all {
            LeapSign::Negative
        } else {
            return LeapVerdict::Undecided;
        };
        let Ok(now) = UtcInstant::from_unix(now) else {
            return LeapVerdict::Implausible(sign);
        };
        let known = table.and_then(|table| table.upcoming_leap(now).ok());
        let plausible = match known {
            Some(upcoming) => upcoming == Some(sign),
            None => matches!(month(now), 6 | 12),
        };
        if plausible {
            LeapVerdict::Announced(sign)
        } else {
            LeapVerdict::Implausible(sign)
        }
    }
}

fn month(now: UtcInstant) -> u8 {
    let date: CivilDate = now.date();
    date.month()
}

impl fmt::Display for LeapVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Announced(LeapSign::Positive) => f.write_str("insert"),
            Self::Announced(LeapSign::Negative) => f.write_str("delete"),
            Self::Implausible(_) => f.write_str("implausible"),
            Self::Undecided => f.write_str("undecided"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixTime {
        text.parse::<UtcInstant>().unwrap().to_unix()
    }

    fn vote(none: usize, insert: usize, delete: usize) -> LeapVote {
        LeapVote {
            none,
            insert,
            delete,
        }
    }

    #[test]
    fn the_majority_decides() {
        let june = at("2015-06-30T12:00:00Z");
        for (counts, verdict, disputed) in [
            (vote(0, 0, 0), LeapVerdict::Undecided, false),
            (vote(3, 0, 0), LeapVerdict::None, false),
            (vote(2, 1, 0), LeapVerdict::None, true),
            (vote(1, 1, 0), LeapVerdict::Undecided, true),
            (
                vote(0, 2, 1),
                LeapVerdict::Announced(LeapSign::Positive),
                true,
            ),
            (
                vote(0, 0, 1),
                LeapVerdict::Announced(LeapSign::Negative),
                false,
            ),
        ] {
            assert_eq!(counts.verdict(june, None), verdict, "{counts:?}");
            assert_eq!(counts.is_disputed(), disputed, "{counts:?}");
        }
    }

    #[test]
    fn a_table_knows_better_than_the_month_until_it_expires() {
        let table = LeapTable::builder()
            .leap("2016-12".parse().unwrap(), LeapSign::Positive)
            .expires("2017-06-28T00:00:00Z".parse().unwrap())
            .build()
            .unwrap();
        let verdict = |counts: LeapVote, text| counts.verdict(at(text), Some(&table));
        let insert = vote(0, 1, 0);
        let announced = LeapVerdict::Announced(LeapSign::Positive);
        let implausible = LeapVerdict::Implausible(LeapSign::Positive);
        assert_eq!(verdict(insert, "2016-12-31T12:00:00Z"), announced);
        assert_eq!(verdict(insert, "2016-06-30T12:00:00Z"), implausible);
        assert_eq!(verdict(insert, "2017-12-31T12:00:00Z"), announced);
        let delete = vote(0, 0, 1);
        assert_eq!(
            verdict(delete, "2016-12-31T12:00:00Z"),
            LeapVerdict::Implausible(LeapSign::Negative)
        );
    }

    #[test]
    fn the_unsynchronised_have_no_vote() {
        let mut counts = LeapVote::default();
        counts.add(LeapIndicator::Unknown);
        counts.add(LeapIndicator::Delete);
        assert_eq!(counts, vote(0, 0, 1));
    }
}
