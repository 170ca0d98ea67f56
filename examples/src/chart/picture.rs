use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color as _, FontTransform, IntoFont as _, IntoTextStyle as _, RGBAColor, ShapeStyle, TextStyle,
};

use super::{Axis, Colour, Mark, escape, printable};

/// A picture: two axes and what is drawn between them.
#[derive(Clone, Debug)]
pub struct Picture {
    /// What it shows.
    pub title: String,
    /// The axis to the right.
    pub x: Axis,
    /// The axis upwards.
    pub y: Axis,
    /// In pixels.
    pub width: u32,
    /// In pixels, without the legend.
    pub height: u32,
    /// What is drawn, the last on top.
    pub marks: Vec<Mark>,
    /// What colours mean.
    pub legend: Vec<(Colour, String)>,
}

/// Coordinates are whole, so a picture is drawn larger than it is shown.
const DETAIL: u32 = 4;
/// The height of labels, in pixels as shown.
const TEXT: u32 = 12;
/// The most letters of a name in a legend or at an axis.
const NAME: usize = 28;

/// The canvas and where the plot is on it.
struct Plot<'p> {
    canvas: SVGBackend<'p>,
    picture: &'p Picture,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

/// Drawing into a string does not fail.
type Drawn = Result<(), Box<dyn core::error::Error>>;

impl Picture {
    /// The picture as an `svg` element. Its colours are those on light; [`stylesheet`] changes them.
    ///
    /// [`stylesheet`]: super::stylesheet
    #[must_use]
    pub fn to_svg(&self) -> String {
        let mut svg = String::new();
        let rows = self.legend_rows();
        let height = self.height + u32::try_from(rows.len()).unwrap_or_default() * (TEXT + 8);
        let size = (self.width * DETAIL, height * DETAIL);
        let labels = self.y.ticks().iter().map(|(_, label)| letters(label));
        let labels = labels.max().unwrap_or_default();
        let top = TEXT * 2 + 14 + (height - self.height);
        let mut plot = Plot {
            canvas: SVGBackend::with_string(&mut svg, size),
            picture: self,
            left: scaled(labels * 7 + if self.y.title().is_empty() { 16 } else { 38 }),
            right: scaled(self.width - 16),
            top: scaled(top),
            bottom: scaled(height - 46),
        };
        // It cannot fail, and half a picture would show.
        let _ = plot.draw(&rows);
        drop(plot);
        let title = escape(&self.title);
        let label = format!("<svg role=\"img\" aria-label=\"{title}\" ");
        svg.replacen("<svg ", &label, 1)
    }

    /// The picture as a file of its own, with its styles.
    #[must_use]
    pub fn to_file(&self) -> String {
        let style = format!(
            "<style>svg{{background:#FFFFFF}}@media (prefers-color-scheme:dark){{svg{{background:#0D1117}}}}{}</style>\n",
            super::stylesheet()
        );
        let svg = self.to_svg();
        let (head, rest) = svg.split_once('>').unwrap_or((&svg, ""));
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{head}>\n{style}{rest}")
    }

    /// The legend's entries, in rows that fit.
    fn legend_rows(&self) -> Vec<Vec<(u32, Colour, String)>> {
        let mut rows: Vec<Vec<_>> = Vec::new();
        let mut at = u32::MAX;
        for (colour, name) in &self.legend {
            let name = shortened(name);
            let width = letters(&name) * 7 + 34;
            if at.saturating_add(width) > self.width {
                rows.push(Vec::new());
                at = 14;
            }
            if let Some(row) = rows.last_mut() {
                row.push((at, *colour, name));
            }
            at += width;
        }
        rows
    }
}

