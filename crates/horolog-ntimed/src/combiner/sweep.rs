//! One pass over the corners of all densities, from the lowest to the highest.

use alloc::vec::Vec;

use crate::Density;

/// A corner of a density, and what the density does to the sum there.
#[derive(Clone, Copy, Debug)]
struct Corner {
    offset: f64,
    /// What the sum's slope changes by.
    bend: f64,
    /// What the sum rises by where bounds begin, or falls by behind their end.
    step: f64,
    bounds: Bounds,
}

/// What happens to the bounds of a density at a corner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Bounds {
    Begin,
    End,
    Stay,
}

impl Corner {
    /// The low bound, the middle and the high bound.
    fn all(density: Density) -> [Self; 3] {
        let [low, mid, high] = [density.low(), density.mid(), density.high()];
        let corner = |offset| Self {
            offset,
            bend: 0.0,
            step: 0.0,
            bounds: Bounds::Stay,
        };
        if density.is_contradictory() {
            return [low, mid, high].map(corner);
        }
        let flat = density.is_point();
        let (rises, falls) = (low < mid && !flat, mid < high && !flat);
        let up = if rises { density.slope(mid - low) } else { 0.0 };
        let down = if falls {
            -density.slope(high - mid)
        } else {
            0.0
        };
        // A middle outside of the bounds leaves one side, whose slope holds between them.
        let first = if rises { up } else { down };
        let last = if falls { down } else { up };
        [
            Self {
                offset: low,
                bend: first,
                step: if rises { 0.0 } else { density.at(low) },
                bounds: Bounds::Begin,
            },
            Self {
                bend: if rises && falls { last - first } else { 0.0 },
                ..corner(mid)
            },
            // From here on it adds nothing but what is dropped behind.
            Self {
                offset: high,
                bend: -last,
                step: if falls { 0.0 } else { -density.at(high) },
                bounds: Bounds::End,
            },
        ]
    }

    /// The bits of the offset so that they sort as the offsets do; both zeros are one.
    const fn rank(&self) -> u64 {
        let bits = (self.offset + 0.0).to_bits();
        let sign = (bits.cast_signed() >> 63).cast_unsigned();
        bits ^ (sign | 1 << 63)
    }
}

/// The corners of all densities, in the order of the original: by source, then low, middle and high.
struct Corners(Vec<Corner>);

impl Corners {
    fn new(densities: impl Iterator<Item = Density>) -> Self {
        let (_, most) = densities.size_hint();
        let mut corners = Vec::with_capacity(most.unwrap_or_default().saturating_mul(3));
        densities.for_each(|density| corners.extend(Corner::all(density)));
        Self(corners)
    }

    /// The low bits of a key, which are a corner's place.
    fn mask(&self) -> u64 {
        let places = u64::try_from(self.0.len()).unwrap_or(u64::MAX);
        places.checked_next_power_of_two().unwrap_or_default() - 1
    }

    /// The places in ascending order of the offsets, in the low bits of keys.
    ///
    /// A number of 64 bits sorts faster than what has a place beside its offset; so that the low
    /// bits give way, and only corners whose offsets differ in nothing else are compared again.
    fn sorted(&self) -> Vec<u64> {
        let mask = self.mask();
        let key = |(place, corner): (u64, &Corner)| corner.rank() & !mask | place;
        let mut keys: Vec<_> = (0..).zip(&self.0).map(key).collect();
        keys.sort_unstable();
        let differ = |a: &u64, b: &u64| (a ^ b) > mask;
        if keys.array_windows().any(|[a, b]| !differ(a, b)) {
            for alike in keys.chunk_by_mut(|a, b| !differ(a, b)) {
                alike.sort_unstable_by_key(|key| self.get(key & mask).map(Corner::rank));
            }
        }
        keys
    }

