use core::fmt;

use horolog_leap_dns::{Insecurity, LeapAnswer, LeapContent, Origin, Security};
use serde::Serialize;

use super::json::Table;
use super::{AnnouncementRecord, Report, loaded};

/// An answer of the DNS. Serializes as one JSON object: that of the table, and where it is from.
#[derive(Debug, Serialize)]
pub struct FetchedRecord {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    resolver: &'static str,
    security: &'static str,
    /// Why the answer is insecure.
    insecurity: Option<&'static str>,
    /// Seconds; the operating system does not tell.
    ttl: Option<u32>,
    /// How many records are not about leap seconds.
    foreign: usize,
    #[serde(flatten)]
    content: Content,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Content {
    List(Table),
    Announcements {
        announcements: Vec<AnnouncementRecord>,
    },
    HostInfo {
        hinfo: Vec<Description>,
    },
    /// What this program does not know.
    Other {},
}

#[derive(Debug, Serialize)]
struct Description {
    cpu: String,
    os: String,
}

impl From<&LeapAnswer> for FetchedRecord {
    fn from(answer: &LeapAnswer) -> Self {
        let content = match answer.content() {
            LeapContent::List(table) => Content::List(Table::from(table)),
            LeapContent::Announcements(announcements) => Content::Announcements {
                announcements: announcements.iter().copied().map(Into::into).collect(),
            },
            LeapContent::HostInfo(records) => Content::HostInfo {
                hinfo: records
                    .iter()
                    .map(|record| Description {
                        cpu: record.cpu().escape_ascii().to_string(),
                        os: record.os().escape_ascii().to_string(),
                    })
                    .collect(),
            },
            _ => Content::Other {},
        };
        Self {
            name: answer.owner().trim_end_matches('.').to_owned(),
            record_type: answer.rrset().form().record_type().to_string(),
            resolver: match answer.origin() {
                Origin::System => "system",
                _ => "dns",
            },
            security: match answer.security() {
                Security::Secure => "secure",
                Security::Insecure(_) => "insecure",
                _ => "unvalidated",
            },
            insecurity: match answer.security() {
                Security::Insecure(Insecurity::NoTrustAnchor) => Some("no trust anchor"),
                Security::Insecure(_) => Some("unsigned zone"),
                _ => None,
            },
            ttl: answer.ttl(),
            foreign: answer.rrset().foreign(),
            content,
        }
    }
}

/// An answer for people: a table as a report, and a line for each of the other records.
#[derive(Clone, Copy, Debug)]
pub struct FetchedReport<'a> {
    /// Where it is from.
    pub label: &'a str,
    /// The answer.
    pub answer: &'a LeapAnswer,
}

impl fmt::Display for FetchedReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(loaded) = &loaded(self.answer) {
            let file = self.label.as_ref();
            return Report { file, loaded }.fmt(f);
        }
        let (form, security) = (self.answer.rrset().form(), self.answer.security());
        writeln!(f, "{} ({form}, {security})", self.label)?;
        match self.answer.content() {
            LeapContent::Announcements(announcements) => announcements
                .iter()
                .try_for_each(|announcement| writeln!(f, "   {announcement}")),
            LeapContent::HostInfo(records) => records
                .iter()
                .try_for_each(|record| writeln!(f, "   {record}")),
            _ => Ok(()),
        }
    }
}
