//! Pictures with two axes, as SVG that is legible on light and on dark.

mod axis;
mod colour;
mod mark;
mod markup;
mod picture;

pub use axis::{Axis, Scale};
pub use colour::{Colour, stylesheet};
pub use mark::Mark;
pub use markup::{escape, printable};
pub use picture::Picture;

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
