use core::fmt;
use core::time::Duration;

use horolog_leap_dns::Security;
use horolog_ntimed::{LeapVerdict, LeapVote};
use horolog_ntp::LeapIndicator;
use horolog_time::{LeapSign, TaiUtc, UnixTime, UtcInstant};
use serde::Serialize;

use crate::leap::{LeapFacts, LeapKnowledge};

/// What is known of leap seconds, and where it is from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KnownLeaps {
    /// What was heard.
    pub knowledge: LeapKnowledge,
    /// How it was checked.
    pub security: Security,
}

/// What is known of leap seconds at an instant, and how what the servers say goes with it. Serializes
/// as one JSON object, displays as one line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeapStatus {
    /// Where it is known from.
    source: String,
    /// How that was checked; `None` where nothing was heard.
    security: Option<String>,
    /// The leap indicator that servers should show at the instant.
    leap: Option<String>,
    /// The month at whose end the next leap second is.
    next_month: Option<String>,
    /// 1 where it is inserted, -1 where a second is removed.
    next_sign: Option<i32>,
    tai_utc: Option<i32>,
    /// TAI-UTC behind the next leap second.
    tai_utc_after: Option<i32>,
    valid_until: Option<String>,
    /// What most of the servers that agree on the time show.
    servers: Option<String>,
    /// Servers that show no leap second, an inserted and a removed one.
    votes: [usize; 3],
    agreement: LeapAgreement,
    /// Why nothing is known.
    unknown: Option<String>,
    #[serde(skip)]
    facts: Option<LeapFacts>,
    #[serde(skip)]
    is_secure: bool,
}

/// How what the servers show goes with what is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeapAgreement {
    /// They show what is known.
    Agrees,
    /// They show what was right up to an hour ago, and may not have heard of the change yet.
    Late,
    /// Most of them show something else.
    Contradicts,
    /// Nothing is known, or the servers have no majority.
    Uncompared,
}

impl LeapStatus {
    /// How long servers of servers take to show what has changed.
    const CHANGE: Duration = Duration::from_hours(1);

    /// Compares at an instant. `source` is where it is known from, or was asked for.
    #[must_use]
    pub fn new(source: &str, known: Option<&KnownLeaps>, now: UtcInstant, vote: LeapVote) -> Self {
        let facts = known.map(|known| known.knowledge.at(now));
        let unknown = match &facts {
            None => Some("no answer yet".to_owned()),
            Some(Err(error)) => Some(error.to_string()),
            Some(Ok(_)) => None,
        };
        let facts = facts.and_then(Result::ok);
        let servers = majority(vote, now);
        let agreement = match (known, facts, servers) {
            (Some(known), Some(facts), Some(shown)) => {
                let before = earlier(now).and_then(|then| known.knowledge.at(then).ok());
                if indicator(facts) == shown {
                    LeapAgreement::Agrees
                } else if before.is_some_and(|before| indicator(before) == shown) {
                    LeapAgreement::Late
                } else {
                    LeapAgreement::Contradicts
                }
            }
            _ => LeapAgreement::Uncompared,
        };
        let next = facts.and_then(|facts| facts.next);
        Self {
            source: source.to_owned(),
            security: known.map(|known| known.security.to_string()),
            leap: facts.map(|facts| indicator(facts).to_string()),
            next_month: next.map(|leap| leap.month().to_string()),
            next_sign: next.map(|leap| leap.sign().as_i32()),
            tai_utc: facts.map(|facts| facts.tai_utc.seconds()),
            tai_utc_after: next.map(|leap| leap.tai_utc().seconds()),
            valid_until: known.map(|known| known.knowledge.valid_until().to_string()),
            servers: servers.map(|shown| shown.to_string()),
            votes: [vote.none, vote.insert, vote.delete],
            agreement,
            unknown,
            facts,
            is_secure: known.is_some_and(|known| known.security.is_secure()),
        }
    }

    /// How what the servers show goes with what is known.
    #[must_use]
    pub const fn agreement(&self) -> LeapAgreement {
        self.agreement
    }

    /// What is known at the instant, whoever contradicts it.
    #[must_use]
    pub const fn facts(&self) -> Option<LeapFacts> {
        self.facts
    }

