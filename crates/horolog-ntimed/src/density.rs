use horolog_time::OffsetBounds;
use thiserror::Error;

/// How likely each offset is by what one source says: a triangle over its bounds.
///
/// Offsets are seconds that the local clock is ahead. The area is the source's trust; so a source
/// whose bounds are narrow is tall.
///
/// Bounds in the wrong order contradict each other, and then no offset is likely at all.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::Density;
///
/// let lan = Density::new(1.0, -0.001, 0.0, 0.001)?;
/// let far = Density::new(0.5, -0.1, 0.01, 0.1)?;
/// assert!((lan.at(0.0) - 1000.0).abs() < 1e-9);
/// assert!((far.at(0.01) - 5.0).abs() < 1e-9);
/// assert_eq!(lan.at(0.002), 0.0);
/// assert!(Density::new(1.0, f64::NAN, 0.0, 1.0).is_err());
/// # Ok::<(), horolog_ntimed::DensityError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Density {
    trust: f64,
    low: f64,
    mid: f64,
    high: f64,
}

/// Numbers that make no density.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DensityError {
    /// A bound or the middle is not a number, or not within [`Density::LIMIT`].
    #[error("{0} is not an offset")]
    Offset(
        /// Which of them.
        &'static str,
    ),
    /// The trust is not in 0 to 1.
    #[error("trust is not in 0..=1")]
    Trust,
}

impl Density {
    /// The largest offset, in seconds and either way: more than the NTP date format spans.
    pub const LIMIT: f64 = 1e21;

    /// Bounds that are closer than this, in seconds, leave no density: far less than any clock
    /// resolves, far more than what a product of numbers loses.
    pub const MIN_WIDTH: f64 = 1e-18;

    /// Takes trust (0 to 1), low bound, most likely offset and high bound.
    ///
    /// # Errors
    ///
    /// * [`DensityError::Trust`] for a trust below 0, above 1 or NaN.
    /// * [`DensityError::Offset`] for an offset beyond [`LIMIT`](Self::LIMIT) or NaN.
    pub fn new(trust: f64, low: f64, mid: f64, high: f64) -> Result<Self, DensityError> {
        if !(0.0..=1.0).contains(&trust) {
            return Err(DensityError::Trust);
        }
        for (value, name) in [(low, "low bound"), (mid, "middle"), (high, "high bound")] {
            if !(-Self::LIMIT..=Self::LIMIT).contains(&value) {
                return Err(DensityError::Offset(name));
            }
        }
        Ok(Self {
            trust,
            low,
            mid,
            high,
        })
    }

    /// The density of a source that bounds the offset and knows no more, such as time over HTTPS.
    ///
    /// [`OffsetBounds`] say what to *add* to the local clock, so the sign changes.
    ///
    /// # Errors
    ///
    /// [`DensityError::Trust`] for a trust below 0, above 1 or NaN.
    pub fn from_bounds(trust: f64, bounds: OffsetBounds) -> Result<Self, DensityError> {
        let low = -bounds.high().as_seconds_f64();
        let high = -bounds.low().as_seconds_f64();
        Self::new(trust, low, 0.5 * (low + high), high)
    }

    /// How much the source is trusted: the area, if the middle lies between the bounds.
    #[must_use]
    pub const fn trust(&self) -> f64 {
        self.trust
    }

    /// The local clock is not less ahead than this.
    #[must_use]
    pub const fn low(&self) -> f64 {
        self.low
    }

    /// The most likely offset. A [`Filter`](crate::Filter) may put it outside of the bounds.
    #[must_use]
    pub const fn mid(&self) -> f64 {
        self.mid
    }

    /// The local clock is not more ahead than this.
    #[must_use]
    pub const fn high(&self) -> f64 {
        self.high
    }

    /// Whether the bounds leave no offset: a lie, or the clock was stepped during the exchange.
    #[must_use]
    pub fn is_contradictory(&self) -> bool {
        self.low > self.high
    }

    /// Whether an offset lies within the bounds.
    #[must_use]
    pub fn contains(&self, offset: f64) -> bool {
        self.low <= offset && offset <= self.high
    }

    /// The density at an offset, per second. Never NaN, never infinite, never negative.
    #[must_use]
    pub fn at(&self, offset: f64) -> f64 {
        if !self.contains(offset) || self.is_point() {
            return 0.0;
        }
        let width = self.high - self.low;
        let (run, side) = if offset < self.mid {
            (offset - self.low, self.mid - self.low)
        } else {
            (self.high - offset, self.high - self.mid)
        };
        let product = width * side;
        if product.is_normal() {
            return self.trust * 2.0 * run / product;
        }
        // At the peak of a triangle with an upright side, or a side too steep for the product.
        let share = if side > 0.0 { run / side } else { 1.0 };
        self.trust * 2.0 / width * share
    }

