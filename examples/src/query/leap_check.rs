use core::fmt;
use std::path::PathBuf;

use clap::Args;
use horolog_leap_dns::Security;
use horolog_ntp::{LeapIndicator, PrivateExtensionType};
use horolog_time::{LeapTable, LookupError, TaiUtc, UtcInstant};
use serde::Serialize;

use super::HeardList;
use crate::cli::Context;
use crate::leap::{self, NamedDnsOptions, contradiction};

/// What leap indicators are compared with.
#[derive(Args, Clone, Debug)]
pub struct LeapOptions {
    /// Show how leap indicators, lists and the servers' own lists (with --nts, by an experimental
    /// extension field) agree
    #[arg(long)]
    pub leap: bool,
    /// Compare the servers' leap indicators with a list of leap seconds
    #[arg(long, value_name = "FILE")]
    leap_list: Option<PathBuf>,
    #[command(flatten)]
    dns: NamedDnsOptions,
    /// Type of the experimental extension field
    #[arg(long, value_name = "TYPE", default_value = "0xf1ea", requires = "leap", value_parser = leap::field_type)]
    leap_field: PrivateExtensionType,
}

impl LeapOptions {
    /// The field to ask servers for their list with.
    #[must_use]
    pub fn field(&self) -> Option<PrivateExtensionType> {
        self.leap.then_some(self.leap_field)
    }

    /// Reads the list, asks the DNS.
    ///
    /// # Errors
    ///
    /// Where one of them gives no list.
    pub fn sources(&self) -> Result<LeapSources, Context> {
        let mut sources = LeapSources::default();
        if let Some(path) = &self.leap_list {
            let (kind, table) = (Kind::List, leap::load(path)?);
            let name = path.display().to_string();
            sources.0.push(Source::new(kind, name, table, None));
        }
        if let Some(name) = &self.dns.name {
            let loaded = self.dns.to_dns().load(name)?;
            let (name, security) = (name.clone(), loaded.security);
            let source = Source::new(Kind::Dns, name, loaded.table, security);
            sources.0.push(source);
        }
        Ok(sources)
    }
}

/// The tables that all servers are compared with.
#[derive(Clone, Debug, Default)]
pub struct LeapSources(Vec<Source>);

#[derive(Clone, Debug)]
struct Source {
    kind: Kind,
    name: String,
    table: LeapTable,
    security: Option<Security>,
}

impl Source {
    const fn new(kind: Kind, name: String, table: LeapTable, security: Option<Security>) -> Self {
        Self {
            kind,
            name,
            table,
            security,
        }
    }
}

/// Where a table is from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    ExtensionField,
    List,
    Dns,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ExtensionField => "extension field",
            Self::List => "leap list",
            Self::Dns => "DNS",
        })
    }
}

/// What becomes of a source.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// It says the same as the leap indicator and the others.
    Agrees,
    /// It does not.
    Contradicts,
    /// It says nothing of today, most often because it has expired.
    Expired,
    /// The server gives no list.
    Absent,
    /// The server's list did not fit the field.
    LeftOut,
    /// What the server gives is no list.
    Malformed,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Agrees => "agrees",
            Self::Contradicts => "CONTRADICTS",
            Self::Expired => "EXPIRED",
            Self::Absent => "not given",
            Self::LeftOut => "left out",
            Self::Malformed => "MALFORMED",
        })
    }
}

/// How a server's leap indicator, its own list and those of others agree. Serializes as one JSON object,
/// displays as a few lines.
#[derive(Debug, Serialize)]
pub struct LeapCheck {
    #[serde(rename = "leap_check")]
    is_check: bool,
    server: String,
    /// The server's time, which the comparison is about.
    at: String,
    /// The leap indicator.
    leap: String,
    agrees: bool,
    sources: Vec<Finding>,
    #[serde(skip)]
    problems: Vec<String>,
}

/// What one source says.
#[derive(Debug, Serialize)]
struct Finding {
    source: Kind,
    name: Option<String>,
    state: State,
    /// The leap indicator that should be shown.
    leap: Option<String>,
    leaps: Option<usize>,
    tai_utc: Option<i32>,
    expires: Option<String>,
    security: Option<String>,
}

