use core::fmt::Write as _;

use super::{Findings, Standing, Surveyed};
use crate::chart;

/// What stands above the columns of [`row`].
pub(super) const HEADINGS: [&str; 11] = [
    "server", "replies", "reach", "stratum", "refid", "leap", "auth", "offset", "jitter", "delay",
    "bounds",
];

/// A server in a table, without the agreement; `-` where nothing is known.
pub(super) fn row(server: &Surveyed, standing: &Standing) -> [String; 11] {
    let none = || "-".to_owned();
    let (best, newest) = (server.summary.best(), server.newest());
    let header = newest.map(|taken| taken.sample.measurement.header());
    let asked =
        server.summary.samples() + usize::try_from(server.summary.lost()).unwrap_or_default();
    [
        server.name.clone(),
        match server.unusable {
            0 => format!("{} of {asked}", server.summary.samples()),
            unusable => format!(
                "{} of {asked} ({unusable} unusable)",
                server.summary.samples()
            ),
        },
        format!("{:03o}", server.reach),
        header.map_or_else(none, |header| header.stratum.to_string()),
        header.map_or_else(none, |header| {
            header.reference_id.describe(header.stratum).to_string()
        }),
        header.map_or_else(none, |header| header.leap.to_string()),
        newest.map_or_else(none, |taken| taken.sample.proof.name()),
        best.map_or_else(none, |best| chart::offset(best.offset().as_seconds_f64())),
        server.summary.jitter().map_or_else(none, chart::span),
        best.map_or_else(none, |best| chart::span(best.delay().as_seconds_f64())),
        standing.bounds().map_or_else(none, |[low, high]| {
            format!("{} to {}", chart::offset(low), chart::offset(high))
        }),
    ]
}

/// Whether a server is of the majority, in words.
pub(super) fn agreement(standing: &Standing) -> &str {
    standing.reason.as_deref().unwrap_or("agrees")
}

/// What follows from all servers, in a sentence.
#[must_use]
pub fn verdict(findings: &Findings) -> String {
    let (agreeing, voters) = findings.quorum();
    match (findings.offset(), findings.bounds()) {
        (Some(offset), Some([low, high])) => {
            let which = if offset < 0.0 { "ahead" } else { "behind" };
            let who = if voters == 1 {
                "a single server, which no other confirms".to_owned()
            } else {
                format!("{agreeing} of {voters} servers agree")
            };
            format!(
                "{who}: this clock is {} {which}; to be right, add between {} and {}",
                chart::span(offset.abs()),
                chart::offset(low),
                chart::offset(high),
            )
        }
        _ if voters == 0 => "no server told a usable time".to_owned(),
        _ => format!("no majority: at most {agreeing} of {voters} servers agree"),
    }
}

/// A table for people, in aligned columns, and the verdict below it.
#[must_use]
pub fn table(findings: &Findings) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(
        findings
            .each()
            .map(|(_, server, standing)| row(server, standing)),
    );
    let mut words = vec!["agreement"];
    words.extend(findings.standings.iter().map(agreement));
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    let mut text = String::new();
    for (row, word) in rows.iter().zip(words) {
        for ((cell, width), heading) in row.iter().zip(&widths).zip(HEADINGS) {
            let right = matches!(heading, "replies" | "reach" | "offset" | "jitter" | "delay");
            // Writing to a string does not fail.
            let _ = if right {
                write!(text, "{cell:>width$}  ")
            } else {
                write!(text, "{cell:<width$}  ")
            };
        }
        text.push_str(word);
        text.push('\n');
    }
    text.push_str(&verdict(findings));
    text.push('\n');
    text
}
