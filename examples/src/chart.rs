//! Pictures with two axes, as SVG that is legible on light and on dark.

mod axis;
mod canvas;
mod colour;
mod key;
mod mark;
mod markup;
mod picture;
mod plot;
mod series;
mod shape;
mod stack;

pub use axis::{Axis, Scale};
pub(crate) use canvas::shortened;
pub use colour::{Colour, stylesheet};
pub use key::Key;
pub use mark::Mark;
pub use markup::{escape, file, printable};
pub use picture::Picture;
pub use series::{Column, Series};
pub use shape::{Shape, sign};
pub use stack::{Panel, Stack};

use horolog_time::NtpDuration;

use crate::units;

/// An offset in seconds for people, with its sign.
pub(crate) fn offset(seconds: f64) -> String {
    NtpDuration::from_seconds_f64(seconds).map_or_else(|| format!("{seconds:e} s"), units::offset)
}

/// A span in seconds for people.
pub(crate) fn span(seconds: f64) -> String {
    NtpDuration::from_seconds_f64(seconds).map_or_else(|| format!("{seconds:e} s"), units::span)
}
