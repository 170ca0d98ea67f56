//! One pass over the corners of all densities, from the lowest to the highest.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::Density;

/// A corner of a density, and what was found there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Corner {
    pub(super) offset: f64,
    /// Its place in the order of the original: by source, then low, middle and high.
    pub(super) order: usize,
    /// How many bounds contain it.
    pub(super) support: usize,
    /// The sum of the densities is about this.
    sum: f64,
    /// The sum is not further off than this.
    error: f64,
}

/// The sum while the pass goes on, with bounds of what rounding has done to it.
#[derive(Clone, Copy, Debug, Default)]
struct Running {
    at: f64,
    sum: f64,
    slope: f64,
    sum_error: f64,
    slope_error: f64,
}

impl Running {
    fn move_to(&mut self, offset: f64) {
        let run = offset - self.at;
        let rise = self.slope * run;
        self.sum += rise;
        let rounding = 4.0 * rise.abs() + self.sum.abs();
        self.sum_error += self.slope_error * run + f64::EPSILON * rounding;
        self.at = offset;
    }

    fn jump(&mut self, by: f64) {
        self.sum += by;
        self.sum_error += f64::EPSILON * (8.0 * by.abs() + self.sum.abs());
    }

    fn bend(&mut self, by: f64) {
        self.slope += by;
        self.slope_error += f64::EPSILON * (8.0 * by.abs() + self.slope.abs());
    }
}

/// The place of a number in the order of [`f64::total_cmp`].
const fn rank(offset: f64) -> i64 {
    let bits = offset.to_bits().cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

/// The number at a place.
const fn unrank(rank: i64) -> f64 {
    let bits = rank ^ ((rank >> 63).cast_unsigned() >> 1).cast_signed();
    f64::from_bits(bits.cast_unsigned())
}

/// All corners, in ascending order, with the sum and the support at each.
pub(super) fn corners(densities: impl Iterator<Item = Density>) -> Vec<Corner> {
    let (_, most) = densities.size_hint();
    let mut triangles = Vec::with_capacity(most.unwrap_or_default());
    let mut places = Vec::with_capacity(most.unwrap_or_default().saturating_mul(3));
    for density in densities {
        for offset in [density.low(), density.mid(), density.high()] {
            places.push((rank(offset), places.len()));
        }
        triangles.push(Triangle::new(density));
    }
    places.sort_unstable_by_key(|(rank, _)| *rank);
    let mut corners = Vec::with_capacity(places.len());
    let mut running = Running::default();
    let mut support = 0;
    let triangle = |order: usize| triangles.get(order / 3);
    // Zero has two ranks, so that equal offsets are compared as numbers.
    let equal = |a: &(i64, usize), b: &(i64, usize)| {
        unrank(a.0).partial_cmp(&unrank(b.0)) == Some(Ordering::Equal)
    };
    for place in places.chunk_by(equal) {
        let Some(offset) = place.first().map(|(rank, _)| unrank(*rank)) else {
            continue;
        };
        running.move_to(offset);
        for (_, order) in place {
            if let Some(triangle) = triangle(*order) {
                triangle.reach(order % 3, &mut running, &mut support);
            }
        }
        corners.extend(place.iter().map(|(_, order)| Corner {
            offset,
            order: *order,
            support,
            sum: running.sum,
            error: running.sum_error,
        }));
        for (_, order) in place.iter().filter(|(_, order)| order % 3 == 2) {
            if let Some(triangle) = triangle(*order) {
                triangle.leave(&mut running, &mut support);
            }
        }
    }
    corners
}

/// What a density does to the sum at its corners.
#[derive(Clone, Copy, Debug)]
struct Triangle {
    valid: bool,
    /// What the sum rises by at the low bound, and falls by behind the high one.
    jump: f64,
    drop: f64,
    /// The slopes behind the low bound, and before the high one.
    first: f64,
    last: f64,
    /// Whether the slope changes at the middle.
    bends: bool,
}

impl Triangle {
    fn new(density: Density) -> Self {
        let [low, mid, high] = [density.low(), density.mid(), density.high()];
        let up = density.slope(mid - low);
        let down = -density.slope(high - mid);
        let flat = density.is_point();
        let (rises, falls) = (low < mid && !flat, mid < high && !flat);
        let slope = |is: bool, slope: f64, other: f64| match (flat, is) {
            (true, _) => 0.0,
            (false, true) => slope,
            (false, false) => other,
        };
        Self {
            valid: !density.is_contradictory(),
            jump: if rises { 0.0 } else { density.at(low) },
            drop: if falls { 0.0 } else { density.at(high) },
            first: slope(rises, up, down),
            last: slope(falls, down, up),
            bends: rises && falls,
        }
    }

    /// At the low bound, the middle or the high bound.
    fn reach(&self, corner: usize, running: &mut Running, support: &mut usize) {
        match corner {
            _ if !self.valid => {}
            0 => {
                running.jump(self.jump);
                running.bend(self.first);
                *support += 1;
            }
            1 if self.bends => running.bend(self.last - self.first),
            1 => {}
            // From here on it adds nothing but what is dropped behind.
            _ => running.bend(-self.last),
        }
    }

    /// Behind the high bound.
    fn leave(&self, running: &mut Running, support: &mut usize) {
        if self.valid {
            running.jump(-self.drop);
            *support -= 1;
        }
    }
}

/// The corners that may be the highest of those with at least this support, in the order of the
/// original.
pub(super) fn highest(corners: &[Corner], support: usize) -> Vec<Corner> {
    let allowed = || corners.iter().filter(|corner| corner.support >= support);
    let surely = allowed()
        .map(|corner| corner.sum - corner.error)
        .filter(|sum| !sum.is_nan())
        .fold(f64::NEG_INFINITY, f64::max);
    // What overflowed says nothing and may be the highest too.
    let may_be = |corner: &&Corner| {
        let most = corner.sum + corner.error;
        most.is_nan() || most >= surely
    };
    let mut highest: Vec<_> = allowed().filter(may_be).copied().collect();
    highest.sort_by_key(|corner| corner.order);
    highest
}
