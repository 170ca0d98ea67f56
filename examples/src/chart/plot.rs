use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color as _, ShapeStyle};

use super::canvas::{Canvas, Drawn, Place, TEXT, filled, line, scaled, shortened, text_width};
use super::{Axis, Colour, Mark};

/// Two axes on a canvas, and where they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot<'p> {
    pub(super) x: &'p Axis,
    pub(super) y: &'p Axis,
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) top: i32,
    pub(super) bottom: i32,
}

/// How far labels are from their axis.
const AWAY: u32 = 6;

/// Pixels that a y axis and what stands beside it need.
pub(super) fn margin(y: &Axis) -> u32 {
    let labels = y.ticks().iter();
    let widest = labels.map(|(_, label)| text_width(&shortened(label)));
    widest.max().unwrap_or_default() + if y.title().is_empty() { 16 } else { 38 }
}

impl Plot<'_> {
    /// Lines of the grid.
    pub(super) fn grid(&self, canvas: &mut Canvas<'_>) -> Drawn {
        let grid = line(Colour::Grid, 1);
        for (value, _) in self.x.ticks() {
            let at = self.across(*value);
            canvas.line((at, self.top), (at, self.bottom), &grid)?;
        }
        for (value, _) in self.y.ticks() {
            let at = self.up(*value);
            canvas.line((self.left, at), (self.right, at), &grid)?;
        }
        Ok(())
    }

    /// Both axes as lines, and labels and title of the upward one.
    pub(super) fn axes(&self, canvas: &mut Canvas<'_>) -> Drawn {
        let labels = self.y.ticks().iter();
        let placed = labels.map(|(value, label)| (self.up(*value), TEXT, label));
        for (at, label) in apart(placed) {
            let place = (self.left - scaled(AWAY), at);
            let (label, side) = (shortened(label), (HPos::Right, VPos::Center));
            canvas.text(&label, place, Colour::Muted, side, TEXT)?;
        }
        let axis = line(Colour::Muted, 1);
        let (corner, end) = ((self.left, self.bottom), (self.right, self.bottom));
        canvas.line(corner, end, &axis)?;
        canvas.line((self.left, self.top), corner, &axis)?;
        let place = (scaled(8), i32::midpoint(self.top, self.bottom));
        canvas.text_upwards(self.y.title(), place, Colour::Muted)
    }

    /// Labels and title below the axis to the right.
    pub(super) fn axis_below(&self, canvas: &mut Canvas<'_>) -> Drawn {
        let labels = self.x.ticks().iter();
        let placed =
            labels.map(|(value, label)| (self.across(*value), text_width(label) + 8, label));
        for (at, label) in apart(placed) {
            canvas.text_around(label, (at, self.bottom + scaled(AWAY)), Colour::Muted)?;
        }
        let middle = i32::midpoint(self.left, self.right);
        let place = (middle, self.bottom + scaled(26));
        canvas.text_around(self.x.title(), place, Colour::Muted)
    }

    pub(super) fn mark(&self, canvas: &mut Canvas<'_>, mark: &Mark) -> Drawn {
        match mark {
            Mark::Dots(colour, points) => {
                for [x, y] in points.iter().copied() {
                    if self.shows(x, y) {
                        let place = (self.across(x), self.up(y));
                        canvas.dot(place, 3, *colour, 0.85)?;
                    }
                }
            }
            Mark::Line(colour, width, points) => {
                let path = points.iter().map(|[x, y]| (self.across(*x), self.up(*y)));
                canvas.path(path.collect(), &line(*colour, *width))?;
            }
            Mark::Whiskers(colour, opacity, whiskers) => {
                let style = ShapeStyle {
                    color: colour.rgb().mix(*opacity),
                    ..line(*colour, 2)
                };
                for [x, low, high] in whiskers.iter().copied() {
                    let x = self.across(x);
                    canvas.line((x, self.up(low)), (x, self.up(high)), &style)?;
                }
            }
            Mark::Boxes(colour, opacity, boxes) => {
                let style = filled(*colour, *opacity);
                for edges in boxes {
                    let (from, to) = self.corners(*edges);
                    canvas.rectangle(from, to, &style)?;
                }
            }
            Mark::Area(colour, opacity, edges) => {
                let low = edges.iter().map(|[x, low, _]| [*x, *low]);
                let high = edges.iter().rev().map(|[x, _, high]| [*x, *high]);
                let around = low.chain(high).map(|[x, y]| (self.across(x), self.up(y)));
                canvas.area(around.collect(), &filled(*colour, *opacity))?;
            }
            Mark::Words(colour, [x, y], words) => {
                let place = (self.across(*x) + scaled(AWAY), self.up(*y));
                canvas.text(words, place, *colour, (HPos::Left, VPos::Center), TEXT)?;
            }
            Mark::Upright(colour, x, word) => {
                let at = self.across(*x);
                canvas.line((at, self.top), (at, self.bottom), &line(*colour, 1))?;
                let (side, away) = if at + scaled(AWAY + text_width(word)) <= self.right {
                    (HPos::Left, scaled(AWAY))
                } else {
                    (HPos::Right, -scaled(AWAY))
                };
                let place = (at + away, self.top + scaled(4));
                canvas.text(word, place, *colour, (side, VPos::Top), TEXT)?;
            }
            Mark::Level(colour, y, word) => {
                let at = self.up(*y);
                canvas.line((self.left, at), (self.right, at), &line(*colour, 1))?;
                let place = (self.right - scaled(4), at - scaled(2));
                canvas.text(word, place, *colour, (HPos::Right, VPos::Bottom), TEXT)?;
            }
        }
        Ok(())
    }

    /// A box's corners, so far apart that it shows.
    fn corners(&self, [left, right, low, high]: [f64; 4]) -> (Place, Place) {
        let (mut from, mut to) = (
            (self.across(left), self.up(high)),
            (self.across(right), self.up(low)),
        );
        if to.0 - from.0 < 2 * scaled(1) {
            (from.0, to.0) = (from.0 - scaled(1), from.0 + scaled(1));
        }
        if from.1 > to.1 {
            (from.1, to.1) = (to.1, from.1);
        }
        (from, to)
    }

    fn shows(&self, x: f64, y: f64) -> bool {
        let within = |place: f64| (-0.001..=1.001).contains(&place);
        within(self.x.place(x)) && within(self.y.place(y))
    }

    /// What lies outside is put at the edge.
    pub(super) fn across(&self, value: f64) -> i32 {
        between(self.left, self.right, self.x.place(value))
    }

    fn up(&self, value: f64) -> i32 {
        between(self.bottom, self.top, self.y.place(value))
    }
}

/// Labels that are not in the way of those before: each with its place and how much room it needs.
fn apart<'l>(
    labels: impl Iterator<Item = (i32, u32, &'l String)>,
) -> impl Iterator<Item = (i32, &'l String)> {
    let mut taken: Vec<[i32; 2]> = Vec::new();
    labels.filter_map(move |(at, room, label)| {
        let half = scaled(room) / 2;
        let own = [at - half, at + half];
        let free = taken
            .iter()
            .all(|other| own[1] <= other[0] || other[1] <= own[0]);
        free.then(|| {
            taken.push(own);
            (at, label)
        })
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it lies between the two ends"
)]
fn between(start: i32, end: i32, share: f64) -> i32 {
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    start + (f64::from(end - start) * share).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_do_not_overlap_and_the_first_stay() {
        let labels = ["zero", "one", "two", "three"].map(str::to_owned);
        let places = [100, 110, 400, 20];
        let placed = places.into_iter().zip(&labels);
        let kept: Vec<_> = apart(placed.map(|(at, label)| (at, 10, label)))
            .map(|(at, label)| (at, label.as_str()))
            .collect();
        assert_eq!(kept, [(100, "zero"), (400, "two"), (20, "three")]);
    }
}
