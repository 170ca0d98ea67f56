use core::fmt::Write as _;

use horolog_time::UtcInstant;

use super::table::{HEADINGS, agreement, row, verdict};
use super::{Findings, Plate, Screen, plates_of, plates_together};
use crate::chart::{escape, sign, stylesheet};

/// What the words of the table mean.
const WORDS: [(&str, &str); 9] = [
    (
        "offset",
        "what to add to this clock to have the server's time, by the reply of least delay; positive: this clock is behind",
    ),
    (
        "bounds",
        "what the offset cannot lie outside of, if the server is right: its replies together, as no packet takes negative time, and its clock's precision",
    ),
    (
        "delay",
        "the time on the way, there and back, of the best reply",
    ),
    (
        "jitter",
        "how far the other replies' offsets are from the best one's, root mean square",
    ),
    (
        "replies",
        "requests that brought time, of those sent; unusable replies came from a server that has no time itself",
    ),
    (
        "reach",
        "which of the last eight requests were answered, in octal: 377 is all",
    ),
    (
        "stratum, refid",
        "how far the server is from a reference clock, and what it is set by",
    ),
    (
        "auth",
        "what vouches for the replies; a server that NTS protects has the weight of stratum 1, others have 1 divided by their stratum",
    ),
    (
        "agreement",
        "whether the offset that most servers allow lies within the server's bounds, or why it does not count",
    ),
];

