use horolog_ntp::LeapIndicator;

use super::*;
use crate::survey::known::{assert_close, findings, server};

const MS: f64 = 1e-3;

/// A wide triangle from -4 ms to 4 ms, and a narrow one from 0.9 ms to 1.1 ms of half the trust.
fn two() -> Findings {
    let leap = LeapIndicator::NoWarning;
    findings(vec![
        server("wide", 1, 1, leap, &[[0.0, 8.0]]),
        server("narrow", 2, 2, leap, &[[1.0, 0.2]]),
    ])
}

fn plate(findings: &Findings, name: &str) -> Plate {
    let plates = plates_together(findings, Screen::Wide);
    let plate = plates.into_iter().find(|plate| plate.name == name);
    plate.unwrap_or_else(|| panic!("no {name}"))
}

fn line(plate: &Plate, colour: Colour, width: u32) -> &[[f64; 2]] {
    let mut lines = plate.picture.marks.iter().filter_map(|mark| match mark {
        Mark::Line(is, wide, points) if (*is, *wide) == (colour, width) => Some(points.as_slice()),
        _ => None,
    });
    lines.next().expect("a line")
}

fn dots(plate: &Plate, colour: Colour) -> &[[f64; 2]] {
    let mut dots = plate.picture.marks.iter().filter_map(|mark| match mark {
        Mark::Dots(is, points) if *is == colour => Some(points.as_slice()),
        _ => None,
    });
    dots.next().expect("dots")
}

fn highest(points: &[[f64; 2]]) -> [f64; 2] {
    let highest = points.iter().max_by(|a, b| a[1].total_cmp(&b[1]));
    *highest.expect("a point")
}

fn labels(axis: &Axis) -> Vec<&str> {
    let ticks = axis.ticks().iter();
    ticks.map(|(_, label)| label.as_str()).collect()
}

#[test]
fn triangles_have_their_feet_at_the_bounds_and_their_tip_at_the_offset() {
    let findings = two();
    let centre = findings.centre();
    let plate = plate(&findings, "densities");
    // Twice the trust by the width.
    for (number, corners, height) in [(0, [-4.0, 0.0, 4.0], 250.0), (1, [0.9, 1.0, 1.1], 5000.0)] {
        let curve = line(&plate, Colour::Series(number), 2);
        let floor = plate.picture.y.range()[0];
        let (first, last) = (curve[0], curve[curve.len() - 1]);
        let tip = highest(curve);
        for (point, corner) in [first, tip, last].into_iter().zip(corners) {
            assert_close(point[0] + centre, corner * MS, 1e-6);
        }
        assert_close(first[1], floor, 1e-9);
        assert_close(last[1], floor, 1e-9);
        assert_close(tip[1], height, height / 100.0);
        let [[x, y]] = dots(&plate, Colour::Series(number)) else {
            panic!("one tip")
        };
        assert_close(*x, tip[0], 1e-9);
        assert_close(*y, tip[1], 1e-6);
    }
}

#[test]
fn the_sum_is_highest_at_the_peak_and_both_are_named() {
    let findings = two();
    let centre = findings.centre();
    for name in ["densities", "densities-peak"] {
        let plate = plate(&findings, name);
        let sum = highest(line(&plate, Colour::Ink, 4));
        assert_close(sum[0] + centre, MS, 1e-6);
        // The narrow one's 5000, and what the wide one has there.
        assert_close(sum[1], 5187.5, 50.0);
        let upright = plate.picture.marks.iter().find_map(|mark| match mark {
            Mark::Upright(Colour::Ink, place, word) => Some((*place, word)),
            _ => None,
        });
        let (place, word) = upright.expect("the peak");
        assert_close(place, sum[0], 1e-9);
        assert_eq!(*word, format!("peak +1.000 ms, {:.0} 1/s", sum[1]));
        let (key, word) = plate.picture.legend.last().expect("a legend");
        assert!(matches!(key, Key::Line(Colour::Ink, 4)), "{key:?}");
        assert_eq!(word, "sum");
    }
}