    /// What is known, where a clock may be told of the leap second of this day, or of none.
    ///
    /// That of the list or announcement, never that of servers alone: a wrong bit is passed on by
    /// whole trees of them. What DNSSEC does not vouch for counts only as long as the servers do not
    /// show something else; what it vouches for wins over them.
    #[must_use]
    pub fn believed(&self) -> Option<LeapFacts> {
        let undisputed = matches!(
            self.agreement,
            LeapAgreement::Agrees | LeapAgreement::Uncompared
        );
        self.facts.filter(|_| self.is_secure || undisputed)
    }

    /// TAI-UTC that a clock may be told of, by the same rule; servers that are only late do not
    /// matter to it.
    #[must_use]
    pub fn tai_utc(&self) -> Option<TaiUtc> {
        let disputed = self.agreement == LeapAgreement::Contradicts;
        let facts = self.facts.filter(|_| self.is_secure || !disputed);
        facts.map(|facts| facts.tai_utc)
    }

    /// The contradiction, if there is one.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        if self.agreement != LeapAgreement::Contradicts {
            return None;
        }
        let (known, shown) = (self.leap.as_deref()?, self.servers.as_deref()?);
        let (most, all) = (self.votes.iter().max()?, self.votes.iter().sum::<usize>());
        let wins = if self.is_secure {
            "DNSSEC vouches for the former"
        } else {
            "neither is believed"
        };
        let source = &self.source;
        Some(format!(
            "{source} says leap {known} for today, but {most} of {all} servers say {shown}: {wins}"
        ))
    }

    /// Whether it is the same as another, but for the numbers of servers.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let votes = other.votes;
        let same = Self {
            votes,
            ..self.clone()
        };
        same == *other
    }
}

/// The known part, then the servers'.
impl fmt::Display for LeapStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = &self.source;
        if let Some(facts) = self.facts {
            let now = facts.tai_utc.seconds();
            match facts.next {
                Some(leap) => {
                    let what = match leap.sign() {
                        LeapSign::Positive => "inserted",
                        LeapSign::Negative => "removed",
                    };
                    let (month, then) = (leap.month(), leap.tai_utc().seconds());
                    write!(f, "leap second {what} at the end of {month}, ")?;
                    write!(f, "TAI-UTC {now} s, then {then} s")?;
                }
                None => write!(f, "no leap second announced, TAI-UTC {now} s")?,
            }
        } else {
            f.write_str("leap seconds unknown")?;
        }
        write!(f, " ({source}")?;
        if let Some(unknown) = &self.unknown {
            write!(f, ": {unknown}")?;
        }
        if let (Some(until), Some(_)) = (&self.valid_until, self.facts) {
            write!(f, ", until {until}")?;
        }
        if let Some(security) = &self.security {
            write!(f, ", {security}")?;
        }
        let said = match self.agreement {
            LeapAgreement::Agrees => "agree: ",
            LeapAgreement::Late => "may not know yet: ",
            LeapAgreement::Contradicts => "CONTRADICT: ",
            LeapAgreement::Uncompared => "say ",
        };
        let [none, insert, delete] = self.votes;
        let shown = self.servers.as_deref().unwrap_or("nothing in common");
        write!(f, "); servers {said}{shown}")?;
        write!(f, " ({none} none, {insert} insert, {delete} delete)")
    }
}

/// What servers should show.
const fn indicator(facts: LeapFacts) -> LeapIndicator {
    LeapIndicator::announcing(facts.today)
}

/// What most show, if there is a majority.
fn majority(vote: LeapVote, now: UtcInstant) -> Option<LeapIndicator> {
    let leap = match vote.verdict(now.to_unix(), None) {
        LeapVerdict::None => None,
        LeapVerdict::Announced(sign) | LeapVerdict::Implausible(sign) => Some(sign),
        _ => return None,
    };
    Some(LeapIndicator::announcing(leap))
}