impl LeapCheck {
    /// Compares what a server shows at a time with all there is.
    #[must_use]
    pub fn new(
        server: &str,
        at: UtcInstant,
        shown: LeapIndicator,
        sources: &LeapSources,
        heard: Option<&HeardList>,
    ) -> Self {
        let mut check = Self {
            is_check: true,
            server: server.to_owned(),
            at: at.to_string(),
            leap: shown.to_string(),
            agrees: true,
            sources: Vec::new(),
            problems: Vec::new(),
        };
        let mut tables = Vec::new();
        match heard {
            None => {}
            Some(HeardList::List(table)) => {
                let kind = Kind::ExtensionField;
                tables.push(Source::new(kind, String::new(), table.clone(), None));
            }
            Some(HeardList::Nothing) => check.add_missing(State::Absent),
            Some(HeardList::LeftOut(_)) => check.add_missing(State::LeftOut),
            Some(HeardList::Malformed(error)) => {
                let error = format!("{server}: {}: {error}", Kind::ExtensionField);
                check.problems.push(error);
                check.add_missing(State::Malformed);
            }
        }
        tables.extend_from_slice(&sources.0);
        let first = check.sources.len();
        for source in &tables {
            check.add(source, at, shown);
        }
        for (place, source) in tables.iter().enumerate() {
            for (other, earlier) in tables.iter().enumerate().take(place) {
                if let Some(text) = contradiction(&earlier.table, &source.table) {
                    let problem = format!(
                        "{server}: {} and {} differ in {text}",
                        earlier.kind, source.kind
                    );
                    check.problems.push(problem);
                    for place in [other, place] {
                        if let Some(finding) = check.sources.get_mut(first + place) {
                            finding.state = State::Contradicts;
                        }
                    }
                }
            }
        }
        check.agrees = check.problems.is_empty();
        check
    }

    /// What contradicts, has expired or is malformed, a line each; nothing where all agree.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    fn add_missing(&mut self, state: State) {
        self.sources.push(Finding {
            source: Kind::ExtensionField,
            name: None,
            state,
            leap: None,
            leaps: None,
            tai_utc: None,
            expires: None,
            security: None,
        });
    }

    fn add(&mut self, source: &Source, at: UtcInstant, shown: LeapIndicator) {
        let Source {
            kind, name, table, ..
        } = source;
        let said: Result<_, LookupError> = table.upcoming_leap(at).map(LeapIndicator::announcing);
        let state = match said {
            Ok(said) if said == shown => State::Agrees,
            Ok(_) => State::Contradicts,
            Err(_) => State::Expired,
        };
        let server = &self.server;
        match said {
            Ok(said) if said != shown => self.problems.push(format!(
                "{server}: leap indicator is {shown}, the {kind} says {said}"
            )),
            Err(error) if *kind == Kind::ExtensionField => {
                self.problems.push(format!("{server}: {kind}: {error}"));
            }
            Err(error) => self.problems.push(format!("{kind}: {error}")),
            Ok(_) => {}
        }
        let last = table.leaps().last();
        self.sources.push(Finding {
            source: *kind,
            name: (!name.is_empty()).then(|| name.clone()),
            state,
            leap: said.ok().map(|said| said.to_string()),
            leaps: Some(table.leaps().len()),
            tai_utc: Some(
                last.map_or(TaiUtc::AT_1972, |leap| leap.tai_utc())
                    .seconds(),
            ),
            expires: table.expires().map(|expires| expires.to_string()),
            security: source.security.map(|security| security.to_string()),
        });
    }
}