    fn get(&self, place: u64) -> Option<&Corner> {
        self.0.get(usize::try_from(place).ok()?)
    }
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
        if by != 0.0 {
            self.sum += by;
            self.sum_error += f64::EPSILON * (8.0 * by.abs() + self.sum.abs());
        }
    }

    fn bend(&mut self, by: f64) {
        self.slope += by;
        self.slope_error += f64::EPSILON * (8.0 * by.abs() + self.slope.abs());
    }
}

/// The offsets of the corners that may be the highest of those with at least this support, in the
/// order of the original; of equal offsets the first.
pub(super) fn highest(densities: impl Iterator<Item = Density>, support: usize) -> Vec<f64> {
    let corners = Corners::new(densities);
    let sorted = corners.sorted();
    let mask = corners.mask();
    let mut running = Running::default();
    let mut inside = 0;
    // What ends where the pass is now.
    let (mut ending, mut falling) = (0, 0.0);
    // The first corner of those where the pass is now.
    let mut first = None;
    let mut candidates = Candidates::default();
    for key in sorted {
        let place = key & mask;
        let Some(corner) = corners.get(place) else {
            continue;
        };
        match &mut first {
            Some(first) if corner.offset <= running.at => *first = place.min(*first),
            _ => {
                if let Some(first) = first.replace(place)
                    && inside >= support
                {
                    candidates.add(first, &running);
                }
                running.jump(falling);
                inside -= ending;
                (ending, falling) = (0, 0.0);
                running.move_to(corner.offset);
            }
        }
        running.bend(corner.bend);
        inside += usize::from(corner.bounds == Bounds::Begin);
        ending += usize::from(corner.bounds == Bounds::End);
        if corner.step > 0.0 {
            running.jump(corner.step);
        } else if corner.step < 0.0 {
            falling += corner.step;
            running.sum_error -= f64::EPSILON * falling;
        }
    }
    if let Some(first) = first
        && inside >= support
    {
        candidates.add(first, &running);
    }
    let places = candidates.places().into_iter();
    let highest = places.filter_map(|place| Some(corners.get(place)?.offset));
    highest.collect()
}

/// The corners that may be the highest so far.
#[derive(Clone, Debug)]
struct Candidates {
    /// Places, and what the sum is there at most.
    places: Vec<(u64, f64)>,
    /// What one of them has at least.
    surely: f64,
}

impl Candidates {
    fn add(&mut self, place: u64, running: &Running) {
        let most = running.sum + running.sum_error;
        if is_below(most, self.surely) {
            return;
        }
        self.surely = self.surely.max(running.sum - running.sum_error);
        // On the way up each is higher than the one before.
        while let Some((_, before)) = self.places.last()
            && is_below(*before, self.surely)
        {
            self.places.pop();
        }
        self.places.push((place, most));
    }

    /// In the order of the original.
    fn places(self) -> Vec<u64> {
        let may_be = |(_, most): &(u64, f64)| !is_below(*most, self.surely);
        let places = self.places.into_iter().filter(may_be);
        let mut places: Vec<_> = places.map(|(place, _)| place).collect();
        places.sort_unstable();
        places
    }
}

impl Default for Candidates {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            surely: f64::NEG_INFINITY,
        }
    }
}

/// Whether it is surely so: what overflowed is not below anything, and may be the highest too.
fn is_below(most: f64, surely: f64) -> bool {
    most < surely
}

/// The most bounds that have an offset in common.
pub(super) fn most_support(densities: impl Iterator<Item = Density>) -> usize {
    let (mut lows, mut highs): (Vec<_>, Vec<_>) = densities
        .filter(|density| !density.is_contradictory())
        // Both zeros are one.
        .map(|density| (density.low() + 0.0, density.high() + 0.0))
        .unzip();
    lows.sort_unstable_by(f64::total_cmp);
    highs.sort_unstable_by(f64::total_cmp);
    let mut highs = highs.into_iter().peekable();
    let (mut inside, mut most) = (0, 0);
    for low in lows {
        while highs.next_if(|high| *high < low).is_some() {
            inside -= 1;
        }
        inside += 1;
        most = most.max(inside);
    }
    most
}
