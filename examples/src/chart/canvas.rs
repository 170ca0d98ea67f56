use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color as _, FontTransform, IntoFont as _, IntoTextStyle as _, ShapeStyle, TextStyle,
};

use super::{Colour, Key, Shape, printable};

/// What is drawn on: an SVG, with the size of things as shown.
pub(super) struct Canvas<'s> {
    backend: SVGBackend<'s>,
    width: u32,
}

/// Drawing into a string does not fail.
pub(super) type Drawn = Result<(), Box<dyn core::error::Error>>;

/// A place on a canvas, in its own units.
pub(super) type Place = (i32, i32);

/// Coordinates are whole, so a picture is drawn larger than it is shown.
const DETAIL: u32 = 4;
/// The height of labels, in pixels as shown.
pub(super) const TEXT: u32 = 12;
/// The height of a legend's row.
pub(super) const ROW: u32 = TEXT + 8;
/// The most letters of a name at an axis.
const NAME: usize = 28;
/// The most letters of an entry of a legend.
const ENTRY: usize = 52;

/// A legend's entries in rows, each with its place.
pub(super) type Rows = Vec<Vec<(u32, Key, String)>>;

impl Canvas<'_> {
    /// Draws on a canvas of this size and gives back the `svg` element, with a label for those who
    /// do not see it.
    pub(super) fn draw(
        (width, height): (u32, u32),
        label: &str,
        draw: impl FnOnce(&mut Canvas<'_>) -> Drawn,
    ) -> String {
        let mut svg = String::new();
        let size = (width * DETAIL, height * DETAIL);
        let mut canvas = Canvas {
            backend: SVGBackend::with_string(&mut svg, size),
            width,
        };
        // It cannot fail, and half a picture would show.
        let _ = draw(&mut canvas);
        let _ = canvas.backend.present();
        drop(canvas);
        let drawn = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
        let shown = format!(
            "role=\"img\" aria-label=\"{}\" width=\"{width}\" height=\"{height}\"",
            super::escape(label)
        );
        svg.replacen(&drawn, &shown, 1)
    }

    pub(super) fn line(&mut self, from: Place, to: Place, style: &ShapeStyle) -> Drawn {
        Ok(self.backend.draw_line(from, to, style)?)
    }

    pub(super) fn path(&mut self, path: Vec<Place>, style: &ShapeStyle) -> Drawn {
        Ok(self.backend.draw_path(path, style)?)
    }

    pub(super) fn area(&mut self, corners: Vec<Place>, style: &ShapeStyle) -> Drawn {
        Ok(self.backend.fill_polygon(corners, style)?)
    }

    pub(super) fn rectangle(&mut self, from: Place, to: Place, style: &ShapeStyle) -> Drawn {
        Ok(self.backend.draw_rect(from, to, style, true)?)
    }

    /// A point of a series in its shape.
    pub(super) fn dot(&mut self, place: Place, radius: u32, colour: Colour, opacity: f64) -> Drawn {
        let style = filled(colour, opacity);
        let shape = match colour {
            Colour::Series(number) => Shape::of_series(number),
            _ => Shape::Disc,
        };
        if shape == Shape::Disc {
            return Ok(self
                .backend
                .draw_circle(place, radius * DETAIL, &style, true)?);
        }
        self.area(shape.corners(place, scaled(radius)), &style)
    }

    pub(super) fn text(
        &mut self,
        text: &str,
        place: Place,
        colour: Colour,
        anchor: (HPos, VPos),
        size: u32,
    ) -> Drawn {
        let style = text_style(colour, anchor, size);
        Ok(self.backend.draw_text(&printable(text), &style, place)?)
    }

    /// Text from below upwards.
    pub(super) fn text_upwards(&mut self, text: &str, place: Place, colour: Colour) -> Drawn {
        let style = text_style(colour, (HPos::Center, VPos::Top), TEXT);
        let style = style.transform(FontTransform::Rotate270);
        Ok(self.backend.draw_text(&printable(text), &style, place)?)
    }

    /// Text around a place, moved so that it stays on the canvas.
    pub(super) fn text_around(&mut self, text: &str, (x, y): Place, colour: Colour) -> Drawn {
        let half = scaled(text_width(text) / 2 + 2);
        let x = x.min(scaled(self.width) - half).max(half);
        self.text(text, (x, y), colour, (HPos::Center, VPos::Top), TEXT)
    }

    /// The legend's entries, from a height downwards.
    pub(super) fn legend(&mut self, rows: &Rows, top: u32) -> Drawn {
        for (row, y) in rows.iter().zip((0..).map(|row| top + row * ROW)) {
            for (x, key, name) in row {
                self.sign(*key, *x, y + 4)?;
                let place = (scaled(x + key.width() + 6), scaled(y + 4));
                self.text(name, place, Colour::Ink, (HPos::Left, VPos::Center), TEXT)?;
            }
        }
        Ok(())
    }

    fn sign(&mut self, key: Key, x: u32, y: u32) -> Drawn {
        let (left, right) = (scaled(x), scaled(x + key.width()));
        match key {
            Key::Dot(colour) => self.dot((i32::midpoint(left, right), scaled(y)), 5, colour, 1.0),
            Key::Line(colour, width) => {
                let style = line(colour, width);
                self.line((left, scaled(y)), (right, scaled(y)), &style)
            }
            Key::Area(colour, opacity) => {
                let (from, to) = ((left, scaled(y - 5)), (right, scaled(y + 5)));
                self.rectangle(from, to, &filled(colour, opacity))
            }
        }
    }
}