/// A line for the leap indicator and one for each source.
impl fmt::Display for LeapCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leap indicator   {}", self.leap)?;
        if self.sources.is_empty() {
            f.write_str(", nothing to compare with")?;
        }
        for finding in &self.sources {
            write!(f, "\n{:<15}  {}", finding.source, finding.state)?;
            if let Some(leap) = &finding.leap {
                write!(f, "  {leap}")?;
            }
            if let (Some(leaps), Some(tai_utc)) = (finding.leaps, finding.tai_utc) {
                write!(f, "  {leaps} leap seconds, TAI-UTC {tai_utc} s")?;
            }
            if let Some(expires) = &finding.expires {
                write!(f, ", until {expires}")?;
            }
            if let Some(name) = &finding.name {
                write!(f, "  {name}")?;
            }
            if let Some(security) = &finding.security {
                write!(f, " ({security})")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leap::Format;

    /// 1973-01-31 is a day without leap second, 1973-12-31 one with.
    const GOOD: &str = "6+6+12+12?";

    fn table(text: &str) -> LeapTable {
        Format::Txt.decode(text.as_bytes()).unwrap().table
    }

    fn sources(tables: &[(Kind, &str)]) -> LeapSources {
        let source = |(kind, text): &(Kind, &str)| {
            let security = (*kind == Kind::Dns).then_some(Security::Secure);
            Source::new(*kind, "name".to_owned(), table(text), security)
        };
        LeapSources(tables.iter().map(source).collect())
    }

    fn check(
        at: &str,
        shown: LeapIndicator,
        tables: &[(Kind, &str)],
        heard: Option<&HeardList>,
    ) -> LeapCheck {
        let at = format!("{at}T12:00:00Z").parse().unwrap();
        LeapCheck::new("a", at, shown, &sources(tables), heard)
    }

    fn states(check: &LeapCheck) -> Vec<State> {
        check.sources.iter().map(|found| found.state).collect()
    }

    #[test]
    fn all_agree() {
        let heard = HeardList::List(table(GOOD));
        let tables = [(Kind::List, GOOD), (Kind::Dns, GOOD)];
        for (at, shown) in [
            ("1973-01-31", LeapIndicator::NoWarning),
            ("1973-12-31", LeapIndicator::Insert),
        ] {
            let check = check(at, shown, &tables, Some(&heard));
            assert_eq!(check.problems(), <[String; 0]>::default());
            assert_eq!(states(&check), [State::Agrees; 3]);
            assert!(check.agrees);
        }
        let check = check("1973-12-31", LeapIndicator::Insert, &tables, None);
        assert_eq!(
            check.to_string(),
            "leap indicator   insert\n\
             leap list        agrees  insert  3 leap seconds, TAI-UTC 13 s, until 1975-01-01T00:00:00Z  name\n\
             DNS              agrees  insert  3 leap seconds, TAI-UTC 13 s, until 1975-01-01T00:00:00Z  name (DNSSEC secure)"
        );
        assert_eq!(
            serde_json::to_string(&check.sources[1]).unwrap(),
            r#"{"source":"dns","name":"name","state":"agrees","leap":"insert","leaps":3,"tai_utc":13,"expires":"1975-01-01T00:00:00Z","security":"DNSSEC secure"}"#
        );
    }

    #[test]
    fn each_source_can_contradict_the_leap_indicator() {
        let heard = HeardList::List(table(GOOD));
        for (at, shown, said) in [
            ("1973-01-31", LeapIndicator::Insert, "none"),
            ("1973-01-31", LeapIndicator::Delete, "none"),
            ("1973-12-31", LeapIndicator::NoWarning, "insert"),
            ("1973-12-31", LeapIndicator::Delete, "insert"),
        ] {
            let says = |kind| format!("a: leap indicator is {shown}, the {kind} says {said}");
            for kind in [Kind::List, Kind::Dns] {
                let check = check(at, shown, &[(kind, GOOD)], None);
                assert_eq!(check.problems(), [says(kind)]);
                assert_eq!(states(&check), [State::Contradicts]);
                assert!(!check.agrees);
            }
            let check = check(at, shown, &[], Some(&heard));
            assert_eq!(check.problems(), [says(Kind::ExtensionField)]);
        }
    }

    #[test]
    fn sources_can_contradict_each_other() {
        let other = "6+6-12-12?";
        let differ = "leap second 2: 1972-12 +1 and 1972-12 -1";
        let shown = LeapIndicator::NoWarning;
        let at = "1973-01-31";
        let tables = [(Kind::List, GOOD), (Kind::Dns, other)];
        let check_both = check(at, shown, &tables, None);
        let problem = format!("a: leap list and DNS differ in {differ}");
        assert_eq!(check_both.problems(), [problem]);
        assert_eq!(states(&check_both), [State::Contradicts; 2]);

        let heard = HeardList::List(table(GOOD));
        let check = check(at, shown, &tables, Some(&heard));
        assert_eq!(check.problems().len(), 2);
        assert_eq!(
            check.problems()[0],
            format!("a: extension field and DNS differ in {differ}")
        );
        assert_eq!(states(&check), [State::Contradicts; 3]);
    }

    #[test]
    fn an_expired_table_is_a_problem_whatever_it_says() {
        let shown = LeapIndicator::NoWarning;
        let heard = HeardList::List(table(GOOD));
        let tables = [(Kind::List, GOOD), (Kind::Dns, "6+6+12+120?")];
        let check = check("1975-01-01", shown, &tables, Some(&heard));
        assert_eq!(
            states(&check),
            [State::Expired, State::Expired, State::Agrees]
        );
        let expired = "the leap-second table is valid only until 1975-01-01T00:00:00Z";
        assert!(check.problems()[0].starts_with(&format!("a: extension field: {expired}")));
        assert!(check.problems()[1].starts_with(&format!("leap list: {expired}")));
        assert!(!check.agrees);
    }

    #[test]
    fn a_server_need_not_give_a_list_but_a_good_one_if_it_does() {
        let malformed = HeardList::Malformed("why".to_owned());
        for (heard, state, problems) in [
            (HeardList::Nothing, State::Absent, 0),
            (HeardList::LeftOut(30), State::LeftOut, 0),
            (malformed, State::Malformed, 1),
        ] {
            let tables = [(Kind::List, GOOD)];
            let shown = LeapIndicator::NoWarning;
            let check = check("1973-01-31", shown, &tables, Some(&heard));
            assert_eq!(states(&check), [state, State::Agrees]);
            assert_eq!(check.problems().len(), problems);
        }
        let check = check("1973-01-31", LeapIndicator::NoWarning, &[], None);
        assert_eq!(
            check.to_string(),
            "leap indicator   none, nothing to compare with"
        );
    }
}