impl Plot<'_> {
    fn draw(&mut self, rows: &[Vec<(u32, Colour, String)>]) -> Drawn {
        let start = scaled(14);
        let title = self.picture.title.clone();
        self.text(
            &title,
            (start, scaled(8)),
            Colour::Ink,
            (HPos::Left, VPos::Top),
            TEXT + 2,
        )?;
        for (row, y) in rows.iter().zip((0..).map(|row| 34 + row * (TEXT + 8))) {
            for (x, colour, name) in row {
                let centre = (scaled(x + 5), scaled(y + 4));
                let style = filled(*colour, 1.0);
                self.canvas.draw_circle(centre, 5 * DETAIL, &style, true)?;
                let place = (scaled(x + 16), scaled(y + 4));
                self.text(name, place, Colour::Ink, (HPos::Left, VPos::Center), TEXT)?;
            }
        }
        self.axes()?;
        for mark in &self.picture.marks {
            self.mark(mark)?;
        }
        Ok(self.canvas.present()?)
    }

    fn axes(&mut self) -> Drawn {
        let Picture { x, y, .. } = self.picture;
        let grid = line(Colour::Grid, 1);
        for (value, label) in x.ticks() {
            let at = self.x(*value);
            self.canvas
                .draw_line((at, self.top), (at, self.bottom), &grid)?;
            let place = (at, self.bottom + scaled(6));
            self.text(label, place, Colour::Muted, (HPos::Center, VPos::Top), TEXT)?;
        }
        for (value, label) in y.ticks() {
            let at = self.y(*value);
            self.canvas
                .draw_line((self.left, at), (self.right, at), &grid)?;
            let place = (self.left - scaled(6), at);
            self.text(
                &shortened(label),
                place,
                Colour::Muted,
                (HPos::Right, VPos::Center),
                TEXT,
            )?;
        }
        let axis = line(Colour::Muted, 1);
        let (corner, end) = ((self.left, self.bottom), (self.right, self.bottom));
        self.canvas.draw_line(corner, end, &axis)?;
        self.canvas
            .draw_line((self.left, self.top), corner, &axis)?;
        let middle = i32::midpoint(self.left, self.right);
        let place = (middle, self.bottom + scaled(26));
        self.text(
            x.title(),
            place,
            Colour::Muted,
            (HPos::Center, VPos::Top),
            TEXT,
        )?;
        let place = (scaled(8), i32::midpoint(self.top, self.bottom));
        let style = text_style(Colour::Muted, (HPos::Center, VPos::Top), TEXT);
        let style = style.transform(FontTransform::Rotate270);
        Ok(self.canvas.draw_text(y.title(), &style, place)?)
    }

    fn mark(&mut self, mark: &Mark) -> Drawn {
        match mark {
            Mark::Dots(colour, points) => {
                let style = filled(*colour, 0.85);
                for [x, y] in points.iter().copied() {
                    if self.shows(x, y) {
                        let centre = (self.x(x), self.y(y));
                        self.canvas.draw_circle(centre, 3 * DETAIL, &style, true)?;
                    }
                }
            }
            Mark::Line(colour, width, points) => {
                let path: Vec<_> = points
                    .iter()
                    .map(|[x, y]| (self.x(*x), self.y(*y)))
                    .collect();
                self.canvas.draw_path(path, &line(*colour, *width))?;
            }
            Mark::Whiskers(colour, opacity, whiskers) => {
                let style = ShapeStyle {
                    color: colour.rgb().mix(*opacity),
                    ..line(*colour, 2)
                };
                for [x, low, high] in whiskers.iter().copied() {
                    let x = self.x(x);
                    self.canvas
                        .draw_line((x, self.y(low)), (x, self.y(high)), &style)?;
                }
            }
            Mark::Boxes(colour, opacity, boxes) => {
                let style = filled(*colour, *opacity);
                for [left, right, low, high] in boxes.iter().copied() {
                    let (mut from, mut to) =
                        ((self.x(left), self.y(high)), (self.x(right), self.y(low)));
                    // Too thin a box would not show.
                    if to.0 - from.0 < 2 * scaled(1) {
                        (from.0, to.0) = (from.0 - scaled(1), from.0 + scaled(1));
                    }
                    if from.1 > to.1 {
                        (from.1, to.1) = (to.1, from.1);
                    }
                    self.canvas.draw_rect(from, to, &style, true)?;
                }
            }
            Mark::Upright(colour, x, word) => {
                let at = self.x(*x);
                self.canvas
                    .draw_line((at, self.top), (at, self.bottom), &line(*colour, 1))?;
                let left = at < i32::midpoint(self.left, self.right);
                let (side, away) = if left {
                    (HPos::Left, 6)
                } else {
                    (HPos::Right, -6)
                };
                let place = (at + away * scaled(1), self.top + scaled(4));
                self.text(word, place, *colour, (side, VPos::Top), TEXT)?;
            }
            Mark::Level(colour, y, word) => {
                let at = self.y(*y);
                self.canvas
                    .draw_line((self.left, at), (self.right, at), &line(*colour, 1))?;
                let place = (self.right - scaled(4), at - scaled(2));
                self.text(word, place, *colour, (HPos::Right, VPos::Bottom), TEXT)?;
            }
        }
        Ok(())
    }

    fn text(
        &mut self,
        text: &str,
        place: (i32, i32),
        colour: Colour,
        anchor: (HPos, VPos),
        size: u32,
    ) -> Drawn {
        let style = text_style(colour, anchor, size);
        Ok(self.canvas.draw_text(&printable(text), &style, place)?)
    }

    fn shows(&self, x: f64, y: f64) -> bool {
        let within = |place: f64| (-0.001..=1.001).contains(&place);
        within(self.picture.x.place(x)) && within(self.picture.y.place(y))
    }

    /// What lies outside is put at the edge.
    fn x(&self, value: f64) -> i32 {
        between(self.left, self.right, self.picture.x.place(value))
    }

    fn y(&self, value: f64) -> i32 {
        between(self.bottom, self.top, self.picture.y.place(value))
    }
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

