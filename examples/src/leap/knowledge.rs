use horolog_leap_a::LeapAnnouncement;
use horolog_leap_dns::{LeapAnswer, LeapContent, ZoneFragment, ttl_at};
use horolog_time::{CivilDate, LeapSecond, LeapTable, LookupError, Month, UtcInstant};

use super::{LeapFacts, LeapUnknown};

/// What the DNS says of leap seconds: the whole list, or announcements of single months.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LeapKnowledge {
    /// The whole list.
    List(LeapTable),
    /// One or more Bulletins C, the newest last.
    ///
    /// Each is good from the start of its half-year on, when it is issued, and as long as the IERS
    /// says of its lists: until the 28th of the sixth month after its own. In this time there is no
    /// other leap second than the one it announces.
    Announcements(Vec<LeapAnnouncement>),
}

impl LeapKnowledge {
    /// What an answer says; nothing of one that is not about leap seconds.
    #[must_use]
    pub fn from_answer(answer: &LeapAnswer) -> Option<Self> {
        match answer.content() {
            LeapContent::List(table) => Some(Self::List(table.clone())),
            LeapContent::Announcements(all) => Some(Self::Announcements(all.clone())),
            _ => None,
        }
    }

    /// What is known at an instant.
    ///
    /// # Errors
    ///
    /// Where it is too early or too late for that.
    pub fn at(&self, now: UtcInstant) -> Result<LeapFacts, LeapUnknown> {
        match self {
            Self::List(table) => Ok(LeapFacts {
                tai_utc: table.tai_utc(now)?,
                next: table.next_leap_after(now)?,
                today: table.upcoming_leap(now)?,
            }),
            Self::Announcements(all) => {
                let of = |announcement: &LeapAnnouncement| announced_at(*announcement, now);
                // The last that has begun.
                let known = all
                    .iter()
                    .rev()
                    .map(of)
                    .find(|facts| !matches!(facts, Err(LeapUnknown::TooEarly { .. })));
                known
                    .or_else(|| all.first().map(of))
                    .unwrap_or(Err(LeapUnknown::List(LookupError::BeforeStart)))
            }
        }
    }

    /// The first instant of which nothing is known.
    #[must_use]
    pub fn valid_until(&self) -> UtcInstant {
        match self {
            Self::List(table) => table.valid_until(),
            Self::Announcements(all) => {
                all.last().map_or(UtcInstant::MIN, |newest| end_of(*newest))
            }
        }
    }

    /// Seconds for which it may be kept at an instant, a day at most.
    #[must_use]
    pub fn ttl(&self, now: UtcInstant) -> u32 {
        if let Self::List(table) = self {
            return ttl_at(table, now);
        }
        let left = self.valid_until().to_unix().seconds() - now.to_unix().seconds();
        u32::try_from(left.max(0)).map_or(ZoneFragment::DEFAULT_TTL, |left| {
            left.min(ZoneFragment::DEFAULT_TTL)
        })
    }
}

fn announced_at(announcement: LeapAnnouncement, now: UtcInstant) -> Result<LeapFacts, LeapUnknown> {
    let since = start_of(announcement);
    if now < since {
        return Err(LeapUnknown::TooEarly { since });
    }
    let until = end_of(announcement);
    if now >= until {
        return Err(LeapUnknown::Over { until });
    }
    let month = Month::from(now.date());
    if month > announcement.month() {
        let tai_utc = announcement.tai_utc_after();
        return Ok(LeapFacts {
            tai_utc,
            next: None,
            today: None,
        });
    }
    let next = announcement.event().and_then(|sign| {
        LeapSecond::new(announcement.month(), sign, announcement.tai_utc_after()).ok()
    });
    let is_today = month == announcement.month() && now.date().is_last_of_month();
    Ok(LeapFacts {
        tai_utc: announcement.tai_utc(),
        next,
        today: announcement.event().filter(|_| is_today),
    })
}

/// The start of the half-year whose end the announcement is of.
fn start_of(announcement: LeapAnnouncement) -> UtcInstant {
    let month = announcement.month();
    let before = i32::from((month.month() - 1) % 6);
    let first = month.checked_add(-before).unwrap_or(month);
    UtcInstant::midnight(first.first_day())
}

