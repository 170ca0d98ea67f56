use super::Colour;

/// Something in a picture, in the axes' own numbers.
#[derive(Clone, Debug)]
pub enum Mark {
    /// Points; those outside of the axes are left out.
    Dots(Colour, Vec<[f64; 2]>),
    /// A line of this width through points.
    Line(Colour, u32, Vec<[f64; 2]>),
    /// Upright lines, pale or solid: x, low and high.
    Whiskers(Colour, f64, Vec<[f64; 3]>),
    /// Filled rectangles, pale or solid: left, right, low, high.
    Boxes(Colour, f64, Vec<[f64; 4]>),
    /// A filled area over x, pale or solid: x, low and high.
    Area(Colour, f64, Vec<[f64; 3]>),
    /// Words to the right of a place.
    Words(Colour, [f64; 2], String),
    /// A line from edge to edge at an x, with a word.
    Upright(Colour, f64, String),
    /// A line from edge to edge at a y, with a word.
    Level(Colour, f64, String),
}

/// Beyond this many elements of a kind a picture gets slow, and nobody sees them apart.
const MOST: usize = 2000;

impl Mark {
    /// At most so many that a picture stays light: every second, third… one of them.
    #[must_use]
    pub fn thin<T: Clone>(all: &[T]) -> Vec<T> {
        let step = all.len().div_ceil(MOST).max(1);
        all.iter().step_by(step).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_series_are_thinned() {
        assert_eq!(Mark::thin(&[1, 2, 3]), [1, 2, 3]);
        let many: Vec<u32> = (0..100_000).collect();
        let thin = Mark::thin(&many);
        assert_eq!(thin.len(), 2000);
        assert_eq!(thin[1], 50);
    }
}
