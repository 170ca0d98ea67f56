use super::Colour;

/// What stands before a name in a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Key {
    /// A point of a series.
    Dot(Colour),
    /// A line of this width.
    Line(Colour, u32),
    /// A filled area, pale or solid.
    Area(Colour, f64),
}

impl Key {
    /// In pixels as shown.
    pub(super) const fn width(self) -> u32 {
        match self {
            Self::Dot(_) => 10,
            Self::Line(..) | Self::Area(..) => 20,
        }
    }
}