/// When the announcement of the half-year after it has to be there.
fn end_of(announcement: LeapAnnouncement) -> UtcInstant {
    let month = announcement.month();
    let next = month.checked_add(6).unwrap_or(month);
    let day = CivilDate::new(next.year(), next.month(), 28);
    UtcInstant::midnight(day.unwrap_or_else(|_| next.first_day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leap::Format;
    use horolog_leap_dns::{LeapForm, LeapRrset};
    use horolog_time::{LeapSign, TaiUtc};

    fn at(text: &str) -> UtcInstant {
        text.parse().unwrap()
    }

    fn announcements(all: &[(&str, i32, Option<LeapSign>)]) -> LeapKnowledge {
        let announcement = |(month, tai_utc, event): &(&str, i32, Option<LeapSign>)| {
            let tai_utc = TaiUtc::from_seconds(*tai_utc);
            LeapAnnouncement::new(month.parse().unwrap(), tai_utc, *event).unwrap()
        };
        LeapKnowledge::Announcements(all.iter().map(announcement).collect())
    }

    /// TAI-UTC, the next leap second and that of today.
    type Shown = (i32, Option<(String, i32)>, Option<LeapSign>);

    fn shown(knowledge: &LeapKnowledge, now: &str) -> Shown {
        let facts = knowledge.at(at(now)).unwrap();
        let next = facts.next;
        let next = next.map(|leap| (leap.month().to_string(), leap.tai_utc().seconds()));
        (facts.tai_utc.seconds(), next, facts.today)
    }

    /// Bulletin C 52 as an A record, and as a list of the time.
    #[test]
    fn an_announcement_and_a_list_say_the_same_in_its_half_year() {
        let bulletin = announcements(&[("2016-12", 36, Some(LeapSign::Positive))]);
        let list =
            "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+5?";
        let list = LeapKnowledge::List(Format::Txt.decode(list.as_bytes()).unwrap().table);
        let next = Some(("2016-12".to_owned(), 37));
        for knowledge in [&bulletin, &list] {
            for (now, expected) in [
                ("2016-07-01T00:00:00Z", (36, next.clone(), None)),
                ("2016-11-30T12:00:00Z", (36, next.clone(), None)),
                ("2016-12-30T23:59:59Z", (36, next.clone(), None)),
                (
                    "2016-12-31T00:00:00Z",
                    (36, next.clone(), Some(LeapSign::Positive)),
                ),
                (
                    "2016-12-31T23:59:60Z",
                    (36, next.clone(), Some(LeapSign::Positive)),
                ),
                ("2017-01-01T00:00:00Z", (37, None, None)),
                ("2017-05-31T23:59:59Z", (37, None, None)),
            ] {
                assert_eq!(shown(knowledge, now), expected, "{now}");
            }
        }
        // The day of the expiry of the IERS's own list with this bulletin.
        assert_eq!(bulletin.valid_until(), at("2017-06-28T00:00:00Z"));
        let until = bulletin.valid_until();
        assert_eq!(bulletin.at(until), Err(LeapUnknown::Over { until }));
        let since = at("2016-07-01T00:00:00Z");
        let early = bulletin.at(at("2016-06-30T23:59:59Z"));
        assert_eq!(early, Err(LeapUnknown::TooEarly { since }));
        assert!(matches!(
            list.at(at("2017-06-01T00:00:00Z")),
            Err(LeapUnknown::List(LookupError::Expired { .. }))
        ));
    }

    #[test]
    fn announcements_take_turns() {
        let both = announcements(&[
            ("2016-12", 36, Some(LeapSign::Positive)),
            ("2017-06", 37, None),
        ]);
        let next = Some(("2016-12".to_owned(), 37));
        assert_eq!(shown(&both, "2016-09-01T00:00:00Z"), (36, next, None));
        assert_eq!(shown(&both, "2017-01-01T00:00:00Z"), (37, None, None));
        assert_eq!(shown(&both, "2017-06-30T12:00:00Z"), (37, None, None));
        assert_eq!(both.valid_until(), at("2017-12-28T00:00:00Z"));
        // A gap between them is told as the end of the first.
        let apart = announcements(&[
            ("2015-06", 35, Some(LeapSign::Positive)),
            ("2016-12", 36, None),
        ]);
        let until = at("2015-12-28T00:00:00Z");
        let gap = apart.at(at("2016-01-01T00:00:00Z"));
        assert_eq!(gap, Err(LeapUnknown::Over { until }));
    }

    #[test]
    fn a_second_may_be_removed() {
        let bulletin = announcements(&[("2029-06", 37, Some(LeapSign::Negative))]);
        let next = Some(("2029-06".to_owned(), 36));
        let today = Some(LeapSign::Negative);
        assert_eq!(shown(&bulletin, "2029-06-30T23:59:58Z"), (37, next, today));
        assert_eq!(shown(&bulletin, "2029-07-01T00:00:00Z"), (36, None, None));
    }

    #[test]
    fn it_is_kept_for_a_day_and_no_longer_than_it_is_good() {
        let bulletin = announcements(&[("2016-12", 36, Some(LeapSign::Positive))]);
        for (now, ttl) in [
            ("2016-12-31T23:59:59Z", 86_400),
            ("2017-06-27T23:59:50Z", 10),
            ("2017-06-28T00:00:00Z", 0),
            ("2030-01-01T00:00:00Z", 0),
        ] {
            assert_eq!(bulletin.ttl(at(now)), ttl, "{now}");
        }
    }

    #[test]
    fn an_answer_has_one_of_them_or_nothing() {
        let answer =
            |form, rdata: &[&[u8]]| LeapAnswer::new("a", LeapRrset::decode(form, rdata).unwrap());
        let bulletin = answer(LeapForm::A, &[&[244, 23, 35, 255]]);
        let june = Some(("2015-06".to_owned(), 36));
        let known = LeapKnowledge::from_answer(&bulletin).unwrap();
        assert_eq!(shown(&known, "2015-01-05T00:00:00Z"), (35, june, None));
        let list = answer(LeapForm::Txt, &[b"\x076+6+12?"]);
        assert!(matches!(
            LeapKnowledge::from_answer(&list),
            Some(LeapKnowledge::List(_))
        ));
        let described = answer(LeapForm::HostInfo, &[b"\x01A\x01b"]);
        assert_eq!(LeapKnowledge::from_answer(&described), None);
    }
}
