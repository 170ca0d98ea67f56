use horolog_ntp::LeapIndicator;

use super::*;
use crate::survey::known::{assert_close, findings, server};

const MS: f64 = 1e-3;
/// Offset and delay in milliseconds: one undisturbed, one that waited on the way out, one back.
const EXCHANGES: [[f64; 2]; 3] = [[1.0, 2.0], [2.0, 4.0], [0.0, 4.0]];

/// The pictures of a server, in order: offset, delay, wedge, histogram.
fn plates() -> [Plate; 4] {
    let server = server("a", 1, 1, LeapIndicator::NoWarning, &EXCHANGES);
    let plates = plates_of(&findings(vec![server]), 0);
    plates.try_into().expect("four pictures")
}

fn dots(plate: &Plate) -> &[[f64; 2]] {
    let mut dots = plate.picture.marks.iter().filter_map(|mark| match mark {
        Mark::Dots(Colour::Series(0), points) => Some(points.as_slice()),
        _ => None,
    });
    dots.next().expect("dots")
}

fn assert_points(are: &[[f64; 2]], should: &[[f64; 2]]) {
    assert_eq!(are.len(), should.len(), "{are:?}");
    for (is, should) in are.iter().flatten().zip(should.iter().flatten()) {
        assert_close(*is, *should, 1e-8);
    }
}

#[test]
fn offsets_stand_at_their_time_with_half_the_delay_either_way() {
    let [offset, ..] = plates();
    assert_eq!(offset.name, "offset");
    assert_eq!(offset.picture.x.title(), "time since the start (s)");
    assert_eq!(offset.picture.y.title(), "offset (ms)");
    assert_points(dots(&offset), &[[1.0, MS], [2.0, 2.0 * MS], [3.0, 0.0]]);
    let whiskers = offset.picture.marks.iter().find_map(|mark| match mark {
        Mark::Whiskers(Colour::Series(0), _, whiskers) => Some(whiskers.as_slice()),
        _ => None,
    });
    let should = [
        [1.0, 0.0, 2.0 * MS],
        [2.0, 0.0, 4.0 * MS],
        [3.0, -2.0 * MS, 2.0 * MS],
    ];
    let whiskers = whiskers.expect("bounds");
    assert_eq!(whiskers.len(), 3);
    for (is, should) in whiskers.iter().flatten().zip(should.iter().flatten()) {
        assert_close(*is, *should, 1e-8);
    }
}

#[test]
fn delays_stand_at_their_time() {
    let [_, delay, ..] = plates();
    assert_eq!(delay.name, "delay");
    assert_eq!(delay.picture.y.title(), "delay (ms)");
    assert_points(
        dots(&delay),
        &[[1.0, 2.0 * MS], [2.0, 4.0 * MS], [3.0, 4.0 * MS]],
    );
}

#[test]
fn the_wedge_has_its_tip_at_the_least_delay_and_opens_by_half_the_delay() {
    let [_, _, wedge, _] = plates();
    assert_eq!(wedge.name, "wedge");
    let titles = [&wedge.picture.x, &wedge.picture.y].map(Axis::title);
    assert_eq!(titles, ["delay (ms)", "offset (ms)"]);
    assert_points(
        dots(&wedge),
        &[[2.0 * MS, MS], [4.0 * MS, 2.0 * MS], [4.0 * MS, 0.0]],
    );
    let sides = wedge.picture.marks.iter().find_map(|mark| match mark {
        Mark::Line(Colour::Muted, _, points) => Some(points.as_slice()),
        _ => None,
    });
    let Some(&[lower, tip, upper]) = sides else {
        panic!("two sides: {sides:?}")
    };
    assert_points(&[tip], &[[2.0 * MS, MS]]);
    let opened = (lower[0] - tip[0]) / 2.0;
    assert!(opened > MS, "beyond the replies");
    assert_points(
        &[lower, upper],
        &[[lower[0], MS - opened], [lower[0], MS + opened]],
    );
}

#[test]
fn the_histogram_has_a_column_for_each_offset_and_marks_the_agreed_one() {
    let [.., histogram] = plates();
    assert_eq!(histogram.name, "histogram");
    assert_eq!(histogram.picture.y.title(), "replies");
    let marks = &histogram.picture.marks;
    let Some(Mark::Boxes(Colour::Series(0), _, columns)) = marks.first() else {
        panic!("no columns: {marks:?}")
    };
    assert_eq!(columns.len(), 3);
    for ([left, right, low, high], offset) in columns.iter().zip([0.0, MS, 2.0 * MS]) {
        assert!((*left..*right).contains(&offset), "{columns:?}");
        assert_points(&[[*low, *high]], &[[0.0, 1.0]]);
    }
    assert!(
        marks
            .iter()
            .any(|mark| matches!(mark, Mark::Upright(_, _, word) if word == "agreed")),
        "{marks:?}"
    );
}