/// A legend in rows that fit between two places.
pub(super) fn legend_rows(legend: &[(Key, String)], left: u32, right: u32) -> Rows {
    let mut rows: Rows = Vec::new();
    let mut at = u32::MAX;
    for (key, name) in legend {
        let name = cut(name, ENTRY);
        let width = key.width() + 6 + text_width(&name);
        if at.saturating_add(width) > right {
            rows.push(Vec::new());
            at = left;
        }
        if let Some(row) = rows.last_mut() {
            row.push((at, *key, name));
        }
        at += width + 16;
    }
    rows
}

/// How wide a text is, about, in pixels as shown: fonts differ.
pub(super) fn text_width(text: &str) -> u32 {
    let widths = text.chars().map(|letter| match letter {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | '(' | ')' | ' ' => 4,
        'f' | 'r' | 't' | '-' | '1' | 'I' | '/' => 6,
        'm' | 'w' | 'M' | 'W' | '+' | '…' | '@' => 11,
        letter if letter.is_uppercase() => 9,
        letter if letter.is_ascii() => 8,
        // Perhaps as wide as high.
        _ => 12,
    });
    widths.fold(0, u32::saturating_add)
}

/// A long name without its end.
pub(crate) fn shortened(name: &str) -> String {
    cut(name, NAME)
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// From pixels as shown to the canvas's units.
pub(super) fn scaled(pixels: u32) -> i32 {
    i32::try_from(pixels.saturating_mul(DETAIL)).unwrap_or(i32::MAX)
}

pub(super) fn line(colour: Colour, width: u32) -> ShapeStyle {
    ShapeStyle {
        color: colour.rgb().into(),
        filled: false,
        stroke_width: width * DETAIL,
    }
}

pub(super) fn filled(colour: Colour, opacity: f64) -> ShapeStyle {
    ShapeStyle {
        color: colour.rgb().mix(opacity),
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

    #[test]
    fn a_long_legend_has_several_rows() {
        let legend: Vec<_> = (0..30)
            .map(|number| {
                let name =
                    format!("server{number}.example.net.with.a.name.that.is.too.long.to.show");
                (Key::Dot(Colour::Series(number)), name)
            })
            .collect();
        let rows = legend_rows(&legend, 14, 640);
        assert!(rows.len() > 5);
        assert_eq!(rows.iter().map(Vec::len).sum::<usize>(), 30);
        for (x, key, name) in rows.iter().flatten() {
            assert!(name.ends_with('…'));
            assert!(x + key.width() + text_width(name) <= 640, "{name}");
        }
    }

    #[test]
    fn it_is_shown_in_the_size_that_was_asked_for() {
        let svg = Canvas::draw((300, 200), "a \"b\"", |_| Ok(()));
        let head = svg.split('>').next().unwrap();
        assert_eq!(
            head,
            "<svg role=\"img\" aria-label=\"a &quot;b&quot;\" width=\"300\" height=\"200\" \
             viewBox=\"0 0 1200 800\" xmlns=\"http://www.w3.org/2000/svg\""
        );
    }
}