    /// What is likely if both are about one clock: an offset within both bounds. The middle is that of
    /// the narrower one.
    pub(crate) fn common(&self, other: &Self) -> Option<Self> {
        let low = self.low.max(other.low);
        let high = self.high.min(other.high);
        if self.is_contradictory() || other.is_contradictory() || low > high {
            return None;
        }
        let narrower = if other.high - other.low < self.high - self.low {
            other
        } else {
            self
        };
        Some(Self {
            trust: self.trust.max(other.trust),
            low,
            mid: narrower.mid.clamp(low, high),
            high,
        })
    }

    /// Whether the bounds leave too little for a density.
    pub(crate) fn is_point(&self) -> bool {
        self.high - self.low < Self::MIN_WIDTH
    }

    /// What the density changes by each second from the low bound to the middle, or from there to
    /// the high bound; not finite for a side that is too steep.
    pub(crate) fn slope(&self, side: f64) -> f64 {
        let width = self.high - self.low;
        let product = width * side;
        if product.is_normal() {
            self.trust * 2.0 / product
        } else {
            self.trust * 2.0 / width / side
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::NtpDuration;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_no_number() {
        for (trust, low, mid, high, error) in [
            (1.1, 0.0, 0.0, 0.0, DensityError::Trust),
            (-0.1, 0.0, 0.0, 0.0, DensityError::Trust),
            (f64::NAN, 0.0, 0.0, 0.0, DensityError::Trust),
            (1.0, f64::NAN, 0.0, 0.0, DensityError::Offset("low bound")),
            (1.0, 0.0, f64::INFINITY, 0.0, DensityError::Offset("middle")),
            (1.0, 0.0, 0.0, 1e22, DensityError::Offset("high bound")),
        ] {
            assert_eq!(Density::new(trust, low, mid, high), Err(error));
        }
    }

    #[test]
    fn bounds_change_their_sign() {
        let seconds = NtpDuration::from_seconds;
        let bounds = OffsetBounds::new(seconds(1), seconds(4)).unwrap();
        let density = Density::from_bounds(0.5, bounds).unwrap();
        assert_eq!(density, Density::new(0.5, -4.0, -2.5, -1.0).unwrap());
    }

    /// Where the original divides zero by zero.
    #[test]
    fn an_upright_side_has_its_peak() {
        for (mid, peak) in [(0.0, 0.0), (1.0, 1.0)] {
            let density = Density::new(1.0, 0.0, mid, 1.0).unwrap();
            assert!((density.at(peak) - 2.0).abs() < 1e-12, "{mid}");
        }
    }

    #[test]
    fn contradictions_have_no_density() {
        let density = Density::new(1.0, 1.0, 0.0, -1.0).unwrap();
        assert!(density.is_contradictory());
        assert_eq!(density.at(0.0).to_bits(), 0);
    }

    #[test]
    fn in_common_is_what_both_allow() {
        let density = |trust, low, mid, high| Density::new(trust, low, mid, high).unwrap();
        let wide = density(0.5, -1.0, 0.5, 1.0);
        let narrow = density(0.25, -0.1, 0.0, 0.2);
        let edge = density(0.25, 0.15, 0.9, 1.1);
        let apart = density(1.0, 2.0, 3.0, 4.0);
        for (one, other, both) in [
            (wide, narrow, Some(density(0.5, -0.1, 0.0, 0.2))),
            (narrow, edge, Some(density(0.25, 0.15, 0.15, 0.2))),
            (wide, edge, Some(density(0.5, 0.15, 0.9, 1.0))),
            (wide, apart, None),
            (wide, density(1.0, 0.5, 0.0, -0.5), None),
        ] {
            assert_eq!(one.common(&other), both);
            assert_eq!(other.common(&one), both);
        }
    }

    proptest! {
        #[test]
        fn densities_are_finite_and_not_negative(trust in 0.0..=1.0_f64, low: f64, mid: f64, high: f64, at: f64) {
            if let Ok(density) = Density::new(trust, low, mid, high) {
                for at in [at, low, mid, high] {
                    prop_assert!(density.at(at).is_finite() && density.at(at) >= 0.0, "{density:?} at {at}");
                }
            }
        }

        #[test]
        fn the_area_is_the_trust(trust in 0.1..=1.0_f64, low in -1.0..0.0_f64, mid in 0.0..1.0_f64, width in 0.01..1.0_f64) {
            let high = mid + width;
            let density = Density::new(trust, low, mid, high).unwrap();
            let steps = 2000;
            let step = (high - low) / f64::from(steps);
            let area: f64 = (0..steps).map(|n| density.at(low + (f64::from(n) + 0.5) * step) * step).sum();
            prop_assert!((area - trust).abs() < 0.01 * trust, "{area} is not {trust}");
        }
    }
}
