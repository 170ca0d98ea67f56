mod sweep;

use alloc::vec::Vec;

use crate::{Density, Peak, SourceId};

/// Adds the densities of several sources and finds the offset where the sum is highest.
///
/// A sum and not a product, so that one that lies cannot veto the others.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Combiner, Density};
///
/// let mut combiner = Combiner::new();
/// let [near, far, liar] = [(); 3].map(|()| combiner.add_source());
/// combiner.set(near, Some(Density::new(0.5, -0.005, 0.001, 0.005)?));
/// combiner.set(far, Some(Density::new(0.5, -0.1, 0.0, 0.1)?));
/// combiner.set(liar, Some(Density::new(0.5, 0.5, 0.6, 0.7)?));
/// let peak = combiner.peak();
/// assert_eq!(peak.offset, 0.001);
/// assert!((peak.weight - 104.951).abs() < 0.001);
/// # Ok::<(), horolog_ntimed::DensityError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Combiner {
    /// In the order of their numbers.
    sources: Vec<Place>,
    /// How many were ever added: no number comes twice.
    added: usize,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    id: SourceId,
    density: Option<Density>,
    /// Whether it comes behind those that are not.
    is_duplicate: bool,
}

impl Combiner {
    /// What every offset has, so that the logarithm of the sum exists.
    pub const FLOOR: f64 = 0.001;
    /// Peaks that are not above this are none.
    pub const MIN_WEIGHT: f64 = 1.0;

    /// What stands for a peak where there is none.
    pub const NO_PEAK: Peak = Peak {
        offset: 0.0,
        weight: Self::MIN_WEIGHT,
    };

