use std::path::Path;

use horolog_leap_list::HashState;
use horolog_time::TaiUtc;
use serde::Serialize;

use super::Loaded;

/// What was read from a file, in short. Serializes as one JSON object.
#[derive(Debug, Serialize)]
pub struct Summary {
    file: String,
    format: String,
    /// How many leap seconds.
    leaps: usize,
    /// After the last of them.
    tai_utc: i32,
    expires: Option<String>,
    updated: Option<String>,
    /// `None` for a format without hash.
    hash: Option<&'static str>,
    /// How it was checked; of answers of the DNS alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<String>,
}

impl Summary {
    /// Of a file that was read.
    #[must_use]
    pub fn new(file: &Path, loaded: &Loaded) -> Self {
        let table = &loaded.table;
        let last = table.leaps().last();
        Self {
            file: file.display().to_string(),
            format: loaded.format.to_string(),
            leaps: table.leaps().len(),
            tai_utc: last
                .map_or(TaiUtc::AT_1972, |leap| leap.tai_utc())
                .seconds(),
            expires: table.expires().map(|expires| expires.to_string()),
            updated: table.updated().map(|updated| updated.to_string()),
            hash: match loaded.hash {
                Some(HashState::Verified) => Some("verified"),
                Some(HashState::Absent) => Some("absent"),
                Some(_) => Some("wrong"),
                None => None,
            },
            security: loaded.security.map(|security| security.to_string()),
        }
    }
}