#[test]
fn densities_have_powers_of_ten_at_even_distances() {
    let plate = plate(&two(), "densities");
    let y = &plate.picture.y;
    assert_eq!(y.title(), "density (1/s)");
    assert_eq!(labels(y), ["100", "1000", "10000"]);
    let places = [100.0, 1000.0, 10_000.0].map(|value| y.place(value));
    assert_close(places[2] - places[1], places[1] - places[0], 1e-9);
    assert!(places[0] > 0.0 && places[2] < 1.0, "{places:?}");
}

/// Where a label stands, in the drawing's own units.
fn label(svg: &str, text: &str) -> [f64; 2] {
    let (before, _) = svg
        .split_once(&format!(">\n{text}\n</text>"))
        .unwrap_or_else(|| panic!("no {text}"));
    let (_, tag) = before.rsplit_once("<text").expect("a tag");
    ["x", "y"].map(|name| attribute(tag, name))
}

fn attribute(tag: &str, name: &str) -> f64 {
    let (_, value) = tag
        .split_once(&format!(" {name}=\""))
        .unwrap_or_else(|| panic!("no {name} in {tag}"));
    let (value, _) = value.split_once('"').expect("a value");
    value.parse().expect("a number")
}

#[test]
fn the_drawing_has_the_tip_and_the_peak_beside_their_labels() {
    let svg = plate(&two(), "densities").picture.to_svg();
    let [middle, _] = label(&svg, "0");
    let [lower, upper] = ["1000", "10000"].map(|power| label(&svg, power)[1]);
    let ink = svg
        .split("<line")
        .skip(1)
        .filter(|tag| (attribute(tag, "x1") - middle).abs() < 8.0);
    assert!(
        ink.into_iter().any(|tag| tag.contains("#1F2328")),
        "the peak: {svg}"
    );
    // The narrow one's tip: 5000 lies at 0.699 of the way from 10^3 to 10^4.
    let height = lower + (upper - lower) * 5_f64.log10();
    let tip = svg.split("<circle").skip(1).find(|tag| {
        (attribute(tag, "cx") - middle).abs() < 8.0 && (attribute(tag, "cy") - height).abs() < 16.0
    });
    assert!(tip.is_some(), "{svg}");
}

#[test]
fn the_wedge_has_delays_below_and_offsets_beside() {
    let findings = two();
    let centre = findings.centre();
    let wedge = plate(&findings, "wedge");
    for (number, [offset, delay]) in [[0.0, 8.0], [1.0, 0.2]].into_iter().enumerate() {
        let [[x, y]] = dots(&wedge, Colour::Series(number)) else {
            panic!("one reply")
        };
        assert_close(*x, delay * MS, 1e-6);
        assert_close(y + centre, offset * MS, 1e-6);
    }
    assert_eq!(wedge.picture.x.title(), "delay");
    assert_eq!(
        labels(&wedge.picture.x),
        ["200 us", "500 us", "1 ms", "2 ms", "5 ms", "10 ms"]
    );
}

#[test]
fn the_histogram_counts_every_reply_where_it_lies() {
    let findings = two();
    let centre = findings.centre();
    let histogram = plate(&findings, "histogram");
    assert_eq!(histogram.picture.y.title(), "replies");
    for (number, offset) in [(0, 0.0), (1, MS)] {
        let columns = histogram.picture.marks.iter().find_map(|mark| match mark {
            Mark::Boxes(colour, _, columns) if *colour == Colour::Series(number) => Some(columns),
            _ => None,
        });
        let [[left, right, low, high]] = columns.expect("columns").as_slice() else {
            panic!("one column")
        };
        assert_close(*low, 0.0, 0.0);
        assert_close(*high, 1.0, 0.0);
        assert!(
            (*left..*right).contains(&(offset - centre)),
            "{left} {right}"
        );
    }
}
