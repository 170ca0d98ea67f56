use core::fmt;
use core::time::Duration;

use horolog_ntimed::{LeapVerdict, LeapVote};
use horolog_ntp::LeapIndicator;
use horolog_time::{LeapSign, TaiUtc, UnixTime, UtcInstant};
use serde::Serialize;

use super::{KnownLeaps, LeapAgreement};
use crate::leap::LeapFacts;

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
mod tests;