fn scaled(pixels: u32) -> i32 {
    i32::try_from(pixels * DETAIL).unwrap_or(i32::MAX)
}

fn letters(text: &str) -> u32 {
    u32::try_from(text.chars().count().min(NAME)).unwrap_or_default()
}

/// A long name without its end.
fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}

fn line(colour: Colour, width: u32) -> ShapeStyle {
    ShapeStyle {
        color: colour.rgb().into(),
        filled: false,
        stroke_width: width * DETAIL,
    }
}

fn filled(colour: Colour, opacity: f64) -> ShapeStyle {
    let color: RGBAColor = colour.rgb().mix(opacity);
    ShapeStyle {
        color,
        filled: true,
        stroke_width: 0,
    }
}

fn text_style(colour: Colour, (side, height): (HPos, VPos), size: u32) -> TextStyle<'static> {
    // The backend takes the size of the font for its ascent and descent.
    let font = ("system-ui, sans-serif", f64::from(size * DETAIL) * 1.24).into_font();
    font.color(&colour.rgb())
        .into_text_style(&(1, 1))
        .pos(Pos::new(side, height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Scale;

    fn picture() -> Picture {
        Picture {
            title: "a <b> & \u{1b}".to_owned(),
            x: Axis::numbers("time (s)", Scale::Linear, [0.0, 10.0]),
            y: Axis::seconds("offset", Scale::Linear, [-1e-3, 1e-3]),
            width: 640,
            height: 320,
            marks: Vec::new(),
            legend: vec![(Colour::Series(0), "<script>".to_owned())],
        }
    }

    #[test]
    fn names_are_text() {
        let svg = picture().to_svg();
        assert!(
            svg.contains("aria-label=\"a &lt;b&gt; &amp; \u{fffd}\""),
            "{svg}"
        );
        assert!(svg.contains("&lt;script&gt;"), "{svg}");
        assert!(!svg.contains("<script") && !svg.contains('\u{1b}'), "{svg}");
    }

    #[test]
    fn what_lies_outside_stays_at_the_edge() {
        let mut picture = picture();
        picture.marks = vec![
            Mark::Dots(Colour::Ink, vec![[5.0, 1.0], [f64::NAN, 0.0]]),
            Mark::Line(
                Colour::Series(1),
                1,
                vec![[-100.0, 0.0], [f64::INFINITY, f64::NAN]],
            ),
        ];
        let svg = picture.to_svg();
        // Only the dot of the legend.
        assert_eq!(svg.matches("<circle").count(), 1, "{svg}");
        let path = svg.split("<polyline").nth(1).unwrap();
        assert!(
            !path.contains("NaN") && !path.contains('-'.to_string().repeat(2).as_str()),
            "{path}"
        );
    }

    #[test]
    fn a_file_has_its_own_styles() {
        let file = picture().to_file();
        assert!(file.starts_with("<?xml "));
        assert_eq!(file.matches("<svg ").count(), 1);
        assert_eq!(file.matches("<style>").count(), 1);
        assert!(file.contains("prefers-color-scheme:dark"));
        assert!(file.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn a_long_legend_has_several_rows() {
        let mut picture = picture();
        picture.legend = (0..30)
            .map(|number| {
                (
                    Colour::Series(number),
                    format!("server{number}.example.net.with.a.long.name"),
                )
            })
            .collect();
        let rows = picture.legend_rows();
        assert!(rows.len() > 5);
        assert!(rows.iter().all(|row| !row.is_empty()));
        assert!(picture.to_svg().contains('…'));
    }
}
