use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Canvas, Drawn, ROW, Rows, TEXT, legend_rows, line, scaled, text_width};
use super::plot::{Plot, margin};
use super::{Axis, Colour, Key, Mark};

/// Pictures below each other that share the axis to the right.
#[derive(Clone, Debug)]
pub struct Stack {
    /// What it shows.
    pub title: String,
    /// What else is to be said, a line each.
    pub notes: Vec<String>,
    /// The axis that is shared.
    pub x: Axis,
    /// In pixels.
    pub width: u32,
    /// What happened when: a line through all panels, with words above the first.
    pub events: Vec<(Colour, f64, String)>,
    /// The pictures, the first on top.
    pub panels: Vec<Panel>,
}

/// One picture of a [`Stack`].
#[derive(Clone, Debug)]
pub struct Panel {
    /// What it shows.
    pub title: String,
    /// The axis upwards.
    pub y: Axis,
    /// Of the plot alone, in pixels.
    pub height: u32,
    /// What is drawn, the last on top.
    pub marks: Vec<Mark>,
    /// What signs mean.
    pub legend: Vec<(Key, String)>,
}

/// An event's words have room in one of so many rows, or are left out.
const EVENT_ROWS: usize = 4;
/// Pixels from the edge to text.
const EDGE: u32 = 14;
/// Pixels from a panel to the next one.
const BETWEEN: u32 = 18;

/// Where an event's words stand.
#[derive(Clone, Copy, Debug)]
struct Words {
    row: usize,
    /// Pixels from the edge to the event.
    at: u32,
    /// Whether they end there, and do not begin.
    before: bool,
}

impl Stack {
    /// The picture as an `svg` element. Its colours are those on light; [`stylesheet`] changes them.
    ///
    /// [`stylesheet`]: super::stylesheet
    #[must_use]
    pub fn to_svg(&self) -> String {
        let left = self.panels.iter().map(|panel| margin(&panel.y)).max();
        let (left, right) = (left.unwrap_or_default(), self.width - 16);
        let legends: Vec<Rows> = self
            .panels
            .iter()
            .map(|panel| legend_rows(&panel.legend, left, self.width))
            .collect();
        let (words, word_rows) = self.words(left, right);
        let mut top = 34 + rows(self.notes.len());
        let mut places = Vec::new();
        for (panel, legend) in self.panels.iter().zip(&legends) {
            let mut plot = top + TEXT + 8 + rows(legend.len());
            if places.is_empty() {
                plot += rows(word_rows);
            }
            places.push((top, plot, plot + panel.height));
            top = plot + panel.height + BETWEEN;
        }
        let height = top - BETWEEN + 46;
        Canvas::draw((self.width, height), &self.title, |canvas| {
            self.head(canvas)?;
            let mut last = None;
            for ((panel, legend), (title, top, bottom)) in
                self.panels.iter().zip(&legends).zip(places)
            {
                let plot = Plot {
                    x: &self.x,
                    y: &panel.y,
                    left: scaled(left),
                    right: scaled(right),
                    top: scaled(top),
                    bottom: scaled(bottom),
                };
                let corner = (scaled(left), scaled(title));
                let side = (HPos::Left, VPos::Top);
                canvas.text(&panel.title, corner, Colour::Ink, side, TEXT + 1)?;
                canvas.legend(legend, title + TEXT + 10)?;
                plot.grid(canvas)?;
                for (colour, x, _) in &self.events {
                    let at = plot.across(*x);
                    let from = (at, plot.top);
                    canvas.line(from, (at, plot.bottom), &line(*colour, 1))?;
                }
                if last.is_none() {
                    self.write_words(canvas, &plot, &words)?;
                }
                plot.axes(canvas)?;
                for mark in &panel.marks {
                    plot.mark(canvas, mark)?;
                }
                last = Some(plot);
            }
            last.map_or(Ok(()), |plot| plot.axis_below(canvas))
        })
    }

    fn head(&self, canvas: &mut Canvas<'_>) -> Drawn {
        let side = (HPos::Left, VPos::Top);
        let corner = (scaled(EDGE), scaled(8));
        canvas.text(&self.title, corner, Colour::Ink, side, TEXT + 3)?;
        for (note, row) in self.notes.iter().zip(0..) {
            let place = (scaled(EDGE), scaled(30 + row * ROW));
            canvas.text(note, place, Colour::Muted, side, TEXT)?;
        }
        Ok(())
    }

