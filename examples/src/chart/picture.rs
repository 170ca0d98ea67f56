use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Canvas, ROW, TEXT, legend_rows, scaled};
use super::plot::{Plot, margin};
use super::{Axis, Colour, Key, Mark};

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
    /// What signs mean.
    pub legend: Vec<(Key, String)>,
}

impl Picture {
    /// The picture as an `svg` element. Its colours are those on light; [`stylesheet`] changes them.
    ///
    /// [`stylesheet`]: super::stylesheet
    #[must_use]
    pub fn to_svg(&self) -> String {
        let rows = legend_rows(&self.legend, 14, self.width);
        let height = self.height + u32::try_from(rows.len()).unwrap_or_default() * ROW;
        let top = TEXT * 2 + 14 + (height - self.height);
        let plot = Plot {
            x: &self.x,
            y: &self.y,
            left: scaled(margin(&self.y)),
            right: scaled(self.width - 16),
            top: scaled(top),
            bottom: scaled(height - 46),
        };
        Canvas::draw((self.width, height), &self.title, |canvas| {
            let corner = (scaled(14), scaled(8));
            let side = (HPos::Left, VPos::Top);
            canvas.text(&self.title, corner, Colour::Ink, side, TEXT + 2)?;
            canvas.legend(&rows, 34)?;
            plot.grid(canvas)?;
            plot.axes(canvas)?;
            plot.axis_below(canvas)?;
            for mark in &self.marks {
                plot.mark(canvas, mark)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Scale;
    use crate::chart::canvas::text_width;

    fn picture() -> Picture {
        Picture {
            title: "a <b> & \u{1b}".to_owned(),
            x: Axis::numbers("time (s)", Scale::Linear, [0.0, 10.0]),
            y: Axis::seconds("offset", Scale::Linear, [-1e-3, 1e-3]),
            width: 640,
            height: 320,
            marks: Vec::new(),
            legend: vec![(Key::Dot(Colour::Series(0)), "<script>".to_owned())],
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
    fn series_are_told_apart_by_shape_too() {
        let mut picture = picture();
        picture.legend.clear();
        picture.marks = (0..32)
            .map(|number| Mark::Dots(Colour::Series(number), vec![[5.0, 0.0]]))
            .collect();
        let svg = picture.to_svg();
        assert_eq!(svg.matches("<circle").count(), 8);
        assert_eq!(svg.matches("<polygon").count(), 24);
    }

    #[test]
    fn labels_stay_on_the_canvas() {
        let mut picture = picture();
        picture.x = picture.x.with_title(&"long ".repeat(19));
        let svg = picture.to_svg();
        let text = svg.split("<text ").find(|text| text.contains("long long"));
        let x = text
            .and_then(|text| text.split('"').nth(1))
            .expect("a place");
        let x: u32 = x.parse().expect("a number");
        // In the middle of the plot, which is right of the canvas's, it would not fit.
        let half = text_width(&"long ".repeat(19)) / 2;
        assert!((half..=640 - half).contains(&(x / 4)), "{x} {half}");
        assert!(640 - half < 344);
    }
}
