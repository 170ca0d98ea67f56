//! Tells noise from lag.

/// By how much a loop's gains are to be multiplied, from the offsets it sees.
///
/// Offsets that are noise lie on both sides of zero; where the loop lags behind the oscillator they
/// lie on one side. While their mean is beyond a part of their spread, the gains grow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boost {
    mean: f64,
    spread: f64,
    factor: f64,
}

/// Over how many offsets mean and spread go.
const AVERAGE: f64 = 16.0;
/// The mean is beyond noise above this part of the spread.
const LAG: f64 = 0.5;
/// The largest factor.
const MOST: f64 = 8.0;

impl Boost {
    pub(crate) const NONE: Self = Self {
        mean: 0.0,
        spread: 0.0,
        factor: 1.0,
    };

    /// The factor, 1 to 8, after an offset that came `elapsed` seconds after the last; `rate` is by
    /// what it falls each second.
    pub(crate) fn factor(&mut self, offset: f64, elapsed: f64, rate: f64) -> f64 {
        self.mean += (offset - self.mean) / AVERAGE;
        self.spread += ((offset - self.mean).abs() - self.spread) / AVERAGE;
        let change = libm::pow(rate, elapsed);
        self.factor = if self.mean.abs() > self.spread * LAG {
            (self.factor / change).min(MOST)
        } else {
            (self.factor * change).max(1.0)
        };
        self.factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_leaves_the_gains_and_lag_raises_them() {
        let mut boost = Boost::NONE;
        for turn in 0..100 {
            let noise = if turn % 2 == 0 { 1e-3 } else { -1e-3 };
            let factor = boost.factor(noise, 16.0, 0.999);
            assert!(turn < 16 || factor < 1.05, "{turn}: {factor}");
        }
        let mut largest: f64 = 1.0;
        for turn in 0..400 {
            let noise = if turn % 2 == 0 { 1e-3 } else { -1e-3 };
            largest = largest.max(boost.factor(noise + 1e-3, 16.0, 0.999));
        }
        assert!((largest - MOST).abs() < 1e-9, "{largest}");
        for value in [f64::MAX, -f64::MAX, 0.0] {
            let factor = boost.factor(value, 1e9, 0.5);
            assert!((1.0..=MOST).contains(&factor), "{factor}");
        }
    }
}