/// An hour ago.
fn earlier(now: UtcInstant) -> Option<UtcInstant> {
    let change = i64::try_from(LeapStatus::CHANGE.as_secs()).ok()?;
    let then = now.to_unix().seconds().checked_sub(change)?;
    UtcInstant::from_unix(UnixTime::from_seconds(then)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_leap_a::LeapAnnouncement;

    const LEAP_DAY: &str = "2016-12-31T12:00:00Z";

    fn known(event: Option<LeapSign>, security: Security) -> KnownLeaps {
        let month = "2016-12".parse().unwrap();
        let bulletin = LeapAnnouncement::new(month, TaiUtc::from_seconds(36), event).unwrap();
        let knowledge = LeapKnowledge::Announcements(vec![bulletin]);
        KnownLeaps {
            knowledge,
            security,
        }
    }

    fn status(known: Option<&KnownLeaps>, now: &str, votes: [usize; 3]) -> LeapStatus {
        let [none, insert, delete] = votes;
        let vote = LeapVote {
            none,
            insert,
            delete,
        };
        LeapStatus::new("dns:a", known, now.parse().unwrap(), vote)
    }

    #[test]
    fn servers_are_compared_with_what_is_known() {
        let insert = known(Some(LeapSign::Positive), Security::NotValidated);
        for (now, votes, agreement) in [
            (LEAP_DAY, [0, 3, 0], LeapAgreement::Agrees),
            (LEAP_DAY, [1, 2, 0], LeapAgreement::Agrees),
            (LEAP_DAY, [2, 1, 0], LeapAgreement::Contradicts),
            (LEAP_DAY, [0, 0, 1], LeapAgreement::Contradicts),
            (LEAP_DAY, [1, 1, 0], LeapAgreement::Uncompared),
            (LEAP_DAY, [0, 0, 0], LeapAgreement::Uncompared),
            // The day before a leap second is a day without.
            ("2016-12-30T12:00:00Z", [3, 0, 0], LeapAgreement::Agrees),
            (
                "2016-12-30T12:00:00Z",
                [0, 3, 0],
                LeapAgreement::Contradicts,
            ),
            // Servers hear of the change from servers.
            ("2016-12-31T00:59:59Z", [3, 0, 0], LeapAgreement::Late),
            (
                "2016-12-31T01:00:00Z",
                [3, 0, 0],
                LeapAgreement::Contradicts,
            ),
            ("2017-01-01T00:59:58Z", [0, 3, 0], LeapAgreement::Late),
            (
                "2017-01-01T00:59:58Z",
                [0, 0, 3],
                LeapAgreement::Contradicts,
            ),
            (
                "2017-01-01T01:00:00Z",
                [0, 3, 0],
                LeapAgreement::Contradicts,
            ),
        ] {
            let status = status(Some(&insert), now, votes);
            assert_eq!(status.agreement(), agreement, "{now} {votes:?}");
        }
        assert_eq!(
            status(None, LEAP_DAY, [0, 3, 0]).agreement(),
            LeapAgreement::Uncompared
        );
    }

    #[test]
    fn servers_can_spoil_what_no_signature_vouches_for() {
        let plus = Some(LeapSign::Positive);
        let tai_utc = Some(TaiUtc::from_seconds(36));
        let [bare, signed] =
            [Security::NotValidated, Security::Secure].map(|security| known(plus, security));
        for (known, now, votes, leap, tai) in [
            (&bare, LEAP_DAY, [0, 3, 0], Some(plus), tai_utc),
            (&bare, LEAP_DAY, [1, 1, 0], Some(plus), tai_utc),
            (&bare, LEAP_DAY, [3, 0, 0], None, None),
            (&bare, "2016-12-31T00:30:00Z", [3, 0, 0], None, tai_utc),
            (&bare, "2016-12-30T12:00:00Z", [0, 3, 0], None, None),
            (
                &bare,
                "2016-12-30T12:00:00Z",
                [3, 0, 0],
                Some(None),
                tai_utc,
            ),
            (&signed, LEAP_DAY, [3, 0, 0], Some(plus), tai_utc),
            (
                &signed,
                "2016-12-31T00:30:00Z",
                [3, 0, 0],
                Some(plus),
                tai_utc,
            ),
            // Nobody is believed that is too old.
            (&signed, "2017-06-28T00:00:00Z", [3, 0, 0], None, None),
        ] {
            let status = status(Some(known), now, votes);
            assert_eq!(
                status.believed().map(|facts| facts.today),
                leap,
                "{now} {votes:?}"
            );
            assert_eq!(status.tai_utc(), tai, "{now} {votes:?}");
        }
        // Servers alone are not believed either.
        assert_eq!(status(None, LEAP_DAY, [0, 9, 0]).believed(), None);
    }

    #[test]
    fn a_line_for_people() {
        let insert = known(Some(LeapSign::Positive), Security::NotValidated);
        let delete = known(Some(LeapSign::Negative), Security::Secure);
        let (late, over) = ("2017-01-05T00:00:00Z", "2017-06-28T00:00:00Z");
        for (known, now, votes, line) in [
            (
                Some(&insert),
                LEAP_DAY,
                [0, 3, 0],
                "leap second inserted at the end of 2016-12, TAI-UTC 36 s, then 37 s (dns:a, until 2017-06-28T00:00:00Z, not validated by DNSSEC); servers agree: insert (0 none, 3 insert, 0 delete)",
            ),
            (
                Some(&delete),
                LEAP_DAY,
                [3, 0, 0],
                "leap second removed at the end of 2016-12, TAI-UTC 36 s, then 35 s (dns:a, until 2017-06-28T00:00:00Z, DNSSEC secure); servers CONTRADICT: none (3 none, 0 insert, 0 delete)",
            ),
            (
                Some(&insert),
                late,
                [1, 1, 0],
                "no leap second announced, TAI-UTC 37 s (dns:a, until 2017-06-28T00:00:00Z, not validated by DNSSEC); servers say nothing in common (1 none, 1 insert, 0 delete)",
            ),
            (
                Some(&insert),
                over,
                [2, 0, 0],
                "leap seconds unknown (dns:a: the announcement is good only until 2017-06-28T00:00:00Z, not validated by DNSSEC); servers say none (2 none, 0 insert, 0 delete)",
            ),
            (
                None,
                LEAP_DAY,
                [2, 0, 0],
                "leap seconds unknown (dns:a: no answer yet); servers say none (2 none, 0 insert, 0 delete)",
            ),
        ] {
            assert_eq!(status(known, now, votes).to_string(), line);
        }
    }

    #[test]
    fn contradictions_are_told_with_their_outcome() {
        let bare = known(Some(LeapSign::Positive), Security::NotValidated);
        let signed = known(Some(LeapSign::Positive), Security::Secure);
        let said = |known, votes| status(Some(known), LEAP_DAY, votes).contradiction();
        assert_eq!(said(&bare, [0, 3, 0]), None);
        assert_eq!(
            said(&bare, [2, 0, 1]).unwrap(),
            "dns:a says leap insert for today, but 2 of 3 servers say none: neither is believed"
        );
        assert_eq!(
            said(&signed, [0, 0, 2]).unwrap(),
            "dns:a says leap insert for today, but 2 of 2 servers say delete: DNSSEC vouches for the former"
        );
    }

    #[test]
    fn more_servers_of_one_mind_are_nothing_new() {
        let bare = known(Some(LeapSign::Positive), Security::NotValidated);
        let of = |now, votes| status(Some(&bare), now, votes);
        let status = of(LEAP_DAY, [0, 3, 0]);
        assert!(status.says_the_same(&of("2016-12-31T13:00:00Z", [1, 4, 0])));
        assert!(!status.says_the_same(&of(LEAP_DAY, [4, 3, 0])));
        assert!(!status.says_the_same(&of("2017-01-01T00:00:00Z", [0, 3, 0])));
    }

    #[test]
    fn an_object_for_scripts() {
        let bare = known(Some(LeapSign::Positive), Security::NotValidated);
        let of = |known, votes| serde_json::to_string(&status(known, LEAP_DAY, votes)).unwrap();
        assert_eq!(
            of(Some(&bare), [1, 3, 0]),
            r#"{"source":"dns:a","security":"not validated by DNSSEC","leap":"insert","next_month":"2016-12","next_sign":1,"tai_utc":36,"tai_utc_after":37,"valid_until":"2017-06-28T00:00:00Z","servers":"insert","votes":[1,3,0],"agreement":"agrees","unknown":null}"#
        );
        assert_eq!(
            of(None, [0, 0, 0]),
            r#"{"source":"dns:a","security":null,"leap":null,"next_month":null,"next_sign":null,"tai_utc":null,"tai_utc_after":null,"valid_until":null,"servers":null,"votes":[0,0,0],"agreement":"uncompared","unknown":"no answer yet"}"#
        );
    }
}