/// All as one page of HTML that needs nothing else.
#[must_use]
pub fn page(findings: &Findings) -> String {
    let mut page =
        String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
    page.push_str("<title>Survey of time servers</title>\n<style>\n");
    page.push_str(include_str!("page.css"));
    page.push_str(&stylesheet());
    page.push_str("\n</style>\n</head>\n<body>\n");
    head(findings, &mut page);
    table(findings, &mut page);
    let plates = plates_together(findings, Screen::Wide);
    if !plates.is_empty() {
        page.push_str("<h2>All servers together</h2>\n");
        let narrow = plates_together(findings, Screen::Narrow);
        figures_together(&plates, &narrow, &mut page);
    }
    for (number, server, standing) in findings.each() {
        heading(number, &server.name, &mut page);
        let words = escape(agreement(standing));
        let class = class(standing.agrees());
        let address = server
            .address
            .map(|address| format!("{address} · "))
            .unwrap_or_default();
        add(
            &mut page,
            format_args!("<p>{address}<span class=\"{class}\">{words}</span></p>\n"),
        );
        let plates = plates_of(findings, number);
        if plates.is_empty() {
            page.push_str(
                "<p class=\"muted\">There is nothing to draw: no reply told a usable time.</p>\n",
            );
        } else {
            figures(&plates, &mut page);
        }
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn head(findings: &Findings, page: &mut String) {
    let begun = UtcInstant::from_unix(findings.begun).map(|begun| begun.to_string());
    let begun = begun.unwrap_or_else(|_| findings.begun.to_string());
    // Whole seconds will do.
    let begun = begun
        .split_once('.')
        .map_or(begun.as_str(), |(whole, _)| whole);
    let samples: usize = findings
        .servers
        .iter()
        .map(|server| server.samples.len())
        .sum();
    let count = findings.servers.len();
    let length = findings.length.as_secs_f64();
    page.push_str("<h1>Survey of time servers</h1>\n");
    add(
        page,
        format_args!(
            "<p class=\"muted\">{count} servers, {samples} usable replies in {length:.0} s, from {} UTC by this clock</p>\n",
            escape(&begun.replace('T', " ").replace('Z', "")),
        ),
    );
    let bad = if findings.peak().is_some() {
        ""
    } else {
        " bad"
    };
    add(
        page,
        format_args!(
            "<p class=\"verdict{bad}\">{}</p>\n",
            escape(&verdict(findings))
        ),
    );
    let disputed = if findings.is_leap_disputed() {
        " (disputed)"
    } else {
        ""
    };
    add(
        page,
        format_args!(
            "<p>Leap second announced: {}{disputed}</p>\n",
            findings.leap
        ),
    );
}

fn table(findings: &Findings, page: &mut String) {
    page.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    // Whether a server agrees matters most, so it stands in front.
    let (first, others) = (HEADINGS.iter().take(1), HEADINGS.iter().skip(1));
    for heading in first.chain(&["agreement"]).chain(others) {
        let class = if is_number(heading) { "number" } else { "" };
        add(page, format_args!("<th class=\"{class}\">{heading}</th>"));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (number, server, standing) in findings.each() {
        page.push_str("<tr>");
        for (cell, heading) in row(server, standing).iter().zip(HEADINGS) {
            let cell = escape(cell);
            if heading == "server" {
                let sign = sign(number, "sign");
                let (class, words) = (class(standing.agrees()), escape(agreement(standing)));
                add(
                    page,
                    format_args!(
                        "<td class=\"name\">{sign}<a href=\"#server-{}\">{cell}</a></td><td class=\"words {class}\">{words}</td>",
                        number + 1
                    ),
                );
            } else {
                let class = match (cell == "-", is_number(heading)) {
                    (true, true) => "number none",
                    (true, false) => "none",
                    (false, true) => "number",
                    (false, false) => "",
                };
                add(
                    page,
                    format_args!("<td class=\"{class}\" data-label=\"{heading}\">{cell}</td>"),
                );
            }
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n<details><summary class=\"muted\">What the columns mean</summary><dl>\n");
    for (word, meaning) in WORDS {
        add(page, format_args!("<dt>{word}</dt><dd>{meaning}</dd>\n"));
    }
    page.push_str("</dl></details>\n");
}

/// Whether a column has numbers, which stand below each other.
fn is_number(heading: &str) -> bool {
    matches!(
        heading,
        "replies" | "reach" | "stratum" | "offset" | "jitter" | "delay"
    )
}

const fn class(agrees: bool) -> &'static str {
    if agrees { "agrees" } else { "apart" }
}

fn heading(number: usize, name: &str, page: &mut String) {
    add(
        page,
        format_args!(
            "<h2 id=\"server-{}\">{}{}</h2>\n",
            number + 1,
            sign(number, "sign"),
            escape(name)
        ),
    );
}

/// Pictures of one server, side by side where there is room.
fn figures(plates: &[Plate], page: &mut String) {
    page.push_str("<div class=\"pair\">\n");
    for plate in plates {
        let (svg, caption) = (plate.picture.to_svg(), escape(&plate.caption));
        add(
            page,
            format_args!("<figure>\n{svg}<figcaption>{caption}</figcaption>\n</figure>\n"),
        );
    }
    page.push_str("</div>\n");
}

/// Pictures of all servers; the page shows those that fit the screen.
fn figures_together(wide: &[Plate], narrow: &[Plate], page: &mut String) {
    page.push_str("<div class=\"together\">\n");
    for (wide, narrow) in wide.iter().zip(narrow) {
        let (svg, caption) = (wide.picture.to_svg(), escape(&wide.caption));
        let narrow = narrow.picture.to_svg();
        add(
            page,
            format_args!(
                "<figure>\n<div class=\"wide\">\n{svg}</div>\n<div class=\"narrow\">\n{narrow}</div>\n<figcaption>{caption}</figcaption>\n</figure>\n"
            ),
        );
    }
    page.push_str("</div>\n");
}

fn add(page: &mut String, text: core::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = page.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use core::time::Duration;
    use std::time::SystemTime;

    use super::*;
    use crate::survey::Surveyed;

    #[test]
    fn names_and_troubles_are_text() {
        let hostile = Surveyed::silent("<script>\u{1b}</script>", "'\"&<img src=x>");
        let page = page(&Findings::new(
            vec![hostile],
            SystemTime::now(),
            Duration::from_secs(1),
        ));
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
        assert!(!page.contains('\u{1b}'), "{page}");
        assert!(
            page.contains("&lt;script&gt;\u{fffd}&lt;/script&gt;</h2>"),
            "{page}"
        );
        assert!(
            page.contains("no time: &#39;&quot;&amp;&lt;img src=x&gt;"),
            "{page}"
        );
        assert!(page.contains("no server told a usable time"), "{page}");
    }
}