    /// Finds a row for the words of each event, and says how many rows are needed.
    ///
    /// The last one's is the lowest, so that no other's line crosses its words.
    fn words(&self, left: u32, right: u32) -> (Vec<Option<Words>>, usize) {
        let mut starts = [f64::INFINITY; EVENT_ROWS];
        let mut used = 0;
        let plot = f64::from(right - left);
        let words = self.events.iter().rev().map(|(_, x, word)| {
            if word.is_empty() {
                return None;
            }
            let at = f64::from(left) + plot * self.x.place(*x).clamp(0.0, 1.0);
            let width = f64::from(text_width(word) + 12);
            let before = at + width > f64::from(self.width);
            let from = if before { at - width } else { at };
            let row = starts.iter().position(|start| from + width <= *start)?;
            *starts.get_mut(row)? = from;
            used = used.max(row + 1);
            let at = between(at);
            Some(Words { row, at, before })
        });
        let mut words: Vec<_> = words.collect();
        words.reverse();
        (words, used)
    }

    fn write_words(
        &self,
        canvas: &mut Canvas<'_>,
        plot: &Plot<'_>,
        words: &[Option<Words>],
    ) -> Drawn {
        for ((colour, _, word), place) in self.events.iter().zip(words) {
            let Some(Words { row, at, before }) = *place else {
                continue;
            };
            let up = scaled(rows(row + 1) - ROW / 2);
            let (x, y) = (scaled(at), plot.top - up);
            canvas.line((x, y - scaled(TEXT / 2)), (x, plot.top), &line(*colour, 1))?;
            let (away, side) = if before {
                (-scaled(5), HPos::Right)
            } else {
                (scaled(5), HPos::Left)
            };
            canvas.text(word, (x + away, y), *colour, (side, VPos::Center), TEXT)?;
        }
        Ok(())
    }
}

/// The height of so many rows of text.
fn rows(count: usize) -> u32 {
    u32::try_from(count).unwrap_or_default() * ROW
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels of a picture"
)]
fn between(place: f64) -> u32 {
    place.max(0.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Scale;

    fn stack(events: &[(f64, &str)]) -> Stack {
        let panel = |title: &str, end: f64| Panel {
            title: title.to_owned(),
            y: Axis::seconds("offset", Scale::Linear, [0.0, end]),
            height: 100,
            marks: vec![Mark::Line(Colour::Ink, 1, vec![[0.0, 0.0], [100.0, end]])],
            legend: vec![(Key::Line(Colour::Ink, 1), "line".to_owned())],
        };
        let events = events.iter();
        Stack {
            title: "run".to_owned(),
            notes: vec!["note".to_owned()],
            x: Axis::numbers("time (s)", Scale::Linear, [0.0, 100.0]),
            width: 1000,
            events: events
                .map(|(at, word)| (Colour::Muted, *at, (*word).to_owned()))
                .collect(),
            panels: vec![panel("first", 1e-3), panel("second", 2.0)],
        }
    }

    #[test]
    fn panels_share_the_axis() {
        let svg = stack(&[]).to_svg();
        assert_eq!(svg.matches(">\ntime (s)\n<").count(), 1, "{svg}");
        // The places from left to right that a line goes through.
        let across = |path: &str| {
            let points = path.split("points=\"").nth(1).expect("points");
            let points = points.split('"').next().expect("their end");
            let x = |point: &str| point.split(',').next().expect("two numbers").to_owned();
            points.split_whitespace().map(x).collect::<Vec<_>>()
        };
        let paths: Vec<_> = svg.split("<polyline").skip(1).map(across).collect();
        assert_eq!(paths.len(), 2);
        assert_eq!(paths[0].len(), 2);
        assert_eq!(paths[0], paths[1]);
    }

    #[test]
    fn words_of_events_do_not_overlap() {
        let near = [(50.0, "step +1.000 ms"); 6];
        let (words, used) = stack(&near).words(60, 984);
        let rows: Vec<_> = words.iter().flatten().map(|words| words.row).collect();
        assert_eq!(rows, [3, 2, 1, 0], "the others have no room");
        assert!(words[0].is_none() && words[1].is_none());
        assert_eq!(used, 4);
        let far = [(1.0, "a"), (50.0, "b"), (99.9, "a long word at the end")];
        let (words, used) = stack(&far).words(60, 984);
        assert_eq!(used, 1);
        assert_eq!(words.len(), 3);
        assert!(words[2].unwrap().before && !words[0].unwrap().before);
        let svg = stack(&far).to_svg();
        assert!(svg.contains("a long word at the end"), "{svg}");
    }
}
