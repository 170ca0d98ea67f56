use core::fmt::Write as _;

use super::Colour;

/// The shape of a series' points.
///
/// Colours repeat after eight series; the shape changes then, so 32 series look different.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// A filled circle.
    Disc,
    /// A triangle on its base.
    Triangle,
    /// A square on its side.
    Square,
    /// A cross of two strokes.
    Cross,
}

const ALL: [Shape; 4] = [Shape::Disc, Shape::Triangle, Shape::Square, Shape::Cross];

/// The corners of a shape in a square from -100 to 100.
const TRIANGLE: [(i32, i32); 3] = [(0, -118), (112, 82), (-112, 82)];
const SQUARE: [(i32, i32); 4] = [(-88, -88), (88, -88), (88, 88), (-88, 88)];
const CROSS: [(i32, i32); 12] = [
    (-105, -75),
    (-75, -105),
    (0, -35),
    (75, -105),
    (105, -75),
    (35, 0),
    (105, 75),
    (75, 105),
    (0, 35),
    (-75, 105),
    (-105, 75),
    (-35, 0),
];

impl Shape {
    /// The shape of the series of this number.
    #[must_use]
    pub const fn of_series(number: usize) -> Self {
        ALL[number / Colour::SERIES % ALL.len()]
    }

    /// Its corners around a centre; none for a disc.
    pub(super) fn corners(self, (x, y): (i32, i32), radius: i32) -> Vec<(i32, i32)> {
        let corners: &[_] = match self {
            Self::Disc => &[],
            Self::Triangle => &TRIANGLE,
            Self::Square => &SQUARE,
            Self::Cross => &CROSS,
        };
        let corners = corners.iter();
        corners
            .map(|(right, down)| (x + right * radius / 100, y + down * radius / 100))
            .collect()
    }
}

/// The sign of a series by itself, as an `svg` element of this class.
#[must_use]
pub fn sign(number: usize, class: &str) -> String {
    let colour = Colour::Series(number).css();
    let corners = Shape::of_series(number).corners((0, 0), 100);
    let mut sign =
        format!("<svg class=\"{class}\" viewBox=\"-120 -120 240 240\" aria-hidden=\"true\">");
    if corners.is_empty() {
        sign.push_str("<circle r=\"100\"");
    } else {
        sign.push_str("<polygon points=\"");
        for (x, y) in corners {
            // Writing to a string does not fail.
            let _ = write!(sign, "{x},{y} ");
        }
        sign.push('"');
    }
    let _ = write!(sign, " fill=\"{colour}\"/></svg>");
    sign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_two_series_look_different() {
        let mut signs: Vec<_> = (0..32).map(|number| sign(number, "s")).collect();
        assert_eq!(sign(32, "s"), signs[0]);
        signs.sort();
        signs.dedup();
        assert_eq!(signs.len(), 32);
    }

    #[test]
    fn corners_lie_around_the_centre() {
        for shape in ALL {
            let corners = shape.corners((50, 70), 10);
            assert_eq!(corners.is_empty(), shape == Shape::Disc);
            for (x, y) in corners {
                assert!(
                    (38..=62).contains(&x) && (58..=82).contains(&y),
                    "{shape:?}"
                );
            }
        }
    }
}
