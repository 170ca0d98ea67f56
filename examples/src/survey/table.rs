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

#[cfg(test)]
mod tests {
    use horolog_ntp::LeapIndicator;

    use super::*;
    use crate::survey::known::{findings, server};
    use crate::survey::{SurveyRecord, page};

    /// Two servers announce a leap second and one does not; one is silent.
    fn servers() -> Findings {
        let (insert, none) = (LeapIndicator::Insert, LeapIndicator::NoWarning);
        findings(vec![
            server("a", 1, 2, insert, &[[1.0, 8.0], [2.0, 16.0]]),
            server("b", 2, 2, insert, &[[1.0, 8.0]]),
            server("c", 3, 3, none, &[[1.0, 8.0]]),
            Surveyed::silent("d", "connection refused"),
        ])
    }

    /// As the columns stand in the table for people. The bounds are half of 8 ms either way, and 15 us for
    /// the second that passed since.
    const ROWS: [[&str; 12]; 4] = [
        [
            "a",
            "2 of 2",
            "003",
            "2",
            "198.51.100.1",
            "insert",
            "none",
            "+1.000 ms",
            "1.000 ms",
            "8.000 ms",
            "-3.015 ms to +5.015 ms",
            "agrees",
        ],
        [
            "b",
            "1 of 1",
            "001",
            "2",
            "198.51.100.2",
            "insert",
            "none",
            "+1.000 ms",
            "0.000 ns",
            "8.000 ms",
            "-3.015 ms to +5.015 ms",
            "agrees",
        ],
        [
            "c",
            "1 of 1",
            "001",
            "3",
            "198.51.100.3",
            "none",
            "none",
            "+1.000 ms",
            "0.000 ns",
            "8.000 ms",
            "-3.015 ms to +5.015 ms",
            "agrees",
        ],
        [
            "d",
            "0 of 0",
            "000",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "no time: connection refused",
        ],
    ];

    fn cells(line: &str) -> Vec<&str> {
        let cells = line.split("  ").map(str::trim);
        cells.filter(|cell| !cell.is_empty()).collect()
    }

    #[test]
    fn every_column_is_in_the_table_for_people() {
        let text = table(&servers());
        let lines: Vec<_> = text.lines().collect();
        let mut headings = HEADINGS.to_vec();
        headings.push("agreement");
        assert_eq!(cells(lines[0]), headings);
        for (line, row) in lines.iter().skip(1).zip(ROWS) {
            assert_eq!(cells(line), row, "{text}");
        }
        assert!(lines[5].starts_with("3 of 4 servers agree: "), "{text}");
    }

    #[test]
    fn every_column_is_in_the_page() {
        let page = page(&servers());
        let rows = page.split("<tr>").skip(2);
        for (cells, row) in rows.zip(ROWS) {
            assert!(cells.contains(&format!(">{}</a></td>", row[0])), "{cells}");
            let agreement = row[11];
            let class = if agreement == "agrees" {
                "agrees"
            } else {
                "apart"
            };
            let cell = format!("<td class=\"words {class}\">{agreement}</td>");
            assert!(cells.contains(&cell), "{cell}: {cells}");
            for (heading, cell) in HEADINGS.iter().zip(row).skip(1) {
                let cell = format!(" data-label=\"{heading}\">{cell}</td>");
                assert!(cells.contains(&cell), "{cell}: {cells}");
            }
        }
    }

    #[test]
    fn a_leap_second_that_not_all_announce_is_disputed() {
        let disputed = servers();
        assert!(page(&disputed).contains("<p>Leap second announced: insert (disputed)</p>"));
        let record = serde_json::to_value(SurveyRecord::from(&disputed)).expect("JSON");
        assert_eq!(record["leap"], "insert");
        assert_eq!(record["leap_disputed"], true);

        let one = server("a", 1, 2, LeapIndicator::Insert, &[[1.0, 8.0]]);
        let agreed = findings(vec![one]);
        assert!(page(&agreed).contains("<p>Leap second announced: insert</p>"));
        let record = serde_json::to_value(SurveyRecord::from(&agreed)).expect("JSON");
        assert_eq!(record["leap_disputed"], false);
    }
}