    /// One without sources.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            sources: Vec::new(),
            added: 0,
        }
    }

    /// Adds a source that says nothing yet.
    pub fn add_source(&mut self) -> SourceId {
        self.add(false)
    }

    /// Adds a source that has the address of another. It counts like any other; only the order of
    /// [`densities`](Self::densities) is the original's then.
    pub fn add_duplicate(&mut self) -> SourceId {
        self.add(true)
    }

    fn add(&mut self, is_duplicate: bool) -> SourceId {
        let id = SourceId::new(self.added);
        self.added += 1;
        self.sources.push(Place {
            id,
            density: None,
            is_duplicate,
        });
        id
    }

    /// Forgets a source, which has no say from now on; the numbers of the others stay.
    pub fn remove_source(&mut self, source: SourceId) {
        if let Some(place) = self.place(source) {
            self.sources.remove(place);
        }
    }

    /// What a source says now, instead of what it said before.
    pub fn set(&mut self, source: SourceId, density: Option<Density>) {
        let place = self.place(source);
        if let Some(place) = place.and_then(|place| self.sources.get_mut(place)) {
            place.density = density;
        }
    }

    /// What a source says now.
    #[must_use]
    pub fn get(&self, source: SourceId) -> Option<Density> {
        self.sources.get(self.place(source)?)?.density
    }

    /// Forgets what all sources say, as after a step of the clock.
    pub fn clear(&mut self) {
        for place in &mut self.sources {
            place.density = None;
        }
    }

    /// What all sources say that say something.
    ///
    /// The one added last comes first, and duplicates behind all others, in the order of adding, as
    /// in the original: the order decides between equal sums.
    pub fn densities(&self) -> impl Iterator<Item = (SourceId, Density)> {
        let places = || self.sources.iter();
        let others = places().rev().filter(|place| !place.is_duplicate);
        let duplicates = places().filter(|place| place.is_duplicate);
        others
            .chain(duplicates)
            .filter_map(|place| Some((place.id, place.density?)))
    }

    /// The sum of all densities at an offset, and [`FLOOR`](Self::FLOOR).
    #[must_use]
    pub fn at(&self, offset: f64) -> f64 {
        self.densities()
            .fold(Self::FLOOR, |sum, (_, density)| sum + density.at(offset))
    }

    /// The highest point of the sum. [`NO_PEAK`](Self::NO_PEAK) where nothing is above
    /// [`MIN_WEIGHT`](Self::MIN_WEIGHT).
    ///
    /// The sum of triangles is highest at a corner of one of them, and one pass over the sorted
    /// corners tells which may be the highest; so the work is that of sorting them, unless many are
    /// as good as equal.
    #[must_use]
    pub fn peak(&self) -> Peak {
        self.peak_of(0).unwrap_or(Self::NO_PEAK)
    }

    /// The highest point of the sum among the corners that lie within the bounds of at least
    /// `support` sources, or `None` where nothing is above [`MIN_WEIGHT`](Self::MIN_WEIGHT).
    #[must_use]
    pub fn peak_of(&self, support: usize) -> Option<Peak> {
        let densities = self.densities().map(|(_, density)| density);
        let mut peak: Option<Peak> = None;
        for offset in sweep::highest(densities, support) {
            let weight = self.at(offset);
            let best = peak.map_or(Self::MIN_WEIGHT, |peak| peak.weight);
            if weight > best {
                peak = Some(Peak { offset, weight });
            }
        }
        peak
    }

    /// The most sources whose bounds have an offset in common.
    #[must_use]
    pub fn most_support(&self) -> usize {
        sweep::most_support(self.densities().map(|(_, density)| density))
    }

    fn place(&self, source: SourceId) -> Option<usize> {
        let place = self.sources.binary_search_by_key(&source, |place| place.id);
        place.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn combiner(densities: &[(f64, f64, f64, f64)]) -> Combiner {
        let mut combiner = Combiner::new();
        for (trust, low, mid, high) in densities {
            let source = combiner.add_source();
            combiner.set(
                source,
                Some(Density::new(*trust, *low, *mid, *high).unwrap()),
            );
        }
        combiner
    }

    #[test]
    fn without_sources_the_offset_is_zero() {
        let peak = Combiner::new().peak();
        assert_eq!(
            (peak.offset.to_bits(), peak.weight.to_bits()),
            (0, 1.0_f64.to_bits())
        );
        // A triangle 4 s wide is lower than 1.
        assert_eq!(combiner(&[(1.0, -2.0, 1.0, 2.0)]).peak(), peak);
    }

    #[test]
    fn contradictory_sources_add_nothing() {
        let peak = combiner(&[(1.0, 0.2, 0.15, 0.1), (1.0, 0.0, 0.1, 0.2)]).peak();
        assert!((peak.offset - 0.1).abs() < 1e-12);
        assert!((peak.weight - 10.001).abs() < 1e-9);
    }

    #[test]
    fn of_equal_peaks_that_of_the_source_added_last_wins() {
        let peak = combiner(&[(1.0, 0.0, 0.25, 0.5), (1.0, 1.0, 1.25, 1.5)]).peak();
        assert!((peak.offset - 1.25).abs() < 1e-12);
    }

    #[test]
    fn of_equal_peaks_that_of_a_duplicate_loses() {
        let mut combiner = combiner(&[(1.0, 0.0, 0.25, 0.5)]);
        for (low, mid, high) in [(1.0, 1.25, 1.5), (2.0, 2.25, 2.5)] {
            let duplicate = combiner.add_duplicate();
            combiner.set(duplicate, Density::new(1.0, low, mid, high).ok());
        }
        assert!((combiner.peak().offset - 0.25).abs() < 1e-12);
        let order: Vec<_> = combiner.densities().map(|(id, _)| id.index()).collect();
        assert_eq!(order, [0, 1, 2]);
    }

    #[test]
    fn a_source_that_is_set_anew_counts_once() {
        let mut combiner = Combiner::new();
        let source = combiner.add_source();
        combiner.set(source, Density::new(1.0, 0.0, 0.1, 0.2).ok());
        combiner.set(source, Density::new(1.0, 0.5, 0.6, 0.7).ok());
        assert!((combiner.peak().offset - 0.6).abs() < 1e-12);
        combiner.clear();
        assert_eq!(combiner.get(source), None);
        assert_eq!(combiner.densities().count(), 0);
    }

    #[test]
    fn a_source_that_is_removed_says_nothing_and_the_others_keep_their_numbers() {
        let mut combiner = combiner(&[(1.0, 0.0, 0.1, 0.2), (1.0, 0.5, 0.6, 0.7)]);
        let [first, second] = [0, 1].map(SourceId::new);
        combiner.remove_source(first);
        combiner.set(first, Density::new(1.0, 0.0, 0.1, 0.2).ok());
        assert_eq!(combiner.get(first), None);
        assert!((combiner.peak().offset - 0.6).abs() < 1e-12);
        assert!(combiner.get(second).is_some());
        assert_eq!(combiner.add_source().index(), 2);
        combiner.remove_source(first);
        assert_eq!(combiner.densities().count(), 1);
    }

    /// As the original does it: the sum at each corner, one after the other.
    fn corner_by_corner(combiner: &Combiner, support: usize) -> Option<Peak> {
        let mut peak: Option<Peak> = None;
        for (_, density) in combiner.densities() {
            for offset in [density.low(), density.mid(), density.high()] {
                let weight = combiner.at(offset);
                let best = peak.map_or(Combiner::MIN_WEIGHT, |peak| peak.weight);
                if weight > best && supporters(combiner, offset) >= support {
                    peak = Some(Peak { offset, weight });
                }
            }
        }
        peak
    }

    fn supporters(combiner: &Combiner, offset: f64) -> usize {
        let densities = combiner.densities();
        densities.filter(|(_, d)| d.contains(offset)).count()
    }

    fn assert_as_corner_by_corner(combiner: &Combiner) {
        for support in 0..5 {
            let found = combiner.peak_of(support);
            assert_eq!(found, corner_by_corner(combiner, support), "{combiner:?}");
        }
        let corners = combiner.densities();
        let corners = corners.flat_map(|(_, d)| [d.low(), d.mid(), d.high()]);
        let most = corners.map(|offset| supporters(combiner, offset)).max();
        assert_eq!(combiner.most_support(), most.unwrap_or_default());
    }

    proptest! {
        /// On a coarse grid, where corners meet, sides stand upright and middles lie outside.
        #[test]
        fn one_pass_finds_what_each_corner_says(corners in proptest::collection::vec((0..3_u8, 0..7_i8, 0..7_i8, 0..7_i8), 0..12)) {
            let densities: Vec<_> = corners.into_iter().map(|(t, low, mid, high)| (f64::from(t) / 2.0, f64::from(low) / 64.0, f64::from(mid) / 64.0, f64::from(high) / 64.0)).collect();
            assert_as_corner_by_corner(&combiner(&densities));
        }

        /// Widths from 1 ps to 1000 s beside each other.
        #[test]
        fn one_pass_finds_it_at_any_scale(corners in proptest::collection::vec((0.1..=1.0_f64, -1.0..1.0_f64, -12.0..3.0_f64, 0.0..=1.0_f64), 0..40)) {
            let densities: Vec<_> = corners.into_iter().map(|(t, low, width, mid)| {
                let width = 10_f64.powf(width);
                (t, low, low + mid * width, low + width)
            }).collect();
            assert_as_corner_by_corner(&combiner(&densities));
        }

        #[test]
        fn one_pass_finds_it_for_any_numbers(corners in proptest::collection::vec((0.0..=1.0_f64, any::<f64>(), any::<f64>(), any::<f64>()), 0..8)) {
            let mut combiner = Combiner::new();
            for (trust, low, mid, high) in corners {
                let source = combiner.add_source();
                combiner.set(source, Density::new(trust, low, mid, high).ok());
            }
            assert_as_corner_by_corner(&combiner);
        }

        #[test]
        fn no_point_is_above_the_peak(corners in proptest::collection::vec((0.0..=1.0_f64, -1.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64), 1..8), at in -1.0..3.0_f64) {
            let densities: Vec<_> = corners.into_iter().map(|(t, low, a, b)| (t, low, low + a, low + a + b)).collect();
            let combiner = combiner(&densities);
            let peak = combiner.peak();
            prop_assert!(peak.weight.is_finite() && peak.offset.is_finite());
            prop_assert!(combiner.at(at) <= peak.weight.max(1.0) * (1.0 + 1e-9));
        }
    }
}
